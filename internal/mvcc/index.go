package mvcc

import (
	"iter"
	"sort"
)

// An Index finds the rows of a table by keys that the rows have, any number each.
// No two rows may have the same key at the same time: who puts rows makes sure of
// that. Make one with [NewIndex].
type Index[I, K comparable, R any] struct {
	table   *Table[K, R]
	keys    Keys[I, R]
	entries words // from each key to the row that has it
}

// Keys are the keys that a row has in an index: Key(row, 0) to
// Key(row, Len(row)-1), ascending by Compare. The zero row has none.
type Keys[I comparable, R any] struct {
	Len     func(row *R) int
	Key     func(row *R, i int) I
	Compare func(a, b I) int
}

// NewIndex returns an index of a table that has no rows yet.
func NewIndex[I, K comparable, R any](t *Table[K, R], keys Keys[I, R]) *Index[I, K, R] {
	x := &Index[I, K, R]{table: t, keys: keys}
	x.entries.init()
	t.indexes = append(t.indexes, observer[K, R]{x.changed, x.freed})
	return x
}

// Get returns the row that has a key, nil where there is none, and its key in the
// table. The row must not be changed.
func (x *Index[I, K, R]) Get(at Snapshot, key I) (tableKey K, row *R) {
	s := x.entries.find(tagOf(x.table.seed, key))
	for row := s.next(); row != 0; row = s.next() {
		if v := x.table.at(at, row); v != nil && x.has(&v.row, key) {
			return v.key, &v.row
		}
	}
	return tableKey, nil
}

func (x *Index[I, K, R]) has(row *R, key I) bool {
	n := x.keys.Len(row)
	i := sort.Search(n, func(i int) bool { return x.keys.Compare(x.keys.Key(row, i), key) >= 0 })
	return i < n && x.keys.Key(row, i) == key
}

// anyHas reports whether a version, or an older one, has a key.
func (x *Index[I, K, R]) anyHas(v *version[K, R], key I) bool {
	for ; v != nil; v = v.older.Load() {
		if x.has(&v.row, key) {
			return true
		}
	}
	return false
}

// changed brings the entries up to a new version of a row, which replaces was, nil
// for a new row.
func (x *Index[I, K, R]) changed(row rowID, was *R, newest *version[K, R]) {
	for key, added := range x.difference(was, &newest.row) {
		switch {
		case x.anyHas(newest.older.Load(), key):
		case added:
			x.entries.add(tagOf(x.table.seed, key), row)
		default:
			x.entries.remove(tagOf(x.table.seed, key), row)
		}
	}
}

// freed removes the entries that only a version had which has left its chain, of
// which newest is now the first, nil for none.
func (x *Index[I, K, R]) freed(row rowID, version, newest *version[K, R]) {
	var now *R
	if newest != nil {
		now = &newest.row
	}
	for key, added := range x.difference(&version.row, now) {
		if !added && !x.anyHas(newest, key) {
			x.entries.remove(tagOf(x.table.seed, key), row)
		}
	}
}

// difference yields the keys that only one of two rows has, and whether that is the
// later one. A nil row has no keys.
func (x *Index[I, K, R]) difference(earlier, later *R) iter.Seq2[I, bool] {
	return func(yield func(key I, added bool) bool) {
		i, j := 0, 0
		m, n := x.len(earlier), x.len(later)
		for i < m || j < n {
			switch {
			case i < m && j < n && x.keys.Key(earlier, i) == x.keys.Key(later, j):
				i, j = i+1, j+1
			case j == n || i < m && x.keys.Compare(x.keys.Key(earlier, i), x.keys.Key(later, j)) < 0:
				if !yield(x.keys.Key(earlier, i), false) {
					return
				}
				i++
			default:
				if !yield(x.keys.Key(later, j), true) {
					return
				}
				j++
			}
		}
	}
}

func (x *Index[I, K, R]) len(row *R) int {
	if row == nil {
		return 0
	}
	return x.keys.Len(row)
}
