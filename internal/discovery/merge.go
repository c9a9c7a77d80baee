package discovery

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// Merged is a stored host with what was seen of it.
type Merged struct {
	Host   host.Host       // ID, network, name and revision are those stored
	Links  []Link          // that are new
	Seen   []uuid.UUID     // stored children that were seen
	Faults []service.Fault // links that cannot be
	Became []Became        // IDs of the payload that are others in Host

	scan    *Scan
	changed bool            // in more than Links and Sightings
	ports   []uuid.UUID     // of each seen port the ID in Host
	places  []binding.Scope // of each seen interface, then each IP address, what it is in Host
	ids     idSource
}

// A Link is an interface-to-address link that a scan changes.
type Link struct {
	IPAddressID uuid.UUID
	From, To    uuid.UUID // the interface that carried it, nil for none, and the one that does now
}

// Became says which ID a thing of the payload has now.
type Became struct{ From, To uuid.UUID }

// idSource gives new children their IDs: those they came with, unless something
// else on the host has them.
type idSource struct {
	taken map[uuid.UUID]struct{}
	newID func() uuid.UUID
}

func newIDSource(h *host.Host, newID func() uuid.UUID) idSource {
	s := idSource{make(map[uuid.UUID]struct{}, len(h.Interfaces)+len(h.IPAddresses)+len(h.Ports)), newID}
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

func (s *idSource) take(given uuid.UUID) uuid.UUID {
	for _, taken := s.taken[given]; given == noID || taken; _, taken = s.taken[given] {
		given = s.newID()
	}
	s.taken[given] = struct{}{}
	return given
}

// Merge makes one host of the stored one, which has nothing on it where it is
// new, and what was seen of it. Of what is paired, the scan replaces what it
// knows, positions excepted. An interface with an address of its own that is seen
// as an IP address becomes one, under its ID.
func Merge(s *Scan, stored *host.Host, c *Children, newID func() uuid.UUID) *Merged {
	m := &Merged{
		Host: stored.Clone(), scan: s, ids: newIDSource(stored, newID),
		ports:  make([]uuid.UUID, len(s.Host.Ports)),
		places: make([]binding.Scope, len(s.Host.Interfaces)+len(s.Host.IPAddresses)),
	}
	if s.Recorded {
		m.Host.Sightings = either(stored.Sightings, s.Host.Sightings)
	}
	m.mergePorts(c)
	m.mergeInterfaces(c)
	m.mergeAddressed(c)
	m.link(c)
	return m
}

// Changed reports whether the host differs from the stored one in more than
// Sightings.
func (m *Merged) Changed() bool { return m.changed || len(m.Links) > 0 }

// sightings returns those of a thing that is new on the host.
func (s *Scan) sightings(given binding.Sightings) binding.Sightings {
	if s.Recorded {
		return given
	}
	return binding.Sightings{LastSeenAt: s.At, FirstDiscoveryID: s.ID, LastDiscoveryID: s.ID}
}

// seen returns those of a stored thing that the scan saw: no time goes back.
func (s *Scan) seen(stored binding.Sightings) binding.Sightings {
	if s.Recorded {
		return stored
	}
	return stored.Seen(s.At, s.ID)
}

// either returns those of two records of one thing: what one of them states is
// stated.
func either(a, b binding.Sightings) binding.Sightings {
	if b.LastSeenAt.After(a.LastSeenAt) {
		a.LastSeenAt, a.LastDiscoveryID = b.LastSeenAt, b.LastDiscoveryID
	}
	if b.Stated() {
		a.FirstDiscoveryID = noID
	}
	return a
}

// met notes that a stored child was seen.
func (m *Merged) met(stored *binding.Sightings, seen binding.Sightings, given, id uuid.UUID) {
	m.Seen = append(m.Seen, id)
	if m.scan.Recorded {
		*stored = either(*stored, seen)
	}
	m.became(given, id)
}

func (m *Merged) became(given, id uuid.UUID) {
	if m.scan.Recorded && given != id {
		m.Became = append(m.Became, Became{given, id})
	}
}

// newer returns what is known of two values: what a scan knows, and else what is
// stored; of two records what is stored comes first.
func newer[T comparable](m *Merged, seen, stored T) T {
	if m.scan.Recorded {
		return cmp.Or(stored, seen)
	}
	return cmp.Or(seen, stored)
}

// replace replaces a value, and notes whether that changes the host.
func replace[T comparable](m *Merged, value *T, next T) {
	m.changed = m.changed || *value != next
	*value = next
}

func (m *Merged) mergePorts(c *Children) {
	for i := range m.scan.Host.Ports {
		seen := m.scan.Host.Ports[i]
		if j := c.Ports.Stored[i]; j != none {
			p := &m.Host.Ports[j]
			m.met(&p.Sightings, seen.Sightings, seen.ID, p.ID)
			replace(m, &p.Type, newer(m, seen.Type, p.Type))
			m.ports[i] = p.ID
			continue
		}
		m.changed = true
		given := seen.ID
		seen.ID, seen.Sightings = m.ids.take(given), m.scan.sightings(seen.Sightings)
		m.became(given, seen.ID)
		m.Host.Ports = append(m.Host.Ports, seen)
		m.ports[i] = seen.ID
	}
}

// next returns the position behind all of a list.
func next[E any](list []E, position func(*E) int32) int32 {
	last := int32(-1)
	for i := range list {
		last = max(last, position(&list[i]))
	}
	return after(last)
}

// after returns the next position; the last one is after itself.
func after(position int32) int32 {
	if position == math.MaxInt32 {
		return position
	}
	return position + 1
}

func positionOfInterface(f *host.Interface) int32 { return f.Position }
func positionOfAddress(a *host.IPAddress) int32   { return a.Position }

func (m *Merged) mergeInterfaces(c *Children) {
	position := next(m.Host.Interfaces, positionOfInterface)
	for i := range m.scan.Host.Interfaces {
		seen := m.scan.Host.Interfaces[i]
		if seen.HasAddress() {
			continue
		}
		if j := c.Interfaces.Stored[i]; j != none {
			f := &m.Host.Interfaces[j]
			m.met(&f.Sightings, seen.Sightings, seen.ID, f.ID)
			replace(m, &f.Name, newer(m, seen.Name, f.Name))
			replace(m, &f.Description, newer(m, seen.Description, f.Description))
			replace(m, &f.MAC, newer(m, seen.MAC, f.MAC))
			m.places[i] = binding.OnInterface(f.ID)
			continue
		}
		m.addInterface(seen, int32(i), &position)
	}
}

func (m *Merged) addInterface(seen host.Interface, at int32, position *int32) {
	m.changed = true
	given := seen.ID
	seen.ID, seen.Position, seen.Sightings = m.ids.take(given), *position, m.scan.sightings(seen.Sightings)
	m.became(given, seen.ID)
	*position = after(*position)
	m.Host.Interfaces = append(m.Host.Interfaces, seen)
	m.places[at] = binding.OnInterface(seen.ID)
}

// mergeAddressed merges IP addresses and interfaces with an address of their own,
// all but their links.
func (m *Merged) mergeAddressed(c *Children) {
	m.convert(c)
	addresses := make(map[uuid.UUID]int32, len(m.Host.IPAddresses))
	for i := range m.Host.IPAddresses {
		addresses[m.Host.IPAddresses[i].ID] = int32(i)
	}
	position, positionInList := next(m.Host.IPAddresses, positionOfAddress), next(m.Host.Interfaces, positionOfInterface)
	for i := range c.seen {
		seen := &c.seen[i]
		place := seen.place(len(m.scan.Host.Interfaces))
		j := c.Addressed.Stored[i]
		switch {
		case j == none && seen.isInterface:
			m.addInterface(m.scan.Host.Interfaces[seen.at], place, &positionInList)
		case j == none:
			m.changed = true
			a := seen.IPAddress
			a.ID, a.Position, a.InterfaceID, a.Sightings = m.ids.take(a.ID), position, noID, m.scan.sightings(a.Sightings)
			m.became(seen.ID, a.ID)
			position = after(position)
			m.Host.IPAddresses = append(m.Host.IPAddresses, a)
			m.places[place] = binding.OnIPAddress(a.ID)
		default:
			known := &c.stored[j]
			if at, ok := addresses[known.ID]; ok {
				a := &m.Host.IPAddresses[at]
				m.met(&a.Sightings, seen.Sightings, seen.ID, a.ID)
				if seen.Address.Zone() != "" && a.Address.Zone() == "" && a.InterfaceID == noID {
					replace(m, &a.Address, seen.Address)
				}
				replace(m, &a.SubnetID, newer(m, seen.SubnetID, a.SubnetID))
				replace(m, &a.Name, newer(m, seen.Name, a.Name))
				replace(m, &a.MAC, newer(m, seen.MAC, a.MAC))
				m.places[place] = binding.OnIPAddress(a.ID)
				continue
			}
			f := &m.Host.Interfaces[known.at]
			m.met(&f.Sightings, seen.Sightings, seen.ID, f.ID)
			description := m.scan.Host.Interfaces[seen.at].Description
			replace(m, &f.SubnetID, newer(m, seen.SubnetID, f.SubnetID))
			replace(m, &f.Name, newer(m, seen.Name, f.Name))
			replace(m, &f.MAC, newer(m, seen.MAC, f.MAC))
			replace(m, &f.Description, newer(m, description, f.Description))
			m.places[place] = binding.OnInterface(f.ID)
		}
	}
	m.Host.Interfaces = slices.DeleteFunc(m.Host.Interfaces, func(f host.Interface) bool {
		_, converted := addresses[f.ID]
		return converted
	})
}

// convert makes IP addresses of the stored interfaces with an address of their
// own that were seen as such. The interfaces stay in their list for now.
func (m *Merged) convert(c *Children) {
	for j := range c.stored {
		known := &c.stored[j]
		if i := c.Addressed.Seen[j]; i != none && known.isInterface && !c.seen[i].isInterface {
			m.Host.IPAddresses = append(m.Host.IPAddresses, known.IPAddress)
			m.changed = true
		}
	}
}

// link takes the seen links over.
func (m *Merged) link(c *Children) {
	carriers, _ := interfacesOf(&m.Host)
	at := make(map[uuid.UUID]*host.IPAddress, len(m.Host.IPAddresses))
	for i := range m.Host.IPAddresses {
		at[m.Host.IPAddresses[i].ID] = &m.Host.IPAddresses[i]
	}
	n := len(m.scan.Host.Interfaces)
	for i, carrier := range m.scan.Carriers {
		if carrier == none {
			continue
		}
		to := m.scan.Host.IPAddresses[i].InterfaceID
		if carrier >= 0 {
			to, _ = m.places[carrier].InterfaceID()
		}
		if _, ok := carriers[to]; !ok {
			m.Faults = append(m.Faults, service.Fault{
				Path:    path{lists[addresses], int(m.scan.addressPaths[i]), "interface_id"}.String(),
				Problem: "names no interface without an address of its own; the link is left out", Mended: true,
			})
			continue
		}
		id, _ := m.places[n+i].IPAddressID()
		a := at[id]
		if a.InterfaceID != to && (a.InterfaceID == noID || !m.scan.Recorded) {
			m.Links = append(m.Links, Link{IPAddressID: id, From: a.InterfaceID, To: to})
			a.InterfaceID = to
		}
		if a.Address.IsLinkLocalUnicast() {
			replace(m, &a.Address, a.Address.WithZone(""))
		}
	}
}

// revert takes the new links of some IP addresses back.
func (m *Merged) revert(ipAddressIDs map[uuid.UUID]bool) {
	from := make(map[uuid.UUID]uuid.UUID)
	m.Links = slices.DeleteFunc(m.Links, func(l Link) bool {
		if ipAddressIDs[l.IPAddressID] {
			from[l.IPAddressID] = l.From
		}
		return ipAddressIDs[l.IPAddressID]
	})
	for i := range m.Host.IPAddresses {
		a := &m.Host.IPAddresses[i]
		if before, ok := from[a.ID]; ok {
			a.InterfaceID = before
		}
	}
}

// target returns the target of a seen binding on the merged host. What the payload
// does not list stays as it is.
func (m *Merged) target(b *Sighting) binding.Target {
	t := b.Target
	if b.Port >= 0 {
		t = binding.Port(m.ports[b.Port], t.Scope())
	}
	if b.Place >= 0 {
		t = t.WithScope(m.places[b.Place])
	}
	return t
}
