package bindset

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
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
func (m *Manager) CreateService(ctx context.Context, d service.Draft, opts ...CallOption) (service.Service, Change, error) {
	draft, err := d.Service().Checked()
	err = cmp.Or(err, required("host_id", d.HostID, "is nil; name the host that the service runs on"))
	return run(ctx, m, "create service", callOf(opts), err, func(ctx context.Context, t *tx) (service.Service, error) {
		return t.createService(ctx, draft)
	})
}

func (t *tx) createService(ctx context.Context, draft service.Service) (service.Service, error) {
	inv, err := t.Inventory(ctx, draft.HostID)
	if err != nil {
		return service.Service{}, err
	}
	one := []service.Service{draft.Clone()}
	if err := t.nameNew(ctx, inv, one); err != nil {
		return service.Service{}, err
	}
	s := one[0]
	if s.Position, err = t.nextPosition(ctx, s.HostID); err != nil {
		return service.Service{}, err
	}
	claims, err := t.claims(ctx, inv, s.Bindings...)
	if err != nil {
		return service.Service{}, err
	}
	var rules validate.Result
	if err := t.m.validator.SetInto(&rules, validate.Input{
		Inventory: inv, Service: s.Info(), Bindings: s.Bindings, Claims: claims,
	}); err != nil {
		return service.Service{}, asGiven(err, [][]binding.Binding{s.Bindings}, [][]binding.Binding{draft.Bindings})
	}
	err = t.putNew(ctx, inv, &s, &rules)
	return s, err
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

// putNew stores a new service with what the rules made of its set.
func (t *tx) putNew(ctx context.Context, inv *host.Inventory, s *service.Service, rules *validate.Result) error {
	t.ruled(rules)
	s.HostID, s.NetworkID, s.Bindings = inv.HostID(), inv.NetworkID(), slices.Clone(rules.Bindings)
	return t.put(ctx, nil, s)
}

// claims returns the listeners on the ports that the bindings listen on, for
// rule V6 and rules of the user's own; nil where there are neither.
func (t *tx) claims(ctx context.Context, inv *host.Inventory, bindings ...binding.Binding) (*validate.Claims, error) {
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
	if len(ports) == 0 {
		return validate.NewClaims(inv), nil
	}
	listeners, err := t.Listeners(ctx, inv.HostID(), ports...)
	if err != nil {
		return nil, err
	}
	return validate.NewClaims(inv, listeners...), nil
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
func (m *Manager) UpdateService(ctx context.Context, s service.Service, opts ...UpdateServiceOption) (service.Service, Change, error) {
	given, err := s.Checked()
	err = cmp.Or(err, required("id", s.ID, "is nil; name the service to update"))
	return run(ctx, m, "update service", callOf(opts), err, func(ctx context.Context, t *tx) (service.Service, error) {
		return t.updateService(ctx, given)
	})
}

func (t *tx) updateService(ctx context.Context, given service.Service) (service.Service, error) {
	stored, err := t.Service(ctx, given.ID)
	if err != nil {
		return service.Service{}, err
	}
	if err := t.requireSameHost(ctx, &given, &stored); err != nil {
		return service.Service{}, err
	}
	inv, err := t.Inventory(ctx, stored.HostID)
	if err != nil {
		return service.Service{}, err
	}
	next := given.Clone()
	next.HostID = stored.HostID
	if err := t.requireFree(ctx, t.name(inv, stored.Bindings, &next)...); err != nil {
		return service.Service{}, err
	}
	if err := sameNetwork(inv, given.Bindings); err != nil {
		return service.Service{}, err
	}
	claims, err := t.claims(ctx, inv, next.Bindings...)
	if err != nil {
		return service.Service{}, err
	}
	var rules validate.Result
	if err := t.m.validator.SetInto(&rules, validate.Input{
		Inventory: inv, Service: next.Info(), Bindings: next.Bindings, Stored: stored.Bindings, Claims: claims,
	}); err != nil {
		return service.Service{}, asGiven(err, [][]binding.Binding{next.Bindings}, [][]binding.Binding{given.Bindings})
	}
	t.ruled(&rules)
	next.Bindings, next.NetworkID = slices.Clone(rules.Bindings), stored.NetworkID
	next.CreatedAt, next.UpdatedAt = stored.CreatedAt, stored.UpdatedAt
	next.Sightings = t.sightings(given.Sightings, stored.Sightings)
	if next.Source.Type == "" {
		next.Source = stored.Source
	}
	if t.call.keepPosition {
		next.Position = stored.Position
	}
	err = t.put(ctx, &stored, &next)
	return next, err
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
func (t *tx) requireSameHost(ctx context.Context, given, stored *service.Service) error {
	moved := given.HostID != uuid.Nil && given.HostID != stored.HostID
	if moved {
		if _, err := t.Inventory(ctx, given.HostID); err != nil {
			return err
		}
	}
	if err := t.requireFresh(stored, given.Revision); err != nil {
		return err
	}
	if moved {
		return &binding.FieldError{Path: "host_id", Problem: "an update cannot move a service to another host; use MoveService"}
	}
	return nil
}

// DeleteService deletes a service with its bindings. It fails with ErrNotFound,
// and with ErrStale where IfRevision says so.
func (m *Manager) DeleteService(ctx context.Context, id uuid.UUID, opts ...ChangeOption) (Change, error) {
	return m.update(ctx, "delete service", callOf(opts), nil, func(ctx context.Context, t *tx) error {
		s, err := t.Service(ctx, id)
		if err != nil {
			return err
		}
		if err := t.requireFresh(&s, 0); err != nil {
			return err
		}
		return t.remove(ctx, &s)
	})
}

// DeleteServices deletes services with their bindings, skips IDs that no service
// has, and returns how many went.
func (m *Manager) DeleteServices(ctx context.Context, ids []uuid.UUID, opts ...CallOption) (int, Change, error) {
	return run(ctx, m, "delete services", callOf(opts), nil, func(ctx context.Context, t *tx) (int, error) {
		services, err := t.Services(ctx, ids...)
		if err != nil {
			return 0, err
		}
		for i := range services {
			if err := t.remove(ctx, &services[i]); err != nil {
				return 0, err
			}
		}
		return len(services), nil
	})
}
