package model

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// How many hosts, services and bindings with an ID that is given a group may have
// at once.
const (
	Hosts    = 2
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

// id returns an ID of a group; those of one kind order as their numbers do.
func id(kind byte, group, number int) uuid.UUID {
	u := uuid.UUID{0: kind, 15: byte(number)}
	binary.BigEndian.PutUint32(u[4:], uint32(group))
	return u
}

// numberOf returns the number that an ID was made of.
func numberOf(u uuid.UUID) int { return int(u[15]) }

// NetworkID returns the ID of the network of all hosts.
func NetworkID() uuid.UUID { return id(networkKind, 0, 0) }

// HostID returns the ID of a host of a group.
func HostID(group, number int) uuid.UUID { return id(hostKind, group, number) }

func serviceID(group, number int) uuid.UUID { return id(serviceKind, group, number) }
func bindingID(group, number int) uuid.UUID { return id(bindingKind, group, number) }

// allIDs returns the IDs of a kind with the numbers from first, count of them.
func allIDs(kind byte, group, first, count int) []uuid.UUID {
	ids := make([]uuid.UUID, count)
	for n := range ids {
		ids[n] = id(kind, group, first+n)
	}
	return ids
}

// A Shape is what a host has of its second address.
type Shape uint8

// The shapes of a host.
const (
	Apart   Shape = iota // no interface carries the second address
	Linked               // the interface carries it
	Without              // there is no second address
	shapes
)

// How many of each a host has.
const (
	addresses = 2
	ports     = 2
)

func interfaceIDOf(group, number int) uuid.UUID { return id(interfaceKind, group, number) }
func addressIDs(group, number int) []uuid.UUID {
	return allIDs(addressKind, group, number*addresses, addresses)
}
func portIDs(group, number int) []uuid.UUID { return allIDs(portKind, group, number*ports, ports) }

// hostOf returns a host. Its interface always carries the first address.
func hostOf(group, number int, shape Shape) host.Host {
	eth0, at, listening := interfaceIDOf(group, number), addressIDs(group, number), portIDs(group, number)
	h := host.Host{
		ID: HostID(group, number), NetworkID: NetworkID(), Name: fmt.Sprintf("host-%d-%d", group, number),
		Interfaces: []host.Interface{{ID: eth0, Name: "eth0"}},
		IPAddresses: []host.IPAddress{
			{ID: at[0], Address: netip.MustParseAddr("10.0.0.1"), InterfaceID: eth0},
			{ID: at[1], Address: netip.MustParseAddr("10.0.0.2")},
		},
		Ports: []host.Port{
			{ID: listening[0], Number: 80, Protocol: host.TCP},
			{ID: listening[1], Number: 443, Protocol: host.TCP},
		},
	}
	switch shape {
	case Linked:
		h.IPAddresses[1].InterfaceID = eth0
	case Without:
		h.IPAddresses = h.IPAddresses[:1]
	}
	return h
}

// shapeOf returns the shape of a stored host.
func shapeOf(h *host.Host) Shape {
	switch {
	case len(h.IPAddresses) < addresses:
		return Without
	case h.IPAddresses[1].InterfaceID != uuid.Nil:
		return Linked
	default:
		return Apart
	}
}

// A Target is the number of one of the targets of a group; 0 is none. Those of
// the second host follow those of the first, in the same order.
type Target int8

// Targets is how many targets a host has, numbered from 1.
const Targets = 11

// PortEverywhere is a listener on the first port of the first host, on all its
// interfaces.
const PortEverywhere Target = 4

// targetsOf returns all targets of a group, that of number 0 invalid.
func targetsOf(group int) (all [Hosts*Targets + 1]binding.Target) {
	targets := all[:1]
	for n := range Hosts {
		eth0, at := interfaceIDOf(group, n), addressIDs(group, n)
		targets = append(targets, binding.Interface(eth0), binding.IPAddress(at[0]), binding.IPAddress(at[1]))
		for _, port := range portIDs(group, n) {
			for _, scope := range []binding.Scope{
				binding.AllInterfaces(), binding.OnInterface(eth0), binding.OnIPAddress(at[0]), binding.OnIPAddress(at[1]),
			} {
				targets = append(targets, binding.Port(port, scope))
			}
		}
	}
	return all
}

// numberOfTarget returns the number of a target of a group, 0 for any other.
func numberOfTarget(group int, t binding.Target) Target {
	for n, have := range targetsOf(group) {
		if n > 0 && have == t {
			return Target(n)
		}
	}
	return 0
}

// on returns what a target is on a host of the group.
func (t Target) on(number int) Target { return (t-1)%Targets + 1 + Target(number*Targets) }
