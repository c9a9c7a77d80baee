package host

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// Covers reports whether every place in b is in a too: all of the host covers
// everything, an interface covers itself and every IP address it carries, an IP
// address covers itself. An invalid scope neither covers nor is covered. Both
// scopes must be canonical and of this host, as those of targets are that
// [Inventory.Has] is true for.
func (inv *Inventory) Covers(a, b binding.Scope) bool {
	switch {
	case a == b:
		return a.IsValid()
	case a.Kind() == binding.ScopeAll:
		return b.IsValid()
	default:
		return inv.carries(a, b)
	}
}

// Overlap reports whether the scopes share a place: all of the host overlaps
// everything, an interface and an IP address overlap when the one carries the
// other, two interfaces or two addresses only when they are the same. An
// invalid scope overlaps nothing. What Covers asks of scopes, Overlap does.
func (inv *Inventory) Overlap(a, b binding.Scope) bool {
	return inv.Covers(a, b) || inv.Covers(b, a)
}

// carries reports whether a is an interface that carries the IP address b.
func (inv *Inventory) carries(a, b binding.Scope) bool {
	if a.Kind() != binding.ScopeInterface || b.Kind() != binding.ScopeIPAddress {
		return false
	}
	interfaceID, _ := a.InterfaceID()
	ipAddressID, _ := b.IPAddressID()
	return interfaceID != uuid.Nil && inv.carrierID(ipAddressID) == interfaceID
}

// carrierID returns the interface that carries an IP address, nil for none.
func (inv *Inventory) carrierID(ipAddressID uuid.UUID) uuid.UUID {
	if c, ok := inv.index.find(binding.WordsOf(ipAddressID)); ok && c.kind == childIPAddress {
		return inv.host.IPAddresses[c.pos].InterfaceID
	}
	return uuid.Nil
}
