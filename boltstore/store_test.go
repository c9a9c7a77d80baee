package boltstore_test

import (
	"context"
	"errors"
	"math"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/store/storetest"
)

func TestStoreKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, newPath(t)) })
}

// TestWhatIsCommittedOutlastsEveryReopening drives the store and a model side by
// side, and closes the store, copies it and checks it in between.
func TestWhatIsCommittedOutlastsEveryReopening(t *testing.T) {
	path, number := newPath(t), uint32(0)
	rapid.Check(t, func(rt *rapid.T) {
		number++
		s := open(t, path)
		defer func() { require.NoError(rt, s.Close()) }()
		m := storetest.NewMachine(s, number)
		use := func(rt *rapid.T, from string) {
			require.NoError(rt, s.Close())
			var err error
			s, err = boltstore.Open(from)
			require.NoError(rt, err)
			m.Use(s)
		}
		actions := m.Actions()
		actions["Reopen"] = func(rt *rapid.T) { use(rt, path) }
		actions["Sound"] = func(rt *rapid.T) { require.NoError(rt, s.Check(rt.Context())) }
		actions["Restore"] = func(rt *rapid.T) {
			backup, err := os.Create(path + ".backup")
			require.NoError(rt, err)
			_, err = s.Backup(rt.Context(), backup)
			require.NoError(rt, err)
			require.NoError(rt, backup.Close())
			require.NoError(rt, s.Close())
			require.NoError(rt, os.Rename(backup.Name(), path))
			use(rt, path)
		}
		rt.Repeat(actions)
	})
}

func TestReadersProceedWhileAWriterIsAtWork(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	before := mustRead(t, s)
	update(t, s, func(ctx context.Context, w store.Writer) {
		require.NoError(t, w.DeleteService(ctx, web))
		require.Equal(t, before, mustRead(t, s), "not committed yet")
	})
	require.Len(t, mustRead(t, s).Services, 1)
}

