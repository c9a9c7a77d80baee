package host

import (
	"iter"
	"net/netip"
	"strconv"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// A Host is one machine of a network and what bindings on it may name. IDs are
// unique over all its interfaces, IP addresses and ports together; hosts have
// globally unique IDs. Scanners see hosts and what is on them; an [Inventory]
// says what is there and keeps no Sightings.
type Host struct {
	ID        uuid.UUID
	NetworkID uuid.UUID
	Name      string // may be empty
	Revision  uint64 // counts the committed changes of the stored host, from 1; 0 in a new one
	binding.Sightings

	Interfaces  []Interface
	IPAddresses []IPAddress
	Ports       []Port
}

// An Interface is a network interface of a host. Either it carries IP addresses
// (those whose InterfaceID names it), or it has an Address of its own: that is
// the interface of API versions 0.13 to 0.15, which 0.16 renamed to IP address.
type Interface struct {
	ID          uuid.UUID
	Name        string // such as "eth0"; not unique, may be empty
	Description string
	MAC         string // as [MAC] makes it, "" where unknown; no rule reads it
	Position    int32  // the order in which people see it

	Address  netip.Addr // an address of its own, as that of an IPAddress is, or the zero Addr
	SubnetID uuid.UUID  // of Address; nil where unknown

	binding.Sightings
}

// HasAddress reports whether the interface has an address of its own.
func (i Interface) HasAddress() bool { return i.Address.IsValid() }

// An IPAddress is one IP address of a host. The same address may appear twice,
// under two IDs. The zone of a link-local address is the name of its interface:
// where that is known, the address is kept without it.
type IPAddress struct {
	ID          uuid.UUID
	Address     netip.Addr // never an IPv4-mapped IPv6 address
	SubnetID    uuid.UUID  // nil where unknown
	Name        string     // may be empty
	MAC         string     // as [MAC] makes it, "" where unknown; no rule reads it
	Position    int32      // the order in which people see it
	InterfaceID uuid.UUID  // the interface that carries it; nil where unknown

	binding.Sightings
}

// A Port is a port number of a transport protocol on a host. Number and
// protocol together are unique on the host.
type Port struct {
	ID       uuid.UUID
	Number   uint16 // 1 to 65535
	Protocol Protocol
	Type     string // what the API calls it, such as "Https"; "" is "Custom"

	binding.Sightings
}

// String returns the port as people write it, such as "443/tcp".
func (p Port) String() string {
	return strconv.Itoa(int(p.Number)) + "/" + p.Protocol.String()
}

// Clone returns a deep copy of the host. Its empty lists are nil.
func (h Host) Clone() Host {
	h.Interfaces = append([]Interface(nil), h.Interfaces...)
	h.IPAddresses = append([]IPAddress(nil), h.IPAddresses...)
	h.Ports = append([]Port(nil), h.Ports...)
	return h
}

// Sighted yields the ID of the host and of everything on it, with its Sightings,
// which the caller may change: first the host, then its interfaces, IP addresses
// and ports, each in order.
func (h *Host) Sighted() iter.Seq2[uuid.UUID, *binding.Sightings] {
	return func(yield func(uuid.UUID, *binding.Sightings) bool) {
		if !yield(h.ID, &h.Sightings) {
			return
		}
		for i := range h.Interfaces {
			if f := &h.Interfaces[i]; !yield(f.ID, &f.Sightings) {
				return
			}
		}
		for i := range h.IPAddresses {
			if a := &h.IPAddresses[i]; !yield(a.ID, &a.Sightings) {
				return
			}
		}
		for i := range h.Ports {
			if p := &h.Ports[i]; !yield(p.ID, &p.Sightings) {
				return
			}
		}
	}
}
