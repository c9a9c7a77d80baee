package main

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate/validatetest"
)

// The rule means what it says, by the words of the rule and none of its code.
func TestPublicServicesListenOnHighPortsOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := validatetest.Input(hosttest.Inventory().Draw(t, "host")).Draw(t, "input")
		observed := in.Bindings
		in.Bindings = nil
		res, _ := rules.Merge(in, observed)
		for _, b := range res.Bindings {
			id, _ := b.Target.PortID()
			if port, listens := in.Inventory.Port(id); listens && port.Number < 1024 && slices.Contains(in.Service.Tags, "public") {
				t.Fatalf("a public service may listen on %s", port)
			}
		}
	})
}

// And it goes well with all that stores, use cases and scanners rest on.
func TestTheRuleKeepsTheLaws(t *testing.T) {
	validatetest.Laws(t, rules, validatetest.World{})
}
