package host

import "github.com/bindset/bindset/binding"

// Values of a Location that are no position.
const (
	None     int32 = -1 // there is none: the port of a presence, the carrier of an interface
	Anywhere int32 = -2 // the place of a listener on all interfaces
)

// A Location is what a target names on one host, as positions in the lists of
// that host instead of IDs: two targets of a host are the same exactly if their
// Locations are. It is what index structures over bindings want as a key.
type Location struct {
	Port    int32 // position in Host.Ports, or None for a presence
	Place   int32 // position in Host.Interfaces, or behind those in Host.IPAddresses, or Anywhere
	Carrier int32 // for an IP address, the position in Host.Interfaces of the interface that carries it; else None
}

// Places returns how many places the host has: Location.Place is below it.
func (inv *Inventory) Places() int { return len(inv.host.Interfaces) + len(inv.host.IPAddresses) }

// Locate finds what a canonical target names. It reports false where the target
// is invalid, or names something that this host does not have. It takes a
// pointer, and keeps it no longer than the call, because it is called in the
// hottest of loops: to copy the target would cost more than to look it up.
func (inv *Inventory) Locate(t *binding.Target) (Location, bool) {
	port, place, kind, scope := t.Words()
	at := Location{Port: None, Place: Anywhere, Carrier: None}
	if kind == binding.KindPort {
		c, ok := inv.index.find(port)
		if !ok || c.kind != childPort {
			return Location{}, false
		}
		at.Port = c.pos
	}
	switch scope {
	case binding.ScopeAll:
		return at, true
	case binding.ScopeInterface:
		c, ok := inv.index.find(place)
		if !ok || c.kind != childInterface {
			return Location{}, false
		}
		at.Place = c.pos
		return at, true
	case binding.ScopeIPAddress:
		c, ok := inv.index.find(place)
		if !ok || c.kind != childIPAddress {
			return Location{}, false
		}
		at.Place = int32(len(inv.host.Interfaces)) + c.pos
		at.Carrier = inv.carrier[c.pos]
		return at, true
	default:
		return Location{}, false
	}
}
