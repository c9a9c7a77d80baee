package bench_test

import (
	"testing"

	"github.com/bindset/bindset/bench/careful"
	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/bench/naive"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// A check returns the bindings of a set that stay, and whether the set is valid.
type check func(set []binding.Binding) (kept []binding.Binding, valid bool)

// An alternative is a way to do what bindset does.
type alternative struct {
	name  string
	most  int // bindings of the largest set it is measured on: more would take longer than a second
	check func(testing.TB, input.Input) check
}

func alternatives() []alternative {
	return []alternative{
		{"bindset", 1_000_000, bindset},
		{"bindset-fresh", 100_000, bindsetFresh},
		{"careful", 100_000, func(_ testing.TB, in input.Input) check { return careful.NewHost(in.Host).Set }},
		{"naive", 1024, func(_ testing.TB, in input.Input) check { return naive.NewHost(in.Host).Set }},
	}
}

// bindset puts every outcome into the same Result.
func bindset(_ testing.TB, in input.Input) check {
	v := validate.New(validate.WithMaxBindings(1_000_000))
	res := new(validate.Result)
	return func(set []binding.Binding) ([]binding.Binding, bool) {
		err := v.SetInto(res, validate.Input{Inventory: in.Inventory, Bindings: set})
		return res.Bindings, err == nil
	}
}

// bindsetFresh returns a new Result every time.
func bindsetFresh(_ testing.TB, in input.Input) check {
	v := validate.New()
	return func(set []binding.Binding) ([]binding.Binding, bool) {
		res, err := v.Set(in.Inventory, set)
		return res.Bindings, err == nil
	}
}
