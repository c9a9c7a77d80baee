package validate

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// Add applies the rules to one new binding for a valid set, in.Bindings. One
// that equals a binding of the set, or is a listener that a listener of the set
// covers, is absorbed: the set stays as it is, and Result.Absorbed says by what.
// A new listener drops the listeners it covers. A binding that breaks a rule is
// an *Error. Its index in Result and Error is len(in.Bindings).
//
// The set must be valid: one that Set would return unchanged. Adding to what is
// not gives an undefined, harmless result. Add takes time linear in the set, and
// does not change in.Bindings.
func (v *Validator) Add(in Input, b binding.Binding) (Result, error) {
	var res Result
	err := v.AddInto(&res, in, b)
	return res, err
}

// AddInto does what Add does and puts the outcome into res, whose memory it uses
// again as SetInto does. With violations it returns an *Error and leaves res
// empty. It allocates nothing where no rule is broken, no target rewritten,
// nothing claimed or covered and res has been used for as large a set before.
func (v *Validator) AddInto(res *Result, in Input, b binding.Binding) error {
	n := len(in.Bindings)
	res.given = append(res.given[:0], b)
	res.reset(in.Bindings, res.given)
	one := judgement{index: n, from: b.Target, canonical: b}
	if err := v.judge(&in, &one, v.MaxBindings()-n); err != nil {
		res.reset(nil, nil)
		return err
	}
	res.Rewritten = one.appendRewrite(res.Rewritten)
	switch {
	case one.equal != nowhere:
		res.Bindings, res.Absorbed = in.Bindings, append(res.Absorbed, Drop{n, one.equal, Duplicate})
	case one.coveredBy != nowhere:
		res.Bindings, res.Absorbed = in.Bindings, append(res.Absorbed, Drop{n, one.coveredBy, Superseded})
	default:
		if aliases(res.buffer, in.Bindings) {
			res.buffer = nil
		}
		res.Bindings = slices.Grow(res.buffer[:0], res.Inputs())
		res.take(in.Bindings, one.covers, n)
		res.Bindings = append(res.Bindings, one.canonical)
		res.buffer = res.Bindings
	}
	return nil
}

// Replace applies the rules to a change of one binding of a valid set: b takes
// the place of in.Bindings[index], and is checked against the others. Where it
// equals another binding, b stays and the other is dropped. Where a listener of
// the set covers it, b is absorbed, and the one it was to replace is gone. A
// listener drops the listeners it covers. A binding that breaks a rule is an
// *Error with the index given; so is an index out of range.
//
// What Add says of the set and of the time it takes holds here, too.
func (v *Validator) Replace(in Input, index int, b binding.Binding) (Result, error) {
	if index < 0 || index >= len(in.Bindings) {
		return Result{}, &Error{Violations: []Violation{noSuchBinding(index, len(in.Bindings))}}
	}
	one := judgement{index: index, from: b.Target, canonical: b}
	if err := v.judge(&in, &one, 1); err != nil {
		return Result{}, err
	}
	res := Result{input: [2][]binding.Binding{in.Bindings, {b}}, placed: index + 1, Rewritten: one.appendRewrite(nil)}
	if one.coveredBy != nowhere {
		res.Bindings = slices.Concat(in.Bindings[:index], in.Bindings[index+1:])
		res.Absorbed = []Drop{{index, one.coveredBy, Superseded}}
		return res, nil
	}
	res.Bindings = make([]binding.Binding, 0, len(in.Bindings))
	if one.equal != nowhere {
		res.Bindings = append(res.Bindings, in.Bindings[:one.equal]...)
		res.Bindings = append(res.Bindings, in.Bindings[one.equal+1:]...)
		res.Dropped = []Drop{{one.equal, index, Duplicate}}
	} else {
		res.take(in.Bindings, one.covers, index)
	}
	at := index
	for _, d := range res.Dropped {
		if d.Index < index {
			at--
		}
	}
	res.Bindings[at] = one.canonical
	return res, nil
}

// take copies a set without the bindings that one at index by supersedes.
func (r *Result) take(set []binding.Binding, superseded []int, by int) {
	for i := range set {
		if len(superseded) > 0 && superseded[0] == i {
			r.Dropped = append(r.Dropped, Drop{Index: i, By: by, Reason: Superseded})
			superseded = superseded[1:]
			continue
		}
		r.Bindings = append(r.Bindings, set[i])
	}
}

// judgement is what the rules say of one binding beside a valid set.
type judgement struct {
	index     int
	from      binding.Target  // as given
	canonical binding.Binding // as V0 has it

	equal     int   // the binding of the set that it equals, or nowhere (V3)
	coveredBy int   // the listener of the set that covers it, or nowhere (V4)
	covers    []int // the listeners of the set that it covers, ascending (V4)
}

const nowhere = -1

