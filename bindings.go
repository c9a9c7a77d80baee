package bindset

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// CreateBinding adds a binding to the set of its service (Add) and returns what
// is stored: the new binding, or, where the set says the same or more already,
// the binding of the set that absorbs it. Then the Change says so and nothing is
// written.
//
// It fails with ErrNotFound for an unknown service, ErrExists where a binding
// has the given ID already (also one that would absorb it), ErrNetworkMismatch
// where a network other than the service's is given, and with the rules'
// *validate.Error. In that, Index is 0 and Path empty: they are those of the
// one binding given.
func (m *Manager) CreateBinding(ctx context.Context, b binding.Binding, opts ...ChangeOption) (binding.Binding, Change, error) {
	given, err := b.Checked()
	err = cmp.Or(required("service_id", b.ServiceID, "is nil; name the service that the binding belongs to"), err)
	return run(ctx, m, "create binding", callOf(opts), err, func(ctx context.Context, t *tx) (binding.Binding, error) {
		return t.createBinding(ctx, given)
	})
}

func (t *tx) createBinding(ctx context.Context, given binding.Binding) (binding.Binding, error) {
	s, err := t.Service(ctx, given.ServiceID)
	if err != nil {
		return binding.Binding{}, err
	}
	if given.ID != uuid.Nil {
		if err := t.requireFree(ctx, given.ID); err != nil {
			return binding.Binding{}, err
		}
	}
	if err := t.requireFresh(&s, 0); err != nil {
		return binding.Binding{}, err
	}
	inv, err := t.Inventory(ctx, s.HostID)
	if err != nil {
		return binding.Binding{}, err
	}
	b := given
	t.state(&b)
	in, err := t.input(ctx, inv, &s, &b)
	if err != nil {
		return binding.Binding{}, err
	}
	rules, err := t.m.validator.Add(in, b)
	if err != nil {
		return binding.Binding{}, ofGiven(err, &b, &given)
	}
	return t.putOne(ctx, &s, &rules, b.ID)
}

// UpdateBinding gives a stored binding another target (Replace), and returns
// what is stored then: the binding, or, where the rest of the set covers it, the
// binding that absorbs it; then the Change has it as Removed and Absorbed. An
// equal binding of the set is dropped.
//
// The binding keeps its CreatedAt and those tracking fields that are not given.
// A nil ServiceID or NetworkID means the stored one; another service is
// ErrInvalid. It fails with ErrNotFound where there is no binding with the ID,
// or no service with the one given, and as CreateBinding does otherwise.
func (m *Manager) UpdateBinding(ctx context.Context, b binding.Binding, opts ...ChangeOption) (binding.Binding, Change, error) {
	given, err := b.Checked()
	err = cmp.Or(required("id", b.ID, "is nil; name the binding to update"), err)
	return run(ctx, m, "update binding", callOf(opts), err, func(ctx context.Context, t *tx) (binding.Binding, error) {
		return t.updateBinding(ctx, given)
	})
}

func (t *tx) updateBinding(ctx context.Context, b binding.Binding) (binding.Binding, error) {
	s, err := ownerOf(ctx, t, b.ID)
	if err != nil {
		return binding.Binding{}, err
	}
	moved := b.ServiceID != uuid.Nil && b.ServiceID != s.ID
	if moved {
		if _, err := t.Service(ctx, b.ServiceID); err != nil {
			return binding.Binding{}, err
		}
	}
	if err := t.requireFresh(&s, 0); err != nil {
		return binding.Binding{}, err
	}
	if moved {
		return binding.Binding{}, &binding.FieldError{
			Path: "service_id", Problem: "an update cannot give a binding to another service; use TransferListener, or delete it and create it there",
		}
	}
	inv, err := t.Inventory(ctx, s.HostID)
	if err != nil {
		return binding.Binding{}, err
	}
	was := find(s.Bindings, b.ID)
	t.restate(inv, &b, was)
	in, err := t.input(ctx, inv, &s, &b)
	if err != nil {
		return binding.Binding{}, err
	}
	rules, err := t.m.validator.Replace(in, slices.Index(s.Bindings, *was), b)
	if err != nil {
		return binding.Binding{}, ofGiven(err, &b, &b)
	}
	return t.putOne(ctx, &s, &rules, b.ID)
}

