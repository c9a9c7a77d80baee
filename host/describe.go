package host

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/label"
)

// Describe says for people what a target is: "443/tcp on eth0 (10.0.0.5)" for a
// listener on an interface, "443/tcp on 10.0.0.5 (eth0)" on one address,
// "443/tcp on all interfaces", "presence at eth0 (10.0.0.5)". Names are cut and
// cleaned for a terminal; what the host does not have is shown by its ID. The
// text is short whatever the host holds.
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

// DescribeScope says for people where a scope reaches: "all interfaces", "all
// IPv4", "all IPv6", an
// interface with the addresses it has, or an address with its interface; "nowhere"
// for the zero Scope.
func (inv *Inventory) DescribeScope(s binding.Scope) string {
	s = inv.canonicalScope(s)
	switch s.Kind() {
	case binding.ScopeAll:
		return "all interfaces"
	case binding.ScopeAllIPv4:
		return "all IPv4"
	case binding.ScopeAllIPv6:
		return "all IPv6"
	case binding.ScopeInterface:
		id, _ := s.InterfaceID()
		return inv.describeInterface(id)
	case binding.ScopeIPAddress:
		id, _ := s.IPAddressID()
		return inv.describeIPAddress(id)
	default:
		return "nowhere"
	}
}

func (inv *Inventory) describePort(id uuid.UUID) string {
	if p, ok := inv.Port(id); ok {
		return p.String()
	}
	return "unknown port " + id.String()
}

// shownAddresses bounds how many addresses describe an interface.
const shownAddresses = 3

func (inv *Inventory) describeInterface(id uuid.UUID) string {
	c, ok := inv.index.find(binding.WordsOf(id))
	if !ok || c.kind != childInterface {
		return "unknown interface " + id.String()
	}
	f := &inv.host.Interfaces[c.pos]
	var addresses []string
	if f.HasAddress() {
		addresses = append(addresses, label.Of(f.Address.String()))
	}
	carried := inv.carried[inv.first[c.pos]:inv.first[c.pos+1]]
	for i, pos := range carried {
		if i == shownAddresses {
			addresses = append(addresses, fmt.Sprintf("and %d more", len(carried)-i))
			break
		}
		addresses = append(addresses, label.Of(inv.host.IPAddresses[pos].Address.String()))
	}
	switch {
	case len(addresses) == 0:
		return named(f.Name, id)
	case label.Of(f.Name) == "":
		return strings.Join(addresses, ", ")
	default:
		return label.Of(f.Name) + " (" + strings.Join(addresses, ", ") + ")"
	}
}

func (inv *Inventory) describeIPAddress(id uuid.UUID) string {
	a, ok := inv.IPAddress(id)
	if !ok {
		return "unknown IP address " + id.String()
	}
	name := label.Of(a.Name)
	if carrier, ok := inv.Carrier(id); ok {
		name = cmp.Or(label.Of(carrier.Name), name)
	}
	if name == "" {
		return label.Of(a.Address.String())
	}
	return label.Of(a.Address.String()) + " (" + name + ")"
}