// judge applies the rules to one binding at an index of a set whose other
// bindings are valid without it. There is room for so many more bindings. It
// expects the index and the binding as it was given, and finds out the rest.
func (v *Validator) judge(in *Input, one *judgement, room int) error {
	one.equal, one.coveredBy = nowhere, nowhere
	if in.Inventory == nil {
		return &Error{Violations: []Violation{noInventory()}}
	}
	one.canonical.Target = in.Inventory.Canonical(one.from) // V0
	var violations []Violation
	if mismatch, ok := networkMismatch(in.Inventory, &in.Service); ok {
		violations = append(violations, mismatch)
	}
	broken, ok := v.breaks(in, one)
	if ok && broken.Rule == "V1" {
		violations = slices.Insert(violations, 0, broken.alone(one.index, one.canonical))
	} else if ok {
		violations = append(violations, broken.alone(one.index, one.canonical))
	}
	stands := !ok || broken.Rule != "V1" && broken.Rule != "V2"
	if stands && one.equal == nowhere && one.coveredBy == nowhere && 1-len(one.covers) > room {
		tooMany := v.tooMany(len(in.Bindings) + 1 - len(one.covers))
		violations = slices.Insert(violations, 0, tooMany)
	}
	if len(violations) > 0 {
		return &Error{Violations: violations}
	}
	return nil
}

// breaks runs V1 to V6 and the rules of the user's own, and returns the first
// that the binding breaks.
func (v *Validator) breaks(in *Input, one *judgement) (Violation, bool) {
	inv, t := in.Inventory, one.canonical.Target
	if !t.IsValid() {
		return malformedTarget(inv, t), true // V1
	}
	clash := nowhere
	port, _, kind, _ := t.Words()
	for i := range in.Bindings {
		if i == one.index {
			continue
		}
		other := &in.Bindings[i]
		if other.ID == one.canonical.ID && other.ID != uuid.Nil && other.Target != t {
			return twoTargets(inv, other.ID, t, *other), true // V1
		}
		if otherPort, _, otherKind, _ := other.Target.Words(); kind == otherKind && port != otherPort {
			continue // listeners on two ports have nothing to do with each other
		}
		switch {
		case other.Target == t:
			one.equal = i
		case covers(inv, other.Target, t):
			one.coveredBy = i
		case covers(inv, t, other.Target):
			one.covers = append(one.covers, i)
		case clash == nowhere && conflict(inv, t, other.Target):
			clash = i
		}
	}
	if !inv.Has(t) {
		return crossHost(inv, t), true // V2
	}
	if one.coveredBy != nowhere || one.equal != nowhere && one.index == len(in.Bindings) {
		return Violation{}, false // absorbed
	}
	if clash != nowhere {
		return conflicting(inv, t, in.Bindings[clash]), true // V5
	}
	if claims := v.claimsOf(in); claims != nil {
		if claim, ok := claims.against(t); ok {
			return portClaimed(inv, t, claim), true // V6
		}
	}
	if len(v.rules) > 0 {
		return v.breaksCustomRule(*in, *one)
	}
	return Violation{}, false
}

// breaksCustomRule takes copies, which are the rules' to refer to: so that only
// those who have rules of their own pay for memory that outlives the call.
func (v *Validator) breaksCustomRule(in Input, one judgement) (Violation, bool) {
	for r := range v.rules {
		if found, ok := v.rules[r].ask(&in, one.canonical, one.others(in.Bindings)); ok {
			return found, true
		}
	}
	return Violation{}, false
}

// others returns the other bindings of the set that would result.
func (one *judgement) others(set []binding.Binding) iter.Seq[binding.Binding] {
	return func(yield func(binding.Binding) bool) {
		superseded := one.covers
		for i := range set {
			if len(superseded) > 0 && superseded[0] == i {
				superseded = superseded[1:]
				continue
			}
			if i != one.index && i != one.equal && !yield(set[i]) {
				return
			}
		}
	}
}

// covers reports whether a is a listener that strictly covers listener b (V4).
func covers(inv *host.Inventory, a, b binding.Target) bool {
	portA, listensA := a.PortID()
	portB, listensB := b.PortID()
	return portA == portB && listensA && listensB && a != b && inv.Covers(a.Scope(), b.Scope())
}

// conflict reports whether one of the two is a presence and the other a listener
// whose scope overlaps (V5).
func conflict(inv *host.Inventory, a, b binding.Target) bool {
	return a.IsListener() != b.IsListener() && inv.Overlap(a.Scope(), b.Scope())
}

// appendRewrite appends what V0 did to the binding, if anything.
func (one *judgement) appendRewrite(to []Rewrite) []Rewrite {
	if one.canonical.Target == one.from {
		return to
	}
	return append(to, Rewrite{Index: one.index, From: one.from, To: one.canonical.Target})
}
