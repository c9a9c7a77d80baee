package storetest

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/store"
)

// rerunFlaws are those of stores that call the function of an Update again and
// keep something of the call before.
var rerunFlaws = []flaw{
	{"keeps what it wrote before it ran again", []string{
		"Reruns/what an Update wrote before it ran again is gone",
	}, rerunning(func(ctx context.Context, before, now *recorder) context.Context {
		for _, c := range before.calls {
			if c.writes {
				_, _ = c.do(ctx, now.tx)
				now.calls = append(now.calls, c)
			}
		}
		return ctx
	})},
	{"commits what it wrote before, where it fails when it runs again", []string{
		"Reruns/an Update that fails when it runs again leaves nothing behind",
	}, func() store.Store {
		s := newReplayer(nil)
		return txHooks{Store: s, update: func(ctx context.Context, fn updateFn) error {
			var before *recorder
			err := s.Update(ctx, func(ctx context.Context, w store.Writer) error {
				err := fn(ctx, w)
				if err == nil {
					before, _ = w.(*recorder)
				}
				return err
			})
			if err != nil && before != nil {
				_, _ = (&replayer{Model: s.Model, compares: never}).replay(ctx, before)
			}
			return err
		}}
	}},
	{"lets a Writer of an earlier run go on", []string{
		"Reruns/a Writer of an earlier run does nothing",
	}, rerunning(func(ctx context.Context, before, now *recorder) context.Context {
		before.tx = now.tx
		return ctx
	})},
	{"does not mark the context when it runs again", []string{
		"Reruns/an Update in one that runs again is refused",
	}, func() store.Store {
		s := newReplayer(nil)
		s.again = func(ctx context.Context, _, _ *recorder) context.Context {
			return context.WithValue(ctx, insideModel{s.Model}, nil)
		}
		return s
	}},
}

func rerunning(again func(ctx context.Context, before, now *recorder) context.Context) func() store.Store {
	return func() store.Store {
		s := newReplayer(nil)
		s.again = again
		return s
	}
}

func never(recorded, map[uuid.UUID]bool) bool { return false }

var errAgain = errors.New("could not serialize")

// twice returns a memstore that calls every function once more: that of an Update
// after the first call was rolled back, that of a View with another snapshot.
func twice() store.Store {
	s := memstore.New()
	return txHooks{
		view: func(ctx context.Context, fn viewFn) error {
			if err := s.View(ctx, fn); err != nil {
				return err
			}
			return s.View(ctx, fn)
		},
		update: func(ctx context.Context, fn updateFn) error {
			err := s.Update(ctx, func(ctx context.Context, w store.Writer) error {
				if err := fn(ctx, w); err != nil {
					return err
				}
				return errAgain
			})
			if !errors.Is(err, errAgain) {
				return err
			}
			return s.Update(ctx, fn)
		},
	}
}
