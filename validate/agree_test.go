package validate_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

func TestSetAgreesWithTheBruteForce(t *testing.T) {
	met := newCounter()
	for range 5 { // five times the usual runs: the counts below want them
		rapid.Check(t, func(t *rapid.T) {
			s := drawScene(t)
			in := s.input(t, s.dirty(t))
			if rapid.IntRange(0, 5).Draw(t, "network") == 0 {
				in.Service.NetworkID = uuid.UUID{0xff}
			}
			if rapid.Bool().Draw(t, "stored") {
				in.Stored = validatetest.Set(s.inv).Draw(t, "stored set")
			}
			res, err := s.requireSetAgrees(t, in)
			met.count(in, &res, err)
		})
	}
	met.requireOften(t, "duplicate", "superseded", "rewritten", "clean", "kept many",
		"invalid", "cross_host", "network_mismatch", "port_claimed",
		"presence after a listener everywhere", "listener everywhere after a presence",
		"same interface", "same address", "interface and its address")
}

func (s scene) requireSetAgrees(t rapid.TB, in validate.Input) (validate.Result, error) {
	before := slices.Clone(in.Bindings)
	kept, drops, violations := s.brute.set(in, in.Bindings)
	if len(in.Bindings) > s.v.MaxBindings() {
		violations = slices.Insert(violations, 0, broken{rule: "V1", code: "invalid", index: -1})
	}
	var res validate.Result
	err := s.v.SetInto(&res, in)
	require.Equal(t, before, in.Bindings, "the input is left alone")
	var many validate.Result
	require.Equal(t, err, s.v.SetOfMany(&many, in))
	require.Equal(t, res.Bindings, many.Bindings)
	requireSame(t, res.Dropped, many.Dropped)
	requireSame(t, res.Rewritten, many.Rewritten)
	if len(violations) > 0 {
		requireViolations(t, violations, err)
		require.Nil(t, res.Bindings)
	} else {
		require.NoError(t, err)
		requireKept(t, kept, res)
	}
	requireSame(t, drops, res.Dropped)
	for _, r := range res.Rewritten {
		require.Equal(t, r.From, in.Bindings[r.Index].Target)
		require.Equal(t, r.To, s.brute.canonical(r.From))
	}
	return res, err
}

func TestAddAgreesWithTheBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		in := s.input(t, validatetest.ValidSet(s.inv).Draw(t, "set"))
		in.Stored = in.Bindings
		s.requireAddAgrees(t, in, s.one(t, in.Bindings))
	})
}

// requireAddAgrees compares Add with Set of both.
func (s scene) requireAddAgrees(t rapid.TB, in validate.Input, b binding.Binding) {
	kept, drops, violations := s.brute.set(in, append(slices.Clone(in.Bindings), b))
	holder := slices.ContainsFunc(drops, func(d validate.Drop) bool { return d.Index == len(in.Bindings) })
	standing := !slices.ContainsFunc(violations, func(v broken) bool { return v.rule == "V1" || v.code == "cross_host" })
	if standing && !holder && len(kept) > s.brute.limit {
		violations = slices.Insert(violations, 0, broken{rule: "V1", code: "invalid", index: -1})
	}
	res, err := s.v.Add(in, b)
	if len(violations) > 0 {
		requireViolations(t, violations, err)
		return
	}
	require.NoError(t, err)
	requireKept(t, kept, res)
	requireSame(t, drops, slices.Concat(res.Dropped, res.Absorbed))
	require.Equal(t, holder, len(res.Absorbed) == 1)
	require.Equal(t, b, res.Input(len(in.Bindings)))
}

// one generates a binding to add to a set or to change one of it to.
func (s scene) one(t *rapid.T, set []binding.Binding) binding.Binding {
	b := binding.Binding{ID: uuid.UUID{0xee}}
	if drawn := s.dirty(t); len(drawn) > 0 {
		b.Target = drawn[0].Target
	}
	if len(set) > 0 && rapid.IntRange(0, 5).Draw(t, "taken ID") == 0 {
		b.ID = rapid.SampledFrom(set).Draw(t, "taken").ID
	}
	return b
}

func TestReplaceAgreesWithSetOnTheChangedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		in := s.input(t, validatetest.ValidSet(s.inv).Draw(t, "set"))
		if len(in.Bindings) == 0 {
			return
		}
		in.Stored = in.Bindings
		index := rapid.IntRange(0, len(in.Bindings)-1).Draw(t, "index")
		b := s.one(t, in.Bindings)
		if rapid.Bool().Draw(t, "keeps its ID") {
			b.ID = in.Bindings[index].ID
		}
		s.requireReplaceAgrees(t, in, index, b)
	})
}

