package storetest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A Model is a [store.Store] that is as plain as can be: it keeps hosts and
// services in two maps, copies them for every Update and searches them for every
// read. Updates run side by side; one that finds, when it wants to commit, that
// another one has meanwhile, runs again. Compare a Store with a Model, as a
// [Machine] does, or read it to learn what the methods of a Store mean. Make one
// with [NewModel].
type Model struct {
	mu        sync.Mutex // guards committed
	committed *modelState
}

var _ store.Store = (*Model)(nil)

// A modelState is what a Model holds. A committed one never changes.
type modelState struct {
	hosts    map[uuid.UUID]modelHost
	services map[uuid.UUID]service.Service // with their bindings, by ID
}

// A modelHost is a host with all Sightings, and its inventory.
type modelHost struct {
	host      host.Host
	inventory *host.Inventory
}

// NewModel returns an empty Model.
func NewModel() *Model {
	return &Model{committed: &modelState{
		hosts: map[uuid.UUID]modelHost{}, services: map[uuid.UUID]service.Service{},
	}}
}

// insideModel marks the contexts of a model's transactions.
type insideModel struct{ *Model }

// begin returns what is committed, and the context of a transaction on it.
func (m *Model) begin(ctx context.Context) (context.Context, *modelState, error) {
	if ctx.Value(insideModel{m}) != nil {
		return nil, nil, fmt.Errorf("storetest: a transaction inside another one of the same model: %w", store.ErrNestedTx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return context.WithValue(ctx, insideModel{m}, true), m.committed, ctx.Err()
}

// View calls fn with the state that the last commit left.
func (m *Model) View(ctx context.Context, fn func(ctx context.Context, r store.Reader) error) error {
	ctx, base, err := m.begin(ctx)
	if err != nil {
		return err
	}
	tx := &modelTx{modelState: *base}
	defer func() { tx.over = true }()
	return fn(ctx, tx)
}

// Update calls fn until no other Update commits meanwhile.
func (m *Model) Update(ctx context.Context, fn func(ctx context.Context, w store.Writer) error) error {
	for {
		if committed, err := m.try(ctx, fn); committed || err != nil {
			return err
		}
	}
}

func (m *Model) try(ctx context.Context, fn func(ctx context.Context, w store.Writer) error) (committed bool, err error) {
	ctx, base, err := m.begin(ctx)
	if err != nil {
		return false, err
	}
	tx := base.change()
	defer func() { tx.over = true }()
	if err := fn(ctx, tx); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil || m.committed != base {
		return false, err
	}
	m.committed = &tx.modelState
	return true, nil
}

// A modelTx is one transaction.
type modelTx struct {
	modelState
	over bool
}

// change returns a transaction that may write to a copy of the state.
func (s *modelState) change() *modelTx {
	return &modelTx{modelState: modelState{hosts: maps.Clone(s.hosts), services: maps.Clone(s.services)}}
}

func (tx *modelTx) open(ctx context.Context) error {
	if tx.over {
		return fmt.Errorf("storetest: the transaction is over: %w", store.ErrClosed)
	}
	return ctx.Err()
}

func notFound(entity string, id uuid.UUID) error {
	return &store.EntityError{Code: store.ErrNotFound, Entity: entity, ID: id}
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

func (tx *modelTx) Networks(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	all := map[uuid.UUID]bool{}
	for _, h := range tx.hosts {
		all[h.host.NetworkID] = true
	}
	var networks []uuid.UUID
	for _, id := range slices.SortedFunc(maps.Keys(all), compareIDs) {
		if compareIDs(id, after) > 0 && (limit < 1 || len(networks) < limit) {
			networks = append(networks, id)
		}
	}
	return networks, tx.open(ctx)
}

func (tx *modelTx) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	var hosts []host.Host
	for _, id := range slices.SortedFunc(maps.Keys(tx.hosts), compareIDs) {
		h := tx.hosts[id].host
		wanted := networkID == uuid.Nil || h.NetworkID == networkID
		if wanted && compareIDs(id, after) > 0 && (limit < 1 || len(hosts) < limit) {
			hosts = append(hosts, h.Clone())
		}
	}
	return hosts, tx.open(ctx)
}

func (tx *modelTx) HostsWith(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error) {
	addrs, macs = store.HostsWithKeys(addrs, macs)
	all, err := tx.Hosts(ctx, uuid.Nil, uuid.Nil, 0)
	return slices.DeleteFunc(all, func(h host.Host) bool {
		has, hasMACs := store.HostsWithKeysOf(&h)
		return h.NetworkID != networkID ||
			!slices.ContainsFunc(addrs, func(a netip.Addr) bool { return slices.Contains(has, a) }) &&
				!slices.ContainsFunc(macs, func(m string) bool { return slices.Contains(hasMACs, m) })
	}), err
}

func (tx *modelTx) host(ctx context.Context, id uuid.UUID) (modelHost, error) {
	h, ok := tx.hosts[id]
	if !ok {
		return h, cmp.Or(tx.open(ctx), notFound(store.EntityHost, id))
	}
	return h, tx.open(ctx)
}

func (tx *modelTx) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	h, err := tx.host(ctx, id)
	return h.host.Clone(), err
}

func (tx *modelTx) Inventory(ctx context.Context, hostID uuid.UUID) (*host.Inventory, error) {
	h, err := tx.host(ctx, hostID)
	return h.inventory, err
}

func (tx *modelTx) Services(ctx context.Context, ids ...uuid.UUID) ([]service.Service, error) {
	var services []service.Service
	for _, id := range slices.SortedFunc(maps.Keys(tx.services), compareIDs) {
		if slices.Contains(ids, id) {
			services = append(services, tx.services[id].Clone())
		}
	}
	return services, tx.open(ctx)
}

func (tx *modelTx) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	if err := tx.open(ctx); err != nil {
		return service.Service{}, err
	}
	s, ok := tx.services[id]
	if !ok {
		return service.Service{}, notFound(store.EntityService, id)
	}
	return s.Clone(), nil
}

