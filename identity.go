package bindset

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// nameNew gives new services of a host and their bindings the IDs that they were
// not given. It refuses given ones that others have, stored or among them.
func (t *tx) nameNew(ctx context.Context, inv *host.Inventory, services []service.Service) error {
	var serviceIDs, bindingIDs []uuid.UUID
	of := make(map[uuid.UUID]int) // the given IDs, and which service they came with
	for i := range services {
		s := &services[i]
		if s.ID == uuid.Nil {
			s.ID = t.m.newID()
		} else {
			serviceIDs = append(serviceIDs, s.ID)
		}
		for _, id := range t.name(inv, nil, s) {
			if other, taken := of[id]; taken && other != i {
				return exists(store.EntityBinding, id)
			}
			of[id] = i
			bindingIDs = append(bindingIDs, id)
		}
	}
	if id, ok := firstTwice(serviceIDs); ok {
		return exists(store.EntityService, id)
	}
	if len(serviceIDs) > 0 {
		switch others, err := t.Services(ctx, serviceIDs...); {
		case err != nil:
			return err
		case len(others) > 0:
			return exists(store.EntityService, others[0].ID)
		}
	}
	return t.requireFree(ctx, bindingIDs...)
}

func firstTwice(ids []uuid.UUID) (uuid.UUID, bool) {
	seen := make(map[uuid.UUID]struct{}, len(ids))
	for i, id := range ids {
		if seen[id] = struct{}{}; len(seen) == i {
			return id, true
		}
	}
	return uuid.Nil, false
}

// name gives the bindings of a service that a caller states their IDs, before the
// rules read them: a binding is the stored one with its ID or else with its
// target, and keeps what that one has; every other one is new. It returns the
// given IDs that no binding of another service may have.
func (t *tx) name(inv *host.Inventory, stored []binding.Binding, s *service.Service) (own []uuid.UUID) {
	same := match(inv, stored, s.Bindings)
	for i := range s.Bindings {
		b, is := &s.Bindings[i], same[i]
		b.ServiceID, b.NetworkID = s.ID, inv.NetworkID()
		if b.ID != uuid.Nil && (is == nil || b.ID != is.ID && inv.Canonical(b.Target) != is.Target) {
			own = append(own, b.ID)
		}
		if is != nil {
			t.restate(inv, b, is)
		} else {
			t.state(b)
		}
	}
	return own
}

// state makes a given binding one that is yet to be stored: it has an ID, and not
// the times that are not for the caller to say.
func (t *tx) state(b *binding.Binding) {
	if b.ID == uuid.Nil {
		b.ID = t.m.newID()
	}
	b.CreatedAt, b.UpdatedAt = time.Time{}, time.Time{}
	b.Sightings = t.notLater(b.Sightings)
}

// restate makes a given binding the stored one that it is: it has its ID and
// times, and of the tracking fields those that it does not have itself. Who gives
// it another target states it.
func (t *tx) restate(inv *host.Inventory, b, stored *binding.Binding) {
	b.ID, b.CreatedAt, b.UpdatedAt = stored.ID, stored.CreatedAt, stored.UpdatedAt
	b.Sightings = t.sightings(b.Sightings, stored.Sightings)
	if inv.Canonical(b.Target) != stored.Target {
		b.FirstDiscoveryID = uuid.Nil
	}
	b.ValidFrom = cmp.Or(b.ValidFrom, stored.ValidFrom)
	b.ValidTo = cmp.Or(b.ValidTo, stored.ValidTo)
	b.LineageID = cmp.Or(b.LineageID, stored.LineageID)
}

// sightings returns those of a stored thing that a caller gives others: what is
// stated stays so, a time later than the clock is now, and none goes back.
func (t *tx) sightings(given, stored binding.Sightings) binding.Sightings {
	given = t.notLater(given)
	if !given.LastSeenAt.Before(stored.LastSeenAt) {
		stored.LastSeenAt = given.LastSeenAt
		stored.LastDiscoveryID = cmp.Or(given.LastDiscoveryID, stored.LastDiscoveryID)
	}
	return stored
}

// notLater returns Sightings whose time is now where it was later.
func (t *tx) notLater(s binding.Sightings) binding.Sightings {
	if s.LastSeenAt.After(t.now) {
		s.LastSeenAt = t.now
	}
	return s
}

// match returns, for every given binding, which of the stored ones it is: the one
// with its ID, or else the one with its target, unless that gets another target by
// its ID; nil for a new one. Only given bindings of one target or of one ID are
// the same one: of the former the rules keep one, the latter they refuse.
func match(inv *host.Inventory, stored, given []binding.Binding) []*binding.Binding {
	same := make([]*binding.Binding, len(given))
	if len(stored) == 0 {
		return same
	}
	byID := make(map[uuid.UUID]*binding.Binding, len(stored))
	byTarget := make(map[binding.Target]*binding.Binding, len(stored))
	for i := range stored {
		byID[stored[i].ID], byTarget[stored[i].Target] = &stored[i], &stored[i]
	}
	for i := range given {
		if same[i] = byID[given[i].ID]; same[i] != nil && inv.Canonical(given[i].Target) != same[i].Target {
			delete(byTarget, same[i].Target)
		}
	}
	for i := range given {
		if same[i] != nil {
			continue
		}
		same[i] = byTarget[inv.Canonical(given[i].Target)]
		if same[i] != nil && given[i].ID != uuid.Nil {
			byID[given[i].ID] = same[i] // that is what the ID stands for
		}
	}
	for i := range given {
		if same[i] == nil {
			same[i] = byID[given[i].ID]
		}
	}
	return same
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
			return exists(store.EntityBinding, id)
		}
	}
	return nil
}

func exists(entity string, id uuid.UUID) error {
	return &store.EntityError{Code: store.ErrExists, Entity: entity, ID: id}
}
