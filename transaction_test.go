package bindset_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

func TestInTx(t *testing.T) {
	t.Run("every use case does in it what it does alone", func(t *testing.T) {
		for name, useCase := range aUseCase {
			t.Run(name, func(t *testing.T) {
				alone, inTx := newFixture(t), newFixtureOn(t, &retrying{newMemstore()})
				services := alone.withStored()
				want := alone.does(func() (bindset.Change, error) { return useCase(alone.ctx, alone.Manager, services) })
				services = inTx.withStored()
				var part bindset.Change
				got := inTx.does(func() (bindset.Change, error) {
					return inTx.InTx(inTx.ctx, func(ctx context.Context, m *bindset.Manager) (err error) {
						part, err = useCase(ctx, m, services)
						return err
					})
				})
				require.Equal(t, shapeOf(want), shapeOf(got))
				require.Equal(t, part, got)
			})
		}
	})

	t.Run("what several use cases did is one Change", func(t *testing.T) {
		f := newFixture(t)
		s := f.withHost(set(everywhere(https)))[0]
		change := f.doesInTx(func(ctx context.Context, m *bindset.Manager) error {
			made, _, err := m.CreateService(ctx, service.Draft{HostID: webID, Name: "unbound"})
			require.NoError(t, err)
			b, _, err := m.CreateBinding(ctx, binding.Binding{ServiceID: made.ID, Target: onAddress(dns, addr5)})
			require.NoError(t, err)
			b.Target = everywhere(dns)
			_, _, err = m.UpdateBinding(ctx, b)
			require.NoError(t, err)
			_, err = m.DeleteService(ctx, s.ID)
			require.NoError(t, err)

			passing, _, err := m.CreateService(ctx, service.Draft{HostID: webID, Bindings: set(everywhere(https))})
			require.NoError(t, err)
			_, err = m.DeleteService(ctx, passing.ID)
			return err
		})
		require.Len(t, change.Services, 2)
		require.Equal(t, bindset.Added, change.Services[0].Did)
		require.EqualValues(t, 3, change.Services[0].Revision)
		require.Equal(t, bindset.Removed, change.Services[1].Did)
		require.Equal(t, []binding.Target{everywhere(dns)}, targetsOf(change.Added))
		require.Equal(t, s.Bindings, change.Removed)
	})

	t.Run("what was dropped names what stands at the end", func(t *testing.T) {
		f := newFixture(t)
		s := f.withHost(set(onAddress(https, addr5)))[0]
		change := f.doesInTx(func(ctx context.Context, m *bindset.Manager) error {
			for _, wider := range []binding.Target{onInterface(https, eth0), everywhere(https)} {
				_, _, err := m.CreateBinding(ctx, binding.Binding{ServiceID: s.ID, Target: wider})
				require.NoError(t, err)
			}
			return nil
		})
		require.Len(t, change.Dropped, 2, "the one that was stored, and the one that never was")
		require.Equal(t, s.Bindings[0].ID, change.Dropped[0].Binding.ID)
		require.Equal(t, uuid.Nil, change.Dropped[1].Binding.ID)
		for _, d := range change.Dropped {
			require.Equal(t, everywhere(https), d.By.Target)
		}
	})

	t.Run("it reads what it wrote", func(t *testing.T) {
		f := newFixture(t)
		_, err := f.InTx(f.ctx, func(ctx context.Context, m *bindset.Manager) error {
			_, _, err := m.CreateHost(ctx, web1(), []service.Draft{{ID: unknown[0], Bindings: []binding.Binding{{ID: unknown[1], Target: everywhere(dns)}}}})
			require.NoError(t, err)
			h, err := m.Host(ctx, webID)
			require.NoError(t, err)
			require.Equal(t, "web-1", h.Name)
			b, err := m.Binding(ctx, unknown[1])
			require.NoError(t, err)
			require.Equal(t, everywhere(dns), b.Target)
			return m.View(ctx, func(ctx context.Context, r store.Reader) error {
				_, writes := r.(store.Writer)
				require.False(t, writes)
				_, err := r.Service(ctx, unknown[0])
				return err
			})
		})
		require.NoError(t, err)
	})

	t.Run("the error of a use case dooms it, whatever becomes of the error", func(t *testing.T) {
		for name, late := range aUseCase {
			f := newFixture(t)
			services := f.withStored()
			f.refuses(store.ErrNotFound, func() error {
				_, err := f.InTx(f.ctx, func(ctx context.Context, m *bindset.Manager) error {
					_, _, err := m.CreateService(ctx, service.Draft{HostID: webID})
					require.NoError(t, err)
					_, err = m.DeleteService(ctx, unknown[3])
					require.ErrorIs(t, err, store.ErrNotFound)
					_, again := late(ctx, m, services)
					require.Equal(t, err, again, name)
					return nil
				})
				return err
			})
		}
	})

	t.Run("fn may return an error of its own", func(t *testing.T) {
		f := newFixture(t)
		services := f.withStored()
		before := f.snapshot()
		_, err := f.InTx(f.ctx, func(ctx context.Context, m *bindset.Manager) error {
			_, err := m.DeleteService(ctx, services[0].ID)
			require.NoError(t, err)
			return errBroken
		})
		require.ErrorIs(t, err, errBroken)
		requireSame(t, before, f.snapshot())
	})

	t.Run("a panic that fn recovers from dooms it", func(t *testing.T) {
		f := newFixture(t)
		services := f.withStored()
		m := bindset.NewManager(f.store, bindset.WithIDs(func() uuid.UUID { panic("no more IDs") }))
		f.refuses(store.ErrClosed, func() error {
			_, err := m.InTx(f.ctx, func(ctx context.Context, m *bindset.Manager) error {
				require.Panics(t, func() {
					_, _, _ = m.CreateBinding(ctx, binding.Binding{ServiceID: services[1].ID, Target: everywhere(dns)})
				})
				return nil
			})
			return err
		})
	})

	t.Run("an error of a read does not doom it", func(t *testing.T) {
		f := newFixture(t)
		services := f.withStored()
		change := f.doesInTx(func(ctx context.Context, m *bindset.Manager) error {
			_, err := m.Service(ctx, unknown[0])
			require.ErrorIs(t, err, store.ErrNotFound)
			_, err = m.DeleteService(ctx, services[0].ID)
			return err
		})
		require.Len(t, change.Services, 1)
	})

	t.Run("inside another one it joins that", func(t *testing.T) {
		f := newFixture(t)
		services := f.withStored()
		change := f.doesInTx(func(ctx context.Context, m *bindset.Manager) error {
			_, err := m.DeleteService(ctx, services[0].ID)
			require.NoError(t, err)
			part, err := m.InTx(ctx, func(ctx context.Context, m *bindset.Manager) error {
				_, err := m.DeleteService(ctx, services[1].ID)
				return err
			})
			require.Len(t, part.Services, 1)
			return err
		})
		require.Len(t, change.Services, 2)

		f.refuses(store.ErrNotFound, func() error {
			_, err := f.InTx(f.ctx, func(ctx context.Context, m *bindset.Manager) error {
				_, _ = m.InTx(ctx, func(ctx context.Context, m *bindset.Manager) error {
					_, _ = m.DeleteService(ctx, unknown[0])
					return nil
				})
				return nil
			})
			return err
		})
	})

	t.Run("the Manager outside, and a dry run inside, are refused", func(t *testing.T) {
		f := newFixture(t)
		services := f.withStored()
		f.refuses(store.ErrNestedTx, func() error {
			_, err := f.InTx(f.ctx, func(ctx context.Context, _ *bindset.Manager) error {
				_, err := f.DeleteService(ctx, services[0].ID)
				return err
			})
			return err
		})
		f.refuses(store.ErrNestedTx, func() error {
			_, err := f.InTx(f.ctx, func(ctx context.Context, m *bindset.Manager) error {
				_, _ = m.DeleteService(ctx, services[0].ID, bindset.DryRun())
				return nil
			})
			return err
		})
	})

	t.Run("what it returned may be changed", func(t *testing.T) {
		f := newFixture(t)
		change := f.doesInTx(func(ctx context.Context, m *bindset.Manager) error {
			web, _, err := m.CreateHost(ctx, web1(), []service.Draft{{Name: "nginx", Bindings: set(everywhere(https))}})
			require.NoError(t, err)
			web.Host.Name, web.Services[0].Name, web.Services[0].Bindings[0] = "", "", binding.Binding{}
			s, _, err := m.CreateService(ctx, service.Draft{HostID: webID, Bindings: set(everywhere(dns))})
			s.Bindings[0] = binding.Binding{}
			return err
		})
		require.Equal(t, "nginx", change.Services[0].Name)
		require.Len(t, change.Added, 2)
	})

	t.Run("all of it has one time", func(t *testing.T) {
		f := newFixture(t)
		f.withHost()
		var times []time.Time
		f.doesInTx(func(ctx context.Context, m *bindset.Manager) error {
			times = nil
			for range 2 {
				s, _, err := m.CreateService(ctx, service.Draft{HostID: webID})
				require.NoError(t, err)
				times = append(times, s.CreatedAt)
			}
			return nil
		})
		require.Equal(t, times[0], times[1])
	})

	t.Run("its Manager is of no use when it is over", func(t *testing.T) {
		f := newFixture(t)
		services := f.withStored()
		var kept *bindset.Manager
		_, err := f.InTx(f.ctx, func(_ context.Context, m *bindset.Manager) error {
			kept = m
			return nil
		})
		require.NoError(t, err)
		before := f.snapshot()
		_, err = kept.DeleteService(f.ctx, services[0].ID)
		require.ErrorIs(t, err, store.ErrClosed)
		requireSame(t, before, f.snapshot())
	})
}

