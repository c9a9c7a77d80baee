package validatetest_test

import (
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

// A property test draws a host and a set of bindings on it that collide.
func Example() {
	TestNothingIsLost := func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			inv := hosttest.Inventory().Draw(t, "inventory")
			set := validatetest.Set(inv).Draw(t, "set")
			if res, err := validate.New().Set(inv, set); err == nil {
				validatetest.RequireAccounted(t, inv, res)
			}
		})
	}
	_ = TestNothingIsLost

	inv := hosttest.Inventory().Example(1)
	_, err := validate.New().Set(inv, validatetest.ValidSet(inv).Example(1))
	fmt.Println(err)
	// Output: <nil>
}

// A near miss shows that code of yours tells a valid set from one that breaks a
// rule.
func ExampleNear() {
	inv := hosttest.Inventory().Example(2)
	near := validatetest.Near(inv, validate.ErrConflict).Example(3)

	var res validate.Result
	v := validate.New()
	fmt.Println(v.SetInto(&res, near.Valid))
	err := v.SetInto(&res, near.Broken)
	fmt.Println(err.(*validate.Error).Code(), err.(*validate.Error).Violations[0].Index == near.Index)
	// Output:
	// <nil>
	// conflict true
}

// A rule of one's own must keep the laws that stores and scanners rest on.
func ExampleLaws() {
	noPresence := func(c validate.Candidate) *validate.Violation {
		if c.Binding.Target.IsPresence() {
			return &validate.Violation{Code: "no_presence", Message: "only listeners are wanted here"}
		}
		return nil
	}
	v := validate.New(validate.WithRule("no-presence", noPresence))

	TestNoPresence := func(t *testing.T) { validatetest.Laws(t, v, validatetest.World{}) }
	_ = TestNoPresence

	fmt.Println(v.CustomRules())
	// Output: [no-presence]
}

// Assertions compare what counts, and say in names how it differs.
func ExampleRequireKept() {
	h := hosttest.Sized(1, 1, 1)
	inv, err := host.NewInventory(h)
	if err != nil {
		panic(err)
	}
	everywhere := binding.Port(h.Ports[0].ID, binding.AllInterfaces())
	onInterface := binding.Port(h.Ports[0].ID, binding.OnInterface(h.Interfaces[0].ID))
	res, err := validate.New().Set(inv, []binding.Binding{{Target: onInterface}, {Target: everywhere}})

	TestEverywhereIsEnough := func(t *testing.T) {
		validatetest.RequireKept(t, inv, res, everywhere)
		validatetest.RequireDropped(t, inv, res, validate.Drop{Index: 0, By: 1, Reason: validate.Superseded})
	}
	_ = TestEverywhereIsEnough

	if err := validate.Report(os.Stdout, inv, res, err); err != nil {
		panic(err)
	}
	// Output:
	// valid: 1 binding kept, 1 dropped, 0 absorbed, 0 skipped
	//   kept     1/tcp on all interfaces
	//   dropped  1/tcp on eth0 (2001:db8::1)  superseded by 1/tcp on all interfaces
}
