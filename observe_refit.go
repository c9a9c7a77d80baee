package bindset

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/reconcile"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// What a host that a scanner saw anew does to the sets that are stored.

// refuseLinks takes those new links back that would make a stored set conflict
// (rule V5), and reports the stored bindings that would offend.
func (t *tx) refuseLinks(merged *reconcile.Merged, services []service.Service) error {
	if len(merged.Links) == 0 {
		return nil
	}
	inv, err := host.NewInventory(merged.Host)
	if err != nil {
		return inPayload(err)
	}
	carrier := make(map[uuid.UUID]uuid.UUID, len(merged.Links))
	for _, l := range merged.Links {
		carrier[l.IPAddressID] = l.To
	}
	refused := make(map[uuid.UUID]bool)
	for i := range services {
		s := &services[i]
		clashes := clashing(inv, s.Bindings, carrier)
		if len(clashes) == 0 {
			continue
		}
		for _, ipAddressID := range clashes {
			refused[ipAddressID] = true
		}
		var broken *validate.Error
		if _, err := t.m.lenient().Set(inv, s.Bindings); errors.As(ofStored(err, []service.Service{*s}), &broken) {
			t.skipStored(broken, "a newer link between interface and IP address is not taken over: with it, ")
		}
	}
	merged.Revert(refused)
	return nil
}

// clashing returns the newly linked IP addresses for which a valid set would
// have a presence and a listener of which one is at the address and the other on
// the interface that now carries it.
func clashing(inv *host.Inventory, set []binding.Binding, carrier map[uuid.UUID]uuid.UUID) (ipAddressIDs []uuid.UUID) {
	type place struct {
		scope   binding.Scope
		listens bool
	}
	at := make(map[place]bool, len(set))
	for i := range set {
		to := inv.Canonical(set[i].Target)
		at[place{to.Scope(), to.IsListener()}] = true
	}
	for i := range set {
		to := inv.Canonical(set[i].Target)
		id, ok := to.IPAddressID()
		if !ok {
			continue
		}
		if interfaceID, linked := carrier[id]; linked && at[place{binding.OnInterface(interfaceID), !to.IsListener()}] {
			ipAddressIDs = append(ipAddressIDs, id)
		}
	}
	return ipAddressIDs
}

// lenient returns the built-in rules alone, for sets that were stored: rule V6
// skips those, and neither a limit nor a rule of the user's own that came later
// may stop a scanner.
func (m *Manager) lenient() *validate.Validator {
	return validate.New(validate.WithMaxBindings(math.MaxInt))
}

// skipStored reports stored bindings that break a rule on the host as it was
// seen, and why they are reported.
func (t *tx) skipStored(broken *validate.Error, why string) {
	for _, v := range broken.Violations {
		v.Path = ""
		v.Message = why + v.Message
		t.report.Skipped = append(t.report.Skipped, Skipped{Binding: v.Binding, Violation: v})
	}
}

// refitAll runs the rules over the stored sets of a host that has changed. It
// stores those of services that were not seen now, and returns the sets of the
// others, which are stored with what was seen of them.
func (t *tx) refitAll(ctx context.Context, inv *host.Inventory, hostChanged bool, known []service.Service, matches []int) (map[int][]binding.Binding, error) {
	fitted := make(map[int][]binding.Binding)
	for _, at := range matches {
		if at >= 0 {
			fitted[at] = known[at].Bindings
		}
	}
	if !hostChanged {
		return fitted, nil
	}
	for i := range known {
		set := t.refitObserved(inv, &known[i])
		if _, seen := fitted[i]; seen {
			fitted[i] = set
			continue
		}
		next := known[i]
		next.Bindings = set
		if err := t.put(ctx, &known[i], &next); err != nil {
			return nil, err
		}
	}
	return fitted, nil
}

// refitObserved runs the rules over a stored set on a host that has changed. A
// set that still offends stays as it is, and what offends is reported.
func (t *tx) refitObserved(inv *host.Inventory, s *service.Service) []binding.Binding {
	rules, err := t.m.lenient().Set(inv, slices.Clone(s.Bindings))
	var broken *validate.Error
	if errors.As(ofStored(err, []service.Service{*s}), &broken) {
		t.skipStored(broken, "left as it is stored: ")
		return slices.Clone(s.Bindings)
	}
	t.ruled(&rules)
	return slices.Clone(rules.Bindings)
}
