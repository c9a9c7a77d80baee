package validatetest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// RequireKept fails the test unless the set of the result has exactly these
// targets, in this order.
func RequireKept(t rapid.TB, inv *host.Inventory, res validate.Result, want ...binding.Target) {
	t.Helper()
	got := make([]binding.Target, len(res.Bindings))
	for i := range res.Bindings {
		got[i] = res.Bindings[i].Target
	}
	requireList(t, "kept", want, got, describer(inv))
}

// RequireDropped fails the test unless the rules V3 and V4 dropped exactly this.
func RequireDropped(t rapid.TB, inv *host.Inventory, res validate.Result, want ...validate.Drop) {
	t.Helper()
	requireList(t, "dropped", want, res.Dropped, dropDescriber(inv, res))
}

// RequireAbsorbed fails the test unless the set held exactly this already.
func RequireAbsorbed(t rapid.TB, inv *host.Inventory, res validate.Result, want ...validate.Drop) {
	t.Helper()
	requireList(t, "absorbed", want, res.Absorbed, dropDescriber(inv, res))
}

// RequireViolations fails the test unless err is a *validate.Error with exactly
// these violations. Of each it compares Rule, Code, Index, the target of Other
// and the ID of Service.
func RequireViolations(t rapid.TB, inv *host.Inventory, err error, want ...validate.Violation) {
	t.Helper()
	requireBroken(t, "violations", inv, violations(t, err), want)
}

// RequireSkipped fails the test unless Merge left out exactly what breaks the
// rules in this way. It compares what RequireViolations does.
func RequireSkipped(t rapid.TB, inv *host.Inventory, res validate.Result, want ...validate.Violation) {
	t.Helper()
	requireBroken(t, "skipped", inv, res.Skipped, want)
}

// RequireViolation fails the test unless err is a *validate.Error with a
// violation of this code by the binding at an index, -1 for the whole set. It
// returns the first such violation.
func RequireViolation(t rapid.TB, err error, code binding.Code, index int) validate.Violation {
	t.Helper()
	all := violations(t, err)
	at := slices.IndexFunc(all, func(v validate.Violation) bool { return v.Code == code && v.Index == index })
	if at < 0 {
		t.Fatalf("no violation %q of binding %d, but:\n%v", code, index, err)
	}
	return all[at]
}

// RequireUnchanged fails the test unless Set finds in.Bindings valid and has
// nothing to do to them.
func RequireUnchanged(t rapid.TB, v *validate.Validator, in validate.Input) {
	t.Helper()
	var res validate.Result
	require.NoError(t, v.SetInto(&res, in))
	RequireDropped(t, in.Inventory, res)
	requireList(t, "rewritten", nil, res.Rewritten, rewriteDescriber(in.Inventory))
	requireSameBindings(t, in.Inventory, "kept", in.Bindings, res.Bindings)
}

// requireSameBindings compares two sets, IDs, times and all.
func requireSameBindings(t rapid.TB, inv *host.Inventory, what string, want, got []binding.Binding) {
	t.Helper()
	describe := describer(inv)
	requireList(t, what, want, got, func(b binding.Binding) string { return describe(b.Target) })
}

// RequireAccounted fails the test unless every binding of the input is in the
// set or in exactly one of Dropped, Absorbed and Skipped, what is there instead
// is in the set, and the set is in the order of the input.
func RequireAccounted(t rapid.TB, inv *host.Inventory, res validate.Result) {
	t.Helper()
	inputs := res.Inputs()
	gone := make(map[int]string, inputs)
	leave := func(what string, index int) {
		if index < 0 || index >= inputs {
			t.Fatalf("%s binding %d, but there are %d", what, index, inputs)
		}
		if before, twice := gone[index]; twice {
			t.Fatalf("%s binding %d, which is %s already", what, index, before)
		}
		gone[index] = what
	}
	for _, d := range res.Dropped {
		leave("dropped", d.Index)
	}
	for _, d := range res.Absorbed {
		leave("absorbed", d.Index)
	}
	for i := range res.Skipped {
		leave("skipped", res.Skipped[i].Index)
	}
	canonical := func(index int) binding.Target {
		b := res.Input(index)
		return inv.Canonical(b.Target)
	}
	kept := make([]binding.Target, 0, inputs)
	for i := range inputs {
		if _, left := gone[i]; !left {
			kept = append(kept, canonical(i))
		}
	}
	RequireKept(t, inv, res, kept...)
	for _, d := range slices.Concat(res.Dropped, res.Absorbed) {
		if what, left := gone[d.By]; left {
			t.Fatalf("binding %d is %s by binding %d, which is %s itself", d.Index, d.Reason, d.By, what)
		}
		own, by := canonical(d.Index), canonical(d.By)
		equal, covered := own == by, own != by && inv.Covers(by.Scope(), own.Scope())
		if equal != (d.Reason == validate.Duplicate) || covered != (d.Reason == validate.Superseded) {
			t.Fatalf("binding %d, %s, is %s by binding %d, %s", d.Index, inv.Describe(own), d.Reason, d.By, inv.Describe(by))
		}
	}
}

func violations(t rapid.TB, err error) []validate.Violation {
	t.Helper()
	var rules *validate.Error
	if !errors.As(err, &rules) {
		t.Fatalf("no *validate.Error, but: %v", err)
	}
	return rules.Violations
}

// breach is what is compared of a violation.
type breach struct {
	rule  string
	code  binding.Code
	index int
	other binding.Target
	owner uuid.UUID
}

func requireBroken(t rapid.TB, what string, inv *host.Inventory, got, want []validate.Violation) {
	t.Helper()
	breaches := func(all []validate.Violation) []breach {
		list := make([]breach, len(all))
		for i := range all {
			v := &all[i]
			list[i] = breach{v.Rule, v.Code, v.Index, v.Other.Target, v.Service.ID}
		}
		return list
	}
	describe := describer(inv)
	requireList(t, what, breaches(want), breaches(got), func(b breach) string {
		line := fmt.Sprintf("%s %s of binding %d", b.rule, b.code, b.index)
		if (b.other != binding.Target{}) {
			line += ", which clashes with " + describe(b.other)
		}
		if b.owner != uuid.Nil {
			line += " of service " + b.owner.String()
		}
		return line
	})
}

// requireList compares two lists, nil being the empty one, and shows how they
// differ in the words of describe.
func requireList[E comparable](t rapid.TB, what string, want, got []E, describe func(E) string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	wanted, found := lines(want, describe), lines(got, describe)
	if slices.Equal(wanted, found) { // names are not unique
		byID := func(e E) string { return fmt.Sprintf("%s: %v", describe(e), e) }
		wanted, found = lines(want, byID), lines(got, byID)
	}
	require.Equal(t, wanted, found, what)
	t.Fatalf("%s: want %v, got %v", what, want, got)
}

func lines[E any](list []E, describe func(E) string) []string {
	text := make([]string, len(list))
	for i, e := range list {
		text[i] = describe(e)
	}
	return text
}

func describer(inv *host.Inventory) func(binding.Target) string {
	if inv == nil {
		inv = new(host.Inventory)
	}
	return inv.Describe
}

func dropDescriber(inv *host.Inventory, res validate.Result) func(validate.Drop) string {
	describe := describer(inv)
	at := func(index int) string {
		if index < 0 || index >= res.Inputs() {
			return fmt.Sprintf("binding %d, which is not in the input", index)
		}
		return fmt.Sprintf("binding %d, %s", index, describe(res.Input(index).Target))
	}
	return func(d validate.Drop) string { return fmt.Sprintf("%s: %s by %s", at(d.Index), d.Reason, at(d.By)) }
}