func TestDryRun(t *testing.T) {
	for name, useCase := range aUseCase {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			services := f.withStored()
			before, observed := f.snapshot(), len(f.observed)
			would, err := f.InTx(f.ctx, func(ctx context.Context, m *bindset.Manager) error {
				_, err := useCase(ctx, m, services)
				return err
			}, bindset.DryRun())
			require.NoError(t, err)
			requireSame(t, before, f.snapshot())
			require.Len(t, f.observed, observed)
			change := f.does(func() (bindset.Change, error) { return useCase(f.ctx, f.Manager, services) })
			require.Equal(t, shapeOf(change), shapeOf(would))
		})
	}

	t.Run("returns what would be stored", func(t *testing.T) {
		f := newFixture(t)
		f.withHost(set(everywhere(https)))
		before := f.snapshot()
		s, change, err := f.CreateService(f.ctx, service.Draft{HostID: webID, Name: "unbound", Bindings: set(everywhere(dns))}, bindset.DryRun())
		require.NoError(t, err)
		require.Equal(t, s.Bindings, change.Added)
		require.EqualValues(t, 1, s.Position)
		requireSame(t, before, f.snapshot())
	})

	t.Run("is refused as the use case would be", func(t *testing.T) {
		f := newFixture(t)
		s := f.withHost(set(everywhere(https)))[0]
		f.refuses(store.ErrStale, func() error {
			_, err := f.DeleteService(f.ctx, s.ID, bindset.IfRevision(2), bindset.DryRun())
			return err
		})
	})
}
