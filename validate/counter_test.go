package validate_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// counter counts what happened in the runs of a property, so that a test can
// show that the rules really met.
type counter map[string]int

func newCounter() counter { return make(counter) }

func (c counter) count(in validate.Input, res *validate.Result, err error) {
	var rules *validate.Error
	if errors.As(err, &rules) {
		for _, v := range rules.Violations {
			c[string(v.Code)]++
			if v.Rule == "V5" {
				c[conflictShape(v.Binding.Target, v.Other.Target)]++
			}
		}
		return
	}
	for _, d := range res.Dropped {
		c[d.Reason.String()]++
	}
	if len(res.Rewritten) > 0 {
		c["rewritten"]++
	}
	if len(res.Bindings) == len(in.Bindings) && len(in.Bindings) > 0 {
		c["clean"]++
	}
	if len(res.Bindings) > 1 {
		c["kept many"]++
	}
}

func (c counter) countMerge(in validate.Input, res *validate.Result) {
	for i := range res.Skipped {
		c[string(res.Skipped[i].Code)]++
	}
	c["dropped"] += len(res.Dropped)
	c["absorbed"] += len(res.Absorbed)
	for _, b := range res.Bindings {
		if slices.ContainsFunc(in.Bindings, func(a binding.Binding) bool { return a.ID == b.ID && a != b }) {
			c["refreshed"]++
		}
	}
}

func conflictShape(offender, other binding.Target) string {
	_, a := offender.InterfaceID()
	_, b := other.InterfaceID()
	switch {
	case offender.Scope() == binding.AllInterfaces():
		return "listener everywhere after a presence"
	case other.Scope() == binding.AllInterfaces():
		return "presence after a listener everywhere"
	case a != b:
		return "interface and its address"
	case a:
		return "same interface"
	default:
		return "same address"
	}
}

// requireOften fails unless each of the things happened in the default hundred
// runs, and reports how often under -v.
func (c counter) requireOften(t *testing.T, things ...string) {
	t.Log(fmt.Sprint(map[string]int(c)))
	for _, thing := range things {
		require.Greater(t, c[thing], 2, "%s: hardly ever happened", thing)
	}
}
