package bindset_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// mustOccur is how every use case may end, "" for well. The machine must have
// met each of them, and each thing that a Change reports.
var mustOccur = map[string][]binding.Code{
	"CreateService": {
		"", binding.ErrInvalid, store.ErrNotFound, store.ErrExists,
		validate.ErrNetworkMismatch, validate.ErrCrossHost, validate.ErrConflict, validate.ErrPortClaimed,
	},
	"UpdateService": {
		"", binding.ErrInvalid, store.ErrNotFound, store.ErrExists, store.ErrStale,
		validate.ErrNetworkMismatch, validate.ErrCrossHost, validate.ErrConflict, validate.ErrPortClaimed,
	},
	"DeleteService":  {"", store.ErrNotFound, store.ErrStale},
	"DeleteServices": {""},
	"CreateBinding": {
		"", binding.ErrInvalid, store.ErrNotFound, store.ErrExists, store.ErrStale,
		validate.ErrNetworkMismatch, validate.ErrCrossHost, validate.ErrConflict, validate.ErrPortClaimed,
	},
	"UpdateBinding": {
		"", binding.ErrInvalid, store.ErrNotFound, store.ErrStale,
		validate.ErrNetworkMismatch, validate.ErrCrossHost, validate.ErrConflict, validate.ErrPortClaimed,
	},
	"DeleteBinding":  {"", store.ErrNotFound, store.ErrStale},
	"DeleteBindings": {""},
	"CreateHost": {
		"", binding.ErrInvalid, store.ErrExists,
		validate.ErrNetworkMismatch, validate.ErrCrossHost, validate.ErrConflict, validate.ErrPortClaimed,
	},
	"PutHost": {
		"", binding.ErrInvalid, store.ErrNotFound, store.ErrStale, store.ErrInUse,
		validate.ErrNetworkMismatch, validate.ErrConflict,
	},
	"DeleteHost": {"", store.ErrNotFound, store.ErrStale, store.ErrInUse},
}

func TestTheManagerDoesWhatItsModelDoes(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, seen)
		w.begin(t)
		t.Repeat(map[string]func(*rapid.T){"use cases": func(t *rapid.T) {
			for range 6 {
				w.useCase(t)
			}
			w.transaction(t)
		}})
	})
	for useCase, codes := range mustOccur {
		for _, code := range codes {
			require.Positive(t, seen[useCase+" "+string(code)], "%s never ended with %q: %v", useCase, code, seen)
		}
	}
	for _, what := range []string{
		"CreateService dropped", "UpdateService dropped", "CreateBinding dropped", "UpdateBinding dropped", "PutHost dropped", "CreateHost dropped",
		"CreateService rewritten", "UpdateService rewritten", "CreateBinding rewritten", "UpdateBinding rewritten", "PutHost rewritten",
		"CreateBinding absorbed", "UpdateBinding absorbed", "PutHost removed", "DeleteHost removed", "DeleteServices removed", "DeleteBindings removed",
		"InTx", "InTx failed", "InTx dry run",
		"UpdateService nothing", "UpdateBinding nothing", "PutHost nothing", "DeleteBindings nothing",
	} {
		require.Positive(t, seen[what], "%s: %v", what, seen)
	}
}

// A world is a Manager and its model side by side.
type world struct {
	m        *bindset.Manager
	model    *model
	observed []bindset.Change
	now      time.Time
	seen     map[string]int // how often what happened, over all runs

	// inTx says that m is inside InTx, and failed with which code a use case in
	// there has ended.
	ctx    context.Context
	inTx   bool
	failed binding.Code

	pool             bindingtest.Pool
	network          uuid.UUID
	otherNetwork     uuid.UUID
	hostIDs, givenID []uuid.UUID
}

func newWorld(t *rapid.T, seen map[string]int) *world {
	var opts []validate.Option
	if !oneIn(t, 4, "shared ports") {
		opts = append(opts, validate.WithExclusivePorts())
	}
	rules := validate.New(opts...)
	networks := bindingtest.IDs(0x0e, 2)
	w := &world{
		ctx:   context.Background(),
		model: &model{hosts: map[uuid.UUID]host.Host{}, services: map[uuid.UUID]service.Service{}, rules: rules},
		now:   epoch, seen: seen,
		pool: bindingtest.NewPool(2, 2, 2), network: networks[0], otherNetwork: networks[1],
		hostIDs: bindingtest.IDs(0x05, 6), givenID: bindingtest.IDs(0x61, 3),
	}
	w.m = bindset.NewManager(newMemstore(), bindset.WithValidator(rules), bindset.WithIDs(counting(0x1d)),
		bindset.WithClock(func() time.Time { return w.now }),
		bindset.WithObserver(func(_ context.Context, c bindset.Change) { w.observed = append(w.observed, c) }))
	return w
}

