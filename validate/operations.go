package validate

import (
	"io"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

type scratch struct{}

func (v *Validator) Set(inv *host.Inventory, bindings []binding.Binding) (Result, error) {
	panic("later in this commit series")
}
func (v *Validator) SetInto(res *Result, in Input) error { panic("later in this commit series") }
func (v *Validator) Add(in Input, b binding.Binding) (Result, error) {
	panic("later in this commit series")
}
func (v *Validator) Replace(in Input, index int, b binding.Binding) (Result, error) {
	panic("later in this commit series")
}
func (v *Validator) Merge(in Input, observed []binding.Binding) (Result, error) {
	panic("later in this commit series")
}
func Report(w io.Writer, inv *host.Inventory, res Result, err error) error {
	panic("later in this commit series")
}
