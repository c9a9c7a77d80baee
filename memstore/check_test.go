package memstore

import (
	"slices"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// requireWhole checks, between write transactions, what doc.go says holds at any
// time.
func (s *Store) requireWhole(t require.TestingT) {
	held := s.views.appendHeld(nil)
	inHistory := map[change]int{}
	for _, r := range s.history.rows[s.history.recalled:] {
		inHistory[r.change]++
		require.LessOrEqual(t, r.commit, s.last.Load())
	}
	require.True(t, slices.IsSortedFunc(s.history.rows, func(a, b remembered) int { return int(a.commit) - int(b.commit) }))
	known := requireTable(t, &s.hosts, s, inHistory, held) + requireTable(t, &s.networks, s, inHistory, held) +
		requireTable(t, &s.services, s, inHistory, held)
	require.Len(t, inHistory, known)

	indexed := 0
	s.services.each(func(row rowID, newest *serviceVersion) {
		bindings := map[uuid.UUID]tag{}
		for v := newest; v != nil; v = v.before.Load() {
			for _, b := range v.row.bindings {
				bindings[b.id] = tagOf(s.services.seed, b.id)
				require.Equal(t, bindings[b.id], b.tag)
			}
		}
		same := map[tag]int{}
		for _, tag := range bindings {
			same[tag]++
		}
		for tag, n := range same {
			require.Equal(t, n, s.bindings.rows(tag)[row])
		}
		indexed += len(bindings)
	})
	require.Equal(t, indexed, s.bindings.entries)
}

// requireTable returns how many rows are in the history.
func requireTable[R any](t require.TestingT, tb *table[R], s *Store, inHistory map[change]int, held []uint64) (known int) {
	rows := 0
	tb.each(func(row rowID, newest *version[R]) {
		rows++
		require.Equal(t, 1, tb.index.rows(tagOf(s.services.seed, newest.id))[row])
		require.LessOrEqual(t, newest.commit, s.last.Load())
		for v := newest; v.before.Load() != nil; v = v.before.Load() {
			require.Greater(t, v.commit, v.before.Load().commit)
			require.Equal(t, newest.id, v.before.Load().id)
		}
		several := newest.before.Load() != nil
		require.True(t, newest.remembered || !several && !newest.gone, "it must be let go one day")
		require.False(t, newest.remembered && len(held) == 0, "no View needs it")
		if newest.remembered {
			require.Equal(t, 1, inHistory[change{tb, row}])
			known++
		}
	})
	require.Equal(t, rows, tb.index.entries)
	require.Equal(t, int(tb.last), rows+len(tb.free))
	return known
}

// each calls fn for every row that is used.
func (t *table[R]) each(fn func(row rowID, newest *version[R])) {
	for row := rowID(1); row <= t.last; row++ {
		if v := t.head(row).Load(); v != nil {
			fn(row, v)
		}
	}
}
