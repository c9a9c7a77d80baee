package memstore

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// The IDs of the world that the tests of this file change. Every host has all
// ports.
var (
	networkIDs = bindingtest.IDs(1, 2)
	hostIDs    = bindingtest.IDs(2, 3)
	serviceIDs = bindingtest.IDs(3, 4)
	bindingIDs = bindingtest.IDs(4, 12)
	portIDs    = bindingtest.IDs(5, 3)
)

// A world is what a store holds, as plain as can be.
type world struct {
	hosts    map[uuid.UUID]host.Host
	services map[uuid.UUID]service.Service // their Bindings by ID
}

func (w world) clone() world {
	c := world{maps.Clone(w.hosts), maps.Clone(w.services)}
	for id, s := range c.services {
		c.services[id] = s.Clone()
	}
	return c
}

// requireReads checks everything that a reader returns.
func (w world) requireReads(t require.TestingT, r store.Reader) {
	ctx := context.Background()
	owners := map[uuid.UUID]uuid.UUID{}
	for _, id := range serviceIDs {
		got, err := r.Service(ctx, id)
		want, ok := w.services[id]
		require.Equal(t, want, got)
		require.Equal(t, ok, err == nil)
		for _, b := range want.Bindings {
			owners[b.ID] = id
		}
	}
	gotOwners, err := r.BindingOwners(ctx, bindingIDs...)
	require.NoError(t, err)
	require.Equal(t, owners, gotOwners)
	for _, id := range networkIDs {
		hosts, err := r.Hosts(ctx, id, uuid.Nil, 0)
		require.NoError(t, err)
		require.Equal(t, w.hostsOf(id), hosts)
	}
	for _, id := range hostIDs {
		got, err := r.Host(ctx, id)
		require.Equal(t, w.hosts[id], got)
		require.Equal(t, got.ID == id, err == nil)
		services, err := r.ServicesOnHost(ctx, id)
		require.NoError(t, err)
		require.Equal(t, w.servicesOn(id), services)
		position, ok, err := r.LastPosition(ctx, id)
		require.NoError(t, err)
		require.Equal(t, len(services) > 0, ok)
		require.True(t, !ok || position == services[len(services)-1].Position)
		for _, port := range portIDs {
			claims, err := r.Listeners(ctx, id, port)
			require.NoError(t, err)
			require.Equal(t, w.listeners(id, port), claims)
		}
	}
}