// does runs a use case on the Manager and on the model, and compares them.
func (w *world) does(t *rapid.T, name string, model func(*model) binding.Code, useCase func() (bindset.Change, error)) {
	before := w.model.snapshot()
	if !w.inTx {
		w.now = w.now.Add(time.Second)
	}
	w.observed = nil
	next := w.model.at(w.now)
	want := model(next)
	change, err := useCase()
	require.Equal(t, want, bindset.CodeOf(err), "%s: %v", name, err)
	w.seen[name+" "+string(want)]++
	if want != "" && w.inTx {
		w.failed = want
		return
	}
	after := w.snapshot(t)
	if want != "" {
		requireSame(t, before, after)
		require.True(t, change.IsZero())
		require.Empty(t, w.observed)
		return
	}
	require.NoError(t, err)
	next.learn(after)
	requireSame(t, next.snapshot(), after)
	RequireValid(t, after)
	RequireAccounts(t, before, after, change)
	if change.IsZero() || w.inTx {
		require.Empty(t, w.observed)
	} else {
		require.Equal(t, []bindset.Change{change}, w.observed)
	}
	w.model = next
	for what, is := range map[string]bool{
		"dropped": len(change.Dropped) > 0, "rewritten": len(change.Rewritten) > 0, "absorbed": len(change.Absorbed) > 0,
		"removed": len(change.Removed) > 0, "nothing": change.IsZero(),
	} {
		if is {
			w.seen[name+" "+what]++
		}
	}
}

func (w *world) snapshot(t *rapid.T) snapshot { return takeSnapshot(t, w.m, w.network, w.otherNetwork) }

// transaction runs use cases in one transaction, or tries them there.
func (w *world) transaction(t *rapid.T) {
	m, model, before := w.m, w.model, w.model.snapshot()
	w.now = w.now.Add(time.Second)
	w.observed = nil
	var opts []bindset.CallOption
	dryRun := oneIn(t, 3, "dry run")
	if dryRun {
		opts = append(opts, bindset.DryRun())
	}
	var after snapshot
	change, err := m.InTx(w.ctx, func(ctx context.Context, inner *bindset.Manager) error {
		outside := w.ctx
		w.m, w.ctx, w.inTx = inner, ctx, true
		defer func() { w.m, w.ctx, w.inTx = m, outside, false }()
		for range 2 + roll(t, 3, "use cases") {
			if w.useCase(t); w.failed != "" {
				return nil // which does not help
			}
		}
		after = w.snapshot(t)
		return nil
	}, opts...)
	failed := w.failed
	w.failed = ""
	require.Equal(t, failed, bindset.CodeOf(err), "%v", err)
	switch {
	case failed != "":
		w.seen["InTx failed"]++
		w.model = model
		requireSame(t, before, w.snapshot(t))
		require.True(t, change.IsZero())
		require.Empty(t, w.observed)
		return
	case dryRun:
		w.seen["InTx dry run"]++
		w.model = model
		requireSame(t, before, w.snapshot(t))
		require.Empty(t, w.observed)
	default:
		w.seen["InTx"]++
		requireSame(t, after, w.snapshot(t))
		if change.IsZero() {
			require.Empty(t, w.observed)
		} else {
			require.Equal(t, []bindset.Change{change}, w.observed)
		}
	}
	RequireTxAccounts(t, before, after, change)
}

// begin stores two hosts that have everything, with services.
func (w *world) begin(t *rapid.T) {
	for _, id := range w.hostIDs[:2] {
		w.create(t, w.wholeHost(id), nil)
		for range 3 {
			w.createService(t)
		}
	}
}

