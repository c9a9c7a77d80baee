package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

func testSnapshots(t *testing.T, open opener) {
	for _, read := range readings {
		open.test(t, "a View sees what was committed before it, whatever an older View reads: "+read.method, func(f *fixture) {
			model := newFixture(t, func(*testing.T) store.Store { return NewModel() })
			before := read.from(f)
			require.Equal(f.t, read.from(model), before)
			model.update(model.changeAllReadings)
			after := read.from(model)
			require.NotEqual(f.t, before, after)

			var committing *task
			var within any
			f.view(func(ctx context.Context, r store.Reader) error {
				_, _, err := r.LastPosition(ctx, f.place.unknown) // the View has begun, also where that is lazy
				if committing == nil {
					committing = background(func() error { return f.store.Update(f.t.Context(), f.changeAllReadings) })
				}
				committing.within(patience) // in vain where it waits for the View
				var errRead error
				within, errRead = read.read(ctx, r, f.place)
				return errors.Join(err, errRead)
			})
			require.NoError(f.t, committing.result())
			require.Contains(f.t, []any{before, after}, within)
			require.Equal(f.t, after, read.from(f))
			f.update(func(ctx context.Context, w store.Writer) error {
				again, err := read.read(ctx, w, f.place)
				require.Equal(f.t, after, again, "in an Update")
				return err
			})
		})
	}
	open.test(t, "a View sees one state while others commit", func(f *fixture) {
		before := f.state()
		var first service.Service
		var rest state
		var writing *task
		runs := 0
		f.view(func(ctx context.Context, r store.Reader) (err error) {
			runs++
			if first, err = r.Service(ctx, f.web.ID); err != nil {
				return err
			}
			if writing == nil {
				writing = background(func() error { return f.store.Update(f.t.Context(), f.changeEverything) })
			}
			writing.inAMoment()
			rest, err = readState(ctx, r, f.place)
			return err
		})
		require.NoError(f.t, writing.result())
		require.Equal(f.t, rest.Services[f.web.ID], first)
		after := f.state()
		require.NotEqual(f.t, before, after, "a View after the commit sees it")
		if runs == 1 {
			require.Equal(f.t, before, rest)
		} else { // with another snapshot
			require.Contains(f.t, []state{before, after}, rest)
		}
	})
	open.test(t, "nobody sees what is not committed", func(f *fixture) {
		before := f.state()
		var seen state
		var looking *task
		inTime := false
		f.update(func(ctx context.Context, w store.Writer) error {
			if err := f.changeEverything(ctx, w); err != nil {
				return err
			}
			looking = background(func() error {
				return f.store.View(f.t.Context(), func(ctx context.Context, r store.Reader) (err error) {
					seen, err = readState(ctx, r, f.place)
					return err
				})
			})
			inTime = looking.inAMoment()
			return nil
		})
		require.NoError(f.t, looking.result())
		after := f.state()
		require.NotEqual(f.t, before, after)
		if inTime {
			require.Equal(f.t, before, seen)
		} else { // the View waited for the commit, or is slow
			require.Contains(f.t, []state{before, after}, seen)
		}
	})
	open.test(t, "an Update reads what it wrote", func(f *fixture) {
		var within state
		f.update(func(ctx context.Context, w store.Writer) (err error) {
			if err = f.changeEverything(ctx, w); err != nil {
				return err
			}
			within, err = readState(ctx, w, f.place)
			return err
		})
		require.Equal(f.t, f.state(), within)
		require.Equal(f.t, "moved", within.Services[f.web.ID].Name)
	})
	open.test(t, "an Update that writes nothing changes nothing", func(f *fixture) {
		before := f.state()
		f.update(func(context.Context, store.Writer) error { return nil })
		require.Equal(f.t, before, f.state())
	})
}
