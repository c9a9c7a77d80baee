// Package naive is the loop that most people start with: maps with texts for
// keys, and every two bindings compared. It says what is kept or that the set is
// refused, not why.
package naive

import (
	"fmt"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// A Host is what bindings may name, by their IDs as texts.
type Host struct {
	ports      map[string]bool
	interfaces map[string]bool   // true where the interface has an address of its own
	addresses  map[string]string // the interface that carries the address, "" for none
}

// NewHost reads the lists of a host.
func NewHost(h host.Host) *Host {
	index := &Host{ports: map[string]bool{}, interfaces: map[string]bool{}, addresses: map[string]string{}}
	for _, p := range h.Ports {
		index.ports[fmt.Sprint(p.ID)] = true
	}
	for _, f := range h.Interfaces {
		index.interfaces[fmt.Sprint(f.ID)] = f.HasAddress()
	}
	for _, a := range h.IPAddresses {
		index.addresses[fmt.Sprint(a.ID)] = ""
		if _, ok := index.interfaces[fmt.Sprint(a.InterfaceID)]; ok {
			index.addresses[fmt.Sprint(a.ID)] = fmt.Sprint(a.InterfaceID)
		}
	}
	return index
}

// entry is a binding and what it names.
type entry struct {
	binding               binding.Binding
	port, nic, address    string // "" for none
	carrier               string // of the address
	listens, isEverywhere bool
}

// Set returns the bindings that stay, and whether the set is valid.
func (h *Host) Set(set []binding.Binding) ([]binding.Binding, bool) {
	seen := make(map[string]bool)
	byID := make(map[string]string)
	var entries []entry
	for _, b := range set {
		e, ok := h.read(b)
		if !ok {
			return nil, false
		}
		key := fmt.Sprintf("%v/%s/%s/%s", e.listens, e.port, e.nic, e.address)
		id := fmt.Sprint(b.ID)
		if other, ok := byID[id]; ok && other != key && id != "00000000-0000-0000-0000-000000000000" {
			return nil, false
		}
		byID[id] = key
		if !seen[key] {
			seen[key] = true
			entries = append(entries, e)
		}
	}
	var kept []binding.Binding
	for i := range entries {
		covered := false
		for j := range entries {
			if conflict(&entries[i], &entries[j]) {
				return nil, false
			}
			covered = covered || i != j && supersedes(&entries[j], &entries[i])
		}
		if !covered {
			kept = append(kept, entries[i].binding)
		}
	}
	return kept, true
}

// read finds what a binding names, and whether the host has it.
func (h *Host) read(b binding.Binding) (entry, bool) {
	e := entry{binding: b}
	if id, ok := b.Target.PortID(); ok {
		e.port, e.listens = fmt.Sprint(id), true
		if !h.ports[e.port] {
			return e, false
		}
	}
	place := ""
	if id, ok := b.Target.InterfaceID(); ok {
		place = fmt.Sprint(id)
		_, isAddress := h.addresses[place]
		_, isInterface := h.interfaces[place]
		if !isAddress && !isInterface {
			return e, false
		}
	} else if id, ok := b.Target.IPAddressID(); ok {
		place = fmt.Sprint(id)
		_, isAddress := h.addresses[place]
		if !isAddress && !h.interfaces[place] {
			return e, false
		}
	} else {
		e.isEverywhere = true
		return e, e.listens && b.Target.Scope() == binding.AllInterfaces()
	}
	if carrier, isAddress := h.addresses[place]; isAddress {
		e.address, e.carrier = place, carrier
	} else {
		e.nic = place
	}
	e.binding.Target = target(b.Target, e.address != "")
	return e, true
}

// target returns a target by the kind of place that it really names.
func target(t binding.Target, isAddress bool) binding.Target {
	id, ok := t.InterfaceID()
	if !ok {
		id, _ = t.IPAddressID()
	}
	if isAddress {
		return t.WithScope(binding.OnIPAddress(id))
	}
	return t.WithScope(binding.OnInterface(id))
}

func conflict(a, b *entry) bool {
	return a.listens != b.listens && (covers(a, b) || covers(b, a))
}

func supersedes(a, b *entry) bool {
	return a.listens && b.listens && a.port == b.port && covers(a, b)
}

// covers reports whether every place of b is one of a.
func covers(a, b *entry) bool {
	switch {
	case a.isEverywhere:
		return true
	case a.nic != "":
		return a.nic == b.nic || a.nic == b.carrier
	default:
		return a.address == b.address
	}
}