func (tx *modelTx) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	var services []service.Service
	for _, s := range tx.services {
		if s.HostID == hostID {
			services = append(services, s.Clone())
		}
	}
	slices.SortFunc(services, func(a, b service.Service) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), compareIDs(a.ID, b.ID))
	})
	return services, tx.open(ctx)
}

func (tx *modelTx) LastPosition(ctx context.Context, hostID uuid.UUID) (pos int32, ok bool, err error) {
	services, err := tx.ServicesOnHost(ctx, hostID)
	if err != nil || len(services) == 0 {
		return 0, false, err
	}
	return services[len(services)-1].Position, true, nil
}

func (tx *modelTx) BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	all, owners := map[uuid.UUID]uuid.UUID{}, map[uuid.UUID]uuid.UUID{}
	for _, s := range tx.services {
		for _, b := range s.Bindings {
			all[b.ID] = s.ID
		}
	}
	for _, id := range ids {
		if owner, ok := all[id]; ok {
			owners[id] = owner
		}
	}
	return owners, tx.open(ctx)
}

func (tx *modelTx) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	var claims []validate.Claim
	for _, s := range tx.services {
		for _, b := range s.Bindings {
			if portID, ok := b.Target.PortID(); ok && s.HostID == hostID && slices.Contains(portIDs, portID) {
				claims = append(claims, validate.Claim{Binding: b, ServiceName: s.Name})
			}
		}
	}
	slices.SortFunc(claims, func(a, b validate.Claim) int { return compareIDs(a.Binding.ID, b.Binding.ID) })
	return claims, tx.open(ctx)
}

func (tx *modelTx) PutHost(ctx context.Context, h host.Host) error {
	if err := tx.open(ctx); err != nil {
		return err
	}
	inv, err := store.CheckPutHost(h)
	if err != nil {
		return err
	}
	tx.hosts[h.ID] = modelHost{store.WithSightings(inv, h), inv}
	return nil
}

func (tx *modelTx) DeleteHost(ctx context.Context, id uuid.UUID) error {
	if _, err := tx.Inventory(ctx, id); err != nil {
		return err
	}
	for _, s := range tx.services {
		if s.HostID == id {
			return &store.EntityError{Code: store.ErrInUse, Entity: store.EntityHost, ID: id}
		}
	}
	delete(tx.hosts, id)
	return nil
}

func (tx *modelTx) PutService(ctx context.Context, s service.Service) error {
	if err := store.CheckPutService(s); err != nil {
		return err
	}
	if _, err := tx.Inventory(ctx, s.HostID); err != nil {
		return err
	}
	s.Bindings = tx.services[s.ID].Bindings
	tx.services[s.ID] = s.WithTimes().Clone()
	return nil
}

func (tx *modelTx) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	s, err := tx.Service(ctx, serviceID)
	if err != nil {
		return err
	}
	if err := store.CheckPutBindings(serviceID, put); err != nil {
		return err
	}
	set := map[uuid.UUID]binding.Binding{}
	for _, b := range s.Bindings {
		set[b.ID] = b
	}
	for _, id := range del {
		if _, ok := set[id]; !ok {
			return notFound(store.EntityBinding, id)
		}
		delete(set, id)
	}
	owners, err := tx.BindingOwners(ctx, bindingIDs(put)...)
	if err != nil {
		return err
	}
	for _, b := range put {
		if owner, ok := owners[b.ID]; ok && owner != serviceID {
			return &store.EntityError{Code: store.ErrExists, Entity: store.EntityBinding, ID: b.ID}
		}
		set[b.ID] = b.WithTimes()
	}
	s.Bindings = slices.SortedFunc(maps.Values(set), func(a, b binding.Binding) int { return compareIDs(a.ID, b.ID) })
	tx.services[serviceID] = s
	return nil
}

func (tx *modelTx) DeleteService(ctx context.Context, id uuid.UUID) error {
	if _, err := tx.Service(ctx, id); err != nil {
		return err
	}
	delete(tx.services, id)
	return nil
}

func (tx *modelTx) Saw(ctx context.Context, hostID uuid.UUID, at time.Time, discoveryID uuid.UUID, ids []uuid.UUID) error {
	if err := store.CheckSaw(at); err != nil {
		return err
	}
	h, err := tx.host(ctx, hostID)
	if err != nil {
		return err
	}
	see := func(id uuid.UUID, s *binding.Sightings) {
		if slices.Contains(ids, id) {
			*s = s.Seen(at, discoveryID)
		}
	}
	h.host = h.host.Clone()
	for id, s := range h.host.Sighted() {
		see(id, s)
	}
	tx.hosts[hostID] = h
	for _, svc := range tx.services {
		if svc.HostID != hostID {
			continue
		}
		svc = svc.Clone()
		see(svc.ID, &svc.Sightings)
		for i := range svc.Bindings {
			see(svc.Bindings[i].ID, &svc.Bindings[i].Sightings)
		}
		tx.services[svc.ID] = svc
	}
	return nil
}

func bindingIDs(bindings []binding.Binding) []uuid.UUID {
	ids := make([]uuid.UUID, len(bindings))
	for i, b := range bindings {
		ids[i] = b.ID
	}
	return ids
}
