package validate

import (
	"cmp"
	"errors"
	"slices"

	"github.com/bindset/bindset/host"
)

// Host applies the rules to the sets of several services of one host at once,
// each as SetInto would, and V6, where it is on, among them: of two listeners
// that compete the one of the later service offends, and goes with the first that
// it competes with. It returns a Result for each service, and one *Error with the
// violations of all: in the order of the rules, those of a rule service by service.
// Violation.Set says which.
//
// The Inventory and the Claims of the services are not read: inv is the inventory
// of all, and their claims are each other. V6 skips what Stored of a service
// says, and nothing else, so that sets which are stored are judged too. Services
// need no IDs. It takes time linear in the bindings.
func (v *Validator) Host(inv *host.Inventory, services ...Input) ([]Result, error) {
	if inv == nil {
		return nil, &Error{Violations: []Violation{noInventory()}}
	}
	results := make([]Result, len(services))
	claims := NewClaims(inv)
	var memory Result
	var all []Violation
	for set, in := range services {
		in.Inventory, in.Claims = inv, claims
		results[set].reset(in.Bindings, nil)
		e := memory.evaluation(v, in, nil, in.Bindings, len(in.Bindings) > few)
		var broken *Error
		if errors.As(e.set(&results[set]), &broken) {
			for _, violation := range broken.Under(pathOf(set)).Violations {
				violation.Set = set
				if violation.Rule != "V6" && violation.OtherIndex >= 0 {
					violation.OtherSet = set
				}
				all = append(all, violation)
			}
		}
		for i := range e.verdicts {
			switch e.verdicts[i].fate {
			case kept, claimed, custom: // V6 judges what broke no rule before it
				claims.add(indexed{Claim{e.canonical(i), in.Service.Name}, set, i}, in.Service.ID)
			}
		}
	}
	if len(all) > 0 {
		slices.SortStableFunc(all, func(a, b Violation) int {
			return cmp.Or(cmp.Compare(v.rank(a.Rule), v.rank(b.Rule)), cmp.Compare(min(a.Index, 0), min(b.Index, 0)))
		})
		return results, &Error{Violations: all}
	}
	return results, nil
}

// rank returns where a rule stands in the order in which the rules run.
func (v *Validator) rank(rule string) int {
	if i := slices.Index(builtin, rule); i >= 0 {
		return i
	}
	return len(builtin) + slices.IndexFunc(v.rules, func(r customRule) bool { return r.name == rule })
}
