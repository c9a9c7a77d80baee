package mvcc

// A change says that an Update has made a new version of a row.
type change struct {
	table chains
	row   rowID
}

// chains is a table with rows of any type: each row is a chain of versions.
type chains interface {
	rollBack(row rowID)
	prune(row rowID, held []uint64) (remember bool)
	recall(row rowID)
}

// A history has the rows with versions that only Views need, each row once, until
// these Views end.
//
// It costs no more than the changes do: a row that is pruned in vain, and stays in
// the history, has changed since it was pruned last.
type history struct {
	rows     []remembered // ascending by commit
	recalled int          // how many of them are no longer in the history
}

type remembered struct {
	change
	commit uint64 // the last one when the row came into the history
}

// free frees the versions that no View needs after the changes of the last
// commit, where Views hold the given commits, ascending.
func (h *history) free(changes []change, held []uint64, last uint64) {
	for _, c := range changes {
		h.prune(c, held, last)
	}
	oldest := last
	if len(held) > 0 {
		oldest = held[0]
	}
	for h.recalled < len(h.rows) && h.rows[h.recalled].commit <= oldest {
		c := h.rows[h.recalled].change
		h.recalled++
		c.table.recall(c.row)
		h.prune(c, held, last)
	}
	h.shrink()
}

func (h *history) prune(c change, held []uint64, last uint64) {
	if remember := c.table.prune(c.row, held); remember {
		h.rows = append(h.rows, remembered{c, last})
	}
}

// shrink gives memory back when more than half of it is for rows that are no
// longer in the history.
func (h *history) shrink() {
	if h.recalled > len(h.rows)/2 {
		h.rows = append([]remembered(nil), h.rows[h.recalled:]...)
		h.recalled = 0
	}
}
