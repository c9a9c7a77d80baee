package discovery

import (
	"cmp"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// RefuseLinks takes those new links back that would make a stated presence
// conflict with a listener of its service (rule V5), of another record any presence,
// and returns why: violations of stored bindings. inv is the inventory of the merged host.
func (m *Merged) RefuseLinks(inv *host.Inventory, stored []service.Service) []validate.Violation {
	if len(m.Links) == 0 {
		return nil
	}
	carrier := make(map[uuid.UUID]uuid.UUID, len(m.Links))
	for _, l := range m.Links {
		carrier[l.IPAddressID] = l.To
	}
	var violations []validate.Violation
	refused := make(map[uuid.UUID]bool)
	for i := range stored {
		s := &stored[i]
		presences, listeners := bindingsByScope(inv, s.Bindings)
		for k := range s.Bindings {
			scope := inv.Canonical(s.Bindings[k].Target).Scope()
			at, ok := scope.IPAddressID()
			to, linked := carrier[at]
			if !ok || !linked {
				continue
			}
			for _, pair := range [][2]*binding.Binding{
				{presences[scope], listeners[binding.OnInterface(to)]},
				{presences[binding.OnInterface(to)], listeners[scope]},
			} {
				presence, listener := pair[0], pair[1]
				if presence == nil || listener == nil || refused[at] || !presence.Stated() && !m.scan.Recorded {
					continue
				}
				refused[at] = true
				violations = append(violations, conflict(inv, s, presence, listener))
			}
		}
	}
	m.revert(refused)
	return violations
}

// bindingsByScope returns one presence and one listener at every scope that has
// some: a stated presence where there is one.
func bindingsByScope(inv *host.Inventory, set []binding.Binding) (presences, listeners map[binding.Scope]*binding.Binding) {
	presences, listeners = make(map[binding.Scope]*binding.Binding), make(map[binding.Scope]*binding.Binding)
	for k := range set {
		b := &set[k]
		scope := inv.Canonical(b.Target).Scope()
		switch {
		case b.Target.IsListener():
			listeners[scope] = b
		case presences[scope] == nil || b.Stated():
			presences[scope] = b
		}
	}
	return presences, listeners
}

// conflict returns what rule V5 says of a stored presence and a stored listener.
func conflict(inv *host.Inventory, s *service.Service, presence, listener *binding.Binding) validate.Violation {
	pair := []binding.Binding{*presence, *listener}
	slices.SortFunc(pair, func(a, b binding.Binding) int { return compareIDs(a.ID, b.ID) })
	_, err := validate.New().Set(inv, pair)
	var broken *validate.Error
	if !errors.As(err, &broken) {
		return validate.Violation{Code: validate.ErrConflict, Binding: pair[1], Other: pair[0]}
	}
	v := broken.Violations[0]
	v.Path = ""
	v.Message = "a newer link between interface and IP address is not taken over: with it, service " +
		cmp.Or(label.Of(s.Name), label.OrID(s.Definition, s.ID)) + ": " + v.Message
	return v
}
