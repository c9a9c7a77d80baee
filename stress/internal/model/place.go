package model

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// How many services and bindings a host may have at once.
const (
	Services = 3
	Bindings = 8
)

// The kinds of ID, their first byte.
const (
	networkKind = iota + 1
	hostKind
	interfaceKind
	addressKind
	portKind
	serviceKind
	bindingKind
)

// id returns an ID of a host; those of one kind order as their numbers do.
func id(kind byte, hostNumber, number int) uuid.UUID {
	u := uuid.UUID{0: kind, 15: byte(number)}
	binary.BigEndian.PutUint32(u[4:], uint32(hostNumber))
	return u
}

// numberOf returns the number that an ID was made of.
func numberOf(u uuid.UUID) int { return int(u[15]) }

// NetworkID returns the ID of the network of all hosts.
func NetworkID() uuid.UUID { return id(networkKind, 0, 0) }

// HostID returns the ID of a host.
func HostID(hostNumber int) uuid.UUID { return id(hostKind, hostNumber, 0) }

func serviceID(hostNumber, number int) uuid.UUID { return id(serviceKind, hostNumber, number) }
func bindingID(hostNumber, number int) uuid.UUID { return id(bindingKind, hostNumber, number) }
func portID(hostNumber, number int) uuid.UUID    { return id(portKind, hostNumber, number) }

// allIDs returns the IDs that the things of a kind may have on a host.
func allIDs(kind byte, hostNumber, count int) []uuid.UUID {
	ids := make([]uuid.UUID, count)
	for n := range ids {
		ids[n] = id(kind, hostNumber, n)
	}
	return ids
}

const ports = 2

// hostOf returns a host. Its interface always carries the second address, and the
// first one where linked.
func hostOf(hostNumber int, linked bool) host.Host {
	eth0 := id(interfaceKind, hostNumber, 0)
	h := host.Host{
		ID: HostID(hostNumber), NetworkID: NetworkID(), Name: fmt.Sprintf("host-%d", hostNumber),
		Interfaces: []host.Interface{{ID: eth0, Name: "eth0"}},
		IPAddresses: []host.IPAddress{
			{ID: id(addressKind, hostNumber, 0), Address: netip.MustParseAddr("10.0.0.1")},
			{ID: id(addressKind, hostNumber, 1), Address: netip.MustParseAddr("10.0.0.2"), InterfaceID: eth0},
		},
		Ports: []host.Port{
			{ID: portID(hostNumber, 0), Number: 80, Protocol: host.TCP},
			{ID: portID(hostNumber, 1), Number: 443, Protocol: host.TCP},
		},
	}
	if linked {
		h.IPAddresses[0].InterfaceID = eth0
	}
	return h
}

// A Target is the number of one of the targets of a host; 0 is none.
type Target int8

// Targets is how many targets a host has, numbered from 1.
const Targets = 11

// PortEverywhere is a listener on the first port, on all interfaces.
const PortEverywhere Target = 4

// targetsOf returns all targets of a host, that of number 0 invalid.
func targetsOf(hostNumber int) (all [Targets + 1]binding.Target) {
	eth0, first, second := id(interfaceKind, hostNumber, 0), id(addressKind, hostNumber, 0), id(addressKind, hostNumber, 1)
	targets := append(all[:1], binding.Interface(eth0), binding.IPAddress(first), binding.IPAddress(second))
	for n := range ports {
		for _, scope := range []binding.Scope{
			binding.AllInterfaces(), binding.OnInterface(eth0), binding.OnIPAddress(first), binding.OnIPAddress(second),
		} {
			targets = append(targets, binding.Port(portID(hostNumber, n), scope))
		}
	}
	return all
}

// numberOfTarget returns the number of a target of a host, 0 for any other.
func numberOfTarget(hostNumber int, t binding.Target) Target {
	for n, have := range targetsOf(hostNumber) {
		if n > 0 && have == t {
			return Target(n)
		}
	}
	return 0
}
