package host_test

import (
	"fmt"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// A host with one interface that carries two addresses, and a port on it.
func Example() {
	eth0, addr, port := uuid.New(), uuid.New(), uuid.New()
	inv, err := host.NewInventory(host.Host{
		Name:       "web-1",
		Interfaces: []host.Interface{{ID: eth0, Name: "eth0"}},
		IPAddresses: []host.IPAddress{
			{ID: addr, Address: netip.MustParseAddr("10.0.0.5"), InterfaceID: eth0},
			{ID: uuid.New(), Address: netip.MustParseAddr("2001:db8::5"), InterfaceID: eth0},
		},
		Ports: []host.Port{{ID: port, Number: 443, Protocol: host.TCP}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	wide := binding.Port(port, binding.OnInterface(eth0))
	narrow := binding.Port(port, binding.OnIPAddress(addr))
	fmt.Println("wide:  ", inv.Describe(wide))
	fmt.Println("narrow:", inv.Describe(narrow))
	fmt.Println("wide covers narrow:", inv.Covers(wide.Scope(), narrow.Scope()))
	// Output:
	// wide:   443/tcp on eth0 (10.0.0.5, 2001:db8::5)
	// narrow: 443/tcp on 10.0.0.5 (eth0)
	// wide covers narrow: true
}

// What cannot be is refused, with the place and what to do about it.
func ExampleNewInventory() {
	_, err := host.NewInventory(host.Host{
		Ports: []host.Port{
			{ID: uuid.New(), Number: 443, Protocol: host.TCP},
			{ID: uuid.New(), Number: 443, Protocol: host.UDP},
			{ID: uuid.New(), Number: 443, Protocol: host.TCP},
		},
	})
	fmt.Println(err)
	// Output: ports[2].number: the host has port 443/tcp already; list every port once
}

// Targets are described by the names that the host has for what they name.
func ExampleInventory_Describe() {
	eth0, port, unknown := uuid.New(), uuid.New(), uuid.MustParse("5e1f0000-0000-4000-8000-000000000001")
	inv, err := host.NewInventory(host.Host{
		// In API versions 0.13 to 0.15 an interface has an address of its own.
		Interfaces: []host.Interface{{ID: eth0, Name: "eth0", Address: netip.MustParseAddr("10.0.0.5")}},
		Ports:      []host.Port{{ID: port, Number: 53, Protocol: host.UDP}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(inv.Describe(binding.Port(port, binding.AllInterfaces())))
	fmt.Println(inv.Describe(binding.Interface(eth0)))
	fmt.Println(inv.Describe(binding.Interface(unknown)))
	// Output:
	// 53/udp on all interfaces
	// presence at eth0 (10.0.0.5)
	// presence at unknown interface 5e1f0000-0000-4000-8000-000000000001
}

// A target that calls an interface with an address of its own an IP address, as
// API version 0.16 and later do, means the interface.
func ExampleInventory_Canonical() {
	eth0 := uuid.New()
	inv, err := host.NewInventory(host.Host{
		Interfaces: []host.Interface{{ID: eth0, Name: "eth0", Address: netip.MustParseAddr("10.0.0.5")}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	target := binding.IPAddress(eth0)
	fmt.Println(inv.Has(target), inv.Has(inv.Canonical(target)))
	fmt.Println(inv.Canonical(target).Kind())
	// Output:
	// false true
	// Interface
}

// A program that describes a host by names needs no UUID: an address says by its
// name which interface carries it.
func ExampleWithIDs() {
	inv, err := host.NewInventory(host.WithIDs(host.Host{
		Name:       "web-1",
		Interfaces: []host.Interface{{Name: "eth0"}, {Name: "br0"}},
		IPAddresses: []host.IPAddress{
			{Name: "eth0", Address: netip.MustParseAddr("10.0.0.5")},
			{Address: netip.MustParseAddr("fe80::5%eth0")},
		},
		Ports: []host.Port{{Number: 443, Protocol: host.TCP}},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"443/tcp on *", "443/tcp on eth0", "443/tcp on 10.0.0.5", "at br0", "80/tcp on eth7"} {
		target, err := inv.Parse(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(inv.Describe(target))
	}
	// Output:
	// 443/tcp on all interfaces
	// 443/tcp on eth0 (10.0.0.5, fe80::5)
	// 443/tcp on 10.0.0.5 (eth0)
	// presence at br0
	// the host has no port 80/tcp; add it to the ports of the host, or name another
}

// A name that fits several places is an error that says what to write instead.
func ExampleInventory_Parse() {
	inv, err := host.NewInventory(host.WithIDs(host.Host{
		Interfaces:  []host.Interface{{Name: "br-a"}, {Name: "br-b"}},
		IPAddresses: []host.IPAddress{{Address: netip.MustParseAddr("fe80::1%br-a")}, {Address: netip.MustParseAddr("fe80::1%br-b")}},
		Ports:       []host.Port{{Number: 53, Protocol: host.UDP}},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = inv.Parse("53/udp on fe80::1")
	fmt.Println(err)
	target, err := inv.Parse("53/udp on fe80::1%br-b")
	fmt.Println(inv.Describe(target), err)
	// Output:
	// "fe80::1" fits several: fe80::1 (br-a); fe80::1 (br-b); write one of them
	// 53/udp on fe80::1 (br-b) <nil>
}
