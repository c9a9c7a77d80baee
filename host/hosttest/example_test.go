package hosttest_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/bindset/bindset/host/hosttest"
)

// A property test draws an inventory, and targets of it.
func Example() {
	TestCoverImpliesOverlap := func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			inv := hosttest.Inventory().Draw(t, "inventory")
			a := hosttest.Scope(inv).Draw(t, "a")
			b := hosttest.Scope(inv).Draw(t, "b")
			if inv.Covers(a, b) && !inv.Overlap(b, a) {
				t.Fatalf("%s covers %s and does not overlap it", inv.DescribeScope(a), inv.DescribeScope(b))
			}
		})
	}
	_ = TestCoverImpliesOverlap

	inv := hosttest.Inventory().Example(1)
	target := hosttest.Target(inv).Example(1)
	fmt.Println(inv.Has(target))
	// Output: true
}
