package validate

import (
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
// in.Bindings itself. With violations it returns an *Error and leaves res empty.
//
// It takes time and memory linear in the bindings and claims. It does not
// change in.Bindings, and allocates nothing where no rule is broken, no target
// rewritten, nothing claimed and res has been used for as large a set before.
func (v *Validator) SetInto(res *Result, in Input) error {
	res.reset(in.Bindings, nil)
	if len(v.rules) == 0 && v.fast(res, &in) {
		return nil
	}
	e := v.evaluate(in)
	if len(e.violations) > 0 {
		res.reset(nil, nil)
		return &Error{Violations: e.violations}
	}
	e.into(res)
	return nil
}

// into writes the outcome of an evaluation without violations.
func (e *evaluation) into(res *Result) {
	res.Rewritten = append(res.Rewritten, e.rewritten...)
	if e.dropped == 0 && len(e.rewritten) == 0 {
		res.Bindings = e.in.Bindings
		return
	}
	kept := make([]binding.Binding, 0, len(e.targets)-e.dropped)
	for i := range e.targets {
		if f := e.fates[i]; f.reason != 0 {
			res.Dropped = append(res.Dropped, Drop{Index: i, By: int(f.by), Reason: f.reason})
		} else {
			kept = append(kept, e.binding(i))
		}
	}
	res.Bindings = kept
}

// reset makes res empty for a new input, and keeps its memory.
func (r *Result) reset(set, given []binding.Binding) {
	r.Bindings = nil
	r.Rewritten, r.Dropped = r.Rewritten[:0], r.Dropped[:0]
	r.Absorbed, r.Skipped = r.Absorbed[:0], r.Skipped[:0]
	r.input[0], r.input[1], r.placed = set, given, 0
}
