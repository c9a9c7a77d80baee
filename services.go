package bindset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// CreateService stores a new service with the bindings that the rules make of
// the draft's (Set), and returns it. Its Position is the highest on the host
// plus one, from 0; its Source is Manual; its bindings are in its network,
// whatever the draft says. IDs in the draft are kept, nil ones assigned.
//
// It fails with ErrNotFound for an unknown host, ErrExists where a service or
// binding has an ID of the draft, ErrInvalid for what cannot be stored and where
// no Position is left, and with the rules' *validate.Error.
func (m *Manager) CreateService(ctx context.Context, d service.Draft) (service.Service, Change, error) {
	draft, err := d.Service().Checked()
	if err != nil {
		return service.Service{}, Change{}, err
	}
	if err := required("host_id", d.HostID, "is nil; name the host that the service runs on"); err != nil {
		return service.Service{}, Change{}, err
	}
	var created service.Service
	change, err := m.update(ctx, "create service", func(ctx context.Context, t *tx) error {
		inv, err := t.Inventory(ctx, draft.HostID)
		if err != nil {
			return err
		}
		s := draft.Clone()
		if s.Position, err = t.nextPosition(ctx, s.HostID); err != nil {
			return err
		}
		claims, err := t.claims(ctx, s.HostID, s.Bindings...)
		if err != nil {
			return err
		}
		created, err = t.create(ctx, inv, s, claims)
		return err
	})
	if err != nil {
		return service.Service{}, Change{}, err
	}
	return created, change, nil
}

// nextPosition returns the Position of a new service of a host.
func (t *tx) nextPosition(ctx context.Context, hostID uuid.UUID) (int32, error) {
	last, ok, err := t.LastPosition(ctx, hostID)
	switch {
	case err != nil || !ok:
		return 0, err
	case last == math.MaxInt32:
		return 0, &binding.FieldError{
			Path: "position", Problem: "the last service of the host has the highest position there is; give every service that has it a lower one first",
		}
	default:
		return last + 1, nil
	}
}

// create stores a checked service on its host, which gets the bindings that the
// rules make of the given ones. It owns the bindings of s.
func (t *tx) create(ctx context.Context, inv *host.Inventory, s service.Service, claims []validate.Claim) (service.Service, error) {
	if err := t.requireFreeIDs(ctx, &s); err != nil {
		return service.Service{}, err
	}
	if s.ID == uuid.Nil {
		s.ID = t.m.newID()
	}
	adopt(&s, inv)
	o := outcome{origin: make([]int, len(s.Bindings))}
	for i := range o.origin {
		o.origin[i] = none
	}
	if err := t.m.validator.SetInto(&o.Result, validate.Input{
		Inventory: inv, Service: s.Info(), Bindings: s.Bindings, Claims: claims,
	}); err != nil {
		return service.Service{}, err
	}

	s.HostID, s.NetworkID, s.Revision = inv.HostID(), inv.NetworkID(), 1
	s.CreatedAt, s.UpdatedAt = t.now, t.now
	t.did(Added, &s)
	if err := t.PutService(ctx, s); err != nil {
		return service.Service{}, err
	}
	if _, err := t.settle(ctx, s.ID, &o); err != nil {
		return service.Service{}, err
	}
	s.Bindings = o.Bindings
	sortByID(s.Bindings)
	return s, nil
}

