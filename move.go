package bindset

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// MoveService moves a service with its set to another host, of any network, and
// returns it. What its bindings name is found again on that host: ports by
// number and protocol, IP addresses by IP, interfaces by name; an interface with
// an address of its own that no name finds, by its IP. What is not found makes it
// fail with a *validate.Error that is ErrCrossHost and has every such binding; with
// DropUnfit these bindings are removed. The rules (Set) run over the rest: two
// bindings may have become one.
//
// Service and bindings keep their IDs and CreatedAt; the Position becomes the
// highest on the new host plus one. Moving to the host that has it changes
// nothing. It fails with ErrNotFound for an unknown service or host, ErrStale
// where IfRevision says so, ErrInvalid where no Position is left, and with the
// rules' *validate.Error.
func (m *Manager) MoveService(ctx context.Context, id, toHostID uuid.UUID, opts ...MoveOption) (service.Service, Change, error) {
	return run(ctx, m, "move service", callOf(opts), nil, func(ctx context.Context, t *tx) (service.Service, error) {
		return t.move(ctx, id, toHostID)
	})
}

func (t *tx) move(ctx context.Context, id, toHostID uuid.UUID) (service.Service, error) {
	s, err := t.Service(ctx, id)
	if err != nil {
		return service.Service{}, err
	}
	to, err := t.Inventory(ctx, toHostID)
	if err != nil {
		return service.Service{}, err
	}
	if err := t.requireFresh(&s, 0); err != nil {
		return service.Service{}, err
	}
	if s.HostID == toHostID {
		return s, nil
	}
	from, err := t.Inventory(ctx, s.HostID)
	if err != nil {
		return service.Service{}, err
	}
	next := s
	if next.Bindings, err = refind(from, to, &s, t.call.dropUnfit); err != nil {
		return service.Service{}, err
	}
	if next.Position, err = t.nextPosition(ctx, toHostID); err != nil {
		return service.Service{}, err
	}
	next.HostID, next.NetworkID = toHostID, to.NetworkID()
	claims, err := t.claims(ctx, to, next.Bindings...)
	if err != nil {
		return service.Service{}, err
	}
	rules := validate.Result{}
	if err := t.m.validator.SetInto(&rules, validate.Input{
		Inventory: to, Service: next.Info(), Bindings: next.Bindings, Claims: claims,
	}); err != nil {
		return service.Service{}, err
	}
	t.ruled(&rules)
	next.Bindings = slices.Clone(rules.Bindings)
	err = t.put(ctx, &s, &next)
	return next, err
}

// refind returns the set of a service with targets on another host. What is not
// found is left out, or refused.
func refind(from, to *host.Inventory, s *service.Service, dropUnfit bool) (set []binding.Binding, err error) {
	places := newPlaces(to)
	var violations []validate.Violation
	for i, b := range s.Bindings {
		target, lacking := places.refind(from, b.Target)
		if lacking != "" {
			violations = append(violations, notOnNewHost(from, to, i, &s.Bindings[i], lacking))
			continue
		}
		b.Target, b.NetworkID = target, to.NetworkID()
		set = append(set, b)
	}
	if len(violations) > 0 && !dropUnfit {
		return nil, &validate.Error{Violations: violations}
	}
	return set, nil
}

func notOnNewHost(from, to *host.Inventory, i int, b *binding.Binding, lacking string) validate.Violation {
	return validate.Violation{
		Rule: "V2", Code: validate.ErrCrossHost, Index: i, Path: fmt.Sprintf("bindings[%d]", i), Binding: *b,
		Message: fmt.Sprintf("%s cannot move: host %s has no %s; add it there first, or move with DropUnfit",
			from.Describe(b.Target), label.OrID(to.Name(), to.HostID()), lacking),
	}
}

// places finds what a host has by what it is, the first of each.
type places struct {
	ports      map[string]uuid.UUID         // by number and protocol
	interfaces map[string]uuid.UUID         // by name
	addresses  map[netip.Addr]binding.Scope // an IP address, or an interface with an address of its own
}

func newPlaces(inv *host.Inventory) *places {
	h := inv.Host()
	p := &places{
		ports: make(map[string]uuid.UUID), interfaces: make(map[string]uuid.UUID), addresses: make(map[netip.Addr]binding.Scope),
	}
	for _, port := range h.Ports {
		p.ports[port.String()] = port.ID
	}
	for _, a := range h.IPAddresses {
		if _, twice := p.addresses[a.Address]; !twice {
			p.addresses[a.Address] = binding.OnIPAddress(a.ID)
		}
	}
	for _, f := range h.Interfaces {
		if _, twice := p.interfaces[f.Name]; !twice && f.Name != "" {
			p.interfaces[f.Name] = f.ID
		}
		if _, twice := p.addresses[f.Address]; !twice && f.HasAddress() {
			p.addresses[f.Address] = binding.OnInterface(f.ID)
		}
	}
	return p
}

// refind returns a canonical target of another host as one of this host, or what
// this host lacks for it.
func (p *places) refind(from *host.Inventory, t binding.Target) (found binding.Target, lacking string) {
	scope, lacking := p.refindScope(from, t.Scope())
	if lacking != "" {
		return binding.Target{}, lacking
	}
	portID, listens := t.PortID()
	if !listens {
		return t.WithScope(scope), ""
	}
	port, _ := from.Port(portID)
	id, ok := p.ports[port.String()]
	if !ok {
		return binding.Target{}, "port " + port.String()
	}
	return binding.Port(id, scope), ""
}

func (p *places) refindScope(from *host.Inventory, s binding.Scope) (found binding.Scope, lacking string) {
	if id, ok := s.InterfaceID(); ok {
		f, _ := from.Interface(id)
		if id, ok := p.interfaces[f.Name]; ok {
			return binding.OnInterface(id), ""
		}
		if scope, ok := p.addresses[f.Address]; ok && f.HasAddress() {
			return scope, ""
		}
		return binding.Scope{}, "interface " + from.DescribeScope(s)
	}
	if id, ok := s.IPAddressID(); ok {
		a, _ := from.IPAddress(id)
		if scope, ok := p.addresses[a.Address]; ok {
			return scope, ""
		}
		return binding.Scope{}, "IP address " + from.DescribeScope(s)
	}
	return s, ""
}
