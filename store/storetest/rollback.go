package storetest

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

var errBoom = errors.New("boom")

// changeEverything makes every kind of change to a fixture's store.
func (f *fixture) changeEverything(ctx context.Context, w store.Writer) error {
	p := f.place
	first, third := p.first.Clone(), p.second.Clone()
	first.Name, first.Revision, first.Ports = "renamed", 2, first.Ports[:2]
	third.ID, third.Name = p.hosts[2], "web-3"
	web, ssh := f.web, p.service(2)
	web.Name, web.HostID, web.Revision = "moved", p.second.ID, 2
	replaced := f.web.Bindings[0]
	replaced.Target = binding.Port(p.free, binding.AllInterfaces())
	return errors.Join(
		w.PutHost(ctx, first), w.PutHost(ctx, third),
		w.PutService(ctx, web), w.PutService(ctx, ssh),
		w.PutBindings(ctx, web.ID, []binding.Binding{replaced}, []uuid.UUID{f.web.Bindings[1].ID}),
		w.PutBindings(ctx, ssh.ID, []binding.Binding{p.binding(5, ssh, binding.Port(p.domain, binding.AllInterfaces()))}, nil),
		w.DeleteService(ctx, f.dns.ID), w.DeleteHost(ctx, third.ID),
	)
}

func testRollback(t *testing.T, open opener) {
	open.test(t, "an error leaves nothing behind and comes back", func(f *fixture) {
		before := f.state()
		err := f.store.Update(f.t.Context(), func(ctx context.Context, w store.Writer) error {
			return errors.Join(f.changeEverything(ctx, w), errBoom)
		})
		require.ErrorIs(f.t, err, errBoom)
		require.Equal(f.t, before, f.state())
		f.requireUsable()
	})
	open.test(t, "a panic leaves nothing behind and goes on", func(f *fixture) {
		before := f.state()
		require.PanicsWithValue(f.t, "boom", func() {
			_ = f.store.Update(f.t.Context(), func(ctx context.Context, w store.Writer) error {
				if err := f.changeEverything(ctx, w); err != nil {
					return err
				}
				panic("boom")
			})
		})
		require.Equal(f.t, before, f.state())
		f.requireUsable()
	})
	open.test(t, "a Goexit leaves nothing behind", func(f *fixture) {
		before := f.state()
		require.NoError(f.t, promptly(func() error {
			return f.store.Update(f.t.Context(), func(ctx context.Context, w store.Writer) error {
				if err := f.changeEverything(ctx, w); err != nil {
					return err
				}
				runtime.Goexit() // as t.FailNow does
				return nil
			})
		}))
		require.Equal(f.t, before, f.state())
		f.requireUsable()
	})
	open.test(t, "an error of a View comes back", func(f *fixture) {
		err := f.store.View(f.t.Context(), func(context.Context, store.Reader) error { return errBoom })
		require.ErrorIs(f.t, err, errBoom)
		f.requireUsable()
	})
	open.test(t, "a panic in a View goes on", func(f *fixture) {
		require.PanicsWithValue(f.t, "boom", func() {
			_ = f.store.View(f.t.Context(), func(context.Context, store.Reader) error { panic("boom") })
		})
		f.requireUsable()
	})
	open.test(t, "an inventory that was rolled back is not seen again", func(f *fixture) {
		h := f.place.first.Clone()
		h.Revision, h.Name = 2, "rolled back"
		err := f.store.Update(f.t.Context(), func(ctx context.Context, w store.Writer) error {
			err := w.PutHost(ctx, h)
			_, errRead := w.Inventory(ctx, h.ID)
			return errors.Join(err, errRead, errBoom)
		})
		require.ErrorIs(f.t, err, errBoom)
		h.Name = "committed" // under the same Revision
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, h) })
		require.Equal(f.t, h, f.state().Inventories[h.ID])
	})
	open.test(t, "a Writer whose transaction is over writes nothing", func(f *fixture) {
		before := f.state()
		var kept store.Writer
		f.update(func(_ context.Context, w store.Writer) error { kept = w; return nil })
		ctx, p := f.t.Context(), f.place
		for method, err := range map[string]error{
			"PutHost":       kept.PutHost(ctx, fullHost(p)),
			"DeleteHost":    kept.DeleteHost(ctx, p.second.ID),
			"PutService":    kept.PutService(ctx, p.service(2)),
			"PutBindings":   kept.PutBindings(ctx, f.web.ID, nil, []uuid.UUID{f.web.Bindings[0].ID}),
			"DeleteService": kept.DeleteService(ctx, f.web.ID),
			"Saw":           kept.Saw(ctx, p.first.ID, day(9), p.unknown, []uuid.UUID{p.https}),
		} {
			require.ErrorIs(f.t, err, store.ErrClosed, method)
		}
		f.requireOver(kept)
		require.Equal(f.t, before, f.state())
	})
	open.test(t, "a Reader whose transaction is over reads nothing", func(f *fixture) {
		var kept store.Reader
		f.view(func(_ context.Context, r store.Reader) error { kept = r; return nil })
		f.requireOver(kept)
	})
}

// requireOver checks that the transaction of a Reader is over.
func (f *fixture) requireOver(r store.Reader) {
	f.t.Helper()
	for _, reading := range readings {
		_, err := reading.read(f.t.Context(), r, f.place)
		require.ErrorIs(f.t, err, store.ErrClosed, reading.method)
	}
}

// requireUsable checks that the store still does what it is told.
func (f *fixture) requireUsable() {
	f.t.Helper()
	require.NoError(f.t, promptly(func() error { return f.store.Update(f.t.Context(), f.changeEverything) }))
	after := f.state()
	require.Equal(f.t, "moved", after.Services[f.web.ID].Name)
	require.Equal(f.t, f.web.Bindings[0].ID, after.Listeners[f.place.second.ID][0].Binding.ID)
	require.NotContains(f.t, after.Services, f.dns.ID)
}
