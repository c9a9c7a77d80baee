package bindset_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// aUseCase is one call of each use case. They run on a host with the services
// of withStored, in any order.
var aUseCase = map[string]func(context.Context, *bindset.Manager, []service.Service) (bindset.Change, error){
	"CreateService": func(ctx context.Context, m *bindset.Manager, _ []service.Service) (bindset.Change, error) {
		_, change, err := m.CreateService(ctx, service.Draft{
			ID: unknown[2], HostID: webID, Bindings: []binding.Binding{{ID: unknown[3], Target: everywhere(dns)}},
		})
		return change, err
	},
	"UpdateService": func(ctx context.Context, m *bindset.Manager, s []service.Service) (bindset.Change, error) {
		_, change, err := m.UpdateService(ctx, service.Service{
			ID: s[0].ID, HostID: webID, Name: "caddy",
			Bindings: append(set(onInterface(http80, eth0)), binding.Binding{ID: unknown[0], Target: onAddress(dns, addr5)}),
		})
		return change, err
	},
	"DeleteService": func(ctx context.Context, m *bindset.Manager, s []service.Service) (bindset.Change, error) {
		return m.DeleteService(ctx, s[0].ID)
	},
	"DeleteServices": func(ctx context.Context, m *bindset.Manager, s []service.Service) (bindset.Change, error) {
		_, change, err := m.DeleteServices(ctx, []uuid.UUID{s[0].ID, unknown[0], s[1].ID})
		return change, err
	},
	"CreateHost": func(ctx context.Context, m *bindset.Manager, _ []service.Service) (bindset.Change, error) {
		h := web1()
		h.ID = unknown[1]
		_, change, err := m.CreateHost(ctx, h, []service.Draft{{Bindings: set(everywhere(dns))}, {ID: unknown[2]}})
		return change, err
	},
	"PutHost": func(ctx context.Context, m *bindset.Manager, _ []service.Service) (bindset.Change, error) {
		_, change, err := m.PutHost(ctx, without(web1(), https), bindset.Cascade())
		return change, err
	},
	"PutHost, new": func(ctx context.Context, m *bindset.Manager, _ []service.Service) (bindset.Change, error) {
		h := web1()
		h.ID = unknown[1]
		_, change, err := m.PutHost(ctx, h)
		return change, err
	},
	"DeleteHost": func(ctx context.Context, m *bindset.Manager, _ []service.Service) (bindset.Change, error) {
		return m.DeleteHost(ctx, webID, bindset.Cascade())
	},
	"CreateBinding": func(ctx context.Context, m *bindset.Manager, s []service.Service) (bindset.Change, error) {
		_, change, err := m.CreateBinding(ctx, binding.Binding{ID: unknown[0], ServiceID: s[1].ID, Target: onAddress(http80, loop)})
		return change, err
	},
	"UpdateBinding": func(ctx context.Context, m *bindset.Manager, s []service.Service) (bindset.Change, error) {
		_, change, err := m.UpdateBinding(ctx, binding.Binding{ID: s[1].Bindings[0].ID, Target: everywhere(dns)})
		return change, err
	},
	"DeleteBinding": func(ctx context.Context, m *bindset.Manager, s []service.Service) (bindset.Change, error) {
		return m.DeleteBinding(ctx, s[0].Bindings[0].ID)
	},
	"DeleteBindings": func(ctx context.Context, m *bindset.Manager, s []service.Service) (bindset.Change, error) {
		_, change, err := m.DeleteBindings(ctx, []uuid.UUID{s[0].Bindings[0].ID, unknown[0], s[1].Bindings[0].ID})
		return change, err
	},
	"TransferListener": func(ctx context.Context, m *bindset.Manager, s []service.Service) (bindset.Change, error) {
		_, change, err := m.TransferListener(ctx, s[0].Bindings[0].ID, s[1].ID)
		return change, err
	},
	"MoveService": func(ctx context.Context, m *bindset.Manager, s []service.Service) (bindset.Change, error) {
		_, change, err := m.MoveService(ctx, s[0].ID, otherID, bindset.DropUnfit())
		return change, err
	},
}

