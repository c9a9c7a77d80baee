package mvcc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRowsAreUsedAgain(t *testing.T) {
	l := newLeague()
	for i := range 1000 {
		l.update(t, func(tx Tx) {
			l.teams.Put(tx, i, team{})
			l.teams.Delete(tx, i-1)
		})
	}
	require.LessOrEqual(t, l.teams.last, rowID(2))
	require.LessOrEqual(t, len(l.teams.keys.slots.Load().words), 2*leastSlots)
	l.requireWhole(t)
}

func TestWhatGetReturnedStaysAsItWas(t *testing.T) {
	l := newLeague()
	l.update(t, func(tx Tx) {
		l.teams.Put(tx, 1, team{name: "first"})
		first := l.teams.Get(tx.Snapshot, 1)
		l.teams.Put(tx, 1, team{name: "second"})
		require.Equal(t, "first", first.name)
		l.teams.Delete(tx, 1)
		require.Nil(t, l.teams.Get(tx.Snapshot, 1))
		require.Equal(t, "first", first.name)
	})
}

// sameTag returns pairs of keys that have the same tag in a table.
func sameTag(t *testing.T, l *league) (pairs [][2]int) {
	const tries = 1 << 19 // 32 pairs in the mean
	seen := make(map[tag]int, tries)
	for key := 1; key < tries; key++ {
		tag := tagOf(l.teams.seed, key)
		if other, ok := seen[tag]; ok {
			pairs = append(pairs, [2]int{other, key})
		}
		seen[tag] = key
	}
	require.NotEmpty(t, pairs)
	return pairs
}

func TestKeysWithTheSameTagAreToldApart(t *testing.T) {
	l := newLeague()
	for _, pair := range sameTag(t, l) {
		a, b := pair[0], pair[1]
		requireTeams := func(at Snapshot, ofA, ofB int) {
			got, row := l.players.Get(at, a)
			require.Equal(t, ofA, got)
			require.Equal(t, ofA != 0, row != nil)
			got, row = l.players.Get(at, b)
			require.Equal(t, ofB, got)
			require.Equal(t, ofB != 0, row != nil)
		}
		l.update(t, func(tx Tx) { l.teams.Put(tx, a, team{players: []int{a, b}}) })
		whole, endWhole := l.begin()
		require.Nil(t, l.teams.Get(whole, b))
		l.update(t, func(tx Tx) {
			l.teams.Put(tx, b, team{})
			l.teams.Put(tx, a, team{players: []int{b}})
		})
		l.requireWhole(t)
		requireTeams(whole, a, a)
		endWhole()
		l.update(t, func(Tx) {})
		l.requireWhole(t)
		half, endHalf := l.begin()
		requireTeams(half, 0, a)
		endHalf()
		l.update(t, func(tx Tx) { l.teams.Put(tx, b, team{players: []int{a}}) })
		end, endEnd := l.begin()
		requireTeams(end, b, a)
		endEnd()
		l.update(t, func(tx Tx) {
			l.teams.Delete(tx, a)
			l.teams.Delete(tx, b)
		})
		l.requireWhole(t)
	}
	require.Zero(t, l.players.entries.entries)
	require.Zero(t, l.teams.keys.entries)
}

// A key that leaves a row and comes back while a View runs, however often, takes
// one entry.
func TestAKeyThatComesAndGoesTakesOneEntry(t *testing.T) {
	l := newLeague()
	l.update(t, func(tx Tx) { l.teams.Put(tx, 1, team{players: []int{7}}) })
	_, end := l.begin()
	for range 100 {
		l.update(t, func(tx Tx) { l.teams.Put(tx, 1, team{}) })
		require.Equal(t, 1, l.players.entries.entries, "the View needs it")
		l.update(t, func(tx Tx) { l.teams.Put(tx, 1, team{players: []int{7}}) })
		require.Equal(t, 1, l.players.entries.entries)
	}
	end()
	l.update(t, func(tx Tx) { l.teams.Delete(tx, 1) })
	require.Zero(t, l.players.entries.entries)
}