func (w world) hostsOf(networkID uuid.UUID) (hosts []host.Host) {
	for _, id := range hostIDs { // they ascend
		if h, ok := w.hosts[id]; ok && h.NetworkID == networkID {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

func (w world) servicesOn(hostID uuid.UUID) (services []service.Service) {
	for _, id := range serviceIDs {
		if s, ok := w.services[id]; ok && s.HostID == hostID {
			services = append(services, s)
		}
	}
	slices.SortStableFunc(services, func(a, b service.Service) int { return int(a.Position) - int(b.Position) })
	return services
}

func (w world) listeners(hostID, portID uuid.UUID) (claims []validate.Claim) {
	for _, s := range w.servicesOn(hostID) {
		for _, b := range s.Bindings {
			if id, _ := b.Target.PortID(); id == portID {
				claims = append(claims, validate.Claim{Binding: b, ServiceName: s.Name})
			}
		}
	}
	slices.SortFunc(claims, func(a, b validate.Claim) int { return compareIDs(a.Binding.ID, b.Binding.ID) })
	return claims
}

// change writes something at random into the store, and into the world where the
// store took it.
func (w world) change(t *rapid.T, tx store.Writer) {
	ctx := context.Background()
	hostID, id := rapid.SampledFrom(hostIDs).Draw(t, "host"), rapid.SampledFrom(serviceIDs).Draw(t, "service")
	revision := rapid.Uint64Range(1, 1000).Draw(t, "revision")
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0, 1:
		h := host.Host{ID: hostID, NetworkID: rapid.SampledFrom(networkIDs).Draw(t, "network"), Revision: revision}
		require.NoError(t, tx.PutHost(ctx, h))
		w.hosts[hostID] = h
	case 2:
		if tx.DeleteHost(ctx, hostID) == nil {
			delete(w.hosts, hostID)
		}
	case 3, 4, 5:
		s := service.Service{
			ID: id, HostID: hostID, NetworkID: networkIDs[0], Revision: revision, Name: rapid.StringN(0, 3, -1).Draw(t, "name"),
			Position: rapid.Int32Range(-1, 1).Draw(t, "position"), Tags: rapid.SampledFrom([][]string{nil, {"a"}, {"b"}}).Draw(t, "tags"),
		}
		if tx.PutService(ctx, s) == nil {
			s.Bindings = w.services[id].Bindings
			w.services[id] = s
		}
	case 6:
		if tx.DeleteService(ctx, id) == nil {
			delete(w.services, id)
		}
	default:
		put, del := drawChanges(t, id)
		if tx.PutBindings(ctx, id, put, del) == nil {
			w.putBindings(id, put, del)
		}
	}
}

func drawChanges(t *rapid.T, serviceID uuid.UUID) (put []binding.Binding, del []uuid.UUID) {
	ids := rapid.SliceOfNDistinct(rapid.SampledFrom(bindingIDs), 0, 6, rapid.ID[uuid.UUID])
	for _, id := range ids.Draw(t, "put") {
		target := binding.Interface(portIDs[0])
		if port := rapid.IntRange(-1, 2).Draw(t, "port"); port >= 0 {
			target = binding.Port(portIDs[port], binding.AllInterfaces())
		}
		seen := time.Unix(rapid.Int64Range(0, 9).Draw(t, "seen"), 0).UTC()
		put = append(put, binding.Binding{ID: id, ServiceID: serviceID, Target: target, Sightings: binding.Sightings{LastSeenAt: seen}})
	}
	if rapid.Bool().Draw(t, "deletes") {
		del = ids.Draw(t, "delete")
	}
	return put, del
}

func (w world) putBindings(serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) {
	set := map[uuid.UUID]binding.Binding{}
	for _, b := range w.services[serviceID].Bindings {
		set[b.ID] = b
	}
	for _, id := range del {
		delete(set, id)
	}
	for _, b := range put {
		set[b.ID] = b
	}
	s := w.services[serviceID]
	s.Bindings = slices.SortedFunc(maps.Values(set), func(a, b binding.Binding) int { return compareIDs(a.ID, b.ID) })
	w.services[serviceID] = s
}

var errRollback = errors.New("roll back")

// A look is a View that stays open until end is called, and what it must see.
type look struct {
	world  world
	reader store.Reader
	end    func()
}

func (s *Store) look(w world) look {
	began, over, ended := make(chan store.Reader), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.View(context.Background(), func(_ context.Context, r store.Reader) error {
			began <- r
			<-over
			return nil
		})
	}()
	return look{w, <-began, func() { close(over); <-ended }}
}

// Many Views stay open while write transactions commit, fail and panic. All the
// time each sees what was there when it began, and the transaction what it wrote.
func TestEveryViewSeesTheWorldAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		now := world{map[uuid.UUID]host.Host{}, map[uuid.UUID]service.Service{}}
		var looks []look
		defer func() {
			for _, l := range looks {
				l.end()
			}
		}()
		t.Repeat(map[string]func(*rapid.T){
			"update": func(t *rapid.T) {
				next := now.clone()
				outcome := rapid.SampledFrom([]string{"commit", "commit", "commit", "fail", "panic"}).Draw(t, "outcome")
				changes := rapid.IntRange(0, 6).Draw(t, "changes")
				outcomeOf(func() error {
					return s.Update(context.Background(), func(_ context.Context, tx store.Writer) error {
						for range changes {
							next.change(t, tx)
						}
						for _, l := range looks {
							l.world.requireReads(t, l.reader)
						}
						next.requireReads(t, tx)
						switch outcome {
						case "panic":
							panic(errRollback)
						case "fail":
							return errRollback
						}
						return nil
					})
				})
				if outcome == "commit" {
					now = next
				}
			},
			"view": func(t *rapid.T) {
				if len(looks) < 6 {
					looks = append(looks, s.look(now))
				}
			},
			"end": func(t *rapid.T) {
				if len(looks) > 0 {
					i := rapid.IntRange(0, len(looks)-1).Draw(t, "which")
					looks[i].end()
					looks = slices.Delete(looks, i, i+1)
				}
			},
			"": func(t *rapid.T) {
				for _, l := range looks {
					l.world.requireReads(t, l.reader)
				}
				require.NoError(t, s.View(context.Background(), func(_ context.Context, r store.Reader) error {
					now.requireReads(t, r)
					return nil
				}))
			},
		})
	})
}

// outcomeOf calls fn and swallows the panic with errRollback.
func outcomeOf(fn func() error) {
	defer func() {
		if r := recover(); r != nil && r != errRollback {
			panic(r)
		}
	}()
	_ = fn()
}

func update(tb testing.TB, s *Store, fn func(ctx context.Context, w store.Writer) error) {
	tb.Helper()
	require.NoError(tb, s.Update(context.Background(), fn))
}
