package bindset

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// CreateHost stores a new host, and on it a service for every draft as
// CreateService does, in the order given, in Positions from 0. It returns what it
// stored. A nil ID of the host is assigned; its children need theirs, and it
// needs a network.
//
// It fails with ErrExists where a host, service or binding has an ID of the
// input, and with ErrInvalid for what cannot be stored, such as an address on an
// unknown interface. The violations of all drafts come in one *validate.Error.
// Paths in errors about a draft lie under its place, such as
// "services[1].bindings[2]".
func (m *Manager) CreateHost(ctx context.Context, h host.Host, drafts []service.Draft, opts ...CallOption) (service.HostWithServices, Change, error) {
	if h.ID == uuid.Nil {
		h.ID = m.newID()
	}
	h.Revision = 1
	inv, err := store.CheckPutHost(h)
	services := make([]service.Service, len(drafts))
	for i := range drafts {
		if err != nil {
			break
		}
		services[i], err = drafts[i].Service().Checked()
		err = binding.Under(err, servicePath(i))
		services[i].Position = int32(i)
	}
	return run(ctx, m, "create host", callOf(opts), err, func(ctx context.Context, t *tx) (created service.HostWithServices, err error) {
		created.Host = inv.Host()
		created.Services, err = t.createHost(ctx, inv, &created.Host, services)
		return created, err
	})
}

