package main

import (
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// maxPayload is how many bytes examples/httpapi takes at once.
const maxPayload = 8 << 20

// payloads returns what a scan saw as JSON, in parts of at most limit bytes each
// where it is more. Each part stands alone: it has the host, and those of its
// interfaces, addresses and ports that the bindings in it name. All parts have the
// time and the ID of the scan.
func payloads(d service.Discovery, limit int) ([][]byte, error) {
	body, err := json.Marshal(d)
	if err != nil || len(body) <= limit {
		return [][]byte{body}, err
	}
	a, b, ok := halves(d)
	if !ok {
		return [][]byte{body}, nil // the server says what it makes of that
	}
	first, err := payloads(a, limit)
	if err != nil {
		return nil, err
	}
	second, err := payloads(b, limit)
	return append(first, second...), err
}

// halves parts what a scan saw in two: its bindings or, where there is one at
// most, what no binding names. It reports false for what is too small for that.
func halves(d service.Discovery) (a, b service.Discovery, ok bool) {
	a, b = d, d
	if a.Services, b.Services, ok = halveServices(d.Services); ok {
		inA, inB := namedBy(a.Services), namedBy(b.Services)
		a.Host = part(d.Host, func(id uuid.UUID) bool { return inA[id] || !inB[id] })
		b.Host = part(d.Host, func(id uuid.UUID) bool { return inB[id] })
		return a, b, true
	}
	isNamed := namedBy(d.Services)
	others := slices.DeleteFunc(children(d.Host), func(id uuid.UUID) bool { return isNamed[id] })
	if len(others) <= 2 { // such as an address and its interface
		return a, b, false
	}
	inB := map[uuid.UUID]bool{}
	for _, id := range others[(len(others)+1)/2:] {
		inB[id] = true
	}
	a.Services, b.Services = d.Services, nil
	a.Host = part(d.Host, func(id uuid.UUID) bool { return !inB[id] })
	b.Host = part(d.Host, func(id uuid.UUID) bool { return inB[id] })
	return a, b, true
}

// halveServices parts services in two, with half of the bindings each where that
// parts none of one name. Where it does, the second half has the last service of the
// first, too, with one binding: without it, two services of one name that come one
// by one are taken for one, and two halves of one service for two. It is known by
// that binding there, not by its ID: what an ID pairs cannot say what is not the
// same. It reports false where there is too little to part.
func halveServices(all []service.Service) (a, b []service.Service, ok bool) {
	total := 0
	for _, s := range all {
		total += weight(s)
	}
	room := (total + 1) / 2 // in a
	if at, found := borderNear(all, room); found {
		room = at
	} else if total <= 2 {
		return all, nil, false
	}
	for _, s := range all {
		size := weight(s)
		switch {
		case room >= size:
			a = append(a, s)
		case room > 0:
			b = append(b, again(s, s.Bindings[room:]))
			s.Bindings = s.Bindings[:room]
			a = append(a, s)
		default:
			if last := a[len(a)-1]; b == nil && last.Name == s.Name && len(last.Bindings) > 0 {
				b = append(b, again(last, nil))
			}
			b = append(b, s)
		}
		room = max(0, room-size)
	}
	return a, b, true
}

// again returns a service with its first binding and others, under a new ID.
func again(s service.Service, others []binding.Binding) service.Service {
	s.ID = uuid.New()
	s.Bindings = slices.Concat(s.Bindings[:1], others)
	for i := range s.Bindings {
		s.Bindings[i].ServiceID = s.ID
	}
	return s
}

func weight(s service.Service) int { return max(1, len(s.Bindings)) }

// borderNear returns the weight of the services up to where the name changes next
// to a weight.
func borderNear(all []service.Service, middle int) (border int, found bool) {
	before := 0
	for i, s := range all {
		if i > 0 && s.Name != all[i-1].Name && (!found || abs(before-middle) < abs(border-middle)) {
			border, found = before, true
		}
		before += weight(s)
	}
	return border, found
}

func abs(n int) int { return max(n, -n) }

// namedBy returns the IDs that bindings of services name.
func namedBy(services []service.Service) map[uuid.UUID]bool {
	ids := map[uuid.UUID]bool{}
	for _, s := range services {
		for _, b := range s.Bindings {
			for _, id := range []func() (uuid.UUID, bool){b.Target.PortID, b.Target.InterfaceID, b.Target.IPAddressID} {
				if id, ok := id(); ok {
					ids[id] = true
				}
			}
		}
	}
	return ids
}

// children returns the IDs of what a host has, each interface with the addresses
// that it carries.
func children(h host.Host) []uuid.UUID {
	carried := map[uuid.UUID][]uuid.UUID{}
	for _, a := range h.IPAddresses {
		carried[a.InterfaceID] = append(carried[a.InterfaceID], a.ID)
	}
	ids := carried[uuid.Nil]
	for _, f := range h.Interfaces {
		ids = append(append(ids, f.ID), carried[f.ID]...)
	}
	for _, p := range h.Ports {
		ids = append(ids, p.ID)
	}
	return ids
}

// part returns a host with some of what it has, and the interfaces that carry the
// addresses among it.
func part(h host.Host, has func(uuid.UUID) bool) host.Host {
	carriers := map[uuid.UUID]bool{}
	all := h
	h.Interfaces, h.IPAddresses, h.Ports = nil, nil, nil
	for _, a := range all.IPAddresses {
		if has(a.ID) {
			h.IPAddresses = append(h.IPAddresses, a)
			carriers[a.InterfaceID] = true
		}
	}
	for _, f := range all.Interfaces {
		if has(f.ID) || carriers[f.ID] {
			h.Interfaces = append(h.Interfaces, f)
		}
	}
	for _, p := range all.Ports {
		if has(p.ID) {
			h.Ports = append(h.Ports, p)
		}
	}
	return h
}
