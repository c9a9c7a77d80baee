package validate

import (
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// customRule is a rule that WithRule added.
type customRule struct {
	name  string
	judge func(Candidate) *Violation
}

// WithRule adds a rule to a new Validator, to run behind V6 and the rules added
// before it. judge is asked about one binding at a time, and only about those
// that go into the set and broke no rule before. It returns nil where all is
// well, or a Violation; of that, Code, Message, Other and Service count. Without a
// Code it has ErrInvalid, without a Message it says only which rule was broken.
//
// Set asks about every binding of the normalized set, Add, Replace and Merge about
// a new one alone, in the set that would result. So that all of them agree, a rule
// must
//
//   - be a function of the Candidate: the same answer for the same question;
//   - not look at the order of the set;
//   - allow a binding in a smaller set where it allows it in a larger one, since
//     nobody is asked when a binding is deleted;
//   - where two bindings do not go together, refuse either of them in view of the
//     other.
//
// validatetest.Laws checks this. Rules run concurrently and inside transactions,
// which may be repeated: a rule has no side effects. WithRule panics where judge is
// nil, or the name is empty or that of another rule.
func WithRule(name string, judge func(Candidate) *Violation) Option {
	switch {
	case name == "":
		panic("validate.WithRule: a rule needs a name")
	case judge == nil:
		panic("validate.WithRule: rule " + name + " has no function")
	case slices.Contains(builtin, name):
		panic("validate.WithRule: there is a built-in rule " + name)
	}
	return func(v *Validator) {
		if slices.Contains(v.CustomRules(), name) {
			panic("validate.WithRule: there are two rules " + name)
		}
		v.rules = append(v.rules, customRule{name, judge})
	}
}

// builtin are the rules of every Validator, in their order.
var builtin = []string{"V0", "V1", "V2", "V3", "V4", "V5", "V6"}

// CustomRules returns the names of the rules that WithRule added, in the order in
// which they run.
func (v *Validator) CustomRules() []string {
	var names []string
	for i := range v.rules {
		names = append(names, v.rules[i].name)
	}
	return names
}

// A Candidate is a binding that is to be in a set, with all that a rule may read to
// judge it: shared, neither to be written to nor kept.
type Candidate struct {
	Inventory *host.Inventory
	Service   ServiceInfo
	Binding   binding.Binding // its target as V0 has it

	in     *Input
	others iter.Seq[binding.Binding]
}

// Others returns the other bindings of the set, targets as V0 has them: those that
// broke no rule before, without what V3 and V4 drop. A rule that goes through them
// all for every candidate makes Set and Merge quadratic.
func (c Candidate) Others() iter.Seq[binding.Binding] { return c.others }

// Claims returns the listeners of other services in Input.Claims. A
// bindset.Manager gives those on the ports that the set, or the new binding,
// listens on; Host those of the services before.
func (c Candidate) Claims() iter.Seq[Claim] {
	return func(yield func(Claim) bool) {
		own := c.in.Service.ID
		for claim := range c.in.Claims.All() {
			if (own == uuid.Nil || claim.Binding.ServiceID != own) && !yield(claim) {
				return
			}
		}
	}
}

// Stored reports whether the service has the binding stored already, or a
// listener that covers it. A rule that must not break what was stored before it
// came, as V6 does not, lets those pass. It takes time linear in what is stored.
func (c Candidate) Stored() bool {
	_, at, _ := locate(c.Inventory, &c.Binding.Target)
	return slices.ContainsFunc(c.in.Stored, func(b binding.Binding) bool {
		_, stored, _ := locate(c.Inventory, &b.Target)
		return equal(&stored, &at) || covers(&stored, &at)
	})
}

// customRules are the rules that WithRule added, each over the bindings that
// broke none before it. They get copies, so that only those who have rules of
// their own pay for memory that outlives the call.
func (e *evaluation) customRules() {
	v, in := *e.v, *e.in
	shown := &evaluation{v: &v, in: &in, given: in.Bindings, replaced: none, rewrote: e.rewrote, at: slices.Clone(e.at), verdicts: slices.Clone(e.verdicts)}
	for r := range v.rules {
		seen := len(shown.found)
		for i := range e.at {
			if shown.verdicts[i].fate != kept {
				continue
			}
			if found, broken := shown.ask(r, i); broken {
				e.take(i, custom, int32(len(shown.found)))
				shown.found = append(shown.found, found)
			}
		}
		if len(shown.found) > seen { // only now, so that a rule sees the same set for all bindings
			copy(shown.verdicts, e.verdicts)
		}
	}
	e.found = shown.found
}

// ask returns what a custom rule has against a binding in the set.
func (e *evaluation) ask(rule, i int) (Violation, bool) {
	r, b := &e.v.rules[rule], e.canonical(i)
	found := r.judge(Candidate{Inventory: e.in.Inventory, Service: e.in.Service, Binding: b, in: e.in, others: e.others(i)})
	if found == nil {
		return Violation{}, false
	}
	v := Violation{Rule: r.name, Index: i, Code: found.Code, Message: found.Message, Other: found.Other, Service: found.Service}
	if v.Code == "" {
		v.Code = ErrInvalid
	}
	if v.Message == "" {
		v.Message = fmt.Sprintf("%s breaks the rule %s", e.in.Inventory.Describe(b.Target), r.name)
	}
	return v, true
}

// others returns the set that would result with a binding, without it.
func (e *evaluation) others(i int) iter.Seq[binding.Binding] {
	return func(yield func(binding.Binding) bool) {
		for j := range e.at {
			if j == i || e.verdicts[j].fate != kept || equal(&e.at[i], &e.at[j]) || covers(&e.at[i], &e.at[j]) {
				continue
			}
			if !yield(e.canonical(j)) {
				return
			}
		}
	}
}
