package validate

import (
	"slices"

	"github.com/bindset/bindset/binding"
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
	res.reset(in.Bindings, []binding.Binding{b})
	err := v.addOne(&res, in, none)
	return res, err
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
	res := Result{placed: index + 1}
	res.input = [2][]binding.Binding{in.Bindings, {b}}
	err := v.addOne(&res, in, index)
	return res, err
}

// addOne adds the one given binding of a result, in the place of the binding at
// replaced, if any.
func (v *Validator) addOne(res *Result, in Input, replaced int) error {
	if in.Inventory == nil {
		return &Error{Violations: []Violation{noInventory()}}
	}
	e := res.evaluation(v, in, in.Bindings, res.input[1], false)
	e.adds, e.replaced = true, replaced
	e.begin(res)
	i := len(e.old)
	e.add(int32(i))
	e.account(res)
	if err := e.refusal(); err != nil {
		return err
	}
	if e.verdicts[i].fate == kept || replaced != none {
		e.write(res)
	} else {
		res.Bindings = in.Bindings
	}
	return nil
}

// add puts a given binding into the set, unless the set holds it already or a rule
// forbids it.
func (e *evaluation) add(i int32) {
	if e.verdicts[i].fate != pending {
		return
	}
	by, why := e.holder(i)
	if why == superseded || why == duplicate && e.replaced == none {
		e.drop(i, why, by)
		return
	}
	if n := e.size + 1; n > max(e.v.MaxBindings(), len(e.old)) && !e.coversAny(i) {
		e.full = n
		if e.merges {
			e.take(int(i), tooMany, int32(n))
			return
		}
	}
	if first := e.clash(i); first != none {
		e.take(int(i), conflict, first)
		return
	}
	if e.mayCompete() {
		if claim, ok := e.claim(int(i)); ok {
			e.take(int(i), claimed, claim)
			return
		}
	}
	for r := range e.v.rules {
		if found, ok := e.ask(r, int(i)); ok {
			e.take(int(i), custom, int32(len(e.found)))
			e.found = append(e.found, found)
			return
		}
	}
	e.supersede(i)
	e.keep(i)
}

// supersede drops the bindings of the set that a new one equals or covers.
func (e *evaluation) supersede(i int32) {
	if e.index != nil {
		for j := range e.index.narrowerThan(i) {
			if e.verdicts[j].fate == kept && covers(&e.at[i], &e.at[j]) {
				e.drop(j, superseded, i)
				e.index.remove(j)
			}
		}
		return
	}
	left := slices.DeleteFunc(e.standing[:e.stand], func(j int32) bool {
		switch {
		case equal(&e.at[i], &e.at[j]):
			e.drop(j, duplicate, i)
		case covers(&e.at[i], &e.at[j]):
			e.drop(j, superseded, i)
		default:
			return false
		}
		return true
	})
	e.stand = len(left)
}

// coversAny reports whether a new listener covers anything in the set.
func (e *evaluation) coversAny(i int32) bool {
	if e.index != nil {
		return e.index.coversAny(e, i)
	}
	return slices.ContainsFunc(e.standing[:e.stand], func(j int32) bool { return covers(&e.at[i], &e.at[j]) })
}
