package memstore

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/google/uuid"
)

// A table maps IDs to rows, in all versions that somebody may read. One write
// transaction at a time changes it while any number of others read.
type table[R any] struct {
	seed  maphash.Seed
	index index
	heads atomic.Pointer[[]*heads[R]] // the newest version of each row
	last  rowID                       // the last one ever used
	free  []rowID                     // those up to last that are not used

	// forget, if there is one, is called with a version that is no longer among
	// those of its row, and the newest of these, nil for none.
	forget func(row rowID, gone, newest *version[R])
}

// heads are the newest versions of some rows in a row. They stay where they are
// when the table grows.
type heads[R any] [256]atomic.Pointer[version[R]]

// A version is a row as one commit made it.
type version[R any] struct {
	id     uuid.UUID
	commit uint64 // its number
	gone   bool   // the commit deleted the row

	// remembered says of the newest version that the row is in the history. Only
	// the writer reads it.
	remembered bool

	// before is the version that this one replaces, nil for none, and where
	// nobody reads that one any more.
	before atomic.Pointer[version[R]]

	row R // belongs to the writer until it is committed, and never changes then
}

func (t *table[R]) init(seed maphash.Seed) {
	t.seed = seed
	t.index.init()
	t.heads.Store(&[]*heads[R]{})
}

// at returns the version of a row that a commit left, nil where it left none.
func (t *table[R]) at(row rowID, commit uint64) *version[R] {
	v := t.head(row).Load()
	for v != nil && v.commit > commit {
		v = v.before.Load()
	}
	if v == nil || v.gone {
		return nil
	}
	return v
}

// find returns the version of the row with an ID that a commit left, nil where
// it left none.
func (t *table[R]) find(id uuid.UUID, commit uint64) *version[R] {
	p := t.index.find(tagOf(t.seed, id))
	for row := p.next(); row != 0; row = p.next() {
		if v := t.at(row, commit); v != nil && v.id == id {
			return v
		}
	}
	return nil
}

func (t *table[R]) head(row rowID) *atomic.Pointer[version[R]] {
	all := *t.heads.Load()
	return &all[int(row)/len(all[0])][int(row)%len(all[0])]
}

// seek returns the row that an ID has, even if it is gone, and its newest
// version. It is for the writer.
func (t *table[R]) seek(id uuid.UUID) (rowID, *version[R]) {
	p := t.index.find(tagOf(t.seed, id))
	for row := p.next(); row != 0; row = p.next() {
		if v := t.head(row).Load(); v.id == id {
			return row, v
		}
	}
	return 0, nil
}

// put returns the row of an ID, for the commit with a number, which is yet to
// come, to change it: as it was before, or zero. It notes that in changes.
func (t *table[R]) put(id uuid.UUID, commit uint64, changes *[]change) (rowID, *version[R]) {
	row, was := t.seek(id)
	if was != nil && was.commit == commit {
		was.gone = false
		return row, was
	}
	v := &version[R]{id: id, commit: commit}
	if was == nil {
		row = t.newRow()
		t.index.add(tagOf(t.seed, id), row)
	} else {
		v.row, v.remembered = was.row, was.remembered
		v.before.Store(was)
	}
	*changes = append(*changes, change{t, row})
	t.head(row).Store(v)
	return row, v
}

// newRow returns a row that no ID has.
func (t *table[R]) newRow() rowID {
	if n := len(t.free); n > 0 {
		row := t.free[n-1]
		t.free = t.free[:n-1]
		return row
	}
	t.last++
	all := *t.heads.Load()
	if int(t.last)/len(heads[R]{}) >= len(all) {
		all = append(all, new(heads[R])) // who reads the shorter list may go on
		t.heads.Store(&all)
	}
	return t.last
}

// release makes room for another row in the place of one of which nobody reads
// any version.
func (t *table[R]) release(row rowID, id uuid.UUID) {
	t.index.remove(tagOf(t.seed, id), row)
	t.head(row).Store(nil)
	t.free = append(t.free, row)
}

// rollBack takes back the newest version of a row.
func (t *table[R]) rollBack(row rowID) {
	v := t.head(row).Load()
	was := v.before.Load()
	t.head(row).Store(was)
	t.let(row, v, was)
	if was == nil {
		t.release(row, v.id)
	}
}

// prune lets go of the versions of a row that nobody reads: of any two, the older
// one is read by the views that hold a commit from its own on, up to before that
// of the newer one. It reports whether the row still has an older one, and is from
// now on to be remembered.
func (t *table[R]) prune(row rowID, held []uint64) (remember bool) {
	newest := t.head(row).Load()
	newer := newest
	for old := newer.before.Load(); old != nil; old = old.before.Load() {
		if holds(held, old.commit, newer.commit) {
			newer = old
			continue
		}
		newer.before.Store(old.before.Load())
		t.let(row, old, newest)
	}
	switch {
	case newest.remembered:
		return false
	case newer != newest:
		newest.remembered = true
		return true
	case newest.gone:
		t.release(row, newest.id)
	}
	return false
}

// recall says that a row is no longer remembered.
func (t *table[R]) recall(row rowID) { t.head(row).Load().remembered = false }

func (t *table[R]) let(row rowID, gone, newest *version[R]) {
	if t.forget != nil {
		t.forget(row, gone, newest)
	}
}

// holds reports whether one of the commits held is from or later, and before to.
func holds(held []uint64, from, to uint64) bool {
	for _, commit := range held {
		if from <= commit && commit < to {
			return true
		}
	}
	return false
}
