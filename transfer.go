package bindset

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// TransferListener moves a listener to another service of the same host, where it
// goes in as a new one would (Add), and returns what is stored of it. It keeps
// its ID and CreatedAt. Where the other service says the same or more already,
// that is returned instead, and the Change has the listener as Removed and
// Absorbed. Between the two services rule V6 has nothing to say about it.
// Transferring to the service that has it changes nothing.
//
// It fails with ErrNotFound for an unknown binding or service, ErrInvalid where
// the binding is a presence, ErrCrossHost where the service is on another host,
// and with the rules' *validate.Error, with Index 0.
func (m *Manager) TransferListener(ctx context.Context, bindingID, toServiceID uuid.UUID, opts ...ChangeOption) (binding.Binding, Change, error) {
	return run(ctx, m, "transfer listener", callOf(opts), nil, func(ctx context.Context, t *tx) (binding.Binding, error) {
		return t.transfer(ctx, bindingID, toServiceID)
	})
}

func (t *tx) transfer(ctx context.Context, bindingID, toServiceID uuid.UUID) (binding.Binding, error) {
	from, err := ownerOf(ctx, t, bindingID)
	if err != nil {
		return binding.Binding{}, err
	}
	to, err := t.Service(ctx, toServiceID)
	if err != nil {
		return binding.Binding{}, err
	}
	if err := t.requireFresh(&from, 0); err != nil {
		return binding.Binding{}, err
	}
	moving := *find(from.Bindings, bindingID)
	inv, err := t.Inventory(ctx, from.HostID)
	switch {
	case err != nil:
		return binding.Binding{}, err
	case to.ID == from.ID:
		return moving, nil
	case !moving.Target.IsListener():
		return binding.Binding{}, &binding.FieldError{
			Problem: inv.Describe(moving.Target) + " is no listener; only listeners can be transferred",
		}
	case to.HostID != from.HostID:
		return binding.Binding{}, &validate.Error{Violations: []validate.Violation{onAnotherHost(inv, &moving, &to)}}
	}

	// It leaves first, so that the claims that the rules see are without it.
	if err := t.without(ctx, &from, func(b *binding.Binding) bool { return b.ID == moving.ID }); err != nil {
		return binding.Binding{}, err
	}
	b := moving
	b.UpdatedAt = t.now
	in, err := t.input(ctx, inv, &to, &b)
	if err != nil {
		return binding.Binding{}, err
	}
	rules, err := t.m.validator.Add(in, b)
	if err != nil {
		return binding.Binding{}, ofGiven(err, &b, &b)
	}
	return t.putOne(ctx, &to, &rules, b.ID)
}

func onAnotherHost(inv *host.Inventory, moving *binding.Binding, to *service.Service) validate.Violation {
	return validate.Violation{
		Rule: "V2", Code: validate.ErrCrossHost, Binding: *moving,
		Message: fmt.Sprintf("%s is on host %s, service %s is not; transfer it to a service of the same host",
			inv.Describe(moving.Target), label.OrID(inv.Name(), inv.HostID()), nameOf(to)),
	}
}
