package host

import (
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/words"
)

// Values of a Location that are no position.
const (
	None     int32 = -1 // there is none: the port of a presence, the carrier of an interface
	Anywhere int32 = -2 // the place of a listener on all interfaces, or on all of a family
)

// Families is a set of address families.
type Families uint8

// The address families.
const (
	IPv4 Families = 1 << iota
	IPv6

	bothFamilies = IPv4 | IPv6
)

// familyOf returns the family of a valid, unmapped address.
func familyOf(a netip.Addr) Families {
	if a.Is4() {
		return IPv4
	}
	return IPv6
}

// A Location is what a target names on one host, as positions in the lists of
// that host instead of IDs: two targets of a host are the same exactly if their
// Locations are. It is what index structures over bindings want as a key.
type Location struct {
	Port     int32    // position in Host.Ports, or None for a presence
	Place    int32    // position in Host.Interfaces, or behind those in Host.IPAddresses, or Anywhere
	Carrier  int32    // for an IP address, the position in Host.Interfaces of the interface that carries it; else None
	Families Families // of the addresses that it reaches: one of an address, both of an interface that has none of its own
}

// Contains reports whether every place that b reaches is one that a reaches,
// whatever their ports are.
func (a Location) Contains(b Location) bool {
	return b.Families&^a.Families == 0 && (a.Place == Anywhere || a.Place == b.Place || a.Place == b.Carrier)
}

// Overlaps reports whether a and b reach a place in common, whatever their ports
// are.
func (a Location) Overlaps(b Location) bool {
	return a.Families&b.Families != 0 && (a.Place == Anywhere || b.Place == Anywhere ||
		a.Place == b.Place || a.Place == b.Carrier || a.Carrier == b.Place)
}

// Locate finds what a canonical target names. It reports false where the target
// is invalid, or names something that this host does not have. It keeps the
// pointer no longer than the call.
func (inv *Inventory) Locate(t *binding.Target) (Location, bool) {
	port, place, kind, scope := t.Words()
	at, ok := inv.locatePlace(place, scope)
	if ok && kind == binding.KindPort {
		var c child
		c, ok = inv.index.find(port)
		ok = ok && c.kind == childPort
		at.Port = c.pos
	}
	if !ok {
		return Location{}, false
	}
	return at, true
}

// locateScope returns the Location of a presence at a scope.
func (inv *Inventory) locateScope(s binding.Scope) (Location, bool) {
	t := binding.Port(uuid.Nil, s)
	_, place, _, scope := t.Words()
	return inv.locatePlace(place, scope)
}

func (inv *Inventory) locatePlace(place words.ID, scope binding.ScopeKind) (Location, bool) {
	at := Location{Port: None, Place: Anywhere, Carrier: None, Families: bothFamilies}
	switch scope {
	case binding.ScopeAll:
		return at, true
	case binding.ScopeAllIPv4:
		at.Families = IPv4
		return at, true
	case binding.ScopeAllIPv6:
		at.Families = IPv6
		return at, true
	case binding.ScopeInterface, binding.ScopeIPAddress:
	default:
		return Location{}, false
	}
	c, ok := inv.index.find(place)
	switch {
	case ok && c.kind == childInterface && scope == binding.ScopeInterface:
		at.Place = c.pos
		if own := &inv.host.Interfaces[c.pos]; own.HasAddress() {
			at.Families = familyOf(own.Address)
		}
	case ok && c.kind == childIPAddress && scope == binding.ScopeIPAddress:
		at.Place = int32(len(inv.host.Interfaces)) + c.pos
		at.Carrier = inv.carrier[c.pos]
		at.Families = familyOf(inv.host.IPAddresses[c.pos].Address)
	default:
		return Location{}, false
	}
	return at, true
}
