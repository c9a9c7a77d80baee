package host

import (
	"math/rand/v2"
	"sync"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/words"
)

// An Inventory is a checked, indexed, read-only view of one host. It is
// immutable and safe for concurrent use; every look-up takes constant time, but the
// first by name, number or IP takes linear time.
// Make one with [NewInventory]; the zero Inventory is that of a host without
// anything on it.
type Inventory struct {
	host  Host
	index index // every child's ID to its kind and position in host

	// carried[first[i]:first[i+1]] are the positions, in host.IPAddresses, of the
	// addresses that interface i carries, ascending.
	carried []int32
	first   []int32
	// carrier holds, for every IP address, the position of the interface that
	// carries it, or None.
	carrier []int32

	namesOnce sync.Once
	byName    *names
}

// NewInventory checks a host and indexes a copy of it. Host and network ID may
// be nil, and names empty. In the copy, IPv4-mapped addresses are unmapped, MACs
// are as [MAC] makes them, and link-local addresses have no zone where it is known
// which interface has them: they are on the link of that, whatever the zone says.
// All Sightings are dropped from it: when things were seen is not of the host. A
// host that cannot be is a *binding.FieldError with the path of the first thing
// that is wrong, such as "ports[3].id".
func NewInventory(h Host) (*Inventory, error) {
	inv := &Inventory{host: h.Clone()}
	if err := check(&inv.host); err != nil {
		return nil, err
	}
	var err error
	if inv.index, err = newIndex(&inv.host, rand.Uint64); err != nil {
		return nil, err
	}
	if err := inv.link(); err != nil {
		return nil, err
	}
	return inv, nil
}

// link resolves which interface carries which address, in one counting sort.
func (inv *Inventory) link() error {
	h := &inv.host
	ends := len(h.Interfaces) + 1
	room := make([]int32, 2*len(h.IPAddresses)+2*ends)
	inv.carrier, room = room[:len(h.IPAddresses)], room[len(h.IPAddresses):]
	inv.first, room = room[:ends], room[ends:]
	for i := range h.IPAddresses {
		inv.carrier[i] = None
		id := h.IPAddresses[i].InterfaceID
		if id == uuid.Nil {
			continue
		}
		var carrier *Interface
		c, ok := inv.index.find(words.Of(id))
		if ok && c.kind == childInterface {
			carrier = &h.Interfaces[c.pos]
		}
		if err := checkCarrier(i, id, carrier); err != nil {
			return err
		}
		inv.carrier[i] = c.pos
		inv.first[c.pos+1]++
	}
	for i := range h.Interfaces {
		inv.first[i+1] += inv.first[i]
	}
	next, room := room[:ends], room[ends:]
	copy(next, inv.first)
	inv.carried = room[:inv.first[len(h.Interfaces)]]
	for i, c := range inv.carrier {
		if c != None {
			inv.carried[next[c]] = int32(i)
			next[c]++
		}
	}
	return nil
}

// HostID returns the host's ID, nil where it has none.
func (inv *Inventory) HostID() uuid.UUID { return inv.host.ID }

// NetworkID returns the ID of the host's network, nil where it is unknown.
func (inv *Inventory) NetworkID() uuid.UUID { return inv.host.NetworkID }

// Name returns the host's name, "" where it has none.
func (inv *Inventory) Name() string { return inv.host.Name }

// Host returns a deep copy of the host, addresses unmapped, without Sightings.
func (inv *Inventory) Host() Host { return inv.host.Clone() }

// Port returns the port with an ID, and whether the host has it.
func (inv *Inventory) Port(id uuid.UUID) (Port, bool) {
	if c, ok := inv.index.find(words.Of(id)); ok && c.kind == childPort {
		return inv.host.Ports[c.pos], true
	}
	return Port{}, false
}

// Interface returns the interface with an ID, and whether the host has it.
func (inv *Inventory) Interface(id uuid.UUID) (Interface, bool) {
	if c, ok := inv.index.find(words.Of(id)); ok && c.kind == childInterface {
		return inv.host.Interfaces[c.pos], true
	}
	return Interface{}, false
}

// IPAddress returns the IP address with an ID, and whether the host has it.
func (inv *Inventory) IPAddress(id uuid.UUID) (IPAddress, bool) {
	if c, ok := inv.index.find(words.Of(id)); ok && c.kind == childIPAddress {
		return inv.host.IPAddresses[c.pos], true
	}
	return IPAddress{}, false
}

// Carrier returns the interface that carries an IP address, and whether the
// host has that address and knows its interface.
func (inv *Inventory) Carrier(ipAddressID uuid.UUID) (Interface, bool) {
	c, ok := inv.index.find(words.Of(ipAddressID))
	if !ok || c.kind != childIPAddress || inv.carrier[c.pos] == None {
		return Interface{}, false
	}
	return inv.host.Interfaces[inv.carrier[c.pos]], true
}

// Carried returns the IP addresses that an interface carries, in the host's
// order; none for an ID that is no interface of the host.
func (inv *Inventory) Carried(interfaceID uuid.UUID) []IPAddress {
	c, ok := inv.index.find(words.Of(interfaceID))
	if !ok || c.kind != childInterface {
		return nil
	}
	carried := inv.carried[inv.first[c.pos]:inv.first[c.pos+1]]
	addresses := make([]IPAddress, len(carried))
	for i, pos := range carried {
		addresses[i] = inv.host.IPAddresses[pos]
	}
	return addresses
}

// Canonical returns the target as this host means it (rule V0): a reference to
// an interface that is really one of the host's IP addresses means that
// address, a reference to an IP address that is really an interface with an
// address of its own means that interface. Every other target comes back as
// it is.
func (inv *Inventory) Canonical(t binding.Target) binding.Target {
	return t.WithScope(inv.canonicalScope(t.Scope()))
}

func (inv *Inventory) canonicalScope(s binding.Scope) binding.Scope {
	if id, ok := s.InterfaceID(); ok {
		if c, ok := inv.index.find(words.Of(id)); ok && c.kind == childIPAddress {
			return binding.OnIPAddress(id)
		}
	} else if id, ok := s.IPAddressID(); ok {
		if c, ok := inv.index.find(words.Of(id)); ok && c.kind == childInterface && inv.host.Interfaces[c.pos].HasAddress() {
			return binding.OnInterface(id)
		}
	}
	return s
}
