package discovery

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

var noID uuid.UUID

// Read mends a payload and puts it in content order. What cannot be is left out
// with the bindings that name it, of two of the same the second; Faults say so,
// after those that the payload came with. It takes the payload's lists apart and
// changes none of them.
func Read(d service.Discovery, now time.Time, newID func() uuid.UUID) *Scan {
	r := reader{mender: mender{now: now, faults: slices.Clone(d.Faults)}, refs: make(map[reference]int32)}
	s := &r.scan
	s.Host = d.Host
	r.mender.host(&s.Host)
	r.interfaces(d.Host.Interfaces)
	r.addresses(d.Host.IPAddresses)
	r.ports(d.Host.Ports)
	r.services(d.Services)
	r.forgetShared()
	r.when(&d, newID)
	s.Faults = r.faults
	s.sort()
	return s
}

// Record reads another record of a host, as it is stored, as Read does a payload:
// everything in it keeps its own Sightings.
func Record(h host.Host, services []service.Service) *Scan {
	never := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) // no time in it is later
	s := Read(service.Discovery{Host: h, Services: services}, never, func() uuid.UUID { return noID })
	s.Recorded = true
	return s
}

type reader struct {
	mender
	scan Scan
	refs map[reference]int32 // to positions in the scan, or leftOut
	last time.Time           // the latest time that anything was seen
	by   uuid.UUID           // the discovery that saw what says so, nil for several
	many bool                // whether there are several
}

// reference is an ID as bindings and links of the payload use it.
type reference struct {
	kind childKind
	id   uuid.UUID
}

type childKind uint8

const (
	interfaces childKind = iota
	addresses
	ports
)

var lists = [...]string{interfaces: "interfaces", addresses: "ip_addresses", ports: "ports"}

// refer notes what an ID of the payload means. One that two entries of a kind
// share means neither.
func (r *reader) refer(kind childKind, id uuid.UUID, at, path int32) {
	if id == noID {
		return
	}
	ref := reference{kind, id}
	if other, shared := r.refs[ref]; !shared || other == at {
		r.refs[ref] = at
		return
	}
	r.refs[ref] = leftOut
	r.mended(entryPath(kind, path).of("id"), "is the ID of another entry, too; what names it means neither")
}

// entryPath returns the place of an entry in the payload.
func entryPath(kind childKind, at int32) path { return path{list: lists[kind], at: int(at)} }

func (r *reader) twice(kind childKind, at, first int32) {
	r.leftOut(entryPath(kind, at), "says the same as "+entryPath(kind, first).String()+"; it is left out, and what names it means the other")
}

// inOrder returns the positions of a list in an order, without those that are
// left out.
func inOrder[E any](list []E, keep func(at int) bool, compare func(a, b *E) int) []int32 {
	order := make([]int32, 0, len(list))
	for i := range list {
		if keep(i) {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return compare(&list[a], &list[b]) })
	return order
}

func (r *reader) interfaces(given []host.Interface) {
	list := slices.Clone(given)
	order := inOrder(list, func(i int) bool {
		r.networkInterface(&list[i], i)
		r.saw(&list[i].Sightings)
		return true
	}, compareInterfaces)
	kept := make([]host.Interface, 0, len(list))
	first := none
	for _, i := range order {
		f := &list[i]
		if len(kept) > 0 && sameInterface(&kept[len(kept)-1], f) {
			r.twice(interfaces, i, first)
		} else {
			kept, first = append(kept, *f), i
		}
		r.refer(interfaces, f.ID, int32(len(kept)-1), i)
	}
	r.scan.Host.Interfaces = kept
}

// compareInterfaces is the content order of interfaces, as far as they say it
// themselves.
func compareInterfaces(a, b *host.Interface) int {
	return cmp.Or(
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.MAC, b.MAC),
		a.Address.Compare(b.Address), compareIDs(a.SubnetID, b.SubnetID),
		cmp.Compare(a.Description, b.Description),
	)
}

// sameInterface reports whether a machine cannot have both.
func sameInterface(a, b *host.Interface) bool {
	return a.Name == b.Name && a.Name != "" && a.Address == b.Address && a.SubnetID == b.SubnetID &&
		a.MAC == b.MAC && (a.MAC != "" || a.HasAddress())
}

func (r *reader) addresses(given []host.IPAddress) {
	list := slices.Clone(given)
	carriers := make([]int32, len(list))
	order := inOrder(list, func(i int) bool {
		a := &list[i]
		if !r.ipAddress(a, i) {
			r.refer(addresses, a.ID, leftOut, int32(i))
			return false
		}
		r.saw(&a.Sightings)
		if carriers[i] = r.carrier(a, i); carriers[i] != none && a.Address.IsLinkLocalUnicast() {
			a.Address = a.Address.WithZone("")
		}
		return true
	}, func(a, b *host.IPAddress) int { return a.Address.Compare(b.Address) })

	// Addresses of one IP follow each other now: those of one carrier, too.
	slices.SortStableFunc(order, func(i, j int32) int {
		a, b := &list[i], &list[j]
		return cmp.Or(a.Address.Compare(b.Address), cmp.Compare(carriers[i], carriers[j]), compareAddresses(a, b))
	})
	s := &r.scan
	kept, carried := make([]host.IPAddress, 0, len(list)), make([]int32, 0, len(list))
	s.addressPaths = make([]int32, 0, len(list))
	for _, i := range order {
		a, last := &list[i], len(kept)-1
		switch {
		case last >= 0 && carriers[i] >= 0 && carriers[i] == carried[last] &&
			kept[last].Address == a.Address && kept[last].SubnetID == a.SubnetID:
			r.twice(addresses, i, s.addressPaths[last])
		default:
			kept, carried, s.addressPaths = append(kept, *a), append(carried, carriers[i]), append(s.addressPaths, i)
			last++
		}
		r.refer(addresses, a.ID, int32(last), i)
	}
	s.Host.IPAddresses, s.Carriers = kept, carried
}

