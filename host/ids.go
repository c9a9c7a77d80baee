package host

import (
	"strconv"

	"github.com/google/uuid"
)

// WithIDs returns a deep copy of the host in which every interface, IP address and
// port has an ID, for programs that describe hosts by names: what has none gets one
// that is made from its name, IP or number and the ID of the host, the same every
// time. Several that are called the same are told apart by their order.
//
// An IP address without an ID and without an InterfaceID is carried by the interface
// that its Name, or the zone of its Address, names, if that is the name of exactly
// one interface without an address of its own.
func WithIDs(h Host) Host {
	h = h.Clone()
	ids := newIDs(&h)
	carriers := make(map[string]uuid.UUID) // nil for a name that several have
	for i := range h.Interfaces {
		f := &h.Interfaces[i]
		ids.assign(&f.ID, "interface "+f.Name)
		if f.HasAddress() {
			continue
		}
		if _, twice := carriers[f.Name]; twice {
			carriers[f.Name] = uuid.Nil
		} else {
			carriers[f.Name] = f.ID
		}
	}
	for i := range h.IPAddresses {
		a := &h.IPAddresses[i]
		carrier := a.Address.Zone()
		if carrier == "" {
			carrier = a.Name
		}
		if a.ID == uuid.Nil && a.InterfaceID == uuid.Nil && carrier != "" {
			a.InterfaceID = carriers[carrier]
		}
		key := "address " + a.Address.Unmap().String()
		if a.Address.IsLinkLocalUnicast() {
			key = "address " + withoutZone(a.Address).String() + " of " + carrier
		}
		ids.assign(&a.ID, key)
	}
	for i := range h.Ports {
		ids.assign(&h.Ports[i].ID, "port "+h.Ports[i].String())
	}
	return h
}

// ids makes the IDs of one host.
type ids struct {
	host  uuid.UUID
	taken map[uuid.UUID]struct{}
	made  map[string]int // how many there are for a key
}

func newIDs(h *Host) *ids {
	s := &ids{host: h.ID, taken: make(map[uuid.UUID]struct{}), made: make(map[string]int)}
	for i := range h.Interfaces {
		s.taken[h.Interfaces[i].ID] = struct{}{}
	}
	for i := range h.IPAddresses {
		s.taken[h.IPAddresses[i].ID] = struct{}{}
	}
	for i := range h.Ports {
		s.taken[h.Ports[i].ID] = struct{}{}
	}
	return s
}

// assign gives an ID to what has none. A key that was used already, or whose ID is
// taken, goes on with a number.
func (s *ids) assign(id *uuid.UUID, key string) {
	for *id == uuid.Nil {
		s.made[key]++
		made := uuid.NewSHA1(s.host, []byte(key+"\x00"+strconv.Itoa(s.made[key])))
		if _, taken := s.taken[made]; !taken {
			s.taken[made] = struct{}{}
			*id = made
		}
	}
}
