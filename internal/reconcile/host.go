package reconcile

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// Merged is a stored host with what was observed in it.
type Merged struct {
	Host  host.Host // ID, network, name and revision are those stored
	Links []Link    // who carries what, where the observation changes it

	ports      map[uuid.UUID]uuid.UUID // observed ID to ID in Host
	interfaces map[uuid.UUID]place     // the same for observed interfaces
	addresses  map[uuid.UUID]place     // and for observed IP addresses
}

// A Link is an interface-to-address link that an observation changes.
type Link struct {
	IPAddressID uuid.UUID
	From, To    uuid.UUID // the interface that carried it, nil for none, and the one that does now
}

// place is what an observed interface or IP address is in the merged host.
type place struct {
	id        uuid.UUID
	isAddress bool
}

// Host merges an observed host into the stored one: into one with nothing on it
// where it is seen for the first time. Of what matches, the observation replaces
// what it knows, positions excepted, and what it does not know stays. New IDs
// come from newID. It takes linear time. An observed host that cannot be is a
// *binding.FieldError with the path there, but IDs that stand twice or are nil
// are replaced, and ports that stand twice are one.
func Host(stored, observed host.Host, newID func() uuid.UUID) (*Merged, error) {
	observed, err := plausible(observed, newID)
	if err != nil {
		return nil, err
	}
	m := &Merged{
		Host:       stored.Clone(),
		ports:      make(map[uuid.UUID]uuid.UUID),
		interfaces: make(map[uuid.UUID]place),
		addresses:  make(map[uuid.UUID]place),
	}
	ids := idSource{taken: idsOf(&stored), newID: newID}
	addresses := m.mergePlaces(&observed, &ids)
	m.mergeInterfaces(&observed, &ids)
	m.mergePorts(&observed, &ids)
	return m, m.link(&observed, addresses)
}

// plausible returns the observed host with its addresses unmapped, and checks
// all of it but what merging sorts out.
func plausible(observed host.Host, newID func() uuid.UUID) (host.Host, error) {
	check := observed.Clone()
	check.Ports = nil
	for i := range check.Interfaces {
		check.Interfaces[i].ID = newID()
	}
	for i := range check.IPAddresses {
		check.IPAddresses[i].ID, check.IPAddresses[i].InterfaceID = newID(), uuid.Nil
	}
	inv, err := host.NewInventory(check)
	if err != nil {
		return host.Host{}, err
	}
	for i, p := range observed.Ports {
		p.ID = newID()
		if _, err := host.NewInventory(host.Host{Ports: []host.Port{p}}); err != nil {
			return host.Host{}, replacePath(err, "ports[0]", fmt.Sprintf("ports[%d]", i))
		}
	}
	unmapped := inv.Host()
	for i := range unmapped.Interfaces {
		unmapped.Interfaces[i].ID = observed.Interfaces[i].ID
	}
	for i := range unmapped.IPAddresses {
		a := &observed.IPAddresses[i]
		unmapped.IPAddresses[i].ID, unmapped.IPAddresses[i].InterfaceID = a.ID, a.InterfaceID
	}
	unmapped.Ports = observed.Ports
	return unmapped, nil
}

// idSource gives new children their IDs: those they were observed with, unless
// something else on the host has them.
type idSource struct {
	taken map[uuid.UUID]bool
	newID func() uuid.UUID
}

func (s *idSource) take(observed uuid.UUID) uuid.UUID {
	if observed == uuid.Nil || s.taken[observed] {
		observed = s.newID()
	}
	s.taken[observed] = true
	return observed
}

func idsOf(h *host.Host) map[uuid.UUID]bool {
	ids := make(map[uuid.UUID]bool, len(h.Interfaces)+len(h.IPAddresses)+len(h.Ports))
	for i := range h.Interfaces {
		ids[h.Interfaces[i].ID] = true
	}
	for i := range h.IPAddresses {
		ids[h.IPAddresses[i].ID] = true
	}
	for i := range h.Ports {
		ids[h.Ports[i].ID] = true
	}
	return ids
}

// link takes the observed links over. addresses are the IDs in the merged host
// of the observed IP addresses.
func (m *Merged) link(observed *host.Host, addresses []uuid.UUID) error {
	carriers := make(map[uuid.UUID]bool)
	for i := range m.Host.Interfaces {
		carriers[m.Host.Interfaces[i].ID] = !m.Host.Interfaces[i].HasAddress()
	}
	at := make(map[uuid.UUID]*host.IPAddress, len(m.Host.IPAddresses))
	for i := range m.Host.IPAddresses {
		at[m.Host.IPAddresses[i].ID] = &m.Host.IPAddresses[i]
	}
	for i, id := range addresses {
		to := observed.IPAddresses[i].InterfaceID
		if to == uuid.Nil {
			continue
		}
		if seen, ok := m.interfaces[to]; ok {
			to = seen.id
		}
		if !carriers[to] {
			return &binding.FieldError{
				Path:    fmt.Sprintf("ip_addresses[%d].interface_id", i),
				Problem: "there is no interface " + to.String() + " without an address of its own; name the interface that carries the address, or none",
			}
		}
		if from := at[id].InterfaceID; from != to {
			m.Links = append(m.Links, Link{IPAddressID: id, From: from, To: to})
			at[id].InterfaceID = to
		}
	}
	return nil
}

// Revert takes the new links of some IP addresses back.
func (m *Merged) Revert(ipAddressIDs map[uuid.UUID]bool) {
	from := make(map[uuid.UUID]uuid.UUID)
	var links []Link
	for _, l := range m.Links {
		if ipAddressIDs[l.IPAddressID] {
			from[l.IPAddressID] = l.From
		} else {
			links = append(links, l)
		}
	}
	m.Links = links
	for i := range m.Host.IPAddresses {
		a := &m.Host.IPAddresses[i]
		if before, ok := from[a.ID]; ok {
			a.InterfaceID = before
		}
	}
}

// Target returns an observed target as a target on the merged host: the IDs that
// were observed replaced by those that are kept, and a place that is of another
// kind there called by its kind. What the observed host does not have stays as
// it is, as does a reference that the observed host itself calls by the wrong
// kind: rule V0 is for those.
func (m *Merged) Target(t binding.Target) binding.Target {
	if id, ok := t.PortID(); ok {
		if kept, ok := m.ports[id]; ok {
			t = binding.Port(kept, t.Scope())
		}
	}
	if id, ok := t.InterfaceID(); ok {
		if seen, ok := m.interfaces[id]; ok {
			return t.WithScope(seen.scope())
		}
		if seen, ok := m.addresses[id]; ok {
			return t.WithScope(binding.OnInterface(seen.id))
		}
	}
	if id, ok := t.IPAddressID(); ok {
		if seen, ok := m.addresses[id]; ok {
			return t.WithScope(seen.scope())
		}
		if seen, ok := m.interfaces[id]; ok {
			return t.WithScope(binding.OnIPAddress(seen.id))
		}
	}
	return t
}

func (p place) scope() binding.Scope {
	if p.isAddress {
		return binding.OnIPAddress(p.id)
	}
	return binding.OnInterface(p.id)
}

// refer notes what an observed ID means, the first time it stands in a list.
func refer[T any](references map[uuid.UUID]T, observed uuid.UUID, kept T) {
	if _, twice := references[observed]; !twice && observed != uuid.Nil {
		references[observed] = kept
	}
}
