package memstore

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A reader reads what a commit left, or is about to leave.
type reader struct {
	ctx    txContext // the one that the function is given
	over   bool      // the function has returned
	tables *tables
	commit uint64
}

// open returns an error where the transaction is over or the context is done.
func (r *reader) open(ctx context.Context) error {
	if r.over {
		return errOver
	}
	return ctx.Err()
}

func (r *reader) end() { r.over = true }

func notFound(entity string, id uuid.UUID) error {
	return &store.EntityError{Code: store.ErrNotFound, Entity: entity, ID: id}
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
	h := r.tables.hosts.find(hostID, r.commit)
	if h == nil {
		return nil, notFound(store.EntityHost, hostID)
	}
	return h.row.inventory, nil
}

func (r *reader) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	n := r.tables.networks.find(networkID, r.commit)
	if n == nil {
		return nil, nil
	}
	var hosts []host.Host
	start := idKey(after)
	n.row.hosts.from(&start, func(k *key) bool {
		if *k != start {
			h := r.tables.hosts.find(k.first.ID(), r.commit)
			hosts = append(hosts, h.row.inventory.Host())
		}
		return len(hosts) != limit || limit < 1
	})
	return hosts, nil
}

func (r *reader) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	if err := r.open(ctx); err != nil {
		return service.Service{}, err
	}
	s := r.tables.services.find(id, r.commit)
	if s == nil {
		return service.Service{}, notFound(store.EntityService, id)
	}
	return s.row.read(), nil
}

func (r *reader) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	h := r.tables.hosts.find(hostID, r.commit)
	if h == nil || h.row.services.isEmpty() {
		return nil, nil
	}
	services := make([]service.Service, 0, h.row.services.len())
	h.row.services.all(func(k *key) bool {
		services = append(services, r.tables.services.at(k.row, r.commit).row.read())
		return true
	})
	return services, nil
}

func (r *reader) LastPosition(ctx context.Context, hostID uuid.UUID) (pos int32, ok bool, err error) {
	if err := r.open(ctx); err != nil {
		return 0, false, err
	}
	h := r.tables.hosts.find(hostID, r.commit)
	if h == nil {
		return 0, false, nil
	}
	last := h.row.services.last()
	if last == nil {
		return 0, false, nil
	}
	return last.position(), true, nil
}

func (r *reader) BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	owners := make(map[uuid.UUID]uuid.UUID)
	for _, id := range ids {
		if s := r.owner(id, tagOf(r.tables.services.seed, id)); s != nil {
			owners[id] = s.id
		}
	}
	return owners, nil
}

// owner returns the service that has the binding with an ID and its tag, nil for
// none.
func (r *reader) owner(id uuid.UUID, t tag) *serviceVersion {
	p := r.tables.bindings.find(t)
	for row := p.next(); row != 0; row = p.next() {
		if s := r.tables.services.at(row, r.commit); s != nil && s.row.find(id) != nil {
			return s
		}
	}
	return nil
}

func (r *reader) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	h := r.tables.hosts.find(hostID, r.commit)
	if h == nil {
		return nil, nil
	}
	if len(portIDs) > 1 {
		portIDs = slices.Clone(portIDs)
		slices.SortFunc(portIDs, compareIDs)
		portIDs = slices.Compact(portIDs)
	}
	var claims []validate.Claim
	for _, portID := range portIDs {
		claims = r.appendListeners(claims, &h.row.listeners, binding.WordsOf(portID))
	}
	if len(portIDs) > 1 {
		slices.SortFunc(claims, func(a, b validate.Claim) int { return compareIDs(a.Binding.ID, b.Binding.ID) })
	}
	return claims, nil
}

// appendListeners appends the listeners on one port, by the binding's ID.
func (r *reader) appendListeners(claims []validate.Claim, listeners *tree, port binding.Words) []validate.Claim {
	listeners.from(&key{first: port}, func(k *key) bool {
		if k.first != port {
			return false
		}
		s := &r.tables.services.at(k.row, r.commit).row
		claims = append(claims, validate.Claim{ServiceName: s.service.Name})
		s.find(k.second.ID()).read(&claims[len(claims)-1].Binding, s.service.ID)
		return true
	})
	return claims
}