// input returns what the rules read of one binding and the set of its service,
// and completes the binding.
func (t *tx) input(ctx context.Context, inv *host.Inventory, s *service.Service, b *binding.Binding) (validate.Input, error) {
	if b.NetworkID != uuid.Nil && b.NetworkID != s.NetworkID && b.Target.IsValid() {
		return validate.Input{}, &validate.Error{Violations: []validate.Violation{otherNetwork(inv, b)}}
	}
	b.ServiceID, b.NetworkID = s.ID, s.NetworkID
	claims, err := t.claims(ctx, inv, *b)
	return validate.Input{
		Inventory: inv, Service: s.Info(), Bindings: s.Bindings, Stored: s.Bindings, Claims: claims,
	}, err
}

// otherNetwork is the violation of a binding that names another network than
// its service's (rule V2).
func otherNetwork(inv *host.Inventory, b *binding.Binding) validate.Violation {
	return validate.Violation{
		Rule: "V2", Code: validate.ErrNetworkMismatch, Binding: *b,
		Message: fmt.Sprintf("%s is said to be in network %s, its service is in network %s; leave the network out, or give the service's",
			inv.Describe(b.Target), b.NetworkID, inv.NetworkID()),
	}
}

// putOne stores what the rules made of a change to one binding of a service, and
// returns the binding, or the one that absorbed it.
func (t *tx) putOne(ctx context.Context, s *service.Service, rules *validate.Result, id uuid.UUID) (binding.Binding, error) {
	t.ruled(rules)
	for _, d := range rules.Absorbed {
		id = rules.Input(d.By).ID
	}
	next := *s
	next.Bindings = rules.Bindings
	if err := t.put(ctx, s, &next); err != nil {
		return binding.Binding{}, err
	}
	return *find(next.Bindings, id), nil
}

// DeleteBinding deletes a binding. It fails with ErrNotFound, and with ErrStale
// where IfRevision says so.
func (m *Manager) DeleteBinding(ctx context.Context, id uuid.UUID, opts ...ChangeOption) (Change, error) {
	return m.update(ctx, "delete binding", callOf(opts), nil, func(ctx context.Context, t *tx) error {
		s, err := ownerOf(ctx, t, id)
		if err != nil {
			return err
		}
		if err := t.requireFresh(&s, 0); err != nil {
			return err
		}
		return t.without(ctx, &s, func(b *binding.Binding) bool { return b.ID == id })
	})
}

// DeleteBindings deletes bindings, of any services, skips IDs that no binding
// has, and returns how many went.
func (m *Manager) DeleteBindings(ctx context.Context, ids []uuid.UUID, opts ...CallOption) (int, Change, error) {
	return run(ctx, m, "delete bindings", callOf(opts), nil, func(ctx context.Context, t *tx) (int, error) {
		owners, err := t.BindingOwners(ctx, ids...)
		if err != nil {
			return 0, err
		}
		services, err := t.Services(ctx, slices.Collect(maps.Values(owners))...)
		if err != nil {
			return 0, err
		}
		for i := range services {
			if err := t.without(ctx, &services[i], func(b *binding.Binding) bool { return owners[b.ID] != uuid.Nil }); err != nil {
				return 0, err
			}
		}
		return len(owners), nil
	})
}

// without stores a service without some of its bindings.
func (t *tx) without(ctx context.Context, s *service.Service, gone func(*binding.Binding) bool) error {
	next := *s
	next.Bindings = slices.DeleteFunc(slices.Clone(s.Bindings), func(b binding.Binding) bool { return gone(&b) })
	return t.put(ctx, s, &next)
}
