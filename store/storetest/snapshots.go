package storetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

func testSnapshots(t *testing.T, open opener) {
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
