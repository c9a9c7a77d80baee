package validate

import "github.com/bindset/bindset/binding"

// SetByRules is SetInto without the fast path: what the rule functions say.
func (v *Validator) SetByRules(in Input) (Result, error) {
	res := Result{input: [2][]binding.Binding{in.Bindings}}
	e := v.evaluate(in)
	if len(e.violations) > 0 {
		return Result{}, &Error{Violations: e.violations}
	}
	e.into(&res)
	return res, nil
}

// Fast reports whether the fast path alone has an answer.
func (v *Validator) Fast(in Input) bool {
	var res Result
	return v.fast(&res, &in)
}

// FastMany is the fast path for large sets: with a bitmap of so many bits for
// each binding, or else a hash table, and with secrets from random. It reports
// false where it has no answer.
func (v *Validator) FastMany(res *Result, in Input, bitsPerBinding int, random func() uint64) bool {
	res.reset(in.Bindings, nil)
	if res.scratch == nil {
		res.scratch = newScratch()
	}
	res.scratch.bitsPerBinding, res.scratch.random = bitsPerBinding, random
	return res.scratch.fastMany(res, &in)
}

// MergeIndexed is Merge as if many bindings were observed.
func (v *Validator) MergeIndexed(in Input, observed []binding.Binding) (Result, error) {
	return v.merge(in, observed, true)
}

// MergeScanned is Merge as if few bindings were observed.
func (v *Validator) MergeScanned(in Input, observed []binding.Binding) (Result, error) {
	return v.merge(in, observed, false)
}
