package reconcile

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// addressed is an IP address, or an interface with an address of its own: one
// kind for matching.
type addressed struct {
	host.IPAddress        // of an interface: its own address, and what else it says
	position       int    // in its list
	description    string // of an interface
	isInterface    bool
}

// addressedOf returns the IP addresses, then the interfaces with an address of
// their own. In this order an interface that becomes an IP address keeps its
// place among those with the same IP, so that the k-th stays the k-th.
func addressedOf(h *host.Host) []addressed {
	all := make([]addressed, 0, len(h.IPAddresses))
	for i, a := range h.IPAddresses {
		all = append(all, addressed{IPAddress: a, position: i})
	}
	for i, f := range h.Interfaces {
		if f.HasAddress() {
			all = append(all, addressed{
				IPAddress: host.IPAddress{
					ID: f.ID, Address: f.Address, SubnetID: f.SubnetID, Name: f.Name, MAC: f.MAC, Position: f.Position,
				},
				position: i, description: f.Description, isInterface: true,
			})
		}
	}
	return all
}

func (a *addressed) asInterface() host.Interface {
	return host.Interface{
		ID: a.ID, Name: a.Name, Description: a.description, MAC: a.MAC, Position: a.Position,
		Address: a.Address, SubnetID: a.SubnetID,
	}
}

// mergePlaces merges what has an IP. It returns the IDs in the merged host of
// the observed IP addresses.
func (m *Merged) mergePlaces(observed *host.Host, ids *idSource) []uuid.UUID {
	seen, known := addressedOf(observed), addressedOf(&m.Host)
	matches := matchPlaces(seen, known)
	converted := make(map[uuid.UUID]bool)
	completed := make(map[netip.Addr]uuid.UUID) // the subnets that IPs seen without one are in
	for i, at := range matches.stored {
		if at == none {
			continue
		}
		k := &known[at]
		if seen[i].SubnetID == uuid.Nil && k.SubnetID != uuid.Nil {
			completed[k.Address] = k.SubnetID
		}
		seen[i].takeOver(k)
		if k.isInterface && !seen[i].isInterface {
			converted[k.ID] = true
		}
		seen[i].isInterface = seen[i].isInterface && k.isInterface
		*k = addressed{
			IPAddress: seen[i].IPAddress, position: k.position, description: seen[i].description, isInterface: seen[i].isInterface,
		}
	}
	for i := range known {
		switch k := &known[i]; {
		case converted[k.ID]:
			m.Host.IPAddresses = append(m.Host.IPAddresses, k.IPAddress)
		case k.isInterface:
			m.Host.Interfaces[k.position] = k.asInterface()
		default:
			m.Host.IPAddresses[k.position] = k.IPAddress
		}
	}
	m.Host.Interfaces = slices.DeleteFunc(m.Host.Interfaces, func(f host.Interface) bool { return converted[f.ID] })

	original := addressedOf(observed)
	for i := range seen {
		s := &seen[i]
		if matches.stored[i] == none {
			s.ID, s.InterfaceID = ids.take(s.ID), uuid.Nil
			// One more of an IP that was seen without the subnet it is known in:
			// without one itself, the next scan would take it for the first.
			s.SubnetID = cmp.Or(s.SubnetID, completed[s.Address])
			m.addPlace(s)
		}
		references := m.addresses
		if original[i].isInterface {
			references = m.interfaces
		}
		refer(references, original[i].ID, place{id: s.ID, isAddress: !s.isInterface})
	}
	addresses := make([]uuid.UUID, len(observed.IPAddresses))
	for i := range addresses {
		addresses[i] = seen[i].ID
	}
	return addresses
}

func (m *Merged) addPlace(a *addressed) {
	if a.isInterface {
		m.Host.Interfaces = append(m.Host.Interfaces, a.asInterface())
	} else {
		m.Host.IPAddresses = append(m.Host.IPAddresses, a.IPAddress)
	}
}