// otherID is a host like web-1 but for its address 10.0.0.5.
var otherID = bindingtest.IDs(0x05, 2)[1]

func (f *fixture) withStored() []service.Service {
	other := without(web1(), addr5)
	other.ID = otherID
	f.putHost(other)
	return f.withHost(set(everywhere(https), onAddress(http80, addr5)), set(onInterface(http80, eth1)))
}

func TestAUseCaseThatRunsAgainDoesItsWorkOnce(t *testing.T) {
	for name, useCase := range aUseCase {
		t.Run(name, func(t *testing.T) {
			once, twice := newFixture(t), newFixtureOn(t, &retrying{newMemstore()})
			var changes [2]bindset.Change
			for i, f := range []*fixture{once, twice} {
				services := f.withStored()
				changes[i] = f.does(func() (bindset.Change, error) { return useCase(f.ctx, f.Manager, services) })
			}
			require.Equal(t, shapeOf(changes[0]), shapeOf(changes[1]))
		})
	}
}

// shapeOf returns how much of everything is in a Change.
func shapeOf(c bindset.Change) [9]int {
	return [...]int{
		len(c.Hosts), len(c.Services), len(c.Added), len(c.Updated), len(c.Removed),
		len(c.Rewritten), len(c.Dropped), len(c.Absorbed), len(c.Skipped),
	}
}

func TestAFailingStoreStoresNothing(t *testing.T) {
	for name, useCase := range aUseCase {
		t.Run(name, func(t *testing.T) {
			faulty := &broken{Store: newMemstore()}
			f := newFixtureOn(t, faulty, exclusive())
			services := f.withStored()
			failures := 0
			for faulty.failAt = 1; ; faulty.failAt++ {
				before, observed := f.snapshot(), len(f.observed)
				change, err := useCase(f.ctx, f.Manager, services)
				if err == nil {
					break
				}
				require.ErrorIs(t, err, errBroken)
				require.True(t, change.IsZero())
				requireSame(t, before, f.snapshot())
				require.Len(t, f.observed, observed)
				failures++
			}
			require.GreaterOrEqual(t, failures, 2)
		})
	}
}

func TestObserversHearOfCommittedChangesOnly(t *testing.T) {
	for name, useCase := range aUseCase {
		t.Run(name, func(t *testing.T) {
			faulty := &failing{Store: newMemstore()}
			f := newFixtureOn(t, faulty)
			services := f.withStored()
			observed := len(f.observed)

			faulty.err = context.DeadlineExceeded
			change, err := useCase(f.ctx, f.Manager, services)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, binding.Code(""), bindset.CodeOf(err))
			require.True(t, change.IsZero())
			require.Len(t, f.observed, observed)

			faulty.err, faulty.committed = store.ErrUnknownOutcome, true
			change, err = useCase(f.ctx, f.Manager, services)
			require.ErrorIs(t, err, store.ErrUnknownOutcome)
			require.True(t, change.IsZero())
			require.Len(t, f.observed, observed)
		})
	}
}

func TestADoneContextStoresNothing(t *testing.T) {
	for name, useCase := range aUseCase {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			services := f.withStored()
			before := f.snapshot()
			ctx, cancel := context.WithCancel(f.ctx)
			cancel()
			_, err := useCase(ctx, f.Manager, services)
			require.ErrorIs(t, err, context.Canceled)
			requireSame(t, before, f.snapshot())
		})
	}
}

func TestAUseCaseInsideATransactionIsRefused(t *testing.T) {
	for name, useCase := range aUseCase {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			services := f.withStored()
			err := f.View(f.ctx, func(ctx context.Context, _ store.Reader) error {
				_, err := useCase(ctx, f.Manager, services)
				return err
			})
			require.ErrorIs(t, err, store.ErrNestedTx)
		})
	}
}

