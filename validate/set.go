package validate

import (
	"slices"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// Set applies the rules to a whole set: V0 to V5 for a host and the bindings of
// one service on it. It returns the normalized set, or an *Error with every
// violation at once. See SetInto for all that the rules can read.
func (v *Validator) Set(inv *host.Inventory, bindings []binding.Binding) (Result, error) {
	var res Result
	err := v.SetInto(&res, Input{Inventory: inv, Bindings: bindings})
	return res, err
}

// SetInto applies the rules to a whole set, in.Bindings, and puts the outcome
// into res, whose memory it uses again: slices that an earlier call left in res
// are overwritten. Where nothing is dropped or rewritten res.Bindings is
// in.Bindings itself. With violations it returns an *Error; res.Bindings is then
// nil, and the rest of res says what V0, V3 and V4 did all the same.
//
// It takes time and memory linear in the bindings. It does not change
// in.Bindings, and allocates nothing where no rule is broken, no target
// rewritten and res has been used for as large a set before.
func (v *Validator) SetInto(res *Result, in Input) error {
	res.reset(in.Bindings, nil)
	switch {
	case in.Inventory == nil:
		return &Error{Violations: []Violation{noInventory()}}
	case len(in.Bindings) <= few:
		var r room
		e := evaluation{
			v: v, in: &in, given: in.Bindings, replaced: none,
			at: r.at[:len(in.Bindings)], verdicts: r.verdicts[:len(in.Bindings)], standing: r.standing[:],
		}
		return e.set(res)
	default:
		return res.evaluation(v, in, nil, in.Bindings, true).set(res)
	}
}

// set runs the rules over a whole set, each over the bindings that broke none
// before it.
func (e *evaluation) set(res *Result) error {
	if n := len(e.given); n > e.v.MaxBindings() {
		e.full = n
	}
	e.begin(res)
	e.normalize()
	e.conflicts()
	e.exclusivePorts()
	if len(e.v.rules) > 0 {
		e.customRules()
	}
	e.account(res)
	if err := e.refusal(); err != nil {
		return err
	}
	if e.dropped == 0 && len(res.Rewritten) == 0 {
		res.Bindings = e.in.Bindings
	} else {
		e.write(res)
	}
	return nil
}

// normalize is V3 and V4. What covers others comes first, so that a binding is
// only ever dropped for one that is kept.
func (e *evaluation) normalize() {
	if e.index != nil && !e.index.meet {
		for i := range e.verdicts {
			if v := &e.verdicts[i]; v.fate == pending {
				v.fate = kept
				e.size++
			}
		}
		return
	}
	for wide := range presence {
		if e.breadths[wide] == 0 && wide != onOne {
			continue
		}
		for i := range e.at {
			if e.verdicts[i].fate != pending || wide != onOne && breadth(&e.at[i]) != wide {
				continue
			}
			if by, why := e.holder(int32(i)); by != none {
				e.drop(int32(i), why, by)
			} else {
				e.keep(int32(i))
			}
		}
	}
}

// conflicts is V5: of a presence and a listener whose scopes overlap the later
// offends, and goes with the first that it clashes with.
func (e *evaluation) conflicts() {
	if n := e.breadths[presence]; n == 0 || n == len(e.at) {
		return
	}
	if e.index != nil {
		e.index.face(e, true)
		e.index.face(e, false)
	}
	for i := range e.at {
		if e.verdicts[i].fate != kept {
			continue
		}
		if first := e.clash(int32(i)); first != none && int(first) < i {
			e.take(i, conflict, first)
		}
	}
}

// exclusivePorts is V6.
func (e *evaluation) exclusivePorts() {
	if !e.mayCompete() {
		return
	}
	for i := range e.at {
		if e.verdicts[i].fate != kept {
			continue
		}
		if claim, ok := e.claim(i); ok {
			e.take(i, claimed, claim)
		}
	}
}

// account writes what was dropped or absorbed.
func (e *evaluation) account(res *Result) {
	if e.dropped == 0 {
		return
	}
	res.Dropped = slices.Grow(res.Dropped, e.dropped)
	for i := range e.verdicts {
		d := &e.verdicts[i]
		if d.fate != duplicate && d.fate != superseded {
			continue
		}
		drop := Drop{Index: e.number(i), By: e.number(int(d.by)), Reason: Duplicate + Reason(d.fate-duplicate)}
		if i >= len(e.old) && e.adds {
			res.Absorbed = append(res.Absorbed, drop)
		} else {
			res.Dropped = append(res.Dropped, drop)
		}
	}
}

// write writes the set, as V0 has it.
func (e *evaluation) write(res *Result) {
	if aliases(res.buffer, e.in.Bindings) {
		res.buffer = nil
	}
	set, n := slices.Grow(res.buffer[:0], e.size), len(e.old)
	at := n // of what was given, among the old bindings
	if e.replaced != none {
		at = e.replaced
	}
	set = e.copyKept(set, e.old[:at], 0)
	set = e.copyKept(set, e.given, n)
	set = e.copyKept(set, e.old[at:], at)
	for _, r := range res.Rewritten {
		i := r.Index
		if e.replaced != none {
			i = n
		}
		if e.verdicts[i].fate == kept {
			set[e.verdicts[i].by].Target = r.To
		}
	}
	res.Bindings, res.buffer = set, set
}

// copyKept appends those bindings of a list that are kept, the first of them being
// binding i, in runs as long as they come.
func (e *evaluation) copyKept(set, list []binding.Binding, i int) []binding.Binding {
	next := 0
	for k := range list {
		if d := &e.verdicts[i+k]; d.fate == kept {
			d.by = int32(len(set) + k - next)
			continue
		}
		set = append(set, list[next:k]...)
		next = k + 1
	}
	return append(set, list[next:]...)
}
