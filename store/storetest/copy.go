package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// testCopy checks that a store is copied into another one of its kind, and by way of a
// Model: so a copy equals the original between any two kinds that pass.
func testCopy(t *testing.T, open opener) {
	requireSame := func(t tester, s, other store.Store, p place) {
		t.Helper()
		require.Equal(t, (&fixture{t: t, store: other, place: p}).state(), (&fixture{t: t, store: s, place: p}).state())
	}
	open.test(t, "a copy equals the original", func(f *fixture) {
		f.sawAll(day(5), scans[0])
		f.saw(f.place.first.ID, day(6), scans[1], f.web.ID, f.place.https)
		f.update(func(ctx context.Context, w store.Writer) error {
			full := fullService(f.place)
			return errors.Join(f.changeAllReadings(ctx, w), w.PutHost(ctx, fullHost(f.place)), putService(ctx, w, full))
		})
		from := f.store
		for _, to := range []store.Store{NewModel(), f.another(), f.another()} {
			require.NoError(f.t, store.Copy(f.t.Context(), to, from))
			requireSame(f.t, to, f.store, f.place)
			from = to
		}
	})
	t.Run("a copy equals whatever a machine leaves", func(t *testing.T) {
		machine := rapid.Custom(func(t *rapid.T) *Machine {
			m := NewMachine(NewModel(), 1)
			for range 20 {
				m.Update(t)
			}
			return m
		})
		for seed := range 10 {
			m, copied := machine.Example(seed), open(t)
			require.NoError(t, store.Copy(t.Context(), copied, m.model))
			requireSame(t, copied, m.model, m.place)
		}
	})
	open.test(t, "a copy has the hosts of all pages", func(f *fixture) {
		f.update(func(ctx context.Context, w store.Writer) error {
			var errs []error
			for i := range 250 {
				errs = append(errs, w.PutHost(ctx, host.Host{ID: uuid.UUID{0: 1, 14: byte(i >> 8), 15: byte(i)}, NetworkID: uuid.UUID{15: byte(1 + i%3)}}))
			}
			return errors.Join(errs...)
		})
		copied := f.another()
		require.NoError(f.t, store.Copy(f.t.Context(), copied, f.store))
		err := copied.View(f.t.Context(), func(ctx context.Context, r store.Reader) error {
			hosts, err := r.Hosts(ctx, uuid.Nil, uuid.Nil, 0)
			require.Len(f.t, hosts, 252)
			return err
		})
		require.NoError(f.t, err)
	})
	open.test(t, "nothing is copied into a store that has hosts, or into itself", func(f *fixture) {
		before := f.state()
		require.ErrorIs(f.t, store.Copy(f.t.Context(), f.store, f.another()), store.ErrExists)
		require.ErrorIs(f.t, store.Copy(f.t.Context(), f.store, f.store), store.ErrExists)
		require.Equal(f.t, before, f.state())
		empty := f.another()
		require.ErrorIs(f.t, store.Copy(f.t.Context(), empty, empty), store.ErrNestedTx)
	})
}
