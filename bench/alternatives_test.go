package bench_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/bench/careful"
	"github.com/bindset/bindset/bench/cel"
	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/bench/naive"
	"github.com/bindset/bindset/bench/opa"
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
		{"bindset", 1_000_000, bindsetReused},
		{"bindset-fresh", 100_000, bindsetFresh},
		{"careful", 100_000, func(_ testing.TB, in input.Input) check { return careful.NewHost(in.Host).Set }},
		{"opa", 16_384, withOPA},
		{"cel", 1024, withCEL},
		{"naive", 16_384, func(_ testing.TB, in input.Input) check { return naive.NewHost(in.Host).Set }},
	}
}

// bindsetReused puts every outcome into the same Result, which has held as large a set
// before.
func bindsetReused(_ testing.TB, in input.Input) check {
	v := validate.New(validate.WithMaxBindings(1_000_000))
	res := new(validate.Result)
	set := func(set []binding.Binding) ([]binding.Binding, bool) {
		err := v.SetInto(res, validate.Input{Inventory: in.Inventory, Bindings: set})
		return res.Bindings, err == nil
	}
	set(in.Bindings)
	return set
}

// bindsetFresh returns a new Result every time.
func bindsetFresh(_ testing.TB, in input.Input) check {
	v := validate.New()
	return func(set []binding.Binding) ([]binding.Binding, bool) {
		res, err := v.Set(in.Inventory, set)
		return res.Bindings, err == nil
	}
}

func withOPA(t testing.TB, in input.Input) check {
	policy, err := opa.NewPolicy(in.Host)
	require.NoError(t, err)
	return infallible(t, policy.Set)
}

func withCEL(t testing.TB, in input.Input) check {
	program, err := cel.NewProgram(in.Host)
	require.NoError(t, err)
	return infallible(t, program.Set)
}

// infallible is a check that fails the test where an engine cannot answer.
func infallible(t testing.TB, set func([]binding.Binding) ([]binding.Binding, bool, error)) check {
	return func(bindings []binding.Binding) ([]binding.Binding, bool) {
		kept, valid, err := set(bindings)
		if err != nil {
			t.Fatal(err)
		}
		return kept, valid
	}
}
