package bindset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
		if err := t.nameNew(ctx, inv, &created[i]); err != nil {
			return nil, binding.Under(err, servicePath(i))
		}
	}
	if err := requireDifferent(created); err != nil {
		return nil, err
	}
	if err := t.putHost(ctx, nil, h); err != nil {
		return nil, err
	}
	var broken violations
	var claims *validate.Claims
	if t.m.validator.ReadsClaims() {
		claims = validate.NewClaims(inv)
	}
	for i := range created {
		s := &created[i]
		named := s.Bindings
		err := asGiven(t.create(ctx, inv, s, claims), named, drafts[i].Bindings)
		switch {
		case err == nil:
			claims.Add(s.Info(), s.Bindings)
		case broken.add(err, servicePath(i)):
			claims.Add(s.Info(), blameless(named, err))
		default:
			return nil, binding.Under(err, servicePath(i))
		}
	}
	return created, broken.err()
}

func servicePath(i int) string { return fmt.Sprintf("services[%d]", i) }

// requireDifferent refuses IDs that two of the services, or their bindings, have.
func requireDifferent(services []service.Service) error {
	seen := make(map[uuid.UUID]struct{}, len(services))
	owners := make(map[uuid.UUID]int)
	for i := range services {
		if _, twice := seen[services[i].ID]; twice {
			return exists(store.EntityService, services[i].ID)
		}
		seen[services[i].ID] = struct{}{}
		for _, b := range services[i].Bindings {
			if owner, ok := owners[b.ID]; ok && owner != i {
				return exists(store.EntityBinding, b.ID)
			}
			owners[b.ID] = i
		}
	}
	return nil
}

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
		return t.replaceHost(ctx, inv)
	})
}

func (t *tx) replaceHost(ctx context.Context, inv *host.Inventory) (host.Host, error) {
	next := inv.Host()
	stored, err := t.Host(ctx, next.ID)
	if errors.Is(err, store.ErrNotFound) && next.Revision == 0 && t.call.revision == 0 && !t.call.ifExists {
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
	if err := t.putHost(ctx, &stored, &next); err != nil {
		return host.Host{}, err
	}
	if next.Revision == stored.Revision {
		return next, nil
	}
	return next, t.refit(ctx, inv, services)
}

// refit runs the stored sets of a host, without what names something that the
// new inventory does not have, through the rules.
func (t *tx) refit(ctx context.Context, inv *host.Inventory, services []service.Service) error {
	var broken violations
	for i := range services {
		s := &services[i]
		next := *s
		next.Bindings = slices.DeleteFunc(slices.Clone(s.Bindings), func(b binding.Binding) bool { return !inv.Has(inv.Canonical(b.Target)) })
		// Without claims: rule V6 skips what was stored, and all of this was.
		var rules validate.Result
		err := t.m.validator.SetInto(&rules, validate.Input{
			Inventory: inv, Service: s.Info(), Bindings: next.Bindings, Stored: s.Bindings,
		})
		if broken.add(ofStored(err, s), servicePath(i)) {
			continue
		}
		if err != nil {
			return err
		}
		t.ruled(&rules)
		next.Bindings = slices.Clone(rules.Bindings)
		if err := t.put(ctx, s, &next); err != nil {
			return err
		}
	}
	return broken.err()
}

// usersOfMissing returns, by service, the bindings that name what the inventory
// does not have.
func usersOfMissing(inv *host.Inventory, services []service.Service) (users []binding.Binding) {
	for i := range services {
		for _, b := range services[i].Bindings {
			if !inv.Has(inv.Canonical(b.Target)) {
				users = append(users, b)
			}
		}
	}
	return users
}

// shown bounds how many things a message names.
const shown = 5

// stillUsed refuses to replace an inventory, as it was, that bindings use.
func stillUsed(was *host.Inventory, services []service.Service, users []binding.Binding) error {
	owners := make(map[uuid.UUID]*service.Service, len(services))
	for i := range services {
		owners[services[i].ID] = &services[i]
	}
	uses := make([]string, 0, shown)
	for _, b := range users[:min(len(users), shown)] {
		uses = append(uses, nameOf(owners[b.ServiceID])+" uses "+was.Describe(b.Target))
	}
	return &store.EntityError{
		Code: store.ErrInUse, Entity: store.EntityHost, ID: was.HostID(), Name: was.Host().Name, Users: users,
		Problem: "what would go away is still in use: " + list(uses, len(users)) +
			"; change or delete these bindings first, or ask for Cascade",
	}
}

// stillRuns refuses to delete a host with services.
func stillRuns(h *host.Host, services []service.Service) error {
	var users []binding.Binding
	var names []string
	for i := range services {
		users = append(users, services[i].Bindings...)
		if i < shown {
			names = append(names, nameOf(&services[i]))
		}
	}
	return &store.EntityError{
		Code: store.ErrInUse, Entity: store.EntityHost, ID: h.ID, Name: h.Name, Users: users,
		Problem: "services still run on it: " + list(names, len(services)) + "; delete them first, or ask for Cascade",
	}
}

// list joins the first of n things for people.
func list(first []string, n int) string {
	text := strings.Join(first, ", ")
	if n > len(first) {
		text += fmt.Sprintf(" and %d more", n-len(first))
	}
	return text
}

// nameOf returns how people know a service.
func nameOf(s *service.Service) string {
	return cmp.Or(label.Of(s.Name), label.Of(s.Definition), s.ID.String())
}

func movedNetwork(stored, next *host.Host) validate.Violation {
	return validate.Violation{
		Rule: "V2", Code: validate.ErrNetworkMismatch, Index: -1, Path: "network_id",
		Message: fmt.Sprintf("host %s is in network %s and cannot move to network %s; delete it and create it there",
			label.OrID(stored.Name, stored.ID), stored.NetworkID, next.NetworkID),
	}
}