// wholeHost returns a host that has everything there is.
func (w *world) wholeHost(id uuid.UUID) host.Host {
	h := host.Host{ID: id, NetworkID: w.network, Name: "web-1"}
	for i := range 2 {
		h.Ports = append(h.Ports, host.Port{ID: w.pool.Ports[i], Number: uint16(80 + i), Protocol: host.TCP})
		h.Interfaces = append(h.Interfaces, host.Interface{ID: w.pool.Interfaces[i], Name: "eth"})
		h.IPAddresses = append(h.IPAddresses, host.IPAddress{ID: w.pool.IPAddresses[i], Address: netip.MustParseAddr("10.0.0.5")})
	}
	return h
}

// useCase runs one use case, those that delete less often than others.
func (w *world) useCase(t *rapid.T) {
	pick(t, []func(*rapid.T){
		w.createHost, w.createHost, w.createHost, w.putHost, w.putHost, w.putHost, w.putHost, w.deleteHost, w.deleteHost,
		w.createService, w.createService, w.createService, w.createService, w.deleteService, w.deleteServices,
		w.updateService, w.updateService, w.updateService, w.updateService,
		w.createBinding, w.createBinding, w.createBinding, w.createBinding, w.deleteBinding, w.deleteBindings,
		w.updateBinding, w.updateBinding, w.updateBinding, w.updateBinding,
	}, "use case")(t)
}

// roll draws 0 to n-1, n at most 64, each about equally often: the ranges of rapid
// prefer small numbers.
func roll(t *rapid.T, n int, label string) int {
	bits := rapid.SliceOfN(rapid.Bool(), 6, 6).Draw(t, label)
	drawn := 0
	for _, bit := range bits {
		drawn <<= 1
		if bit {
			drawn++
		}
	}
	return drawn * n / 64
}

func oneIn(t *rapid.T, n int, label string) bool { return roll(t, n, label) == n-1 }

func pick[E any](t *rapid.T, from []E, label string) E { return from[roll(t, len(from), label)] }

// networkID draws the network, none, or rarely another one.
func (w *world) networkID(t *rapid.T) uuid.UUID {
	if oneIn(t, 12, "other network") {
		return w.otherNetwork
	}
	return pick(t, []uuid.UUID{w.network, uuid.Nil}, "network")
}

// id draws a stored ID, or rarely a nil, unknown or given one.
func (w *world) id(t *rapid.T, stored []uuid.UUID) uuid.UUID {
	if len(stored) == 0 || oneIn(t, 10, "another ID") {
		return pick(t, append([]uuid.UUID{uuid.Nil, unknown[0]}, w.givenID...), "ID")
	}
	return pick(t, stored, "stored ID")
}

// newID draws an ID for what is to be created.
func (w *world) newID(t *rapid.T, stored []uuid.UUID) uuid.UUID {
	if oneIn(t, 4, "own ID") {
		return w.id(t, stored)
	}
	return uuid.Nil
}

// freeHostID draws a host that is not stored, where there is one, or rarely any.
func (w *world) freeHostID(t *rapid.T) uuid.UUID {
	for _, id := range w.hostIDs {
		if _, taken := w.model.hosts[id]; !taken && !oneIn(t, 8, "any host") {
			return id
		}
	}
	return pick(t, w.hostIDs, "host ID")
}

func (w *world) storedHostIDs() []uuid.UUID { return sortedKeys(w.model.hosts) }

func (w *world) serviceIDs() []uuid.UUID { return sortedKeys(w.model.services) }

func (w *world) bindingIDs() []uuid.UUID { return sortedKeys(w.model.snapshot().bindings) }

func sortedKeys[V any](m map[uuid.UUID]V) []uuid.UUID {
	var ids []uuid.UUID
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	return ids
}

func (w *world) name(t *rapid.T) string {
	if oneIn(t, 20, "long name") {
		return strings.Repeat("n", service.MaxNameLength+1)
	}
	return pick(t, []string{"", "nginx", "unbound"}, "name")
}