func TestObserversMayUseTheManager(t *testing.T) {
	var seen []int
	var m *bindset.Manager
	m = bindset.NewManager(newMemstore(), bindset.WithObserver(func(ctx context.Context, c bindset.Change) {
		seen = append(seen, len(takeSnapshot(t, m, network).services))
		if len(seen) == 1 {
			_, _, err := m.CreateService(ctx, service.Draft{HostID: webID})
			require.NoError(t, err)
		}
	}))
	_, _, err := m.CreateHost(context.Background(), web1(), []service.Draft{{}})
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, seen, "they see what was committed")
}

// inLargerTx is a Store whose transactions somebody else commits.
type inLargerTx struct{ store.Store }

func (inLargerTx) Joined() {}

func TestAJoinedStoreIsNotObserved(t *testing.T) {
	m := bindset.NewManager(inLargerTx{newMemstore()}, bindset.WithObserver(func(context.Context, bindset.Change) {
		require.Fail(t, "nothing is committed yet")
	}))
	_, change, err := m.CreateHost(context.Background(), web1(), []service.Draft{{}})
	require.NoError(t, err)
	require.False(t, change.IsZero(), "it is the caller's to publish")
}

func TestAPanicOfAnObserverLeavesWhatWasCommitted(t *testing.T) {
	fine := newMemstore()
	f := newFixtureOn(t, fine)
	services := f.withStored()
	m := bindset.NewManager(fine, bindset.WithObserver(func(context.Context, bindset.Change) { panic("no") }))
	require.PanicsWithValue(t, "no", func() { _, _ = m.DeleteService(f.ctx, services[0].ID) })
	require.NotContains(t, f.snapshot().services, services[0].ID)
}

func TestAPanicInsideATransactionLeavesTheStoreUsable(t *testing.T) {
	f := newFixture(t)
	services := f.withStored()
	m := bindset.NewManager(f.store, bindset.WithIDs(func() uuid.UUID { panic("no more IDs") }))
	before := f.snapshot()
	require.Panics(t, func() {
		_, _, _ = m.CreateBinding(f.ctx, binding.Binding{ServiceID: services[1].ID, Target: everywhere(dns)})
	})
	requireSame(t, before, f.snapshot())
}

func TestViewPassesItsErrorThrough(t *testing.T) {
	f := newFixture(t)
	require.ErrorIs(t, f.View(f.ctx, func(context.Context, store.Reader) error { return errBroken }), errBroken)
}

func TestChangesAreLoggedAtDebugAndErrorsAreNot(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	f := newFixture(t, bindset.WithLogger(log))
	services := f.withHost(set(everywhere(https)))
	require.Contains(t, out.String(), `level=DEBUG msg="create host" hosts=1 services=1 added=1`)
	require.NotContains(t, out.String(), services[0].ID.String())

	out.Reset()
	f.refuses(store.ErrNotFound, func() error { _, err := f.DeleteService(f.ctx, unknown[0]); return err })
	f.updateService(services[0])
	require.Empty(t, out.String())
}

func TestDefaultIDsAndTimes(t *testing.T) {
	m := bindset.NewManager(newMemstore())
	h := web1()
	h.ID = uuid.Nil
	onHost, _, err := m.CreateHost(context.Background(), h, []service.Draft{{Bindings: set(everywhere(https))}})
	stored, services := onHost.Host, onHost.Services
	require.NoError(t, err)
	s := services[0]
	for _, id := range []uuid.UUID{stored.ID, s.ID, s.Bindings[0].ID} {
		require.Equal(t, uuid.Version(7), id.Version())
	}
	require.Equal(t, binding.Time(s.CreatedAt), s.CreatedAt)
	require.NotZero(t, s.CreatedAt)
}

func TestNothingIsSharedWithTheCaller(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	d := service.Draft{HostID: webID, Tags: []string{"a"}, Virtualization: []byte(`{"a":1}`), Bindings: set(everywhere(https))}
	s, change := f.createService(d)
	before := f.snapshot()
	d.Tags[0], d.Virtualization[1], d.Bindings[0].ID = "b", 'x', unknown[0]
	s.Tags[0], s.Virtualization[1], s.Bindings[0].ID = "c", 'y', unknown[1]
	change.Added[0].ID = unknown[2]
	requireSame(t, before, f.snapshot())
}

