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
	var all []Violation
	var memory *work
	for i, in := range services {
		res := &results[i]
		in.Inventory, in.Claims, res.work = inv, claims, memory
		err := v.SetInto(res, in)
		res.work, memory = nil, res.work
		var broken *Error
		if errors.As(err, &broken) {
			for _, violation := range broken.Under(pathOf(i)).Violations {
				violation.Set = i
				if violation.Rule != "V6" && violation.OtherIndex >= 0 {
					violation.OtherSet = i
				}
				all = append(all, violation)
			}
		}
		claims.addSet(i, &in, res, broken)
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

// addSet adds the listeners of a set that V6 judges: all that broke no rule before
// it and were not dropped.
func (c *Claims) addSet(set int, in *Input, res *Result, broken *Error) {
	out := make([]bool, len(in.Bindings))
	for _, d := range res.Dropped {
		out[d.Index] = true
	}
	if broken != nil {
		for i := range broken.Violations {
			if v := &broken.Violations[i]; v.Index >= 0 && (v.Rule == "V1" || v.Rule == "V2" || v.Rule == "V5") {
				out[v.Index] = true
			}
		}
	}
	for i, b := range in.Bindings {
		if !out[i] {
			b.Target, b.ServiceID = c.inv.Canonical(b.Target), in.Service.ID
			c.add(indexed{Claim{b, in.Service.Name}, set, i})
		}
	}
}