// compareAddresses is the content order of addresses of one IP, as far as they
// say it themselves.
func compareAddresses(a, b *host.IPAddress) int {
	return cmp.Or(compareIDs(a.SubnetID, b.SubnetID), cmp.Compare(a.Name, b.Name), cmp.Compare(a.MAC, b.MAC))
}

// carrier returns which interface carries an address: its position, outside, or
// none.
func (r *reader) carrier(a *host.IPAddress, at int) int32 {
	if a.InterfaceID == noID {
		return none
	}
	p := path{list: lists[addresses], at: at, field: "interface_id"}
	carrier, ok := r.refs[reference{interfaces, a.InterfaceID}]
	switch {
	case !ok:
		return outside
	case carrier == leftOut:
		r.mended(p, "names one of two interfaces with that ID; the link is left out")
	case r.scan.Host.Interfaces[carrier].HasAddress():
		r.mended(p, "names an interface with an address of its own, which carries no other; the link is left out")
	default:
		return carrier
	}
	a.InterfaceID = noID
	return none
}

func (r *reader) ports(given []host.Port) {
	list := slices.Clone(given)
	order := inOrder(list, func(i int) bool {
		if !r.port(&list[i], i) {
			r.refer(ports, list[i].ID, leftOut, int32(i))
			return false
		}
		r.saw(&list[i].Sightings)
		return true
	}, func(a, b *host.Port) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(b.Type, a.Type))
	})
	kept := make([]host.Port, 0, len(list))
	first := none
	for _, i := range order {
		p, last := &list[i], len(kept)-1
		if last >= 0 && kept[last].Number == p.Number && kept[last].Protocol == p.Protocol {
			r.twice(ports, i, first)
		} else {
			kept, first = append(kept, *p), i
			last++
		}
		r.refer(ports, p.ID, int32(last), i)
	}
	r.scan.Host.Ports = kept
}

func (r *reader) services(given []service.Service) {
	all := make([]Seen, len(given))
	for i := range given {
		s := &all[i]
		s.Service, s.Path = given[i], int32(i)
		s.Tags, s.Service.Bindings = slices.Clone(s.Tags), nil
		r.service(&s.Service, i)
		r.saw(&s.Service.Sightings)
		s.Bindings = make([]Sighting, 0, len(given[i].Bindings))
		for k, b := range given[i].Bindings {
			p := path{list: "services", at: i}.under("bindings", k)
			r.binding(&b, p)
			r.saw(&b.Sightings)
			seen := Sighting{Binding: b, Port: r.portOf(b.Target), Place: r.placeOf(b.Target), Path: int32(k)}
			if seen.Port == leftOut || seen.Place == leftOut {
				r.leftOut(p, "names what was left out, or one of two with one ID; it is left out")
				continue
			}
			s.Bindings = append(s.Bindings, seen)
		}
	}
	r.scan.Services = all
}

// portOf returns the position of the port that a target names.
func (r *reader) portOf(t binding.Target) int32 {
	id, ok := t.PortID()
	if !ok {
		return nowhere
	}
	return r.find(ports, id)
}

// placeOf returns the position of the interface or address that a target names.
// One may be called by the wrong kind, as rule V0 allows.
func (r *reader) placeOf(t binding.Target) int32 {
	n := int32(len(r.scan.Host.Interfaces))
	if id, ok := t.InterfaceID(); ok {
		if at := r.find(interfaces, id); at != outside {
			return at
		}
		return behind(r.find(addresses, id), n)
	}
	if id, ok := t.IPAddressID(); ok {
		if at := r.find(addresses, id); at != outside {
			return behind(at, n)
		}
		return r.find(interfaces, id)
	}
	return nowhere
}

// behind moves a position behind n others.
func behind(at, n int32) int32 {
	if at < 0 {
		return at
	}
	return at + n
}

func (r *reader) find(kind childKind, id uuid.UUID) int32 {
	if at, ok := r.refs[reference{kind, id}]; ok {
		return at
	}
	return outside
}

// forgetShared takes the IDs that refer to nothing from their entries.
func (r *reader) forgetShared() {
	forget := func(kind childKind, id *uuid.UUID) {
		if r.refs[reference{kind, *id}] == leftOut {
			*id = noID
		}
	}
	h := &r.scan.Host
	for i := range h.Interfaces {
		forget(interfaces, &h.Interfaces[i].ID)
	}
	for i := range h.IPAddresses {
		forget(addresses, &h.IPAddresses[i].ID)
	}
	for i := range h.Ports {
		forget(ports, &h.Ports[i].ID)
	}
}

// saw notes what one thing of the payload says of the scan.
func (r *reader) saw(s *binding.Sightings) {
	if s.LastSeenAt.After(r.last) {
		r.last = s.LastSeenAt
	}
	if id := s.LastDiscoveryID; id != noID {
		r.many = r.many || r.by != noID && r.by != id
		r.by = id
	}
}

// when settles the time and the ID of the scan.
func (r *reader) when(d *service.Discovery, newID func() uuid.UUID) {
	at := d.SeenAt
	r.past(path{field: "seen_at"}, &at)
	r.saw(&r.scan.Host.Sightings)
	r.scan.At = cmp.Or(at, r.last, r.now)
	r.scan.ID = d.DiscoveryID
	if r.scan.ID == noID && !r.many {
		r.scan.ID = r.by
	}
	if r.scan.ID == noID {
		r.scan.ID = newID()
	}
}
