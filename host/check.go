package host

import (
	"cmp"
	"fmt"
	"math/bits"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/internal/wire"
)

// check finds the first thing about a host that cannot be, all but what needs
// the index (IDs that stand twice, links). It puts what it checks into the form
// in which an inventory has it as it goes.
func check(h *Host) error {
	if err := cmp.Or(dropSightings(&h.Sightings), checkText("name", h.Name)); err != nil {
		return err
	}
	for i := range h.Interfaces {
		f := &h.Interfaces[i]
		if err := cmp.Or(dropSightings(&f.Sightings), checkInterface(f)); err != nil {
			return err.Under(element("interfaces", i))
		}
	}
	for i := range h.IPAddresses {
		a := &h.IPAddresses[i]
		if err := cmp.Or(dropSightings(&a.Sightings), checkIPAddress(a)); err != nil {
			return err.Under(element("ip_addresses", i))
		}
	}
	return checkPorts(h.Ports)
}

// dropSightings checks Sightings, of which an inventory keeps none.
func dropSightings(s *binding.Sightings) *binding.FieldError {
	at := s.LastSeenAt
	*s = binding.Sightings{}
	if at.IsZero() {
		return nil
	}
	if problem := wire.BadTime(at); problem != "" {
		return &binding.FieldError{Path: "last_seen_at", Problem: problem}
	}
	return nil
}

// normalize puts the interface into the form in which an inventory has it.
func (f *Interface) normalize() {
	f.Address, f.MAC = withoutZone(f.Address.Unmap()), MAC(f.MAC)
}

// normalize is that of an interface.
func (a *IPAddress) normalize() {
	a.Address, a.MAC = a.Address.Unmap(), MAC(a.MAC)
	if a.InterfaceID != uuid.Nil {
		a.Address = withoutZone(a.Address)
	}
}

// normalize is that of an interface.
func (p *Port) normalize() {
	if p.Type == customPort {
		p.Type = ""
	}
}

// customPort is how the type of a port is written that has none.
const customPort = "Custom"

func checkInterface(f *Interface) *binding.FieldError {
	f.normalize()
	if f.ID == uuid.Nil {
		return &binding.FieldError{Path: "id", Problem: "is nil; give every interface an ID of its own"}
	}
	if !f.HasAddress() && f.SubnetID != uuid.Nil {
		return &binding.FieldError{Path: "subnet_id", Problem: "an interface without an address of its own has no subnet; give the address too, or leave the subnet out"}
	}
	return checkTexts([]text{
		{"name", f.Name}, {"description", f.Description}, {"mac_address", f.MAC}, {"ip_address", f.Address.Zone()},
	})
}

func checkIPAddress(a *IPAddress) *binding.FieldError {
	a.normalize()
	if a.ID == uuid.Nil {
		return &binding.FieldError{Path: "id", Problem: "is nil; give every IP address an ID of its own"}
	}
	if !a.Address.IsValid() {
		return &binding.FieldError{Path: "ip_address", Problem: "is missing; an IP address entry needs its address"}
	}
	return checkTexts([]text{{"name", a.Name}, {"mac_address", a.MAC}, {"ip_address", a.Address.Zone()}})
}

func checkPorts(ports []Port) error {
	seen := newPortSet(len(ports))
	for i := range ports {
		p := &ports[i]
		if err := cmp.Or(dropSightings(&p.Sightings), checkPort(p)); err != nil {
			return err.Under(element("ports", i))
		}
		if !seen.add(p) {
			return wrong("ports", i, "number", "the host has port "+p.String()+" already; list every port once")
		}
	}
	return nil
}

// A portSet is a hash table of ports, at most half full. There are too few ports
// for anybody to choose many that meet in a small table, and a large one has room
// for each: it needs no secret.
type portSet []uint32

func newPortSet(n int) portSet { return make(portSet, 2<<bits.Len(uint(n))) }

// add adds a valid port, and reports whether it was not there.
func (s portSet) add(p *Port) bool {
	key := uint32(p.Protocol)<<16 | uint32(p.Number)
	mask := uint32(len(s) - 1)
	at := key & mask
	for ; s[at] != 0; at = (at + 1) & mask {
		if s[at] == key {
			return false
		}
	}
	s[at] = key
	return true
}

func checkPort(p *Port) *binding.FieldError {
	p.normalize()
	switch {
	case p.ID == uuid.Nil:
		return &binding.FieldError{Path: "id", Problem: "is nil; give every port an ID of its own"}
	case p.Number == 0:
		return &binding.FieldError{Path: "number", Problem: "is 0; port numbers go from 1 to 65535"}
	case !p.Protocol.IsValid():
		return &binding.FieldError{Path: "protocol", Problem: "is none of TCP, UDP and SCTP"}
	}
	return checkText("type", p.Type)
}

// A text is one text of a host and the name of its field.
type text struct{ field, value string }

func checkTexts(texts []text) *binding.FieldError {
	for _, t := range texts {
		if err := checkText(t.field, t.value); err != nil {
			return err
		}
	}
	return nil
}

// checkText holds every text of a host to what all stores can keep.
func checkText(field, value string) *binding.FieldError {
	if problem := wire.BadText(value); problem != "" {
		return &binding.FieldError{Path: field, Problem: problem}
	}
	return nil
}

// withoutZone returns the address of a known interface. The zone of a link-local
// one is the name of that interface, or its number there.
func withoutZone(a netip.Addr) netip.Addr {
	if a.IsLinkLocalUnicast() {
		return a.WithZone("")
	}
	return a
}

// checkCarrier holds the i-th IP address to what its InterfaceID may name: carrier
// is the interface of the host that has this ID, nil where there is none.
func checkCarrier(i int, id uuid.UUID, carrier *Interface) *binding.FieldError {
	switch {
	case carrier == nil:
		return wrong("ip_addresses", i, "interface_id",
			"no interface of this host has the ID "+id.String()+"; name the interface that carries the address, or none")
	case carrier.HasAddress():
		return wrong("ip_addresses", i, "interface_id",
			"interface "+named(carrier.Name, id)+" has an address of its own and cannot carry another; drop one of the two")
	default:
		return nil
	}
}

func twiceUsed(s *slot) error {
	lists := map[childKind]string{childInterface: "interfaces", childIPAddress: "ip_addresses", childPort: "ports"}
	return wrong(lists[s.kind], int(s.pos), "id",
		"the host has the ID "+s.id.UUID().String()+" twice; interfaces, IP addresses and ports need IDs of their own")
}

func wrong(list string, i int, field, problem string) *binding.FieldError {
	return (&binding.FieldError{Path: field, Problem: problem}).Under(element(list, i))
}

func element(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// named returns a name for people, the ID where there is none.
func named(name string, id uuid.UUID) string {
	return cmp.Or(label.Of(name), id.String())
}
