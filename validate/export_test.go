package validate

import "github.com/bindset/bindset/binding"

// SetOfMany is SetInto as if many bindings were given.
func (v *Validator) SetOfMany(res *Result, in Input) error {
	res.reset(in.Bindings, nil)
	return res.evaluation(v, in, nil, in.Bindings, true).set(res)
}

// MergeOfMany is Merge as if many bindings were observed.
func (v *Validator) MergeOfMany(in Input, observed []binding.Binding) (Result, error) {
	return v.merge(in, observed, true)
}

// MergeOfFew is Merge as if few bindings were observed.
func (v *Validator) MergeOfFew(in Input, observed []binding.Binding) (Result, error) {
	return v.merge(in, observed, false)
}
