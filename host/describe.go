package host

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// Describe says for people what a target is: "443/tcp on eth0 (10.0.0.5)" for a
// listener on an interface, "443/tcp on 10.0.0.5 (eth0)" on one address,
// "443/tcp on all interfaces", "presence at eth0 (10.0.0.5)". Names are cut and
// cleaned for a terminal; where they do not tell two places of the host apart, the
// ID follows: "eth0 [550e8400-e29b-41d4-a716-446655440000]". So targets of the host
// that differ are described differently, and [Inventory.Parse] reads them back.
// What the host does not have is shown by its ID. The text is short whatever the
// host holds.
func (inv *Inventory) Describe(t binding.Target) string {
	switch t.Kind() {
	case binding.KindPort:
		id, _ := t.PortID()
		return inv.describePort(id) + " on " + inv.DescribeScope(t.Scope())
	case binding.KindInterface, binding.KindIPAddress:
		return "presence at " + inv.DescribeScope(t.Scope())
	default:
		return "an empty target"
	}
}

// DescribeScope says for people where a scope reaches, as Describe does: "all
// interfaces", "all IPv4", "all IPv6", an interface with the addresses it has, or
// an address with its interface; "nowhere" for the zero Scope.
func (inv *Inventory) DescribeScope(s binding.Scope) string {
	s = inv.canonicalScope(s)
	at, known := inv.locateScope(s)
	switch s.Kind() {
	case binding.ScopeAll:
		return allInterfaces
	case binding.ScopeAllIPv4:
		return allIPv4
	case binding.ScopeAllIPv6:
		return allIPv6
	case binding.ScopeInterface, binding.ScopeIPAddress:
		if known {
			return inv.names().text[at.Place]
		}
	default:
		return "nowhere"
	}
	if id, ok := s.InterfaceID(); ok {
		return "unknown interface " + id.String()
	}
	id, _ := s.IPAddressID()
	return "unknown IP address " + id.String()
}

// How the scopes are called that are no place.
const (
	allInterfaces = "all interfaces"
	allIPv4       = "all IPv4"
	allIPv6       = "all IPv6"
)

func (inv *Inventory) describePort(id uuid.UUID) string {
	if p, ok := inv.Port(id); ok {
		return p.String()
	}
	return "unknown port " + id.String()
}
