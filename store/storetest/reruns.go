package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

// testReruns has an Update overtaken by another one, so that a store that runs
// them side by side must call its function again, and looks what is left of the
// first run. Where a store runs one Update at a time, or need not call again, the
// first run is the only one.
func testReruns(t *testing.T, open opener) {
	open.test(t, "what an Update wrote before it ran again is gone", func(f *fixture) {
		runs := 0
		f.overtake(func(ctx context.Context, w store.Writer) error {
			if runs++; runs > 1 {
				return nil
			}
			return f.changeTheRest(ctx, w)
		})
		after := f.state()
		_, written := after.Services[f.place.services[2]]
		require.Equal(f.t, runs == 1, written, "after %d runs", runs)
		require.Equal(f.t, runs == 1, len(f.listeners(f.place.first.ID, f.place.free)) > 0, "after %d runs", runs)
		require.Equal(f.t, runs == 1, after.HostsByID[f.place.second.ID].Name == "renamed", "after %d runs", runs)
		_, kept := after.Services[f.dns.ID]
		require.Equal(f.t, runs > 1, kept, "after %d runs", runs)
	})
	open.test(t, "an Update that fails when it runs again leaves nothing behind", func(f *fixture) {
		before := f.state()
		runs := 0
		err := f.overtaken(func(ctx context.Context, w store.Writer) error {
			if runs++; runs > 1 {
				return errBoom
			}
			return f.changeTheRest(ctx, w)
		})
		if runs == 1 {
			require.NoError(f.t, err)
			return
		}
		require.ErrorIs(f.t, err, errBoom)
		after := f.state()
		require.EqualValues(f.t, 2, after.Services[f.web.ID].Revision, "that of the one that overtook")
		require.Equal(f.t, before.Services[f.dns.ID], after.Services[f.dns.ID])
		require.Equal(f.t, before.Listeners, after.Listeners)
		require.Equal(f.t, before.HostsByID, after.HostsByID)
	})
	open.test(t, "an Update that runs again sees what overtook it", func(f *fixture) {
		var seen uint64
		f.overtake(func(ctx context.Context, w store.Writer) error {
			s, err := w.Service(ctx, f.web.ID) // which it has counted itself
			seen = s.Revision
			return err
		})
		require.Contains(f.t, []uint64{2, 3}, seen)
		require.EqualValues(f.t, 3, f.service(f.web.ID).Revision)
	})
	open.test(t, "a Writer of an earlier run does nothing", func(f *fixture) {
		var writers []store.Writer
		var late error
		f.overtake(func(ctx context.Context, w store.Writer) error {
			if writers = append(writers, w); len(writers) > 1 {
				late = writers[0].PutBindings(ctx, f.web.ID, nil, []uuid.UUID{f.web.Bindings[0].ID})
			}
			return nil
		})
		if len(writers) > 1 {
			require.Error(f.t, late)
		}
		require.Equal(f.t, f.web.Bindings, f.service(f.web.ID).Bindings)
	})
	open.test(t, "an Update in one that runs again is refused", func(f *fixture) {
		f.overtake(func(ctx context.Context, _ store.Writer) error {
			err := promptly(func() error {
				return f.store.Update(ctx, func(context.Context, store.Writer) error { return nil })
			})
			require.ErrorIs(f.t, err, store.ErrNestedTx)
			return nil
		})
	})
}

// overtake is overtaken, without an error.
func (f *fixture) overtake(fn func(ctx context.Context, w store.Writer) error) {
	f.t.Helper()
	require.NoError(f.t, f.overtaken(fn))
}

// overtaken runs fn in an Update that another one overtakes, if the store lets it:
// both count the Revision of the web service. It returns the error of the Update.
func (f *fixture) overtaken(fn func(ctx context.Context, w store.Writer) error) error {
	f.t.Helper()
	count := func(fn func(ctx context.Context, w store.Writer) error) contender {
		return func(ctx context.Context, w store.Writer, pause func()) error {
			s, err := w.Service(ctx, f.web.ID)
			pause()
			s.Revision++
			return errors.Join(err, w.PutService(ctx, s), fn(ctx, w))
		}
	}
	errEarly, errLate := f.race(count(func(context.Context, store.Writer) error { return nil }), count(fn))
	require.NoError(f.t, errEarly)
	return errLate
}

// changeTheRest changes what is not the web service's.
func (f *fixture) changeTheRest(ctx context.Context, w store.Writer) error {
	second, ssh := f.place.second.Clone(), f.place.service(2)
	second.Name, second.Revision = "renamed", 2
	return errors.Join(
		w.PutHost(ctx, second), w.DeleteService(ctx, f.dns.ID), w.PutService(ctx, ssh),
		w.PutBindings(ctx, ssh.ID, []binding.Binding{f.place.binding(5, ssh, binding.Port(f.place.free, binding.AllInterfaces()))}, nil),
	)
}
