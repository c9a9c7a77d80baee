package host

import (
	"iter"
	"net/netip"
	"slices"

	"github.com/bindset/bindset/binding"
)

// Interfaces returns the interfaces of the host, in its order.
func (inv *Inventory) Interfaces() iter.Seq[Interface] { return slices.Values(inv.host.Interfaces) }

// IPAddresses returns the IP addresses of the host, in its order.
func (inv *Inventory) IPAddresses() iter.Seq[IPAddress] { return slices.Values(inv.host.IPAddresses) }

// Ports returns the ports of the host, in its order.
func (inv *Inventory) Ports() iter.Seq[Port] { return slices.Values(inv.host.Ports) }

// PortOf returns the port with a number and protocol, and whether the host has it.
func (inv *Inventory) PortOf(number uint16, protocol Protocol) (Port, bool) {
	i, ok := inv.names().ports[portNumber{number, protocol}]
	if !ok {
		return Port{}, false
	}
	return inv.host.Ports[i], true
}

// InterfacesNamed returns the interfaces with a name, exactly, in the order of the
// host: names are not unique, and may be empty.
func (inv *Inventory) InterfacesNamed(name string) []Interface {
	var named []Interface
	for _, i := range inv.names().interfaces[name] {
		named = append(named, inv.host.Interfaces[i])
	}
	return named
}

// AddressesAt returns the IP addresses of the host that are an IP, in the order of
// the host: there may be several. An IPv4-mapped address is the IPv4 address. A
// link-local one without a zone may be that of any interface, one with a zone is
// that of the interface with this name. Interfaces with an address of their own are not among them.
func (inv *Inventory) AddressesAt(ip netip.Addr) []IPAddress {
	ip = ip.Unmap()
	n := inv.names()
	positions := slices.Clone(n.addresses[ip])
	if zone := ip.Zone(); zone != "" && ip.IsLinkLocalUnicast() {
		for _, i := range n.addresses[ip.WithZone("")] {
			if c := inv.carrier[i]; c != None && inv.host.Interfaces[c].Name == zone {
				positions = append(positions, i)
			}
		}
	}
	slices.Sort(positions)
	var at []IPAddress
	for _, i := range positions {
		at = append(at, inv.host.IPAddresses[i])
	}
	return at
}

// Has reports whether everything the target names is on this host (rule V2). A
// target that is not canonical names what is not there.
func (inv *Inventory) Has(t binding.Target) bool {
	_, ok := inv.Locate(&t)
	return ok
}
