// Package careful is what a good engineer writes by hand: typed maps of the right
// size, one pass over the set, a second one only where it is needed, and no copy
// where nothing changes. It says what is kept or that the set is refused, not why.
package careful

import (
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// A Host is what bindings may name.
type Host struct {
	ports  map[uuid.UUID]struct{}
	places map[uuid.UUID]place
}

// place is an interface or an IP address.
type place struct {
	isAddress  bool
	ownAddress bool      // an interface with an address of its own
	carrier    uuid.UUID // of an address, nil for none
}

// NewHost indexes the lists of a host.
func NewHost(h host.Host) *Host {
	index := &Host{
		ports:  make(map[uuid.UUID]struct{}, len(h.Ports)),
		places: make(map[uuid.UUID]place, len(h.Interfaces)+len(h.IPAddresses)),
	}
	for i := range h.Ports {
		index.ports[h.Ports[i].ID] = struct{}{}
	}
	for i := range h.Interfaces {
		index.places[h.Interfaces[i].ID] = place{ownAddress: h.Interfaces[i].HasAddress()}
	}
	for i := range h.IPAddresses {
		index.places[h.IPAddresses[i].ID] = place{isAddress: true, carrier: h.IPAddresses[i].InterfaceID}
	}
	return index
}

// listener is a port at an interface.
type listener struct{ port, nic uuid.UUID }

// survey is what the first pass learns of a set.
type survey struct {
	everywhere map[uuid.UUID]struct{} // ports with a listener on all interfaces
	onNIC      map[listener]struct{}  // listeners on one interface
	presentAt  map[uuid.UUID]struct{} // places with a presence
	presentIn  map[uuid.UUID]struct{} // interfaces that carry one of those
	listeners  int
}

// Set returns the bindings that stay, and whether the set is valid. Where nothing
// changes they are the given slice.
func (h *Host) Set(set []binding.Binding) ([]binding.Binding, bool) {
	var found survey
	var gone []bool // nil while nothing is
	owned := false  // set is a copy already
	ids := make(map[uuid.UUID]int, len(set))
	seen := make(map[binding.Target]struct{}, len(set))
	places := make([]place, len(set))
	for i := range set {
		t := set[i].Target
		at, ok := h.find(t)
		if !ok {
			return nil, false
		}
		places[i] = at
		if to := canonical(t, at); to != t {
			if !owned {
				set, owned = slices.Clone(set), true
			}
			set[i].Target, t = to, to
		}
		if id := set[i].ID; id != uuid.Nil {
			if first, ok := ids[id]; !ok {
				ids[id] = i
			} else if set[first].Target != t {
				return nil, false
			}
		}
		if _, ok := seen[t]; ok {
			gone = mark(gone, len(set), i)
			continue
		}
		seen[t] = struct{}{}
		found.add(t, at)
	}
	if found.listeners > 0 && len(found.everywhere)+len(found.onNIC)+len(found.presentAt) > 0 {
		for i := range set {
			t := set[i].Target
			if !t.IsListener() || gone != nil && gone[i] {
				continue
			}
			if found.conflicts(t, places[i]) {
				return nil, false
			}
			if found.covers(t, places[i]) {
				gone = mark(gone, len(set), i)
			}
		}
	}
	if gone == nil {
		return set, true
	}
	kept := make([]binding.Binding, 0, len(set))
	for i := range set {
		if !gone[i] {
			kept = append(kept, set[i])
		}
	}
	return kept, true
}

// find returns the place that a target names, and whether the host has all that
// it names.
func (h *Host) find(t binding.Target) (at place, ok bool) {
	if id, listens := t.PortID(); listens {
		if _, ok := h.ports[id]; !ok {
			return at, false
		}
	}
	switch t.Scope().Kind() {
	case binding.ScopeAll:
		return at, t.IsListener()
	case binding.ScopeInterface:
		id, _ := t.InterfaceID()
		at, ok = h.places[id]
		return at, ok
	case binding.ScopeIPAddress:
		id, _ := t.IPAddressID()
		at, ok = h.places[id]
		return at, ok && (at.isAddress || at.ownAddress)
	default:
		return at, false
	}
}

// canonical returns a target by the kind of place that it really names.
func canonical(t binding.Target, at place) binding.Target {
	if id, ok := t.InterfaceID(); ok && at.isAddress {
		return t.WithScope(binding.OnIPAddress(id))
	}
	if id, ok := t.IPAddressID(); ok && !at.isAddress {
		return t.WithScope(binding.OnInterface(id))
	}
	return t
}

func mark(gone []bool, n, i int) []bool {
	if gone == nil {
		gone = make([]bool, n)
	}
	gone[i] = true
	return gone
}

func (s *survey) add(t binding.Target, at place) {
	port, listens := t.PortID()
	nic, onNIC := t.InterfaceID()
	switch {
	case !listens:
		if s.presentAt == nil {
			s.presentAt, s.presentIn = make(map[uuid.UUID]struct{}), make(map[uuid.UUID]struct{})
		}
		address, _ := t.IPAddressID()
		if onNIC {
			s.presentAt[nic] = struct{}{}
		} else {
			s.presentAt[address] = struct{}{}
			s.presentIn[at.carrier] = struct{}{}
		}
		return
	case t.Scope().Kind() == binding.ScopeAll:
		if s.everywhere == nil {
			s.everywhere = make(map[uuid.UUID]struct{})
		}
		s.everywhere[port] = struct{}{}
	case onNIC:
		if s.onNIC == nil {
			s.onNIC = make(map[listener]struct{})
		}
		s.onNIC[listener{port, nic}] = struct{}{}
	}
	s.listeners++
}

// conflicts reports whether a presence shares a place with a listener.
func (s *survey) conflicts(t binding.Target, at place) bool {
	if len(s.presentAt) == 0 {
		return false
	}
	var here, carrier, in bool
	switch id, ok := t.InterfaceID(); {
	case t.Scope().Kind() == binding.ScopeAll:
		return true
	case ok:
		_, here = s.presentAt[id]
		_, in = s.presentIn[id]
	default:
		id, _ := t.IPAddressID()
		_, here = s.presentAt[id]
		_, carrier = s.presentAt[at.carrier]
	}
	return here || carrier || in
}

// covers reports whether a wider listener is on the port.
func (s *survey) covers(t binding.Target, at place) bool {
	port, _ := t.PortID()
	if t.Scope().Kind() == binding.ScopeAll {
		return false
	}
	if _, ok := s.everywhere[port]; ok {
		return true
	}
	if at.carrier == uuid.Nil {
		return false
	}
	_, ok := s.onNIC[listener{port, at.carrier}]
	return ok
}
