package mvcc

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAnUpdateInAnotherOneGivesUpWhenItsContextEnds(t *testing.T) {
	l := newLeague()
	l.update(t, func(Tx) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		require.ErrorIs(t, l.db.Update(ctx, func(Tx) error { panic("two Updates at once") }), context.DeadlineExceeded)
	})
	l.update(t, func(Tx) {})
}

func TestACancelledUpdateChangesNothing(t *testing.T) {
	l := newLeague()
	ctx, cancel := context.WithCancel(context.Background())
	require.ErrorIs(t, l.db.Update(ctx, func(tx Tx) error {
		l.notes.Put(tx, "note", 1)
		cancel()
		return nil
	}), context.Canceled)
	require.NoError(t, l.db.View(func(at Snapshot) error { require.Nil(t, l.notes.Get(at, "note")); return nil }))
}

func TestAnUpdateWithADoneContextIsNotBegun(t *testing.T) {
	l := newLeague()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 100 {
		require.ErrorIs(t, l.db.Update(ctx, func(Tx) error { panic("begun") }), context.Canceled)
	}
}

func TestErrorsAreHandedOn(t *testing.T) {
	l := newLeague()
	wrong := errors.New("wrong")
	require.Equal(t, wrong, l.db.View(func(Snapshot) error { return wrong }))
	require.Equal(t, wrong, l.db.Update(context.Background(), func(Tx) error { return wrong }))
}

// Players move between teams while Views look for them: every View finds each
// player once, and the same in the table as by the index.
func TestViewsAreConsistentWhileOthersUpdate(t *testing.T) {
	const teams, players = 7, 60
	l := newLeague()
	var all []int
	for p := range players {
		all = append(all, p)
	}
	l.update(t, func(tx Tx) {
		l.teams.Put(tx, 0, team{players: all})
		for id := 1; id < teams; id++ {
			l.teams.Put(tx, id, team{})
		}
	})
	whereabouts := func(at Snapshot) (found [players]int, err error) {
		seen := 0
		for id := range teams {
			for _, p := range l.teams.Get(at, id).players {
				found[p] = id
				seen++
			}
		}
		for p := range players {
			if id, row := l.players.Get(at, p); row == nil || id != found[p] {
				return found, errors.New("the index leads to another team")
			}
		}
		if seen != players {
			return found, errors.New("a player is missing or there twice")
		}
		return found, nil
	}

	var done atomic.Bool
	var viewers, writers sync.WaitGroup
	for _, repeat := range []int{0, 0, 1, 50} { // short Views and long ones
		viewers.Go(func() {
			for !done.Load() {
				err := l.db.View(func(at Snapshot) error {
					first, err := whereabouts(at)
					for range repeat {
						runtime.Gosched()
						if again, err := whereabouts(at); err != nil || again != first {
							return errors.New("a View saw two states")
						}
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for seed := range uint64(2) {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(seed, 1))
			for range 1000 {
				err := l.db.Update(context.Background(), func(tx Tx) error { return l.move(tx, random, teams) })
				if err != nil && !errors.Is(err, errRollBack) {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	done.Store(true)
	viewers.Wait()
	l.update(t, func(Tx) {})
	l.requireWhole(t)
	require.Empty(t, l.db.history.rows)
}

// move moves the first players of one team to another, lets teams without players
// come and go, and sometimes takes all of it back.
func (l *league) move(tx Tx, random *rand.Rand, teams int) error {
	from, to := random.IntN(teams), random.IntN(teams)
	if from == to {
		return nil
	}
	was := l.teams.Get(tx.Snapshot, from).players
	n := random.IntN(len(was) + 1)
	joined := union(was[:n], l.teams.Get(tx.Snapshot, to).players)
	l.teams.Put(tx, from, team{players: was[n:]})
	l.teams.Put(tx, to, team{players: joined})
	l.teams.Put(tx, teams+random.IntN(200), team{})
	l.teams.Delete(tx, teams+random.IntN(200))
	if random.IntN(4) == 0 {
		return errRollBack
	}
	return nil
}

// union merges two ascending lists.
func union(a, b []int) (all []int) {
	for len(a) > 0 || len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && a[0] < b[0] {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return all
}
