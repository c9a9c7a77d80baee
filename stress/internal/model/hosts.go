package model

import (
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

func seenHost(number int) (saw sight) {
	saw.host[number] = true
	return saw
}

func (m *Model) createHost(s *State, op *Op) (sight, error) {
	if s.Hosts[op.Host].Revision > 0 {
		return sight{}, store.ErrExists
	}
	s.Hosts[op.Host] = Host{Revision: 1, Shape: op.Shape}
	saw, err := m.createService(s, op)
	saw.host[op.Host] = true
	return saw, err
}

// putHost changes what the host has of its second address: the sets that are
// stored must fit that, or lose what does not.
func (m *Model) putHost(s *State, op *Op) (sight, error) {
	h := &s.Hosts[op.Host]
	switch {
	case h.Revision == 0:
		*h = Host{Revision: 1, Shape: op.Shape}
	case h.Shape != op.Shape:
		*h = Host{Revision: h.Revision + 1, Shape: op.Shape}
		if !op.Lossy {
			for _, n := range s.on(op.Host) {
				if len(m.having(s, n)) < len(s.set(n)) {
					return sight{}, store.ErrInUse
				}
			}
		}
		if err := m.refit(s, op.Host); err != nil {
			return sight{}, err
		}
	}
	return seenHost(op.Host), nil
}

// having returns those bindings of a service whose targets its host has.
func (m *Model) having(s *State, number int) (set []binding.Binding) {
	inv := m.inventoryOf(s, int(s.Services[number].Host))
	for _, b := range s.set(number) {
		if inv.Has(b.Target) {
			set = append(set, b)
		}
	}
	return set
}

// refit runs the rules over the sets of a host that has changed.
func (m *Model) refit(s *State, number int) error {
	for _, n := range s.on(number) {
		result, err := m.rules.Set(m.inventoryOf(s, number), m.having(s, n))
		if err != nil {
			return err
		}
		s.put(n, result.Bindings)
	}
	return nil
}

func deleteHost(s *State, op *Op) (sight, error) {
	switch {
	case s.Hosts[op.Host].Revision == 0:
		return sight{}, store.ErrNotFound
	case len(s.on(op.Host)) > 0 && !op.Lossy:
		return sight{}, store.ErrInUse
	}
	for _, n := range s.on(op.Host) {
		s.put(n, nil)
		s.Services[n] = Service{}
	}
	s.Hosts[op.Host] = Host{}
	return sight{}, nil
}

// moveService gives every binding the target that is the same on the other host.
func (m *Model) moveService(s *State, op *Op) (sight, error) {
	switch {
	case !s.exists(op.Service) || s.Hosts[op.Host].Revision == 0:
		return sight{}, store.ErrNotFound
	case int(s.Services[op.Service].Host) == op.Host:
		return seen(op.Service), nil
	}
	in := m.input(s, op.Service, op.Host)
	in.Bindings, in.Stored = nil, nil
	for _, b := range s.set(op.Service) {
		b.Target = targetsOf(0)[numberOfTarget(0, b.Target).on(op.Host)]
		if in.Inventory.Has(b.Target) {
			in.Bindings = append(in.Bindings, b)
		} else if !op.Lossy {
			return sight{}, validate.ErrCrossHost
		}
	}
	var result validate.Result
	if err := m.rules.SetInto(&result, in); err != nil {
		return sight{}, err
	}
	moving := &s.Services[op.Service]
	moving.Host, moving.Position = int8(op.Host), s.lastPosition(op.Host)+1
	s.put(op.Service, result.Bindings)
	return seen(op.Service), nil
}

// observe takes in a host as a scanner saw it, with one service. All children of
// the host have the IDs that they are stored with, and so has the service.
func (m *Model) observe(s *State, op *Op) (saw sight, err error) {
	before := *s
	saw.refused = m.observeHost(s, op)
	if err := m.refit(s, op.Host); err != nil {
		return sight{}, err
	}
	stored, fitted := before.set(op.Service), s.set(op.Service)
	if !s.exists(op.Service) {
		s.Services[op.Service] = Service{Host: int8(op.Host), Revision: 1, Position: s.lastPosition(op.Host) + 1}
	}
	s.Services[op.Service].Version = op.Version

	observed := given(op.Service, op.Set)
	for i, g := range op.Set {
		if holder := s.Bindings[g.Binding]; before.isOf(g.Binding, op.Service) || holder.Target > 0 {
			if holder.Target != g.Target || int(holder.Service) != op.Service {
				observed[i].ID = bindingID(0, unnamed(op.Service, g.Target))
			}
		}
	}
	in := m.input(s, op.Service, op.Host)
	in.Bindings, in.Stored = fitted, stored
	result, err := m.rules.Merge(in, observed)
	if err != nil {
		return sight{}, err
	}
	saw.skipped = len(result.Skipped)
	s.put(op.Service, result.Bindings)
	return saw, nil
}

// isOf reports whether a binding is there and belongs to a service.
func (s *State) isOf(number, service int) bool {
	return s.Bindings[number].Target > 0 && int(s.Bindings[number].Service) == service
}

// observeHost takes in the host. What a scanner does not see stays; a link with
// which a set would conflict is not taken over.
func (m *Model) observeHost(s *State, op *Op) (refused bool) {
	h := &s.Hosts[op.Host]
	next := h.Shape
	switch {
	case h.Revision == 0 || h.Shape == Without:
		next = op.Shape
	case op.Shape == Linked:
		next = Linked
	}
	if h.Revision > 0 && next == h.Shape {
		return false
	}
	for _, n := range s.on(op.Host) {
		if _, err := m.rules.Set(m.inventory[op.Host][next], s.set(n)); err != nil {
			return true
		}
	}
	*h = Host{Revision: h.Revision + 1, Shape: next}
	return false
}
