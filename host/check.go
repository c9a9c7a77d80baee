package host

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/label"
)

// check finds the first thing about a host that cannot be, all but what needs
// the index (IDs that stand twice, links). It unmaps addresses as it goes.
func check(h *Host) error {
	if err := checkText("name", h.Name); err != nil {
		return err
	}
	for i := range h.Interfaces {
		if err := checkInterface(i, &h.Interfaces[i]); err != nil {
			return err
		}
	}
	for i := range h.IPAddresses {
		if err := checkIPAddress(i, &h.IPAddresses[i]); err != nil {
			return err
		}
	}
	return checkPorts(h.Ports)
}

func checkInterface(i int, f *Interface) error {
	f.Address = f.Address.Unmap()
	if f.ID == uuid.Nil {
		return wrong("interfaces", i, "id", "is nil; give every interface an ID of its own")
	}
	if !f.HasAddress() && f.SubnetID != uuid.Nil {
		return wrong("interfaces", i, "subnet_id", "an interface without an address of its own has no subnet; give the address too, or leave the subnet out")
	}
	for _, text := range []struct{ field, value string }{
		{"name", f.Name}, {"description", f.Description}, {"mac_address", f.MAC}, {"ip_address", f.Address.Zone()},
	} {
		if err := checkText(text.field, text.value); err != nil {
			return err.Under(fmt.Sprintf("interfaces[%d]", i))
		}
	}
	return nil
}

func checkIPAddress(i int, a *IPAddress) error {
	a.Address = a.Address.Unmap()
	if a.ID == uuid.Nil {
		return wrong("ip_addresses", i, "id", "is nil; give every IP address an ID of its own")
	}
	if !a.Address.IsValid() {
		return wrong("ip_addresses", i, "ip_address", "is missing; an IP address entry needs its address")
	}
	for _, text := range []struct{ field, value string }{
		{"name", a.Name}, {"mac_address", a.MAC}, {"ip_address", a.Address.Zone()},
	} {
		if err := checkText(text.field, text.value); err != nil {
			return err.Under(fmt.Sprintf("ip_addresses[%d]", i))
		}
	}
	return nil
}

func checkPorts(ports []Port) error {
	type number struct {
		number   uint16
		protocol Protocol
	}
	seen := make(map[number]struct{}, len(ports))
	for i, p := range ports {
		if p.ID == uuid.Nil {
			return wrong("ports", i, "id", "is nil; give every port an ID of its own")
		}
		if p.Number == 0 {
			return wrong("ports", i, "number", "is 0; port numbers go from 1 to 65535")
		}
		if !p.Protocol.IsValid() {
			return wrong("ports", i, "protocol", "is none of TCP, UDP and SCTP")
		}
		key := number{p.Number, p.Protocol}
		if _, twice := seen[key]; twice {
			return wrong("ports", i, "number", "the host has port "+p.String()+" already; list every port once")
		}
		seen[key] = struct{}{}
	}
	return nil
}

// checkText holds every text of a host to what all stores can keep.
func checkText(field, value string) *binding.FieldError {
	if !utf8.ValidString(value) {
		return &binding.FieldError{Path: field, Problem: "is not valid UTF-8"}
	}
	if strings.ContainsRune(value, 0) {
		return &binding.FieldError{Path: field, Problem: "holds a NUL character"}
	}
	return nil
}

func twiceUsed(s *slot) error {
	lists := map[childKind]string{childInterface: "interfaces", childIPAddress: "ip_addresses", childPort: "ports"}
	return wrong(lists[s.kind], int(s.pos), "id",
		"the host has the ID "+s.id.String()+" twice; interfaces, IP addresses and ports need IDs of their own")
}

func wrong(list string, i int, field, problem string) error {
	return &binding.FieldError{Path: fmt.Sprintf("%s[%d].%s", list, i, field), Problem: problem}
}

// named returns a name for people, the ID where there is none.
func named(name string, id uuid.UUID) string {
	if name == "" {
		return id.String()
	}
	return label.Of(name)
}