// target draws what a host may have, rarely under the wrong kind, or what no host
// has, or nothing.
func (w *world) target(t *rapid.T) binding.Target {
	switch roll(t, 40, "kind of target") {
	case 37:
		return binding.Target{}
	case 38:
		return everywhere(unknown[0])
	case 33, 34:
		return binding.Interface(pick(t, w.pool.IPAddresses, "address"))
	case 35, 36:
		return onInterface(pick(t, w.pool.Ports, "port"), pick(t, w.pool.IPAddresses, "address"))
	case 0, 1, 2, 3, 4, 5:
		return binding.Interface(pick(t, w.pool.Interfaces, "interface"))
	case 6, 7, 8, 9:
		return binding.IPAddress(pick(t, w.pool.IPAddresses, "address"))
	case 10, 11, 12:
		return everywhere(pick(t, w.pool.Ports, "port"))
	case 13, 14, 15, 16, 17, 18, 19, 20:
		return onInterface(pick(t, w.pool.Ports, "port"), pick(t, w.pool.Interfaces, "interface"))
	default:
		return onAddress(pick(t, w.pool.Ports, "port"), pick(t, w.pool.IPAddresses, "address"))
	}
}

// bindings draws a set, some of whose bindings have IDs of a stored set or their
// own.
func (w *world) bindings(t *rapid.T, stored []binding.Binding) []binding.Binding {
	n := roll(t, 5, "bindings")
	set := make([]binding.Binding, 0, n)
	listeners := oneIn(t, 2, "listeners only")
	for range n {
		b := binding.Binding{Target: w.target(t), Sightings: binding.Sightings{LastSeenAt: w.lastSeen(t)}}
		if listeners && b.Target.IsPresence() {
			continue
		}
		if oneIn(t, 8, "own ID") {
			b.ID = w.id(t, w.bindingIDs())
		}
		set = append(set, b)
	}
	for _, b := range stored {
		switch roll(t, 4, "stored binding") {
		case 0, 1:
			set = append(set, b)
		case 2:
			set = append(set, binding.Binding{ID: b.ID, Target: w.target(t)})
		}
	}
	return set
}

func (w *world) lastSeen(t *rapid.T) time.Time {
	if oneIn(t, 4, "seen") {
		return w.now
	}
	return time.Time{}
}