func TestSetsAreLimitedByTheValidator(t *testing.T) {
	f := newFixture(t, bindset.WithValidator(validate.New(validate.WithMaxBindings(2))))
	s := f.withHost(set(everywhere(https), everywhere(http80)))[0]
	violations := f.violates(binding.ErrInvalid, func() error {
		_, _, err := f.CreateBinding(f.ctx, binding.Binding{ServiceID: s.ID, Target: everywhere(dns)})
		return err
	})
	require.Equal(t, -1, violations[0].Index)
	require.Empty(t, violations[0].Path)
	violations = f.violates(binding.ErrInvalid, func() error {
		_, _, err := f.CreateService(f.ctx, service.Draft{HostID: webID, Bindings: set(everywhere(https), everywhere(http80), everywhere(dns))})
		return err
	})
	require.Equal(t, -1, violations[0].Index)
}

func TestAHostileSetIsRefusedAndNothingIsStored(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	bindings := make([]binding.Binding, 200_000)
	for i, id := range bindingtest.IDs(0xbad, len(bindings)) {
		bindings[i] = binding.Binding{ID: id, Target: onAddress(https, id)}
	}
	violations := f.violates(binding.ErrInvalid, func() error {
		_, _, err := f.CreateService(f.ctx, service.Draft{HostID: webID, Bindings: bindings})
		return err
	})
	require.Less(t, len((&validate.Error{Violations: violations}).Error()), 10_000)
	f.refuses(binding.ErrInvalid, func() error {
		h := web1()
		h.Ports = make([]host.Port, 200_000)
		_, _, err := f.PutHost(f.ctx, h)
		return err
	})
}

func TestConcurrentChangesCountEveryRevision(t *testing.T) {
	var mu sync.Mutex
	revisions := map[uint64]int{}
	m := bindset.NewManager(newMemstore(), bindset.WithObserver(func(_ context.Context, c bindset.Change) {
		mu.Lock()
		defer mu.Unlock()
		for _, s := range c.Services {
			revisions[s.Revision]++
		}
	}))
	ctx := context.Background()
	onHost, _, err := m.CreateHost(ctx, web1(), []service.Draft{{Name: "nginx"}})
	services := onHost.Services
	require.NoError(t, err)

	var group sync.WaitGroup
	targets := []binding.Target{onAddress(https, addr5), onInterface(https, eth0), onAddress(https, loop), everywhere(http80)}
	for _, target := range targets {
		group.Go(func() {
			for range 50 {
				b, _, err := m.CreateBinding(ctx, binding.Binding{ServiceID: services[0].ID, Target: target})
				assert.NoError(t, err)
				_, err = m.DeleteBinding(ctx, b.ID)
				assert.True(t, err == nil || bindset.CodeOf(err) == store.ErrNotFound, "%v", err)
			}
		})
	}
	group.Wait()
	after := takeSnapshot(t, m, network)
	RequireValid(t, after)
	last := after.services[services[0].ID].Revision
	require.Greater(t, last, uint64(50))
	require.Len(t, revisions, int(last))
	for revision := uint64(1); revision <= last; revision++ {
		require.Equal(t, 1, revisions[revision])
	}
}

func TestARaceForAnExclusivePortHasOneWinner(t *testing.T) {
	f := newFixture(t, exclusive())
	services := f.withHost(nil, nil, nil)
	var group sync.WaitGroup
	var won, lost atomic.Int32
	m := bindset.NewManager(f.store, exclusive())
	for _, s := range services {
		group.Go(func() {
			switch _, _, err := m.CreateBinding(f.ctx, binding.Binding{ServiceID: s.ID, Target: everywhere(https)}); bindset.CodeOf(err) {
			case "":
				won.Add(1)
			case validate.ErrPortClaimed:
				lost.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, won.Load())
	require.EqualValues(t, 2, lost.Load())
}
