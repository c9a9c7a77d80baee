package validate

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// Merge puts what a scanner saw into a valid set, in.Bindings, each binding as Add
// would: listeners before presences, first those on all interfaces, then those on
// a family or an interface, then those on one address, otherwise in order. What the set holds already is reported in Absorbed, and is a sighting: of
// the binding that it equals, or, where a listener of the set covers it, of that
// listener if a person stated it. What breaks V1, V2, V5, V6 or a rule of the
// user's own is left out and reported in Skipped. Bindings of the set are lost
// only to precedence (V4); what supersedes a stated listener is stated from then
// on.
//
// No rule makes Merge fail. A service in another network than its host is one
// violation in Skipped, with index -1, and nothing is merged; a nil Inventory is
// an *Error. Observed bindings have indexes from len(in.Bindings) on, and paths
// from "bindings[0]" on. What Add says of the set holds here, too. Merge takes time
// linear in the set and what was observed, and changes neither.
func (v *Validator) Merge(in Input, observed []binding.Binding) (Result, error) {
	return v.merge(in, observed, len(observed) > few)
}

func (v *Validator) merge(in Input, observed []binding.Binding, many bool) (Result, error) {
	var res Result
	if in.Inventory == nil {
		return res, &Error{Violations: []Violation{noInventory()}}
	}
	res.reset(in.Bindings, observed)
	if !sameNetwork(in.Inventory, &in.Service) {
		res.Bindings, res.Skipped = in.Bindings, []Violation{networkMismatch(in.Inventory, &in.Service)}
		return res, nil
	}
	e := res.evaluation(v, in, in.Bindings, observed, many)
	e.adds, e.merges = true, true
	e.begin(&res)
	if e.index != nil {
		e.index.face(e, false)
	}
	for wide := range allBreadths {
		if e.index != nil && wide == presence {
			e.index.face(e, true)
		}
		for i := len(e.old); i < len(e.at); i++ {
			if breadth(&e.at[i]) == wide {
				e.add(int32(i))
			}
		}
	}
	e.account(&res)
	for i := len(e.old); i < len(e.at); i++ {
		if e.verdicts[i].fate > superseded {
			res.Skipped = append(res.Skipped, e.explain(i))
		}
	}
	e.write(&res)
	e.refresh(&res)
	return res, nil
}

// refresh notes in the new set what was seen again, and what is stated.
func (e *evaluation) refresh(res *Result) {
	in := func(i int) *binding.Binding { return &res.Bindings[e.verdicts[i].by] }
	for _, d := range res.Dropped {
		// What supersedes a stated listener is stated from then on.
		if e.binding(d.Index).Stated() {
			in(d.By).FirstDiscoveryID = uuid.Nil
		}
	}
	for _, d := range res.Absorbed {
		see(in(d.By), e.binding(d.Index), d.Reason)
	}
}

// see makes one binding a sighting of another that holds it: of one that it
// equals, and of one that covers it only where that is stated. A scan that has
// been overtaken by a later one changes nothing.
func see(holder, seen *binding.Binding, why Reason) {
	if why == Superseded && !holder.Stated() || seen.LastSeenAt.Before(holder.LastSeenAt) {
		return
	}
	holder.LastSeenAt = seen.LastSeenAt
	if seen.LastDiscoveryID != uuid.Nil {
		holder.LastDiscoveryID = seen.LastDiscoveryID
	}
}