// condition draws a revision for IfRevision: the stored one, another, or 0.
func (w *world) condition(t *rapid.T, stored uint64) uint64 {
	return pick(t, []uint64{stored, stored, stored + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "condition")
}

// revision draws the stored revision, or another one, or none.
func (w *world) revision(t *rapid.T, stored uint64) uint64 {
	return pick(t, []uint64{0, 0, 0, stored, stored, stored, stored, stored + 1}, "revision")
}

// host draws a host of which any child may be missing, in either dialect.
func (w *world) host(t *rapid.T, id uuid.UUID) host.Host {
	h := host.Host{
		ID: id, NetworkID: w.network,
		Name: pick(t, []string{"web-1", "db-1"}, "name"),
	}
	if oneIn(t, 10, "other network") {
		h.NetworkID = pick(t, []uuid.UUID{uuid.Nil, w.otherNetwork}, "network")
	}
	for i, id := range w.pool.Ports {
		if !oneIn(t, 8, "no port") {
			h.Ports = append(h.Ports, host.Port{ID: id, Number: uint16(80 + i), Protocol: host.TCP})
		}
	}
	carriers := []uuid.UUID{uuid.Nil}
	for _, id := range w.pool.Interfaces {
		if !oneIn(t, 8, "no interface") {
			h.Interfaces = append(h.Interfaces, host.Interface{ID: id, Name: "eth"})
			carriers = append(carriers, id)
		}
	}
	for _, id := range w.pool.IPAddresses {
		address := netip.MustParseAddr("10.0.0.5")
		switch roll(t, 8, "address") {
		case 0:
		case 1, 2:
			h.Interfaces = append(h.Interfaces, host.Interface{ID: id, Name: "eth", Address: address})
		default:
			h.IPAddresses = append(h.IPAddresses, host.IPAddress{
				ID: id, Address: address, InterfaceID: pick(t, carriers, "carrier"),
			})
		}
	}
	return h
}

// relinked returns a host some of whose addresses are carried by another
// interface.
func (w *world) relinked(t *rapid.T, h host.Host) host.Host {
	h = h.Clone()
	carriers := []uuid.UUID{uuid.Nil}
	for _, i := range h.Interfaces {
		if !i.HasAddress() {
			carriers = append(carriers, i.ID)
		}
	}
	for i := range h.IPAddresses {
		h.IPAddresses[i].InterfaceID = pick(t, carriers, "carrier")
	}
	return h
}

func (w *world) draft(t *rapid.T) service.Draft {
	return service.Draft{
		ID: w.newID(t, w.serviceIDs()), NetworkID: w.networkID(t), Name: w.name(t), Bindings: w.bindings(t, nil),
	}
}

func (w *world) createHost(t *rapid.T) {
	h := w.host(t, w.freeHostID(t))
	if oneIn(t, 2, "whole host") {
		h = w.relinked(t, w.wholeHost(h.ID))
	}
	var drafts []service.Draft
	for range roll(t, 4, "drafts") {
		drafts = append(drafts, w.draft(t))
	}
	w.create(t, h, drafts)
}

func (w *world) create(t *rapid.T, h host.Host, drafts []service.Draft) {
	w.does(t, "CreateHost",
		func(m *model) binding.Code { return m.createHost(h, drafts) },
		func() (bindset.Change, error) {
			_, change, err := w.m.CreateHost(w.ctx, h, drafts)
			return change, err
		})
}

func (w *world) putHost(t *rapid.T) {
	h := w.host(t, w.id(t, w.storedHostIDs()))
	if stored, ok := w.model.hosts[h.ID]; ok {
		switch roll(t, 4, "kind of change") {
		case 0:
			h.Interfaces, h.IPAddresses, h.Ports, h.Name = stored.Interfaces, stored.IPAddresses, stored.Ports, stored.Name
		case 1, 2:
			h = w.relinked(t, stored)
		}
	}
	h.Revision = w.revision(t, w.model.hosts[h.ID].Revision)
	ifRevision := w.condition(t, w.model.hosts[h.ID].Revision)
	opts := []bindset.PutHostOption{bindset.IfRevision(ifRevision)}
	cascade, ifExists := rapid.Bool().Draw(t, "cascade"), rapid.Bool().Draw(t, "if it exists")
	if cascade {
		opts = append(opts, bindset.Cascade())
	}
	if ifExists {
		opts = append(opts, bindset.IfExists())
	}
	w.does(t, "PutHost",
		func(m *model) binding.Code { return m.putHost(h, cascade, ifExists, ifRevision) },
		func() (bindset.Change, error) {
			_, change, err := w.m.PutHost(w.ctx, h, opts...)
			return change, err
		})
}

func (w *world) deleteHost(t *rapid.T) {
	id := w.id(t, w.storedHostIDs())
	ifRevision := w.condition(t, w.model.hosts[id].Revision)
	opts := []bindset.DeleteHostOption{bindset.IfRevision(ifRevision)}
	cascade := oneIn(t, 2, "cascade")
	if cascade {
		opts = append(opts, bindset.Cascade())
	}
	w.does(t, "DeleteHost",
		func(m *model) binding.Code { return m.deleteHost(id, cascade, ifRevision) },
		func() (bindset.Change, error) { return w.m.DeleteHost(w.ctx, id, opts...) })
}

func (w *world) createService(t *rapid.T) {
	d := w.draft(t)
	d.HostID = w.id(t, w.storedHostIDs())
	w.does(t, "CreateService",
		func(m *model) binding.Code { return m.createService(d, m.nextPosition(d.HostID)) },
		func() (bindset.Change, error) {
			_, change, err := w.m.CreateService(w.ctx, d)
			return change, err
		})
}

func (w *world) updateService(t *rapid.T) {
	stored := w.model.services[w.id(t, w.serviceIDs())]
	s := service.Service{
		ID: stored.ID, HostID: stored.HostID, NetworkID: w.networkID(t), Name: w.name(t),
		Revision: w.revision(t, stored.Revision), Position: int32(roll(t, 4, "position")),
		Bindings: w.bindings(t, stored.Bindings),
	}
	switch roll(t, 12, "kind of update") {
	case 0, 1:
		s.Name, s.Position, s.Bindings = stored.Name, stored.Position, slices.Clone(stored.Bindings)
	case 11:
		s.ID = unknown[0]
	case 10:
		s.HostID = w.id(t, w.storedHostIDs())
	}
	ifRevision := w.condition(t, stored.Revision)
	w.does(t, "UpdateService",
		func(m *model) binding.Code { return m.updateService(s, ifRevision) },
		func() (bindset.Change, error) {
			_, change, err := w.m.UpdateService(w.ctx, s, bindset.IfRevision(ifRevision))
			return change, err
		})
}

func (w *world) deleteService(t *rapid.T) {
	id := w.id(t, w.serviceIDs())
	ifRevision := w.condition(t, w.model.services[id].Revision)
	w.does(t, "DeleteService",
		func(m *model) binding.Code { return m.deleteService(id, ifRevision) },
		func() (bindset.Change, error) { return w.m.DeleteService(w.ctx, id, bindset.IfRevision(ifRevision)) })
}

func (w *world) deleteServices(t *rapid.T) {
	ids := w.some(t, w.serviceIDs())
	n, want := 0, 0
	w.does(t, "DeleteServices",
		func(m *model) binding.Code {
			for _, id := range ids {
				if m.deleteService(id, 0) == "" {
					want++
				}
			}
			return ""
		},
		func() (change bindset.Change, err error) {
			n, change, err = w.m.DeleteServices(w.ctx, ids)
			return change, err
		})
	require.Equal(t, want, n)
}

// some draws a few IDs, also the same one twice.
func (w *world) some(t *rapid.T, stored []uuid.UUID) []uuid.UUID {
	var ids []uuid.UUID
	for range roll(t, 4, "IDs") {
		ids = append(ids, w.id(t, stored))
	}
	return ids
}

func (w *world) createBinding(t *rapid.T) {
	b := binding.Binding{
		ServiceID: w.id(t, w.serviceIDs()), ID: w.newID(t, w.bindingIDs()), NetworkID: w.networkID(t),
		Target: w.target(t), Sightings: binding.Sightings{LastSeenAt: w.lastSeen(t)}, CreatedAt: epoch,
	}
	ifRevision := w.condition(t, w.model.services[b.ServiceID].Revision)
	w.does(t, "CreateBinding",
		func(m *model) binding.Code { return m.createBinding(b, ifRevision) },
		func() (bindset.Change, error) {
			_, change, err := w.m.CreateBinding(w.ctx, b, bindset.IfRevision(ifRevision))
			return change, err
		})
}

func (w *world) updateBinding(t *rapid.T) {
	b := binding.Binding{
		ID: w.id(t, w.bindingIDs()), NetworkID: w.networkID(t), Target: w.target(t), Sightings: binding.Sightings{LastSeenAt: w.lastSeen(t)},
	}
	owner, ok := w.model.owner(b.ID)
	if ok && oneIn(t, 3, "near target") {
		near := pick(t, owner.Bindings, "near binding").Target // its own, or that of another one
		if port, listens := near.PortID(); listens && oneIn(t, 2, "at an address") {
			near = onAddress(port, pick(t, w.pool.IPAddresses, "address"))
		}
		b.Target = near
	}
	if ok && rapid.Bool().Draw(t, "with service") {
		b.ServiceID = owner.ID
		if oneIn(t, 8, "another service") {
			b.ServiceID = w.id(t, w.serviceIDs())
		}
	}
	ifRevision := w.condition(t, owner.Revision)
	w.does(t, "UpdateBinding",
		func(m *model) binding.Code { return m.updateBinding(b, ifRevision) },
		func() (bindset.Change, error) {
			_, change, err := w.m.UpdateBinding(w.ctx, b, bindset.IfRevision(ifRevision))
			return change, err
		})
}

func (w *world) deleteBinding(t *rapid.T) {
	id := w.id(t, w.bindingIDs())
	owner, _ := w.model.owner(id)
	ifRevision := w.condition(t, owner.Revision)
	w.does(t, "DeleteBinding",
		func(m *model) binding.Code { return m.deleteBinding(id, ifRevision) },
		func() (bindset.Change, error) {
			return w.m.DeleteBinding(w.ctx, id, bindset.IfRevision(ifRevision))
		})
}

func (w *world) deleteBindings(t *rapid.T) {
	ids := w.some(t, w.bindingIDs())
	n, want := 0, 0
	w.does(t, "DeleteBindings",
		func(m *model) binding.Code {
			was := m.at(m.now).services
			for _, id := range ids {
				if m.deleteBinding(id, 0) == "" {
					want++
				}
			}
			for id, s := range m.services { // one change for each service, however many go
				if s.Revision != was[id].Revision {
					s.Revision = was[id].Revision + 1
					m.services[id] = s
				}
			}
			return ""
		},
		func() (change bindset.Change, err error) {
			n, change, err = w.m.DeleteBindings(w.ctx, ids)
			return change, err
		})
	require.Equal(t, want, n)
}