func TestAWaitingWriterGivesUpWhenItsContextEnds(t *testing.T) {
	s := open(t, newPath(t))
	update(t, s, func(context.Context, store.Writer) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		err := s.Update(ctx, func(context.Context, store.Writer) error {
			require.Fail(t, "two writers at once")
			return nil
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	update(t, s, func(context.Context, store.Writer) {})
}

func TestUpdateCallsItsFunctionOnce(t *testing.T) {
	s := open(t, newPath(t))
	calls := 0
	update(t, s, func(context.Context, store.Writer) { calls++ })
	require.Equal(t, 1, calls)
}

func TestAnUpdateThatWritesNothingLeavesTheFileAlone(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	fill(t, s)
	before := bytesOf(t, path)
	update(t, s, func(ctx context.Context, w store.Writer) {
		_, err := w.Service(ctx, web)
		require.NoError(t, err)
		require.ErrorIs(t, w.DeleteHost(ctx, hostID), store.ErrInUse)
	})
	require.Equal(t, before, bytesOf(t, path))
}

func TestAnUpdateWhoseGoroutineExitsLeavesNothingBehind(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	before := mustRead(t, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
			_ = w.DeleteService(ctx, web)
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	require.Equal(t, before, mustRead(t, s))
	update(t, s, func(ctx context.Context, w store.Writer) { require.NoError(t, w.DeleteService(ctx, web)) })
}

func TestAWriterThatIsOverWritesNothing(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	var kept store.Writer
	update(t, s, func(_ context.Context, w store.Writer) { kept = w })
	require.ErrorContains(t, kept.DeleteService(context.Background(), web), "the transaction is over")
	_, err := kept.Service(context.Background(), web)
	require.ErrorContains(t, err, "the transaction is over")
}

func TestAClosedStoreSaysSo(t *testing.T) {
	s := open(t, newPath(t))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	for name, err := range map[string]error{
		"View":   s.View(t.Context(), func(context.Context, store.Reader) error { return nil }),
		"Update": s.Update(t.Context(), func(context.Context, store.Writer) error { return nil }),
		"Check":  s.Check(t.Context()),
	} {
		require.ErrorIs(t, err, store.ErrClosed, name)
		require.ErrorContains(t, err, "the store is closed", name)
	}
}

func TestCheckAndBackupInsideATransactionAreNested(t *testing.T) {
	s := open(t, newPath(t))
	update(t, s, func(ctx context.Context, _ store.Writer) {
		require.ErrorIs(t, s.Check(ctx), store.ErrNestedTx)
		_, err := s.Backup(ctx, os.Stdout)
		require.ErrorIs(t, err, store.ErrNestedTx)
	})
}

// TestLastPositionSeesPastPagesThatTheTransactionEmptied empties whole leaves of
// the table of positions, from either end: bbolt's cursor can hang on those when it
// goes back.
func TestLastPositionSeesPastPagesThatTheTransactionEmptied(t *testing.T) {
	const n = 2000
	s := open(t, newPath(t))
	id := func(i int) uuid.UUID { return uuid.UUID{0: 0xee, 14: byte(i >> 8), 15: byte(i)} }
	update(t, s, func(ctx context.Context, w store.Writer) {
		require.NoError(t, w.PutHost(ctx, aHost(hostID)))
		for i := range n {
			require.NoError(t, w.PutService(ctx, aService(id(i), int32(i)-n/2)))
		}
	})
	for _, highestFirst := range []bool{true, false} {
		err := s.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
			for i := range n {
				gone, last := i, n-1
				if highestFirst {
					gone, last = n-1-i, n-1-i
				}
				pos, ok, err := w.LastPosition(ctx, hostID)
				require.NoError(t, err)
				require.True(t, ok)
				require.EqualValues(t, last-n/2, pos)
				require.NoError(t, w.DeleteService(ctx, id(gone)))
			}
			_, ok, err := w.LastPosition(ctx, hostID)
			require.NoError(t, err)
			require.False(t, ok)
			return errRollback
		})
		require.ErrorIs(t, err, errRollback)
	}
}

var errRollback = errors.New("roll back")

func TestPositionsOrderAsNumbersDo(t *testing.T) {
	all := []int32{math.MinInt32, math.MinInt32 + 1, -256, -1, 0, 1, 255, 256, math.MaxInt32 - 1, math.MaxInt32}
	s := open(t, newPath(t))
	update(t, s, func(ctx context.Context, w store.Writer) {
		require.NoError(t, w.PutHost(ctx, aHost(hostID)))
		for i, position := range all {
			require.NoError(t, w.PutService(ctx, aService(ids[len(ids)-1-i], position)))
		}
	})
	c := mustRead(t, s)
	got := make([]int32, len(c.Services))
	for i := range c.Services {
		got[i] = c.Services[i].Position
	}
	require.Equal(t, all, got)
	require.EqualValues(t, math.MaxInt32, c.Last)
}

// TestAServiceThatMovesTakesItsListenersAlong moves a service to another host and
// back, with its bindings.
func TestAServiceThatMovesTakesItsListenersAlong(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	before := mustRead(t, s)
	moved := aService(web, 3)
	moved.HostID = otherHost
	update(t, s, func(ctx context.Context, w store.Writer) { require.NoError(t, w.PutService(ctx, moved)) })
	require.NoError(t, s.Check(t.Context()))
	require.Empty(t, mustRead(t, s).Listeners)
	update(t, s, func(ctx context.Context, w store.Writer) { require.NoError(t, w.PutService(ctx, aService(web, -5))) })
	require.NoError(t, s.Check(t.Context()))
	require.Equal(t, before, mustRead(t, s))
}

// TestABindingCanBeDeletedAndPutAgainAtOnce has one ID in put and in del.
func TestABindingCanBeDeletedAndPutAgainAtOnce(t *testing.T) {
	for name, target := range map[string]binding.Target{
		"same port": binding.Port(port, binding.OnInterface(iface)), "no port": binding.Interface(iface),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, newPath(t))
			fill(t, s)
			again := aBinding(0, web, target)
			update(t, s, func(ctx context.Context, w store.Writer) {
				require.NoError(t, w.PutBindings(ctx, web, []binding.Binding{again}, []uuid.UUID{again.ID}))
			})
			require.NoError(t, s.Check(t.Context()))
			c := mustRead(t, s)
			require.Equal(t, again, c.Services[0].Bindings[0])
			require.Equal(t, web, c.Owners[again.ID])
		})
	}
}
