package memstore

// A change says that a write transaction has made a new version of a row.
type change struct {
	table chains
	row   rowID
}

// chains is a table of any kind: each of its rows is a chain of versions.
type chains interface {
	rollBack(row rowID)
	prune(row rowID, held []uint64) (remember bool)
	recall(row rowID)
}

// A history remembers the rows of which views read older versions, to let go of
// these when the views end: every row with more than one version, once.
//
// It costs what the changes cost: a row that is recalled and has to be remembered
// again has changed in between.
type history struct {
	rows     []remembered // ascending by commit
	recalled int          // how many of them no longer count
}

type remembered struct {
	change
	commit uint64 // the last one when the row was remembered
}

// let lets go of what nobody reads after a commit, the last one, that made the
// changes.
func (h *history) let(changes []change, held []uint64, last uint64) {
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

// shrink gives back the room of rows that no longer count, once they are half of
// all.
func (h *history) shrink() {
	if h.recalled > len(h.rows)/2 {
		h.rows = append([]remembered(nil), h.rows[h.recalled:]...)
		h.recalled = 0
	}
}