// requireReplaceAgrees compares Replace with Set of the changed list.
func (s scene) requireReplaceAgrees(t rapid.TB, in validate.Input, index int, b binding.Binding) {
	changed := slices.Clone(in.Bindings)
	changed[index] = b
	kept, drops, violations := s.brute.set(in, changed)

	res, err := s.v.Replace(in, index, b)
	if len(violations) > 0 {
		var rules *validate.Error
		require.ErrorAs(t, err, &rules)
		require.Equal(t, violations[0].code, rules.Code())
		require.Len(t, rules.Violations, 1)
		require.Equal(t, index, rules.Violations[0].Index)
		return
	}
	require.NoError(t, err)
	require.ElementsMatch(t, itemTargets(kept), targets(res.Bindings))
	require.Len(t, slices.Concat(res.Dropped, res.Absorbed), len(drops))
	validatetest.RequireAccounted(t, s.inv, res)
	if len(res.Absorbed) == 0 {
		b.Target = s.inv.Canonical(b.Target)
		require.Contains(t, res.Bindings, b, "what was given stays, also beside an equal one")
	}
}

func TestMergeAgreesWithTheBruteForce(t *testing.T) {
	met := newCounter()
	for range 3 {
		rapid.Check(t, func(t *rapid.T) {
			s := drawScene(t)
			in := s.input(t, validatetest.ValidSet(s.inv).Draw(t, "set"))
			in.Stored = in.Bindings
			observed := s.dirty(t)
			if rapid.Bool().Draw(t, "seen again") {
				observed = append(observed, validatetest.Set(s.inv).Draw(t, "again")...)
			}
			res := s.requireMergeAgrees(t, in, observed)
			met.countMerge(in, &res)
		})
	}
	met.requireOften(t, "refreshed", "dropped", "absorbed", "invalid", "cross_host", "conflict", "port_claimed")
}

func (s scene) requireMergeAgrees(t rapid.TB, in validate.Input, observed []binding.Binding) validate.Result {
	before := slices.Clone(in.Bindings)
	kept, drops, absorbed, violations := s.brute.merge(in, observed)

	res, err := s.v.Merge(in, observed)
	require.NoError(t, err)
	require.Equal(t, before, in.Bindings, "the input is left alone")
	for _, merge := range []func(validate.Input, []binding.Binding) (validate.Result, error){s.v.MergeOfMany, s.v.MergeOfFew} {
		same, err := merge(in, observed)
		require.NoError(t, err)
		requireSameResult(t, res, same)
	}
	requireKept(t, kept, res)
	require.Equal(t, violations, violationsOf(res.Skipped))
	requireSame(t, drops, res.Dropped)
	requireSame(t, absorbed, res.Absorbed)
	validatetest.RequireAccounted(t, s.inv, res)
	if len(before) <= s.v.MaxBindings() {
		again := in
		again.Bindings, again.Stored = res.Bindings, res.Bindings
		validatetest.RequireUnchanged(t, s.v, again)
	}
	return res
}

// requireSameResult compares two results but for the memory that they keep.
func requireSameResult(t rapid.TB, want, got validate.Result) {
	require.Equal(t, want.Bindings, got.Bindings)
	require.Equal(t, want.Skipped, got.Skipped)
	requireSame(t, want.Rewritten, got.Rewritten)
	requireSame(t, want.Dropped, got.Dropped)
	requireSame(t, want.Absorbed, got.Absorbed)
}

func targets(set []binding.Binding) []binding.Target {
	to := make([]binding.Target, len(set))
	for i := range set {
		to[i] = set[i].Target
	}
	return to
}

func itemTargets(items []item) []binding.Target {
	to := make([]binding.Target, len(items))
	for i := range items {
		to[i] = items[i].Target
	}
	return to
}

func requireKept(t rapid.TB, kept []item, res validate.Result) {
	require.Equal(t, itemTargets(kept), targets(res.Bindings))
	for i, k := range kept {
		require.Equal(t, k.Binding, res.Bindings[i])
	}
}

// violationsOf returns the violations in the brute force's terms.
func violationsOf(violations []validate.Violation) []broken {
	var all []broken
	for _, v := range violations {
		all = append(all, broken{v.Rule, v.Code, v.Index, v.Other.Target, v.Service.ID})
	}
	return all
}

func requireViolations(t rapid.TB, want []broken, err error) {
	var rules *validate.Error
	require.ErrorAs(t, err, &rules)
	require.Equal(t, want, violationsOf(rules.Violations))
	for _, v := range rules.Violations {
		require.ErrorIs(t, err, v.Code)
		require.NotEmpty(t, v.Message)
	}
}

// requireSame checks that two lists are equal; nil is the empty list.
func requireSame[E comparable](t rapid.TB, want, got []E) {
	require.True(t, slices.Equal(want, got), "want %v, got %v", want, got)
}
