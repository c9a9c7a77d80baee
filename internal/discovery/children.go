package discovery

import (
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// Children says which stored child of a host each seen one is. Interfaces without
// an address of their own are one kind; those with one and IP addresses are
// another, addressed things.
type Children struct {
	Ports      *Pairs
	Interfaces *Pairs // by their positions in the lists of interfaces
	Addressed  *Pairs // by their positions in seen and stored

	seen, stored []addressed
}

// addressed is an IP address, or an interface with an address of its own.
type addressed struct {
	host.IPAddress        // of an interface: its own address, and what else it says
	carrier        int32  // a number for the interface that carries it, 0 where unknown
	label          string // the name of that interface
	at             int32  // its position in its list
	isInterface    bool
}

// PairChildren finds which stored port, interface and address each seen one is. services
// are those that are stored on the host. It takes near-linear time, however many
// entries have one name, MAC, IP or port.
func PairChildren(s *Scan, stored *host.Host, services []service.Service) *Children {
	c := &Children{Ports: pairPorts(s.Host.Ports, stored.Ports)}
	bonds := &bonds{scan: s, host: stored, stored: services, ports: c.Ports}
	c.pairInterfaces(s, stored, bonds)
	c.pairAddressed(s, stored, bonds)
	return c
}

// pairPorts pairs ports by number and protocol.
func pairPorts(seen, stored []host.Port) *Pairs {
	type number struct {
		number   uint16
		protocol host.Protocol
	}
	of := func(ports []host.Port) key[number] {
		return func(i int32) (number, bool) { return number{ports[i].Number, ports[i].Protocol}, true }
	}
	p := newPairs(len(seen), len(stored))
	step(p, of(seen), of(stored), nil)
	return p
}

// pairInterfaces pairs the interfaces without an address of their own: by ID; name
// and MAC; MAC; name; an address that they carry.
func (c *Children) pairInterfaces(s *Scan, stored *host.Host, bonds *bonds) {
	seen, known := s.Host.Interfaces, stored.Interfaces
	p := newPairs(len(seen), len(known))
	p.left = min(withoutAddress(seen), withoutAddress(known))
	c.Interfaces = p
	by := func(list []host.Interface, has func(f *host.Interface) bool) key[[2]string] {
		return func(i int32) ([2]string, bool) {
			f := &list[i]
			return [2]string{f.Name, f.MAC}, !f.HasAddress() && has(f)
		}
	}
	step(p, interfaceIDs(seen), interfaceIDs(known), nil)
	both := func(f *host.Interface) bool { return f.Name != "" && f.MAC != "" }
	step(p, by(seen, both), by(known, both), nil)
	mac := func(list []host.Interface) key[string] {
		return func(i int32) (string, bool) { return list[i].MAC, list[i].MAC != "" && !list[i].HasAddress() }
	}
	step(p, mac(seen), mac(known), nil)
	name := func(list []host.Interface) key[string] {
		return func(i int32) (string, bool) { return list[i].Name, list[i].Name != "" && !list[i].HasAddress() }
	}
	step(p, name(seen), name(known), nil)
	c.pairByCarried(s, stored)

	if p.left == 0 {
		return
	}
	names, macs, texts := make(interned[string]), make(interned[string]), make(interned[string])
	of := func(list []host.Interface, withAddress int32) []traits {
		all := make([]traits, len(list))
		for i, f := range list {
			if all[i].known = [4]int32{names.of(f.Name), macs.of(f.MAC), texts.of(f.Description)}; f.HasAddress() {
				all[i].group = withAddress
			}
		}
		return all
	}
	doubt := &doubt{
		Pairs: p, seen: of(seen, 1), stored: of(known, 2), firm: 2, named: true,
		ofSeen: bonds.seenAt, ofStored: bonds.interfaceHas,
		kind:     func(int32, int32) bool { return true },
		position: func(j int32) int32 { return known[j].Position },
	}
	doubt.settle()
}

func withoutAddress(list []host.Interface) (n int) {
	for i := range list {
		if !list[i].HasAddress() {
			n++
		}
	}
	return n
}

func interfaceIDs(list []host.Interface) key[uuid.UUID] {
	return func(i int32) (uuid.UUID, bool) { return list[i].ID, list[i].ID != noID && !list[i].HasAddress() }
}

// interned numbers values from 1; the zero value is 0.
type interned[T comparable] map[T]int32

func (n interned[T]) of(value T) int32 {
	var zero T
	if value == zero {
		return 0
	}
	if _, ok := n[value]; !ok {
		n[value] = int32(len(n)) + 1
	}
	return n[value]
}

// pairByCarried pairs interfaces that carry an address that no other carries, and
// whose MACs do not contradict it.
func (c *Children) pairByCarried(s *Scan, stored *host.Host) {
	p := c.Interfaces
	if p.left == 0 {
		return
	}
	position := make(map[uuid.UUID]int32, len(stored.Interfaces))
	for j := range stored.Interfaces {
		position[stored.Interfaces[j].ID] = int32(j)
	}
	// Addresses are paired first, for those whose carriers are left, and say then
	// which carriers may be pairs.
	const several = -2
	carriers := func(addresses []host.IPAddress, of func(i int) int32, taken []int32) map[netip.Addr]int32 {
		found := make(map[netip.Addr]int32)
		for i := range addresses {
			carrier := of(i)
			if carrier < 0 || taken[carrier] != none {
				continue
			}
			ip := addresses[i].Address
			if ip.IsLinkLocalUnicast() {
				continue // others may have it, too
			}
			if other, ok := found[ip]; ok && other != carrier {
				carrier = several
			}
			found[ip] = carrier
		}
		return found
	}
	ofSeen := carriers(s.Host.IPAddresses, func(i int) int32 { return s.Carriers[i] }, p.Stored)
	ofStored := carriers(stored.IPAddresses, func(i int) int32 {
		if at, ok := position[stored.IPAddresses[i].InterfaceID]; ok {
			return at
		}
		return none
	}, p.Seen)
	seenAs, storedAs := make(map[int32]int32), make(map[int32]int32)
	note := func(as map[int32]int32, a, b int32) {
		if other, ok := as[a]; ok && other != b {
			b = several
		}
		as[a] = b
	}
	for ip, i := range ofSeen {
		if j, ok := ofStored[ip]; ok && i >= 0 && j >= 0 {
			note(seenAs, i, j)
			note(storedAs, j, i)
		}
	}
	for i, j := range seenAs {
		if j < 0 || storedAs[j] != i {
			continue
		}
		a, b := s.Host.Interfaces[i].MAC, stored.Interfaces[j].MAC
		if a == "" || b == "" || a == b {
			p.join(i, j)
		}
	}
}

// pairAddressed pairs addressed things of one IP: by ID; carrier and subnet;
// carrier; name of the interface; subnet; the IP alone.
func (c *Children) pairAddressed(s *Scan, stored *host.Host, bonds *bonds) {
	zones := make(interned[string])
	c.seen, c.stored = c.addressedSeen(s, stored, zones), c.addressedStored(s, stored, zones)
	seen, known := c.seen, c.stored
	p := newPairs(len(seen), len(known))
	c.Addressed = p

	// The same link-local address on another interface is another address.
	fits := func(i, j int32) bool {
		return !seen[i].Address.IsLinkLocalUnicast() || seen[i].carrier == 0 || known[j].carrier == 0 || seen[i].carrier == known[j].carrier
	}
	type evidence struct {
		ip      netip.Addr
		id      uuid.UUID // of the thing, or of its subnet
		carrier int32
		label   string
	}
	by := func(e func(a *addressed) (evidence, bool)) {
		of := func(list []addressed) key[evidence] {
			return func(i int32) (evidence, bool) {
				k, ok := e(&list[i])
				k.ip = list[i].Address.WithZone("")
				return k, ok
			}
		}
		step(p, of(seen), of(known), fits)
	}
	by(func(a *addressed) (evidence, bool) { return evidence{id: a.ID}, a.ID != noID })
	by(func(a *addressed) (evidence, bool) {
		return evidence{carrier: a.carrier, id: a.SubnetID}, a.carrier != 0 && a.SubnetID != noID
	})
	by(func(a *addressed) (evidence, bool) { return evidence{carrier: a.carrier}, a.carrier != 0 })
	by(func(a *addressed) (evidence, bool) { return evidence{label: a.label}, a.label != "" })
	by(func(a *addressed) (evidence, bool) { return evidence{id: a.SubnetID}, a.SubnetID != noID })
	by(func(*addressed) (evidence, bool) { return evidence{}, true })

	if p.left == 0 {
		return
	}
	ips, subnets, texts := make(interned[netip.Addr]), make(interned[uuid.UUID]), make(interned[string])
	of := func(list []addressed) []traits {
		all := make([]traits, len(list))
		for i, a := range list {
			all[i] = traits{ips.of(a.Address.WithZone("")), [4]int32{a.carrier, subnets.of(a.SubnetID), texts.of(a.Name), texts.of(a.MAC)}}
		}
		return all
	}
	doubt := &doubt{
		Pairs: p, seen: of(seen), stored: of(known), firm: 2,
		ofSeen:   func(i int32) []bond { return bonds.seenAt(seen[i].place(len(s.Host.Interfaces))) },
		ofStored: func(j int32) []bond { return bonds.has(known[j].ID) },
		kind:     func(i, j int32) bool { return seen[i].isInterface == known[j].isInterface },
		position: func(j int32) int32 { return known[j].Position },
	}
	doubt.settle()
}

// place returns the position of an addressed thing among all interfaces, of which
// there are n, and then all IP addresses.
func (a *addressed) place(n int) int32 {
	if a.isInterface {
		return a.at
	}
	return int32(n) + a.at
}

func addressedThings(h *host.Host, carrier func(i int) (at int32, label string)) []addressed {
	all := make([]addressed, 0, len(h.IPAddresses))
	for i, a := range h.IPAddresses {
		at, label := carrier(i)
		all = append(all, addressed{IPAddress: a, carrier: at, label: label, at: int32(i)})
	}
	for i, f := range h.Interfaces {
		if f.HasAddress() {
			all = append(all, addressed{
				IPAddress: host.IPAddress{
					ID: f.ID, Address: f.Address, SubnetID: f.SubnetID, Name: f.Name, MAC: f.MAC, Position: f.Position, Sightings: f.Sightings,
				},
				label: f.Name, at: int32(i), isInterface: true,
			})
		}
	}
	return all
}

// The interface that carries an address has the number 1 + its position among the
// stored ones; one that is new has a number behind those; one that is known by the
// zone of the address alone has a number below zero.

func (c *Children) addressedStored(s *Scan, h *host.Host, zones interned[string]) []addressed {
	position, named := interfacesOf(h)
	return addressedThings(h, func(i int) (int32, string) {
		a := &h.IPAddresses[i]
		at, ok := position[a.InterfaceID]
		if !ok {
			at, ok = named[a.Address.Zone()]
		}
		if !ok || at == none {
			return -zones.of(a.Address.Zone()), a.Address.Zone()
		}
		return at + 1, c.nameOf(s, h, at)
	})
}

// nameOf returns what a stored interface is called now.
func (c *Children) nameOf(s *Scan, stored *host.Host, j int32) string {
	if i := c.Interfaces.Seen[j]; i != none && s.Host.Interfaces[i].Name != "" {
		return s.Host.Interfaces[i].Name
	}
	return stored.Interfaces[j].Name
}

// interfacesOf returns the positions of the interfaces that can carry addresses,
// by ID and by name; none for a name that several have.
func interfacesOf(h *host.Host) (position map[uuid.UUID]int32, named map[string]int32) {
	position, named = make(map[uuid.UUID]int32, len(h.Interfaces)), make(map[string]int32, len(h.Interfaces))
	for i := range h.Interfaces {
		f := &h.Interfaces[i]
		if f.HasAddress() {
			continue
		}
		if f.ID != noID {
			position[f.ID] = int32(i)
		}
		if _, twice := named[f.Name]; twice {
			named[f.Name] = none
		} else {
			named[f.Name] = int32(i)
		}
	}
	delete(named, "")
	return position, named
}

// addressedSeen returns the seen addressed things.
func (c *Children) addressedSeen(s *Scan, stored *host.Host, zones interned[string]) []addressed {
	known, knownNames := interfacesOf(stored)
	_, names := interfacesOf(&s.Host)
	return addressedThings(&s.Host, func(i int) (int32, string) {
		a, at := &s.Host.IPAddresses[i], s.Carriers[i]
		if at == outside {
			if j, ok := known[a.InterfaceID]; ok {
				return j + 1, c.nameOf(s, stored, j)
			}
			at = none
		}
		zone := a.Address.Zone()
		if named, ok := names[zone]; at == none && ok {
			at = named
		}
		if at >= 0 {
			if j := c.Interfaces.Stored[at]; j != none {
				return j + 1, c.nameOf(s, stored, j)
			}
			return int32(len(stored.Interfaces)) + at + 1, s.Host.Interfaces[at].Name
		}
		if j, ok := knownNames[zone]; ok && j != none {
			return j + 1, zone
		}
		return -zones.of(zone), zone
	})
}

// bonds finds what is bound to interfaces and addresses, seen and stored.
type bonds struct {
	scan   *Scan
	host   *host.Host
	stored []service.Service
	ports  *Pairs

	bySeen   map[int32][]bond
	byStored map[uuid.UUID][]bond
}

func (b *bonds) seenAt(place int32) []bond {
	if b.bySeen != nil {
		return b.bySeen[place]
	}
	b.bySeen = make(map[int32][]bond)
	for i, carrier := range b.scan.Carriers {
		if carrier >= 0 {
			b.bySeen[carrier] = append(b.bySeen[carrier], bond{nowhere, "", b.scan.Host.IPAddresses[i].Address})
		}
	}
	for i := range b.scan.Services {
		s := &b.scan.Services[i]
		for k := range s.Bindings {
			to, port := &s.Bindings[k], nowhere
			if to.Port >= 0 {
				port = b.ports.Stored[to.Port]
			}
			if k > 0 && s.Bindings[k-1].Port == to.Port && s.Bindings[k-1].Place == to.Place {
				continue // the same once more
			}
			if to.Place >= 0 && (to.Port == nowhere || port != none) {
				b.bySeen[to.Place] = append(b.bySeen[to.Place], bond{port: port, definition: s.Definition})
			}
		}
	}
	return b.bySeen[place]
}

func (b *bonds) interfaceHas(j int32) []bond { return b.has(b.host.Interfaces[j].ID) }

func (b *bonds) has(id uuid.UUID) []bond {
	if b.byStored == nil {
		b.byStored = make(map[uuid.UUID][]bond)
		ports := make(map[uuid.UUID]int32, len(b.host.Ports))
		for i := range b.host.Ports {
			ports[b.host.Ports[i].ID] = int32(i)
		}
		for _, a := range b.host.IPAddresses {
			b.byStored[a.InterfaceID] = append(b.byStored[a.InterfaceID], bond{nowhere, "", a.Address})
		}
		for i := range b.stored {
			for _, to := range b.stored[i].Bindings {
				at, ok := to.Target.InterfaceID()
				if !ok {
					if at, ok = to.Target.IPAddressID(); !ok {
						continue
					}
				}
				port := nowhere
				if id, ok := to.Target.PortID(); ok {
					port = ports[id]
				}
				b.byStored[at] = append(b.byStored[at], bond{port: port, definition: b.stored[i].Definition})
			}
		}
	}
	return b.byStored[id]
}
