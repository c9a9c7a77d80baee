package host

import "github.com/bindset/bindset/binding"

// Covers reports whether every place in b is in a too. The places of a host are
// its IP addresses, and for each interface, and for the host itself, any other
// IPv4 address and any other IPv6 address. All of the host covers everything;
// all of a family covers the addresses of that family; an interface covers
// itself and every IP address it carries; an IP address, and an interface with
// an address of its own, covers itself. A scope that is invalid, not canonical,
// or not of this host neither covers nor is covered.
func (inv *Inventory) Covers(a, b binding.Scope) bool {
	atA, atB, ok := inv.locateBoth(a, b)
	return ok && atA.Contains(atB)
}

// Overlap reports whether the scopes share a place, see [Inventory.Covers]. An
// interface shares one with all of a family, unless its own address is of the
// other; all IPv4 and all IPv6 share none. A scope that is invalid, not
// canonical, or not of this host overlaps nothing.
func (inv *Inventory) Overlap(a, b binding.Scope) bool {
	atA, atB, ok := inv.locateBoth(a, b)
	return ok && atA.Overlaps(atB)
}

func (inv *Inventory) locateBoth(a, b binding.Scope) (atA, atB Location, ok bool) {
	atA, okA := inv.locateScope(a)
	atB, okB := inv.locateScope(b)
	return atA, atB, okA && okB
}
