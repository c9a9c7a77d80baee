package host

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/internal/wire"
)

// check finds the first thing about a host that cannot be, all but what needs
// the index (IDs that stand twice, links). It puts what it checks into the form
// in which hosts are kept as it goes.
func check(h *Host) error {
	if err := checkOwn(h); err != nil {
		return err
	}
	for i := range h.Interfaces {
		if err := checkInterface(&h.Interfaces[i]); err != nil {
			return err.Under(element("interfaces", i))
		}
	}
	for i := range h.IPAddresses {
		if err := checkIPAddress(&h.IPAddresses[i]); err != nil {
			return err.Under(element("ip_addresses", i))
		}
	}
	return checkPorts(h.Ports)
}

// checkOwn is check of what is not in the lists of the host.
func checkOwn(h *Host) *binding.FieldError {
	if err := checkText("name", h.Name); err != nil {
		return err
	}
	return checkSightings(&h.Sightings)
}

func checkInterface(f *Interface) *binding.FieldError {
	f.Address, f.MAC = withoutZone(f.Address.Unmap()), MAC(f.MAC)
	if f.ID == uuid.Nil {
		return &binding.FieldError{Path: "id", Problem: "is nil; give every interface an ID of its own"}
	}
	if !f.HasAddress() && f.SubnetID != uuid.Nil {
		return &binding.FieldError{Path: "subnet_id", Problem: "an interface without an address of its own has no subnet; give the address too, or leave the subnet out"}
	}
	if err := checkSightings(&f.Sightings); err != nil {
		return err
	}
	return checkTexts([]text{
		{"name", f.Name}, {"description", f.Description}, {"mac_address", f.MAC}, {"ip_address", f.Address.Zone()},
	})
}

func checkIPAddress(a *IPAddress) *binding.FieldError {
	a.Address, a.MAC = a.Address.Unmap(), MAC(a.MAC)
	if a.InterfaceID != uuid.Nil {
		a.Address = withoutZone(a.Address)
	}
	if a.ID == uuid.Nil {
		return &binding.FieldError{Path: "id", Problem: "is nil; give every IP address an ID of its own"}
	}
	if !a.Address.IsValid() {
		return &binding.FieldError{Path: "ip_address", Problem: "is missing; an IP address entry needs its address"}
	}
	if err := checkSightings(&a.Sightings); err != nil {
		return err
	}
	return checkTexts([]text{{"name", a.Name}, {"mac_address", a.MAC}, {"ip_address", a.Address.Zone()}})
}

func checkPorts(ports []Port) error {
	type number struct {
		number   uint16
		protocol Protocol
	}
	seen := make(map[number]struct{}, len(ports))
	for i := range ports {
		p := &ports[i]
		if err := checkPort(p); err != nil {
			return err.Under(element("ports", i))
		}
		key := number{p.Number, p.Protocol}
		if _, twice := seen[key]; twice {
			return wrong("ports", i, "number", "the host has port "+p.String()+" already; list every port once")
		}
		seen[key] = struct{}{}
	}
	return nil
}

func checkPort(p *Port) *binding.FieldError {
	if p.Type == customPort {
		p.Type = ""
	}
	switch {
	case p.ID == uuid.Nil:
		return &binding.FieldError{Path: "id", Problem: "is nil; give every port an ID of its own"}
	case p.Number == 0:
		return &binding.FieldError{Path: "number", Problem: "is 0; port numbers go from 1 to 65535"}
	case !p.Protocol.IsValid():
		return &binding.FieldError{Path: "protocol", Problem: "is none of TCP, UDP and SCTP"}
	}
	if err := checkText("type", p.Type); err != nil {
		return err
	}
	return checkSightings(&p.Sightings)
}

// customPort is how the type of a port is written that has none.
const customPort = "Custom"

func checkSightings(s *binding.Sightings) *binding.FieldError {
	written, fault := wire.Sightings(*s).Written()
	*s = binding.Sightings(written)
	return (*binding.FieldError)(fault)
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
		"the host has the ID "+s.id.ID().String()+" twice; interfaces, IP addresses and ports need IDs of their own")
}

func wrong(list string, i int, field, problem string) *binding.FieldError {
	return (&binding.FieldError{Path: field, Problem: problem}).Under(element(list, i))
}

func element(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// named returns a name for people, the ID where there is none.
func named(name string, id uuid.UUID) string {
	return cmp.Or(label.Of(name), id.String())
}