// matchPlaces matches by ID, else by IP: equal subnets first, then where one has
// none.
func matchPlaces(seen, known []addressed) matching {
	m := newMatching(len(seen), len(known))
	byID := func(all []addressed) func(int) (uuid.UUID, bool) {
		return func(i int) (uuid.UUID, bool) { return all[i].ID, all[i].ID != uuid.Nil }
	}
	by(m, byID(seen), byID(known))

	type inSubnet struct {
		address netip.Addr
		subnet  uuid.UUID
	}
	bySubnet := func(all []addressed) func(int) (inSubnet, bool) {
		return func(i int) (inSubnet, bool) { return inSubnet{all[i].Address, all[i].SubnetID}, true }
	}
	by(m, bySubnet(seen), bySubnet(known))

	byAddress := func(all []addressed, wanted func(subnet uuid.UUID) bool) func(int) (netip.Addr, bool) {
		return func(i int) (netip.Addr, bool) { return all[i].Address, wanted(all[i].SubnetID) }
	}
	unknown := func(subnet uuid.UUID) bool { return subnet == uuid.Nil }
	given := func(subnet uuid.UUID) bool { return subnet != uuid.Nil }
	by(m, byAddress(seen, unknown), byAddress(known, given))
	by(m, byAddress(seen, given), byAddress(known, unknown))
	return m
}

// takeOver completes an observed place with what is known of it.
func (a *addressed) takeOver(known *addressed) {
	if a.Address == known.Address {
		a.SubnetID = cmp.Or(a.SubnetID, known.SubnetID)
	}
	a.ID, a.Position, a.InterfaceID = known.ID, known.Position, known.InterfaceID
	a.Name = cmp.Or(a.Name, known.Name)
	a.MAC = cmp.Or(a.MAC, known.MAC)
	a.description = cmp.Or(a.description, known.description)
}

// mergeInterfaces merges the interfaces without an address of their own.
func (m *Merged) mergeInterfaces(observed *host.Host, ids *idSource) {
	plain := func(h *host.Host) (positions []int) {
		for i := range h.Interfaces {
			if !h.Interfaces[i].HasAddress() {
				positions = append(positions, i)
			}
		}
		return positions
	}
	seen, known := plain(observed), plain(&m.Host)
	matches := newMatching(len(seen), len(known))
	by(matches,
		func(i int) (uuid.UUID, bool) {
			id := observed.Interfaces[seen[i]].ID
			return id, id != uuid.Nil
		},
		func(i int) (uuid.UUID, bool) { return m.Host.Interfaces[known[i]].ID, true })
	by(matches,
		func(i int) (string, bool) { return observed.Interfaces[seen[i]].Name, true },
		func(i int) (string, bool) { return m.Host.Interfaces[known[i]].Name, true })
	for i, at := range seen {
		f := observed.Interfaces[at]
		was := f.ID
		if k := matches.stored[i]; k == none {
			f.ID = ids.take(f.ID)
			m.Host.Interfaces = append(m.Host.Interfaces, f)
		} else {
			before := m.Host.Interfaces[known[k]]
			f.ID, f.Position = before.ID, before.Position
			f.Name = cmp.Or(f.Name, before.Name)
			f.Description = cmp.Or(f.Description, before.Description)
			f.MAC = cmp.Or(f.MAC, before.MAC)
			m.Host.Interfaces[known[k]] = f
		}
		refer(m.interfaces, was, place{id: f.ID})
	}
}

// mergePorts merges the ports. A port is its number and protocol: one that has
// the ID of a port with another number is another port.
func (m *Merged) mergePorts(observed *host.Host, ids *idSource) {
	type number struct {
		number   uint16
		protocol host.Protocol
	}
	known := make(map[number]uuid.UUID, len(m.Host.Ports))
	for _, p := range m.Host.Ports {
		known[number{p.Number, p.Protocol}] = p.ID
	}
	for _, p := range observed.Ports {
		was, key := p.ID, number{p.Number, p.Protocol}
		if _, ok := known[key]; !ok {
			p.ID = ids.take(p.ID)
			m.Host.Ports = append(m.Host.Ports, p)
			known[key] = p.ID
		}
		refer(m.ports, was, known[key])
	}
}

// replacePath puts another place in front of the path of a *binding.FieldError.
func replacePath(err error, from, to string) error {
	var field *binding.FieldError
	if !errors.As(err, &field) {
		return err
	}
	return &binding.FieldError{Path: to + strings.TrimPrefix(field.Path, from), Problem: field.Problem, Malformed: field.Malformed}
}
