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
// returns it. What its bindings name is found again on that host: ports by number
// and protocol; IP addresses by IP and the name of the interface that carries
// them, else by IP; interfaces by MAC, else by name, and those with an address of
// their own else as that address. What is not found, or found twice, makes it fail
// with a *validate.Error that is ErrCrossHost and has every such binding; with
// DropUnfit these bindings are removed. The rules (Set) run over the rest: two
// bindings may have become one.
//
// Service and bindings keep their IDs, CreatedAt and Sightings; the Position
// becomes the highest on the new host plus one. Moving to the host that has it
// changes nothing. It fails with ErrNotFound for an unknown service or host,
// ErrStale where IfRevision says so, ErrInvalid where no Position is left, and with
// the rules' *validate.Error.
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
	there := newEvidence(to)
	var violations []validate.Violation
	for i, b := range s.Bindings {
		target, problem := there.target(from, b.Target)
		if problem != "" {
			violations = append(violations, unfit(from, to, i, &s.Bindings[i], problem))
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

func unfit(from, to *host.Inventory, i int, b *binding.Binding, problem string) validate.Violation {
	return validate.Violation{
		Rule: "V2", Code: validate.ErrCrossHost, Index: i, OtherSet: -1, OtherIndex: -1,
		Path: fmt.Sprintf("bindings[%d]", i), Binding: *b,
		Message: fmt.Sprintf("%s cannot move: host %s has %s, or move with DropUnfit",
			from.Describe(b.Target), label.OrID(to.Name(), to.HostID()), problem),
	}
}

// evidence finds what a host has by what it is.
type evidence struct {
	inv    *host.Inventory
	places map[mark][]binding.Scope
}

// A mark is one thing that tells a place of a host from others.
type mark struct {
	mac, name string     // of an interface; with an address, name is that of its carrier
	address   netip.Addr // without a zone
	any       bool       // the address, whoever carries it
}

func newEvidence(inv *host.Inventory) *evidence {
	e := &evidence{inv: inv, places: make(map[mark][]binding.Scope)}
	for f := range inv.Interfaces() {
		e.note(binding.OnInterface(f.ID), marksOfInterface(&f))
	}
	for a := range inv.IPAddresses() {
		e.note(binding.OnIPAddress(a.ID), marksOfAddress(inv, &a))
	}
	return e
}

func (e *evidence) note(place binding.Scope, marks []mark) {
	for _, m := range marks {
		e.places[m] = append(e.places[m], place)
	}
}

// marksOfInterface returns what an interface is known by, what says most first.
func marksOfInterface(f *host.Interface) (marks []mark) {
	if f.MAC != "" {
		marks = append(marks, mark{mac: f.MAC})
	}
	if f.Name != "" {
		marks = append(marks, mark{name: f.Name})
	}
	if f.HasAddress() {
		marks = append(marks, mark{address: f.Address.WithZone(""), any: true})
	}
	return marks
}

// marksOfAddress returns what an IP address is known by, what says most first.
func marksOfAddress(inv *host.Inventory, a *host.IPAddress) (marks []mark) {
	ip := a.Address.WithZone("")
	if carrier, ok := inv.Carrier(a.ID); ok && carrier.Name != "" {
		marks = append(marks, mark{name: carrier.Name, address: ip})
	}
	return append(marks, mark{address: ip, any: true})
}

// target returns a canonical target of another host as one of this host, or what
// this host lacks for it and what to do.
func (e *evidence) target(from *host.Inventory, t binding.Target) (found binding.Target, problem string) {
	scope, problem := e.scope(from, t.Scope())
	if problem != "" {
		return binding.Target{}, problem
	}
	portID, listens := t.PortID()
	if !listens {
		return t.WithScope(scope), ""
	}
	port, _ := from.Port(portID)
	there, ok := e.inv.PortOf(port.Number, port.Protocol)
	if !ok {
		return binding.Target{}, "no port " + port.String() + "; add it there first"
	}
	return binding.Port(there.ID, scope), ""
}

func (e *evidence) scope(from *host.Inventory, s binding.Scope) (found binding.Scope, problem string) {
	var marks []mark
	what := "interface "
	if id, ok := s.InterfaceID(); ok {
		f, _ := from.Interface(id)
		marks = marksOfInterface(&f)
	} else if id, ok := s.IPAddressID(); ok {
		a, _ := from.IPAddress(id)
		marks, what = marksOfAddress(from, &a), "IP address "
	} else {
		return s, ""
	}
	twice := false
	for _, m := range marks {
		there := e.places[m]
		if len(there) == 1 {
			return there[0], ""
		}
		twice = twice || len(there) > 1
	}
	if what += from.DescribeScope(s); twice {
		return binding.Scope{}, "more than one " + what + "; give them different names there first"
	}
	return binding.Scope{}, "no " + what + "; add it there first"
}
