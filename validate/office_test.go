package validate_test

import (
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// office is the host of the tables, whose things go by their names:
//
//	eth0 carries 10.0.0.5 and 10.0.0.6, eth1 carries 10.0.1.5
//	192.0.2.1 is on the host, by which interface is unknown
//	tun0 has an address of its own, 10.9.0.1
//	the ports are 443/tcp, 80/tcp and 53/udp
var office = newOffice()

// elsewhere is another host of the same network, with an eth0 that carries
// 10.0.0.9, and 443/tcp.
var elsewhere = newElsewhere()

var networkID = bindingtest.IDs(0x27, 1)[0]

func newOffice() *host.Inventory {
	ids := bindingtest.IDs(0x0f, 20)
	return mustInventory(host.Host{
		ID: ids[0], NetworkID: bindingtest.IDs(0x27, 1)[0], Name: "office-1",
		Interfaces: []host.Interface{
			{ID: ids[1], Name: "eth0"},
			{ID: ids[2], Name: "eth1"},
			{ID: ids[3], Name: "tun0", Address: netip.MustParseAddr("10.9.0.1")},
		},
		IPAddresses: []host.IPAddress{
			{ID: ids[4], Address: netip.MustParseAddr("10.0.0.5"), InterfaceID: ids[1]},
			{ID: ids[5], Address: netip.MustParseAddr("10.0.0.6"), InterfaceID: ids[1]},
			{ID: ids[6], Address: netip.MustParseAddr("10.0.1.5"), InterfaceID: ids[2]},
			{ID: ids[7], Address: netip.MustParseAddr("192.0.2.1")},
		},
		Ports: []host.Port{
			{ID: ids[8], Number: 443, Protocol: host.TCP},
			{ID: ids[9], Number: 80, Protocol: host.TCP},
			{ID: ids[10], Number: 53, Protocol: host.UDP},
		},
	})
}

func newElsewhere() *host.Inventory {
	ids := bindingtest.IDs(0xe1, 20)
	return mustInventory(host.Host{
		ID: ids[0], NetworkID: bindingtest.IDs(0x27, 1)[0], Name: "office-2",
		Interfaces:  []host.Interface{{ID: ids[1], Name: "eth0"}},
		IPAddresses: []host.IPAddress{{ID: ids[2], Address: netip.MustParseAddr("10.0.0.9"), InterfaceID: ids[1]}},
		Ports:       []host.Port{{ID: ids[3], Number: 443, Protocol: host.TCP}},
	})
}

func mustInventory(h host.Host) *host.Inventory {
	inv, err := host.NewInventory(h)
	if err != nil {
		panic(err)
	}
	return inv
}

// in names a place by the kind that it is on the host.
func in(inv *host.Inventory, place string) binding.Scope {
	if place == "everywhere" {
		return binding.AllInterfaces()
	}
	h := inv.Host()
	for _, f := range h.Interfaces {
		if f.Name == place {
			return binding.OnInterface(f.ID)
		}
	}
	for _, a := range h.IPAddresses {
		if a.Address.String() == place {
			return binding.OnIPAddress(a.ID)
		}
	}
	panic("no place " + place + " on " + h.Name)
}

func portOf(inv *host.Inventory, name string) uuid.UUID {
	for _, p := range inv.Host().Ports {
		if p.String() == name {
			return p.ID
		}
	}
	panic("no port " + name)
}

// listen is a listener of the office: on a port at a place, or "everywhere".
func listen(port, place string) binding.Target {
	return binding.Port(portOf(office, port), in(office, place))
}

// present is a presence at a place of the office.
func present(place string) binding.Target {
	return binding.Interface(uuid.Nil).WithScope(in(office, place))
}

// misnamed names the place of a target by the other kind: an IP address as an
// interface, an interface as an IP address.
func misnamed(t binding.Target) binding.Target {
	if id, ok := t.InterfaceID(); ok {
		return t.WithScope(binding.OnIPAddress(id))
	}
	id, _ := t.IPAddressID()
	return t.WithScope(binding.OnInterface(id))
}

// setOf returns a set of bindings with these targets and the IDs bindingID(0),
// bindingID(1) and so on.
func setOf(targets ...binding.Target) []binding.Binding {
	set := make([]binding.Binding, len(targets))
	for i, to := range targets {
		set[i] = binding.Binding{Target: to, ID: bindingID(i)}
	}
	return set
}

func bindingID(i int) uuid.UUID { return bindingtest.IDs(0xb1, i+1)[i] }

// web is the service of the tables.
var web = validate.ServiceInfo{ID: bindingtest.IDs(0x5e, 9)[8], NetworkID: networkID, Name: "web"}

// violation is a violation as validatetest compares it.
func violation(rule string, code binding.Code, index int) validate.Violation {
	return validate.Violation{Rule: rule, Code: code, Index: index}
}

// against is a violation by a binding that clashes with another target.
func against(rule string, code binding.Code, index int, other binding.Target) validate.Violation {
	v := violation(rule, code, index)
	v.Other.Target = other
	return v
}