func (t *tx) createHost(ctx context.Context, inv *host.Inventory, h *host.Host, drafts []service.Service) ([]service.Service, error) {
	switch _, err := t.Inventory(ctx, inv.HostID()); {
	case err == nil:
		return nil, exists(store.EntityHost, inv.HostID())
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	created := make([]service.Service, len(drafts))
	for i := range drafts {
		created[i] = drafts[i].Clone()
	}
	if err := t.nameNew(ctx, inv, created); err != nil {
		return nil, err
	}
	rules, err := t.m.validator.Host(inv, inputs(created)...)
	if err != nil {
		return nil, asGiven(err, setsOf(created), setsOf(drafts))
	}
	if err := t.putHost(ctx, nil, h); err != nil {
		return nil, err
	}
	for i := range created {
		if err := t.putNew(ctx, inv, &created[i], &rules[i]); err != nil {
			return nil, err
		}
	}
	return created, nil
}

// inputs returns what the rules read of services.
func inputs(services []service.Service) []validate.Input {
	all := make([]validate.Input, len(services))
	for i := range services {
		all[i] = validate.Input{Service: services[i].Info(), Bindings: services[i].Bindings}
	}
	return all
}

func setsOf(services []service.Service) [][]binding.Binding {
	sets := make([][]binding.Binding, len(services))
	for i := range services {
		sets[i] = services[i].Bindings
	}
	return sets
}

func servicePath(i int) string { return fmt.Sprintf("services[%d]", i) }

// DeleteHost deletes a host. It fails with ErrNotFound, with ErrStale where
// IfRevision says so, and with ErrInUse while services exist on it: then Users
// are their bindings. With Cascade it deletes them too.
func (m *Manager) DeleteHost(ctx context.Context, id uuid.UUID, opts ...DeleteHostOption) (Change, error) {
	return m.update(ctx, "delete host", callOf(opts), nil, func(ctx context.Context, t *tx) error {
		h, err := t.Host(ctx, id)
		if err != nil {
			return err
		}
		if err := t.requireRevision(store.EntityHost, id, h.Name, h.Revision, 0); err != nil {
			return err
		}
		services, err := t.ServicesOnHost(ctx, id)
		if err != nil {
			return err
		}
		if len(services) > 0 && !t.call.cascade {
			return stillRuns(&h, services)
		}
		for i := range services {
			if err := t.remove(ctx, &services[i]); err != nil {
				return err
			}
		}
		return t.removeHost(ctx, &h)
	})
}

// PutHost creates a host, or replaces the inventory of the stored one, and
// returns it as it is stored. The sets of its services must fit the new
// inventory:
//
//   - Bindings that name what goes away make it fail with ErrInUse and stand in
//     Users. With Cascade they are removed instead.
//   - The rules (Set) run over every other stored binding. What they drop, because
//     an interface is known now to carry an address, is dropped; what they rewrite
//     is rewritten. Violations of all services come in one *validate.Error,
//     with paths such as "services[1].bindings[2]": services by Position, the
//     bindings of each by ID. Cascade does not help against those.
//
// The network of a stored host cannot change: ErrNetworkMismatch; delete the host
// and create it there. A non-zero Revision, or IfRevision, that is not the stored
// one is ErrStale, and ErrNotFound where no host is stored.
func (m *Manager) PutHost(ctx context.Context, h host.Host, opts ...PutHostOption) (host.Host, Change, error) {
	inv, err := store.CheckPutHost(h)
	return run(ctx, m, "put host", callOf(opts), err, func(ctx context.Context, t *tx) (host.Host, error) {
		return t.replaceHost(ctx, inv, store.WithSightings(inv, h))
	})
}

func (t *tx) replaceHost(ctx context.Context, inv *host.Inventory, next host.Host) (host.Host, error) {
	stored, err := t.Host(ctx, next.ID)
	if errors.Is(err, store.ErrNotFound) && next.Revision == 0 && t.call.revision == 0 && !t.call.ifExists {
		t.seeAsGiven(&next, nil)
		err = t.putHost(ctx, nil, &next)
		return next, err
	}
	if err != nil {
		return host.Host{}, err
	}
	if err := t.requireRevision(store.EntityHost, stored.ID, stored.Name, stored.Revision, next.Revision); err != nil {
		return host.Host{}, err
	}
	if next.NetworkID != stored.NetworkID {
		return host.Host{}, &validate.Error{Violations: []validate.Violation{movedNetwork(&stored, &next)}}
	}
	services, err := t.ServicesOnHost(ctx, stored.ID)
	if err != nil {
		return host.Host{}, err
	}
	if users := usersOfMissing(inv, services); len(users) > 0 && !t.call.cascade {
		was, err := t.Inventory(ctx, stored.ID)
		if err != nil {
			return host.Host{}, err
		}
		return host.Host{}, stillUsed(was, services, users)
	}
	t.seeAsGiven(&next, &stored)
	if err := t.putHost(ctx, &stored, &next); err != nil {
		return host.Host{}, err
	}
	if next.Revision == stored.Revision {
		return next, nil
	}
	return next, t.refit(ctx, inv, services)
}

// seeAsGiven gives a host and everything on it the Sightings that they have after
// a caller gave them those in it.
func (t *tx) seeAsGiven(next, stored *host.Host) {
	before := make(map[uuid.UUID]binding.Sightings)
	if stored != nil {
		for id, s := range stored.Sighted() {
			before[id] = *s
		}
	}
	for id, s := range next.Sighted() {
		if was, known := before[id]; known {
			*s = t.sightings(*s, was)
		} else {
			*s = t.notLater(*s)
		}
	}
}

// refit runs the stored sets of a host, without what names something that the
// new inventory does not have, through the rules. V6 skips what was stored.
func (t *tx) refit(ctx context.Context, inv *host.Inventory, services []service.Service) error {
	next := slices.Clone(services)
	for i := range next {
		next[i].Bindings = slices.DeleteFunc(slices.Clone(services[i].Bindings), func(b binding.Binding) bool { return !inv.Has(inv.Canonical(b.Target)) })
	}
	in := inputs(next)
	for i := range in {
		in[i].Stored = services[i].Bindings
	}
	rules, err := t.m.validator.Host(inv, in...)
	if err != nil {
		return ofStored(err, services)
	}
	for i := range next {
		t.ruled(&rules[i])
		next[i].Bindings = slices.Clone(rules[i].Bindings)
		if err := t.put(ctx, &services[i], &next[i]); err != nil {
			return err
		}
	}
	return nil
}

func movedNetwork(stored, next *host.Host) validate.Violation {
	return validate.Violation{
		Rule: "V2", Code: validate.ErrNetworkMismatch, Index: -1, Path: "network_id",
		Message: fmt.Sprintf("host %s is in network %s and cannot move to network %s; delete it and create it there",
			label.OrID(stored.Name, stored.ID), stored.NetworkID, next.NetworkID),
	}
}
