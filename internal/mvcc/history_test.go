package mvcc

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAViewKeepsOneVersionOfARowThatChangesManyTimes(t *testing.T) {
	l := newLeague()
	l.update(t, func(tx Tx) { l.teams.Put(tx, 1, team{players: []int{1}}) })
	churn := func() {
		for i := range 100 {
			l.update(t, func(tx Tx) { l.teams.Put(tx, 1, team{players: []int{1, 2 + i%2}}) })
		}
	}
	_, endFirst := l.begin()
	churn()
	require.Equal(t, 2, l.versions())
	_, endSecond := l.begin()
	churn()
	require.Equal(t, 3, l.versions())
	require.Len(t, l.db.history.rows[l.db.history.recalled:], 1)
	l.requireWhole(t)

	endFirst()
	l.update(t, func(Tx) {})
	require.Equal(t, 2, l.versions())
	endSecond()
	l.update(t, func(Tx) {})
	require.Equal(t, 1, l.versions())
	require.Empty(t, l.db.history.rows)
	require.Zero(t, cap(l.db.history.rows))
	l.requireWhole(t)
}

func TestAFailedUpdateFreesVersionsToo(t *testing.T) {
	l := newLeague()
	l.update(t, func(tx Tx) { l.teams.Put(tx, 1, team{players: []int{1}}) })
	_, end := l.begin()
	l.update(t, func(tx Tx) { l.teams.Delete(tx, 1) })
	require.Equal(t, 2, l.versions())
	end()
	require.ErrorIs(t, l.db.Update(context.Background(), func(Tx) error { return errRollBack }), errRollBack)
	require.Zero(t, l.versions())
	require.Zero(t, l.players.entries.entries)
}

// What the garbage collector finds tells whether a table really frees versions.
func TestWhatNoViewNeedsIsGarbage(t *testing.T) {
	l := newLeague()
	put := func(name string) { l.update(t, func(tx Tx) { l.teams.Put(tx, 1, team{name: name}) }) }
	put("first")
	collected := make(chan struct{})
	at, end := l.begin()
	runtime.AddCleanup(l.teams.Get(at, 1), func(c chan struct{}) { close(c) }, collected)
	put("second")
	for range 3 {
		runtime.GC()
	}
	select {
	case <-collected:
		require.Fail(t, "a View needs it")
	default:
	}
	end()
	put("third")
	for range 100 {
		runtime.GC()
		select {
		case <-collected:
			return
		case <-time.After(time.Millisecond):
		}
	}
	require.Fail(t, "the table keeps what no View needs")
}

func TestAHistoryGivesBackMoreThanHalf(t *testing.T) {
	h := history{rows: make([]remembered, 4), recalled: 2}
	h.rows[3].commit = 7
	h.shrink()
	require.Len(t, h.rows, 4)
	h.recalled = 3
	h.shrink()
	require.Equal(t, []remembered{{commit: 7}}, h.rows)
	require.Zero(t, h.recalled)
}
