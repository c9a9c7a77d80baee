package memstore

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// A reader reads from tables that do not change but by itself.
type reader struct {
	tables *tables
	over   bool // the function that was given it has returned
}

// open returns an error where the transaction is over or the context is done.
func (r *reader) open(ctx context.Context) error {
	if r.over {
		return errOver
	}
	return ctx.Err()
}

func notFound(entity string, id uuid.UUID) error {
	return &service.EntityError{Code: service.ErrNotFound, Entity: entity, ID: id}
}

func (r *reader) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	inv, err := r.Inventory(ctx, id)
	if err != nil {
		return host.Host{}, err
	}
	return inv.Host(), nil
}

func (r *reader) Inventory(ctx context.Context, hostID uuid.UUID) (*host.Inventory, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	row, ok := r.tables.hosts.Get(keyOf(hostID))
	if !ok {
		return nil, notFound(service.EntityHost, hostID)
	}
	return row.inventory, nil
}

func (r *reader) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	var hosts []host.Host
	start := networkKey(networkID, after)
	for k := range r.tables.networks.From(start) {
		if networkOf(k) != networkOf(start) {
			break
		}
		if k == start {
			continue
		}
		row, _ := r.tables.hosts.Get(hostKey(k))
		hosts = append(hosts, row.inventory.Host())
		if len(hosts) == limit {
			break
		}
	}
	return hosts, nil
}

func (r *reader) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	if err := r.open(ctx); err != nil {
		return service.Service{}, err
	}
	row, ok := r.tables.services.Get(keyOf(id))
	if !ok {
		return service.Service{}, notFound(service.EntityService, id)
	}
	return row.read(), nil
}

// read returns a deep copy of a service with its bindings.
func (row serviceRow) read() service.Service {
	s := row.service.Clone()
	if len(row.bindings) > 0 {
		s.Bindings = make([]binding.Binding, len(row.bindings))
		for i, b := range row.bindings {
			s.Bindings[i] = *b
		}
	}
	return s
}

func (r *reader) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	h, _ := r.tables.hosts.Get(keyOf(hostID))
	if h.services.Len() == 0 {
		return nil, nil
	}
	services := make([]service.Service, 0, h.services.Len())
	for k := range h.services.All() {
		row, _ := r.tables.services.Get(serviceKey(k))
		services = append(services, row.read())
	}
	return services, nil
}

func (r *reader) LastPosition(ctx context.Context, hostID uuid.UUID) (pos int32, ok bool, err error) {
	if err := r.open(ctx); err != nil {
		return 0, false, err
	}
	h, _ := r.tables.hosts.Get(keyOf(hostID))
	last, ok := h.services.Last()
	if !ok {
		return 0, false, nil
	}
	return position(last), true, nil
}

func (r *reader) BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	owners := make(map[uuid.UUID]uuid.UUID)
	for _, id := range ids {
		if b, ok := r.tables.bindings.Get(keyOf(id)); ok {
			owners[id] = b.ServiceID
		}
	}
	return owners, nil
}

func (r *reader) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	if len(portIDs) > 1 {
		portIDs = slices.Clone(portIDs)
		slices.SortFunc(portIDs, compareIDs)
		portIDs = slices.Compact(portIDs)
	}
	var claims []validate.Claim
	for _, portID := range portIDs {
		claims = r.appendListeners(claims, hostID, portID)
	}
	if len(portIDs) > 1 {
		slices.SortFunc(claims, func(a, b validate.Claim) int { return compareIDs(a.Binding.ID, b.Binding.ID) })
	}
	return claims, nil
}

// appendListeners appends the listeners on one port, by the binding's ID.
func (r *reader) appendListeners(claims []validate.Claim, hostID, portID uuid.UUID) []validate.Claim {
	start := portKey(hostID, portID, uuid.Nil)
	for k, b := range r.tables.listeners.From(start) {
		if [4]uint64(k[:4]) != [4]uint64(start[:4]) {
			break
		}
		owner, _ := r.tables.services.Get(keyOf(b.ServiceID))
		claims = append(claims, validate.Claim{Binding: *b, ServiceName: owner.service.Name})
	}
	return claims
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
