package mvcc

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Those that run at once each have a holder of their own, and those that come
// later have the same ones.
func TestViewsShareHoldersOneAfterTheOther(t *testing.T) {
	db := NewDB()
	var nested func(depth int) error
	nested = func(depth int) error {
		return db.View(func(Snapshot) error {
			if depth == 1 {
				require.Len(t, db.views.appendHeld(nil), 10)
				return nil
			}
			return nested(depth - 1)
		})
	}
	for range 3 {
		require.NoError(t, nested(10))
		require.Empty(t, db.views.appendHeld(nil))
		require.Len(t, *db.views.all.Load(), 10)
	}
}

func TestAViewThatEndsByPanicOrExitHoldsNothing(t *testing.T) {
	db := NewDB()
	require.Panics(t, func() { _ = db.View(func(Snapshot) error { panic("no") }) })
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = db.View(func(Snapshot) error { runtime.Goexit(); return nil })
	}()
	<-exited
	require.Empty(t, db.views.appendHeld(nil))
}

// A commit comes between a View's reading the last one and holding it: the View
// must hold the newer one, as versions that the older needs may be freed.
func TestWhatAViewHoldsIsNotFreed(t *testing.T) {
	var v views
	v.init()
	var last, kept atomic.Uint64 // kept is the first commit whose versions are not freed
	last.Store(1)
	var done atomic.Bool
	var committing sync.WaitGroup
	committing.Go(func() {
		for !done.Load() {
			oldest := last.Add(1)
			held := v.appendHeld(nil)
			if len(held) > 0 {
				oldest = min(oldest, held[0])
			}
			kept.Store(oldest)
		}
	})
	for range 50_000 {
		before := last.Load()
		h, commit := v.begin(&last)
		if commit < before {
			t.Fatal("a commit that was over is not seen")
		}
		for range 10 {
			if commit < kept.Load() {
				t.Fatal("what a View reads was freed")
			}
		}
		v.end(h)
	}
	done.Store(true)
	committing.Wait()
}
