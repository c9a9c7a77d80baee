package hosttest

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
)

// Pool returns the IDs of the children of an inventory, each by what it is: what
// the pool generates is valid and canonical on that host.
func Pool(inv *host.Inventory) bindingtest.Pool {
	var pool bindingtest.Pool
	for p := range inv.Ports() {
		pool.Ports = append(pool.Ports, p.ID)
	}
	for f := range inv.Interfaces() {
		pool.Interfaces = append(pool.Interfaces, f.ID)
	}
	for a := range inv.IPAddresses() {
		pool.IPAddresses = append(pool.IPAddresses, a.ID)
	}
	return pool
}

// Scope generates the canonical valid scopes of an inventory.
func Scope(inv *host.Inventory) *rapid.Generator[binding.Scope] { return Pool(inv).Scope() }

// Target generates the canonical valid targets of an inventory. It panics for a
// host without any port, interface and IP address.
func Target(inv *host.Inventory) *rapid.Generator[binding.Target] { return Pool(inv).Target() }

// AnyReference generates targets that mean a valid target of an inventory, half
// of them by the wrong kind of place where rule V0 sets that right: an IP address
// called an interface, an interface with an address of its own called an IP
// address. It panics where [Target] does.
func AnyReference(inv *host.Inventory) *rapid.Generator[binding.Target] {
	target := Target(inv)
	return rapid.Custom(func(t *rapid.T) binding.Target {
		right := target.Draw(t, "target")
		wrong := right.WithScope(otherKind(right.Scope()))
		if inv.Canonical(wrong) == right && rapid.Bool().Draw(t, "by the wrong kind") {
			return wrong
		}
		return right
	})
}

// Foreign generates targets of valid form that, also as rule V0 has them, name
// something that the inventory's host does not have: unknown IDs, and IDs of its
// own children by a kind that they are not, such as a port as an interface.
func Foreign(inv *host.Inventory) *rapid.Generator[binding.Target] {
	own := Pool(inv)
	ids := slices.Concat(own.Ports, own.Interfaces, own.IPAddresses, bindingtest.IDs(seriesUnknown, 2))
	anything := bindingtest.Pool{Ports: ids, Interfaces: ids, IPAddresses: ids}
	return anything.Target().Filter(func(t binding.Target) bool { return !inv.Has(inv.Canonical(t)) })
}

// seriesUnknown is the series of fixed IDs that no generated host has.
const seriesUnknown = 0x404

// otherKind names the same place by the other kind; all interfaces stay so.
func otherKind(s binding.Scope) binding.Scope {
	if id, ok := s.InterfaceID(); ok {
		return binding.OnIPAddress(id)
	}
	if id, ok := s.IPAddressID(); ok {
		return binding.OnInterface(id)
	}
	return s
}