// requireFreeIDs refuses a new service whose ID, or an ID of whose bindings,
// something else has.
func (t *tx) requireFreeIDs(ctx context.Context, s *service.Service) error {
	if s.ID != uuid.Nil {
		switch other, err := t.Service(ctx, s.ID); {
		case err == nil:
			return &store.EntityError{Code: store.ErrExists, Entity: store.EntityService, ID: other.ID}
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	var ids []uuid.UUID
	for i := range s.Bindings {
		if id := s.Bindings[i].ID; id != uuid.Nil {
			ids = append(ids, id)
		}
	}
	return t.requireFree(ctx, ids...)
}

// requireFree refuses IDs that bindings have.
func (t *tx) requireFree(ctx context.Context, bindingIDs ...uuid.UUID) error {
	if len(bindingIDs) == 0 {
		return nil
	}
	owners, err := t.BindingOwners(ctx, bindingIDs...)
	if err != nil {
		return err
	}
	for _, id := range bindingIDs {
		if _, taken := owners[id]; taken {
			return &store.EntityError{Code: store.ErrExists, Entity: store.EntityBinding, ID: id}
		}
	}
	return nil
}

// adopt gives the bindings of a service what they have from it, and takes from
// them the times that are not for the caller to say.
func adopt(s *service.Service, inv *host.Inventory) {
	for i := range s.Bindings {
		b := &s.Bindings[i]
		b.ServiceID, b.NetworkID = s.ID, inv.NetworkID()
		b.CreatedAt, b.UpdatedAt = time.Time{}, time.Time{}
	}
}

// claims returns the listeners on the ports that the bindings listen on, for
// rule V6 and rules of the user's own; nil where there are neither.
func (t *tx) claims(ctx context.Context, hostID uuid.UUID, bindings ...binding.Binding) ([]validate.Claim, error) {
	if !t.m.validator.ReadsClaims() {
		return nil, nil
	}
	var ports []uuid.UUID
	seen := make(map[uuid.UUID]struct{})
	for i := range bindings {
		id, listens := bindings[i].Target.PortID()
		if _, twice := seen[id]; listens && !twice {
			seen[id] = struct{}{}
			ports = append(ports, id)
		}
	}
	var claims []validate.Claim
	var err error
	if len(ports) > 0 {
		claims, err = t.Listeners(ctx, hostID, ports...)
	}
	if claims == nil {
		claims = []validate.Claim{} // nil would turn V6 off
	}
	return claims, err
}

// UpdateService replaces a service, and its set by what the rules make of the
// given bindings (Set), and returns it as it is stored. A given binding is the
// stored one with its ID, or else with its Target as V0 has it; it keeps that
// one's ID, CreatedAt and those tracking fields that it does not have itself.
// Stored bindings that no given one is are removed.
//
// The Position is as given, or with KeepPosition as stored. CreatedAt stays, as
// does the Source unless a type is given. A nil HostID or NetworkID means the
// stored one; another host is ErrInvalid. A non-zero Revision, or IfRevision,
// that is not the stored one is ErrStale. A given binding whose ID another
// service's binding has is ErrExists.
func (m *Manager) UpdateService(ctx context.Context, s service.Service, opts ...CallOption) (service.Service, Change, error) {
	given, err := s.Checked()
	if err != nil {
		return service.Service{}, Change{}, err
	}
	if err := required("id", s.ID, "is nil; name the service to update"); err != nil {
		return service.Service{}, Change{}, err
	}
	call := callOf(opts)
	var updated service.Service
	change, err := m.update(ctx, "update service", func(ctx context.Context, t *tx) (err error) {
		updated, err = t.updateService(ctx, given.Clone(), &call)
		return err
	})
	if err != nil {
		return service.Service{}, Change{}, err
	}
	return updated, change, nil
}

func (t *tx) updateService(ctx context.Context, given service.Service, call *call) (service.Service, error) {
	stored, err := t.Service(ctx, given.ID)
	if err != nil {
		return service.Service{}, err
	}
	if err := t.requireSameHost(ctx, &given, &stored, call); err != nil {
		return service.Service{}, err
	}
	inv, err := t.Inventory(ctx, stored.HostID)
	if err != nil {
		return service.Service{}, err
	}
	if err := sameNetwork(inv, given.Bindings); err != nil {
		return service.Service{}, err
	}
	given.HostID = stored.HostID
	adopt(&given, inv)
	o := outcome{stored: stored.Bindings, origin: match(inv, stored.Bindings, given.Bindings)}
	var others []uuid.UUID
	for i, origin := range o.origin {
		if id := given.Bindings[i].ID; origin == none && id != uuid.Nil {
			others = append(others, id)
		}
	}
	if err := t.requireFree(ctx, others...); err != nil {
		return service.Service{}, err
	}
	claims, err := t.claims(ctx, given.HostID, given.Bindings...)
	if err != nil {
		return service.Service{}, err
	}
	if err := t.m.validator.SetInto(&o.Result, validate.Input{
		Inventory: inv, Service: given.Info(), Bindings: given.Bindings, Stored: stored.Bindings, Claims: claims,
	}); err != nil {
		return service.Service{}, err
	}

	next := given
	next.NetworkID, next.Revision = stored.NetworkID, stored.Revision
	next.CreatedAt, next.UpdatedAt = stored.CreatedAt, stored.UpdatedAt
	if next.Source.Type == "" {
		next.Source = stored.Source
	}
	if call.keepPosition {
		next.Position = stored.Position
	}
	changed, err := t.settle(ctx, next.ID, &o)
	if err != nil {
		return service.Service{}, err
	}
	if changed || !sameButBindings(&next, &stored) {
		if err := t.touch(ctx, &next); err != nil {
			return service.Service{}, err
		}
	}
	next.Bindings = o.Bindings
	sortByID(next.Bindings)
	return next, nil
}

// sameNetwork refuses bindings that name another network than their host's.
func sameNetwork(inv *host.Inventory, bindings []binding.Binding) error {
	var violations []validate.Violation
	for i := range bindings {
		if b := &bindings[i]; b.NetworkID != uuid.Nil && b.NetworkID != inv.NetworkID() {
			v := otherNetwork(inv, b)
			v.Index, v.Path = i, fmt.Sprintf("bindings[%d]", i)
			violations = append(violations, v)
		}
	}
	if len(violations) == 0 {
		return nil
	}
	return &validate.Error{Violations: violations}
}

// requireSameHost refuses an update that was made for another revision of the
// service, or that would move it to another host.
func (t *tx) requireSameHost(ctx context.Context, given, stored *service.Service, call *call) error {
	moved := given.HostID != uuid.Nil && given.HostID != stored.HostID
	if moved {
		if _, err := t.Inventory(ctx, given.HostID); err != nil {
			return err
		}
	}
	if err := call.fresh(store.EntityService, stored.ID, stored.Name, stored.Revision, given.Revision); err != nil {
		return err
	}
	if moved {
		return &binding.FieldError{Path: "host_id", Problem: "an update cannot move a service to another host; use MoveService"}
	}
	return nil
}

// match returns, for every given binding, which of the stored ones it is, or
// none: the one with its ID, or else the one with its Target, unless that gets
// another Target by its ID. Given bindings may be the same stored one only if
// their Targets are equal, of which the rules keep one, or their IDs are, which
// the rules refuse otherwise.
func match(inv *host.Inventory, stored, given []binding.Binding) []int {
	byID := make(map[uuid.UUID]int, len(stored))
	byTarget := make(map[binding.Target]int, len(stored))
	for i := range stored {
		byID[stored[i].ID] = i
		byTarget[stored[i].Target] = i
	}
	origin := make([]int, len(given))
	for i := range given {
		at, ok := byID[given[i].ID]
		if !ok {
			origin[i] = none
			continue
		}
		origin[i] = at
		if inv.Canonical(given[i].Target) != stored[at].Target {
			delete(byTarget, stored[at].Target)
		}
	}
	for i := range given {
		if at, ok := byTarget[inv.Canonical(given[i].Target)]; ok && origin[i] == none {
			origin[i] = at
		}
	}
	return origin
}

// DeleteService deletes a service with its bindings. It fails with ErrNotFound,
// and with ErrStale where IfRevision says so.
func (m *Manager) DeleteService(ctx context.Context, id uuid.UUID, opts ...CallOption) (Change, error) {
	call := callOf(opts)
	return m.update(ctx, "delete service", func(ctx context.Context, t *tx) error {
		s, err := t.Service(ctx, id)
		if err != nil {
			return err
		}
		if err := call.fresh(store.EntityService, s.ID, s.Name, s.Revision, 0); err != nil {
			return err
		}
		return t.delete(ctx, &s)
	})
}

// DeleteServices deletes services with their bindings, skips IDs that no service
// has, and returns how many went.
func (m *Manager) DeleteServices(ctx context.Context, ids ...uuid.UUID) (int, Change, error) {
	change, err := m.update(ctx, "delete services", func(ctx context.Context, t *tx) error {
		for _, id := range ids {
			s, err := t.Service(ctx, id)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if err := t.delete(ctx, &s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, Change{}, err
	}
	return len(change.Services), change, nil
}

// delete deletes a stored service, and reports it with its bindings.
func (t *tx) delete(ctx context.Context, s *service.Service) error {
	t.did(Removed, s)
	t.change.Removed = append(t.change.Removed, s.Bindings...)
	return t.DeleteService(ctx, s.ID)
}

// sameButBindings reports whether two checked services differ in their bindings
// at most, and in what the Manager assigns.
func sameButBindings(a, b *service.Service) bool {
	return a.Name == b.Name && a.Definition == b.Definition && a.Position == b.Position &&
		a.Source.Type == b.Source.Type && bytes.Equal(a.Source.Rest, b.Source.Rest) &&
		slices.Equal(a.Tags, b.Tags) && bytes.Equal(a.Virtualization, b.Virtualization)
}
