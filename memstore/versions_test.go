package memstore

import (
	"context"
	"errors"
	"maps"
	"runtime"
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

// A look is a View that stays open, and what it must see.
type look struct {
	world  world
	reader *reader
	holder *holder
}

func (s *Store) look(w world) look {
	h, commit := s.views.begin(&s.last)
	return look{w, &reader{tables: &s.tables, commit: commit}, h}
}

// Many Views stay open while write transactions commit, fail and panic. All the
// time each sees what was there when it began, the transaction what it wrote, and
// what is kept is what doc.go says.
func TestEveryViewSeesTheWorldAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		now := world{map[uuid.UUID]host.Host{}, map[uuid.UUID]service.Service{}}
		var looks []look
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
					s.views.end(looks[i].holder)
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
				if len(looks) == 0 {
					require.NoError(t, s.Update(context.Background(), func(context.Context, store.Writer) error { return nil }))
				}
				s.requireWhole(t)
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

// one returns a store with one host and one service, which has some bindings.
func one(tb testing.TB, bindings int) *Store {
	s := New()
	update(tb, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.PutHost(ctx, host.Host{ID: hostIDs[0], NetworkID: networkIDs[0]}),
			w.PutService(ctx, service.Service{ID: serviceIDs[0], HostID: hostIDs[0]}),
			w.PutBindings(ctx, serviceIDs[0], listeners(bindings), nil),
		)
	})
	return s
}

func listeners(n int) []binding.Binding {
	set := make([]binding.Binding, n)
	for i, id := range bindingtest.IDs(6, n) {
		set[i] = binding.Binding{ID: id, ServiceID: serviceIDs[0], Target: binding.Port(id, binding.AllInterfaces())}
	}
	return set
}

func update(tb testing.TB, s *Store, fn func(ctx context.Context, w store.Writer) error) {
	tb.Helper()
	require.NoError(tb, s.Update(context.Background(), fn))
}

// versions returns how many versions of rows a store has.
func (s *Store) versions() (n int) {
	s.hosts.each(func(_ rowID, v *version[hostRow]) { n += v.length() })
	s.networks.each(func(_ rowID, v *version[networkRow]) { n += v.length() })
	s.services.each(func(_ rowID, v *serviceVersion) { n += v.length() })
	return n
}

func (v *version[R]) length() (n int) {
	for ; v != nil; v = v.before.Load() {
		n++
	}
	return n
}

func TestAViewKeepsOneVersionOfWhatChangesManyTimes(t *testing.T) {
	s := one(t, 4)
	rows := s.versions()
	churn := func() {
		for i := range uint64(100) {
			update(t, s, func(ctx context.Context, w store.Writer) error {
				err := w.PutBindings(ctx, serviceIDs[0], listeners(4+int(i%2)), nil)
				if i%2 == 1 {
					err = w.PutBindings(ctx, serviceIDs[0], nil, []uuid.UUID{listeners(5)[4].ID})
				}
				return errors.Join(err, w.PutService(ctx, service.Service{ID: serviceIDs[0], HostID: hostIDs[0], Revision: i}))
			})
		}
	}
	first := s.look(world{})
	churn()
	require.LessOrEqual(t, s.versions(), rows+2, "those of host and service that the first View reads")
	second := s.look(world{})
	churn()
	require.LessOrEqual(t, s.versions(), rows+4)
	require.Len(t, s.history.rows[s.history.recalled:], 2)
	s.requireWhole(t)

	nothing := func(context.Context, store.Writer) error { return nil }
	s.views.end(first.holder)
	update(t, s, nothing)
	require.LessOrEqual(t, s.versions(), rows+2)
	s.views.end(second.holder)
	update(t, s, nothing)
	require.Equal(t, rows, s.versions())
	require.Empty(t, s.history.rows)
	require.Zero(t, cap(s.history.rows))
	s.requireWhole(t)
}

func TestAFailedUpdateLetsGoToo(t *testing.T) {
	s := one(t, 4)
	rows := s.versions()
	l := s.look(world{})
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, serviceIDs[0]) })
	require.Greater(t, s.versions(), rows)
	s.views.end(l.holder)
	require.ErrorIs(t, s.Update(context.Background(), func(context.Context, store.Writer) error { return errRollback }), errRollback)
	require.Equal(t, 2, s.versions(), "of the host and the network")
	require.Zero(t, s.bindings.entries)
}

// What the garbage collector finds tells whether a store really lets go.
func TestWhatNoViewReadsIsGarbage(t *testing.T) {
	s := one(t, 4)
	collected := make(chan struct{})
	runtime.AddCleanup(s.services.find(serviceIDs[0], s.last.Load()), func(c chan struct{}) { close(c) }, collected)
	l := s.look(world{})
	put := func(ctx context.Context, w store.Writer) error {
		return w.PutService(ctx, service.Service{ID: serviceIDs[0], HostID: hostIDs[0], Revision: 2})
	}
	update(t, s, put)
	for range 3 {
		runtime.GC()
	}
	select {
	case <-collected:
		require.Fail(t, "a View reads it")
	default:
	}
	s.views.end(l.holder)
	update(t, s, put)
	for range 100 {
		runtime.GC()
		select {
		case <-collected:
			return
		case <-time.After(time.Millisecond):
		}
	}
	require.Fail(t, "the store keeps what nobody reads")
}

func TestRowsAreUsedAgain(t *testing.T) {
	s := one(t, 4)
	for i := range 1000 {
		id := uuid.UUID{0: 9, 1: byte(i >> 8), 2: byte(i)}
		update(t, s, func(ctx context.Context, w store.Writer) error {
			err := w.PutService(ctx, service.Service{ID: id, HostID: hostIDs[0]})
			if i > 0 {
				err = errors.Join(err, w.DeleteService(ctx, uuid.UUID{0: 9, 1: byte((i - 1) >> 8), 2: byte(i - 1)}))
			}
			return err
		})
	}
	require.LessOrEqual(t, s.services.last, rowID(3))
	require.LessOrEqual(t, len(s.services.index.slots.Load().words), 2*leastSlots)
	s.requireWhole(t)
}

func TestAHistoryGivesBackMoreThanHalf(t *testing.T) {
	h := history{rows: make([]remembered, 4), recalled: 2}
	h.rows[3].commit = 7
	h.shrink()
	require.Len(t, h.rows, 4)
	h.recalled = 3
	h.shrink()
	require.Equal(t, []remembered{{commit: 7}}, h.rows)
	require.Zero(t, h.recalled)
}
