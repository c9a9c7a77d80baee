package validate

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// An evaluation is one run of the rules: over the old bindings, a valid set, and
// over others that are given beside them, and numbered behind them. Where few are
// given, the rules compare pairs; else an index finds what to compare.
type evaluation struct {
	v          *Validator
	in         *Input
	old, given []binding.Binding
	adds       bool       // what is given to the set, one by one; else that is the set
	merges     bool       // and skips what breaks a rule
	replaced   int        // the old binding that the given one replaces, or none
	stored     *listeners // what the service had stored, once V6 has to know

	at       []host.Location // what the bindings name
	verdicts []verdict
	standing []int32 // the set, where pairs are compared
	stand    int     // how many bindings are in standing
	index    *index  // nil there

	breadths [allBreadths]int // how many bindings there are of each
	rewrote  bool             // whether V0 did, any of those given
	size     int              // of the set
	full     int              // the size that the set would have, where that is too large
	dropped  int
	broken   int
	found    []Violation // of the user's own rules
}

// A verdict is what becomes of one binding.
type verdict struct {
	fate fate
	by   int32 // the binding, the claim, or the violation found, that it is for; of one that is kept, its place in the result
}

// A fate says which rule took a binding out of the set, if one did.
type fate uint8

const (
	pending fate = iota
	kept
	duplicate
	superseded
	malformed
	sharedID
	tooMany
	crossHost
	conflict
	claimed
	custom
)

const none = -1

// few is up to how many given bindings comparing pairs beats an index.
const few = 16

// begin runs the rules that need no set, and takes the old bindings into it.
func (e *evaluation) begin(res *Result) {
	if e.index != nil {
		e.index.reset(len(e.at))
	}
	n := len(e.old)
	for i := range e.old {
		_, e.at[i], _ = locate(e.in.Inventory, &e.old[i].Target)
		e.breadths[breadth(&e.at[i])]++
		if e.index != nil && i != e.replaced {
			e.firstWithID(i)
		}
	}
	for k := range e.given {
		e.locate(n+k, &e.given[k].Target, res)
		e.identify(n + k)
	}
	if e.index != nil {
		e.index.build(e)
	}
	for i := range e.old {
		if i != e.replaced {
			e.keep(int32(i))
		}
	}
}

// binding returns a binding as it was given.
func (e *evaluation) binding(i int) *binding.Binding {
	if i < len(e.old) {
		return &e.old[i]
	}
	return &e.given[i-len(e.old)]
}

// canonical returns a binding as V0 has it.
func (e *evaluation) canonical(i int) binding.Binding {
	b := *e.binding(i)
	if e.rewrote {
		b.Target = e.in.Inventory.Canonical(b.Target)
	}
	return b
}

// number returns the index that a binding has in the Result.
func (e *evaluation) number(i int) int {
	if e.replaced != none && i == len(e.old) {
		return e.replaced
	}
	return i
}

// locate finds what a given target names. It is V0, and V1 and V2 of each binding
// by itself.
func (e *evaluation) locate(i int, from *binding.Target, res *Result) {
	at, ok := e.in.Inventory.Locate(from)
	if !ok {
		var to binding.Target
		var broken fate
		if to, at, broken = locate(e.in.Inventory, from); broken != pending {
			e.take(i, broken, none)
		}
		if to != *from {
			e.rewrote = true
			res.Rewritten = append(res.Rewritten, Rewrite{Index: e.number(i), From: *from, To: to})
		}
	}
	e.at[i] = at
	e.breadths[breadth(&at)]++
}

// locate returns a target as V0 has it and what that names on the host, or the
// rule that it breaks.
func locate(inv *host.Inventory, t *binding.Target) (to binding.Target, at host.Location, broken fate) {
	if at, ok := inv.Locate(t); ok {
		return *t, at, pending
	}
	to = inv.Canonical(*t)
	if at, ok := inv.Locate(&to); ok {
		return to, at, pending
	}
	if !to.IsValid() {
		return to, nowhere, malformed
	}
	return to, nowhere, crossHost
}

// identify is V1 for IDs: of two targets under one ID the later offends.
func (e *evaluation) identify(i int) {
	first := e.firstWithID(i)
	if first == i || e.verdicts[i].fate == malformed {
		return
	}
	if e.canonical(first).Target != e.canonical(i).Target {
		e.take(i, sharedID, int32(first))
	}
}

// firstWithID returns the first binding with the ID of binding i; itself where it
// has none.
func (e *evaluation) firstWithID(i int) int {
	id, n := &e.binding(i).ID, len(e.old)
	if *id == uuid.Nil {
		return i
	}
	if e.index != nil {
		return e.index.firstWithID(e, i, id)
	}
	for j := range e.old {
		if e.old[j].ID == *id && j != e.replaced {
			return j
		}
	}
	for k := range e.given[:i-n] {
		if e.given[k].ID == *id {
			return n + k
		}
	}
	return i
}

// holder returns the first binding of the set that equals a binding (V3), or else
// the first that covers it (V4).
func (e *evaluation) holder(i int32) (by int32, why fate) {
	var room [5]int32
	by, at := none, &e.at[i]
	near := e.standing[:e.stand]
	if e.index != nil {
		near = e.index.near(i, &room)
	}
	for _, j := range near {
		switch other := &e.at[j]; {
		case !within(at, other):
		case equal(other, at):
			return j, duplicate
		case covers(other, at) && (by == none || j < by):
			by, why = j, superseded
		}
	}
	return by, why
}

// clash returns the first binding of the set that a binding conflicts with (V5).
func (e *evaluation) clash(i int32) int32 {
	var room [5]int32
	first, at := int32(none), &e.at[i]
	near := e.standing[:e.stand]
	if e.index != nil {
		near = e.index.across(e, i, &room)
	}
	for _, j := range near {
		if conflicts(&e.at[j], at) && (first == none || j < first) {
			first = j
		}
	}
	return first
}

// keep takes a binding into the set.
func (e *evaluation) keep(i int32) {
	e.verdicts[i].fate = kept
	e.size++
	if e.index == nil {
		e.standing[e.stand] = i
		e.stand++
	} else {
		e.index.keep(e, i)
	}
}

// drop takes a binding out of the set, or keeps it from getting into it, for the
// sake of another one (V3 and V4).
func (e *evaluation) drop(i int32, why fate, by int32) {
	if e.verdicts[i].fate == kept {
		e.size--
	}
	e.verdicts[i] = verdict{why, by}
	e.dropped++
}

// take keeps a given binding out of the set because it breaks a rule.
func (e *evaluation) take(i int, rule fate, by int32) {
	if e.verdicts[i].fate <= kept {
		e.broken++
	}
	e.verdicts[i] = verdict{rule, by}
}

// mayCompete reports whether V6 is on, and may have something to say.
func (e *evaluation) mayCompete() bool {
	return e.v.exclusivePorts && e.in.Claims != nil && len(e.in.Claims.all) > 0
}
