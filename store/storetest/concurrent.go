package storetest

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bindset/bindset/store"
)

const (
	// patience is how long something may take that must not block: it only
	// keeps a test from hanging, no store is slower.
	patience = 10 * time.Second

	// moment is how long a transaction is held open for another one to catch
	// up: in vain where the store runs one at a time.
	moment = 100 * time.Millisecond
)

var errBlocked = errors.New("blocked: it did not return")

// A task runs in a goroutine of its own.
type task struct {
	done chan struct{}
	err  error // once done is closed
}

// background starts a task. A Goexit in fn counts as nil.
func background(fn func() error) *task {
	running := &task{done: make(chan struct{})}
	go func() {
		defer close(running.done)
		running.err = fn()
	}()
	return running
}

// result waits for the task and returns its error, errBlocked where it takes
// longer than anything may.
func (r *task) result() error {
	select {
	case <-r.done:
		return r.err
	case <-time.After(patience):
		return errBlocked
	}
}

// inAMoment waits a moment for the task, and reports whether it is done.
func (r *task) inAMoment() bool { return r.within(moment) }

// within waits for the task, and reports whether it is done in time.
func (r *task) within(d time.Duration) bool {
	select {
	case <-r.done:
		return true
	case <-time.After(d):
		return false
	}
}

// A meeting is where workers wait for each other, for a moment: so that they meet
// if the store lets them, however busy the machine is.
type meeting struct {
	missing atomic.Int32
	all     chan struct{}
}

func newMeeting(workers int32) *meeting {
	m := &meeting{all: make(chan struct{})}
	m.missing.Store(workers)
	return m
}

// wait waits for the others. It lets those pass that come after all are there,
// or come again.
func (m *meeting) wait() {
	missing := m.missing.Add(-1)
	if missing == 0 {
		close(m.all)
	}
	if missing > 0 {
		select {
		case <-m.all:
		case <-time.After(moment):
		}
	}
	runtime.Gosched()
}

// promptly runs fn as a task and returns its result.
func promptly(fn func() error) error { return background(fn).result() }

// A contender is one of two transactions that get in each other's way: it reads,
// calls pause, and writes what follows from what it read.
type contender func(ctx context.Context, w store.Writer, pause func()) error

// race runs two transactions at once, such that both have read before early
// writes, and early has committed before late writes, if the store lets them. It
// returns their errors.
func (f *fixture) race(early, late contender) (errEarly, errLate error) {
	f.t.Helper()
	lateRead, earlyDone := make(chan struct{}), make(chan struct{})
	first := background(func() error {
		defer close(earlyDone)
		return f.store.Update(f.t.Context(), early.pausing(nil, lateRead))
	})
	second := background(func() error { return f.store.Update(f.t.Context(), late.pausing(lateRead, earlyDone)) })
	return first.result(), second.result()
}

// pausing returns the contender as a transaction that, when it has read for the
// first time, closes read and waits a moment for until. When fn is called again
// it waits for nobody.
func (c contender) pausing(read chan<- struct{}, until <-chan struct{}) func(context.Context, store.Writer) error {
	var once sync.Once
	return func(ctx context.Context, w store.Writer) error {
		return c(ctx, w, func() {
			once.Do(func() {
				if read != nil {
					close(read)
				}
				select {
				case <-until:
				case <-time.After(moment):
				}
			})
		})
	}
}
