package validate

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// Merge puts what a scanner saw into a valid set, in.Bindings: listeners before
// presences, covering before covered, otherwise in order, each as Add would take
// it. What the set holds already is reported in Absorbed, and is a sighting: of
// the binding that it equals, or, where a listener of the set covers it, of that
// listener if a person stated it. What breaks V1, V2, V5, V6 or a rule of the
// user's own is left out and reported in Skipped. Bindings of the set are lost
// only to precedence (V4); what supersedes a stated listener is stated from then
// on.
//
// No rule makes Merge fail. A service in another network than its host is one
// violation in Skipped, with index -1, and nothing is merged; a nil Inventory is
// an *Error. Observed bindings have indexes from len(in.Bindings) on, and the
// paths "bindings[0]", "bindings[1]" and so on in violations. What Add says of
// the set holds here, too. Merge takes time linear in the set and what was
// observed, and changes neither.
func (v *Validator) Merge(in Input, observed []binding.Binding) (Result, error) {
	return v.merge(in, observed, len(observed) > few)
}

func (v *Validator) merge(in Input, observed []binding.Binding, many bool) (Result, error) {
	var res Result
	if in.Inventory == nil {
		return res, &Error{Violations: []Violation{noInventory()}}
	}
	res.reset(in.Bindings, observed)
	if mismatch, ok := networkMismatch(in.Inventory, &in.Service); ok {
		res.Bindings, res.Skipped = in.Bindings, []Violation{mismatch}
		return res, nil
	}
	e := res.evaluation(v, in, in.Bindings, observed)
	e.adds, e.merges, e.many = true, true, many
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
	if !e.changes(&res) {
		res.Bindings = in.Bindings
		return res, nil
	}
	e.write(&res)
	e.refresh(&res)
	return res, nil
}

// changes reports whether the set is another one than before, or seen anew.
func (e *evaluation) changes(res *Result) bool {
	if e.size != len(e.old) || len(res.Dropped) > 0 {
		return true
	}
	for _, d := range res.Absorbed {
		before := *e.binding(d.By)
		after := before
		if see(&after, e.binding(d.Index), d.Reason); after.Sightings != before.Sightings {
			return true
		}
	}
	return false
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
