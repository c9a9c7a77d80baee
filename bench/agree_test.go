package bench_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

func TestAlternativesAgreeWithBindsetOnEveryKindOfInput(t *testing.T) {
	for _, k := range input.Kinds() {
		for _, n := range []int{1, 2, 3, 4, 5, 16, 17, 64, 256} {
			if n < k.Smallest() {
				continue
			}
			in := k.Make(n)
			for _, a := range alternatives() {
				requireAgreement(t, a, a.check(t, in), in)
			}
		}
	}
}

// Sets as the rules' own tests have them: with references of the wrong kind, of
// another host, that are malformed, and with IDs that stand for two targets.
func TestAlternativesAgreeWithBindsetOnRandomInputs(t *testing.T) {
	for _, a := range alternatives() {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			accepted, refused, changed := 0, 0, 0
			rapid.Check(t, func(rt *rapid.T) {
				in := randomInput(rt)
				requireAgreement(rt, a, a.check(t, in), in)
				res, err := validate.New().Set(in.Inventory, in.Bindings)
				switch {
				case err != nil:
					refused++
				case len(res.Dropped)+len(res.Rewritten) > 0:
					changed++
				default:
					accepted++
				}
			})
			require.NotZero(t, accepted)
			require.NotZero(t, refused)
			require.NotZero(t, changed)
		})
	}
}

func randomInput(t *rapid.T) input.Input {
	inv := hosttest.Inventory().Draw(t, "inventory")
	in := input.Input{Host: inv.Host(), Inventory: inv, Bindings: validatetest.Set(inv).Draw(t, "set")}
	// What is written by hand here knows no address families.
	in.Bindings = slices.DeleteFunc(in.Bindings, func(b binding.Binding) bool {
		scope := b.Target.Scope()
		return scope == binding.AllIPv4() || scope == binding.AllIPv6()
	})
	if len(in.Bindings) == 0 {
		return in
	}
	at := rapid.IntRange(0, len(in.Bindings)-1).Draw(t, "the one that may be broken")
	switch rapid.IntRange(0, 9).Draw(t, "how") {
	case 0:
		in.Bindings[at].Target = hosttest.Foreign(inv).Draw(t, "foreign")
	case 1:
		in.Bindings[at].Target = validatetest.Malformed().Draw(t, "malformed")
	case 2:
		in.Bindings[at].ID = in.Bindings[0].ID
	case 3:
		for i := range in.Bindings {
			in.Bindings[i].ID = uuid.Nil
		}
	}
	return in
}

// requireAgreement fails the test unless the alternative keeps what bindset keeps,
// in its order, or refuses what it refuses, and leaves the input alone.
func requireAgreement(t require.TestingT, a alternative, set check, in input.Input) {
	res, err := validate.New().Set(in.Inventory, in.Bindings)
	before := slices.Clone(in.Bindings)
	kept, valid := set(in.Bindings)
	require.Equal(t, err == nil, valid, "%s: %v", a.name, err)
	if valid {
		require.Equal(t, targets(res.Bindings), targets(kept), a.name)
		require.Equal(t, ids(res.Bindings), ids(kept), a.name)
	}
	require.Equal(t, before, in.Bindings, a.name)
}

func targets(set []binding.Binding) []binding.Target {
	targets := make([]binding.Target, len(set))
	for i := range set {
		targets[i] = set[i].Target
	}
	return targets
}

func ids(set []binding.Binding) []uuid.UUID {
	ids := make([]uuid.UUID, len(set))
	for i := range set {
		ids[i] = set[i].ID
	}
	return ids
}
