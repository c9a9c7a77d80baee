package mvcc

import (
	"hash/maphash"
	"sync/atomic"
)

// A Table maps keys to rows. Make one with [NewTable] for each DB. Its rows are
// read in Views and Updates, and changed in Updates, of that DB only.
type Table[K comparable, R any] struct {
	seed    maphash.Seed
	keys    words                          // from each key to its row
	heads   atomic.Pointer[[]*heads[K, R]] // the newest version of each row
	last    rowID                          // the last one ever used
	unused  []rowID                        // those up to last that no key has
	indexes []observer[K, R]
}

// heads are the newest versions of neighbouring rows. They stay where they are when
// the table grows.
type heads[K comparable, R any] [256]atomic.Pointer[version[K, R]]

// A version is a row as one commit made it.
type version[K comparable, R any] struct {
	key     K
	commit  uint64 // its number
	deleted bool   // the commit deleted the row

	// remembered says of the newest version that the row is in the history. Only
	// the writer reads it.
	remembered bool

	// older is the version that this one replaces, nil where there is none or it
	// is freed.
	older atomic.Pointer[version[K, R]]

	row R
}

// An observer is what an [Index] of a table does when a row changes, and when a
// version leaves the chain of its row.
type observer[K comparable, R any] struct {
	changed func(row rowID, was *R, newest *version[K, R])
	freed   func(row rowID, version, newest *version[K, R])
}

// NewTable returns a table without rows.
func NewTable[K comparable, R any]() *Table[K, R] {
	t := &Table[K, R]{seed: maphash.MakeSeed()}
	t.keys.init()
	t.heads.Store(&[]*heads[K, R]{})
	return t
}

// Get returns the row with a key, nil where there is none. It must not be changed.
func (t *Table[K, R]) Get(at Snapshot, key K) *R {
	s := t.keys.find(tagOf(t.seed, key))
	for row := s.next(); row != 0; row = s.next() {
		if v := t.at(at, row); v != nil && v.key == key {
			return &v.row
		}
	}
	return nil
}

// Put stores a row under a key, in place of the one that is there.
func (t *Table[K, R]) Put(tx Tx, key K, row R) {
	t.change(tx, &version[K, R]{key: key, commit: tx.commit, row: row})
}

// Delete removes the row with a key, if there is one.
func (t *Table[K, R]) Delete(tx Tx, key K) {
	t.change(tx, &version[K, R]{key: key, commit: tx.commit, deleted: true})
}

// change puts a version in front of the chain of its key. It takes the place of one
// that the transaction has made before.
func (t *Table[K, R]) change(tx Tx, v *version[K, R]) {
	row, newest := t.seek(v.key)
	var was *R
	if newest == nil {
		row = t.newRow()
		t.keys.add(tagOf(t.seed, v.key), row)
	} else {
		was = &newest.row
		v.remembered = newest.remembered
	}
	if newest != nil && newest.commit == tx.commit {
		v.older.Store(newest.older.Load())
	} else {
		v.older.Store(newest)
		tx.db.changes = append(tx.db.changes, change{t, row})
	}
	for _, x := range t.indexes {
		x.changed(row, was, v)
	}
	t.head(row).Store(v)
}

// at returns the version of a row that a snapshot has, nil where it has none.
func (t *Table[K, R]) at(at Snapshot, row rowID) *version[K, R] {
	v := t.head(row).Load()
	for v != nil && v.commit > at.commit {
		v = v.older.Load()
	}
	if v == nil || v.deleted {
		return nil
	}
	return v
}

func (t *Table[K, R]) head(row rowID) *atomic.Pointer[version[K, R]] {
	all := *t.heads.Load()
	return &all[int(row)/len(all[0])][int(row)%len(all[0])]
}

// seek returns the row that a key has, even if it is deleted, and its newest
// version. It is for the writer.
func (t *Table[K, R]) seek(key K) (rowID, *version[K, R]) {
	s := t.keys.find(tagOf(t.seed, key))
	for row := s.next(); row != 0; row = s.next() {
		if v := t.head(row).Load(); v.key == key {
			return row, v
		}
	}
	return 0, nil
}

// newRow returns a row that no key has.
func (t *Table[K, R]) newRow() rowID {
	if n := len(t.unused); n > 0 {
		row := t.unused[n-1]
		t.unused = t.unused[:n-1]
		return row
	}
	t.last++
	all := *t.heads.Load()
	if int(t.last)/len(heads[K, R]{}) >= len(all) {
		all = append(all, new(heads[K, R])) // who reads the shorter list may go on
		t.heads.Store(&all)
	}
	return t.last
}

// release takes its row from a key, when nobody can read any version of it.
func (t *Table[K, R]) release(row rowID, key K) {
	t.keys.remove(tagOf(t.seed, key), row)
	t.head(row).Store(nil)
	t.unused = append(t.unused, row)
}

// rollBack removes the newest version of a row.
func (t *Table[K, R]) rollBack(row rowID) {
	v := t.head(row).Load()
	older := v.older.Load()
	t.head(row).Store(older)
	t.freed(row, v, older)
	if older == nil {
		t.release(row, v.key)
	}
}

// prune frees the versions of a row that no View needs: a version is needed by
// Views that hold a commit from its own up to before that of the next newer one. It
// reports whether the row is to be put into the history.
func (t *Table[K, R]) prune(row rowID, held []uint64) (remember bool) {
	newest := t.head(row).Load()
	newer := newest
	for v := newer.older.Load(); v != nil; v = v.older.Load() {
		if anyWithin(held, v.commit, newer.commit) {
			newer = v
			continue
		}
		newer.older.Store(v.older.Load())
		t.freed(row, v, newest)
	}
	switch {
	case newest.remembered:
		return false
	case newer != newest:
		newest.remembered = true
		return true
	case newest.deleted:
		t.release(row, newest.key)
	}
	return false
}

// recall says that a row is no longer in the history.
func (t *Table[K, R]) recall(row rowID) { t.head(row).Load().remembered = false }

func (t *Table[K, R]) freed(row rowID, v, newest *version[K, R]) {
	for _, x := range t.indexes {
		x.freed(row, v, newest)
	}
}

// anyWithin reports whether any of the commits is from the one on, and before the
// other.
func anyWithin(commits []uint64, from, before uint64) bool {
	for _, commit := range commits {
		if from <= commit && commit < before {
			return true
		}
	}
	return false
}
