package validatetest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
)

// A World is what Laws tries a Validator on. The zero World is one of small
// hosts and ordinary services.
type World struct {
	// Inventory generates the hosts; hosttest.Inventory() if nil.
	Inventory *rapid.Generator[*host.Inventory]

	// Service generates the services of a host; the Service of this package if
	// nil.
	Service func(*host.Inventory) *rapid.Generator[validate.ServiceInfo]
}

func (w World) withDefaults() World {
	if w.Inventory == nil {
		w.Inventory = hosttest.Inventory()
	}
	if w.Service == nil {
		w.Service = Service
	}
	return w
}

// Laws checks, each in a subtest of its own, that a Validator keeps the laws that
// stores, use cases and scanners rest on, whatever rules it was given:
//
//   - Set of what Set returned changes nothing, and asking twice gives the same;
//   - verdict and targets do not depend on the order of the input;
//   - every binding is kept or dropped, and what it was dropped for is kept;
//   - adding the bindings of a set one by one gives what Set gives;
//   - Replace gives what Set gives for the changed list;
//   - Merge of a set into itself changes nothing;
//   - what Merge returns, Set finds valid;
//   - a valid set stays valid without any of its bindings;
//   - every rule that WithRule added refuses something, and lets something pass:
//     else nothing is proved of it, and the World must be one that it judges.
//
// The bindings have distinct IDs, and there are fewer than the limit.
func Laws(t *testing.T, v *validate.Validator, w World) {
	t.Helper()
	w = w.withDefaults()
	for _, law := range laws {
		t.Run(law.fact, func(t *testing.T) { law.check(t, v, w) })
	}
	t.Run("custom rules refuse something and let something pass", func(t *testing.T) { rulesAreMet(t, v, w) })
}

type law struct {
	fact  string
	holds func(*rapid.T, *subject)
}

// inputs is how many inputs one run of a property tries, and tries how often a
// law is tried on one of them: few sets make two bindings meet of which a rule
// says something.
const (
	inputs = 5
	tries  = 8
)

func (l law) check(t rapid.TB, v *validate.Validator, w World) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		for range inputs {
			l.holds(t, newSubject(t, v, w))
		}
	})
}

var laws = []law{
	{"Set is idempotent", setIsIdempotent},
	{"order does not matter", orderDoesNotMatter},
	{"kept and dropped are the input", keptAndDroppedAreTheInput},
	{"folding Add is Set", foldingAddIsSet},
	{"Replace is Set on the changed list", replaceIsSet},
	{"Merge of a set with itself changes nothing", mergeWithItselfChangesNothing},
	{"what Merge returns is valid", mergeResultsAreValid},
	{"a valid set stays valid without any binding", removalKeepsValid},
}

func rulesAreMet(t rapid.TB, v *validate.Validator, w World) {
	t.Helper()
	refused, passed := map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		for range inputs {
			s := newSubject(t, v, w)
			_, err := s.set(s.in.Bindings)
			var broken *validate.Error
			if errors.As(err, &broken) {
				for i := range broken.Violations {
					refused[broken.Violations[i].Rule]++
				}
			}
			res, err := s.v.Merge(s.with(nil), s.in.Bindings)
			require.NoError(t, err)
			passed += len(res.Bindings)
			for i := range res.Skipped {
				refused[res.Skipped[i].Rule]++
			}
		}
	})
	require.Positive(t, passed, "no binding at all was let pass")
	for _, name := range v.CustomRules() {
		require.Positive(t, refused[name], "rule %s refused nothing: try the laws on hosts and services that it is about", name)
	}
}

// A subject is a Validator before one set.
type subject struct {
	v  *validate.Validator
	in validate.Input
}

func newSubject(t *rapid.T, v *validate.Validator, w World) *subject {
	return rapid.Custom(func(t *rapid.T) *subject {
		inv := w.Inventory.Draw(t, "inventory")
		in := Input(inv).Draw(t, "input")
		in.Service = w.Service(inv).Draw(t, "service")
		if rapid.Bool().Draw(t, "nothing claimed") {
			in.Claims = nil
		}
		return &subject{v, in}
	}).Draw(t, "input")
}

// set is Set of other bindings.
func (s *subject) set(bindings []binding.Binding) (validate.Result, error) {
	var res validate.Result
	err := s.v.SetInto(&res, s.with(bindings))
	return res, err
}

func (s *subject) with(bindings []binding.Binding) validate.Input {
	in := s.in
	in.Bindings = bindings
	return in
}

// valid makes a set of the input that the Validator accepts.
func (s *subject) valid(t *rapid.T) []binding.Binding {
	res, err := s.v.Merge(s.with(nil), s.in.Bindings)
	require.NoError(t, err)
	return res.Bindings
}

func setIsIdempotent(t *rapid.T, s *subject) {
	before := slices.Clone(s.in.Bindings)
	res, err := s.set(s.in.Bindings)
	again, errAgain := s.set(s.in.Bindings)
	requireSameVerdict(t, err, errAgain)
	require.Equal(t, fmt.Sprint(err), fmt.Sprint(errAgain), "the same question again")
	requireSameBindings(t, s.in.Inventory, "the same question again", res.Bindings, again.Bindings)
	requireSameBindings(t, s.in.Inventory, "the input is left alone", before, s.in.Bindings)
	if err == nil {
		RequireUnchanged(t, s.v, s.with(res.Bindings))
	}
}

func orderDoesNotMatter(t *rapid.T, s *subject) {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	for _, set := range [][]binding.Binding{s.in.Bindings, s.valid(t)} {
		res, err := s.set(set)
		shuffled := slices.Clone(set)
		for range tries {
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			other, otherErr := s.set(shuffled)
			requireSameVerdict(t, err, otherErr)
			requireSameTargets(t, s.in.Inventory, res.Bindings, other.Bindings)
		}
	}
}

func keptAndDroppedAreTheInput(t *rapid.T, s *subject) {
	if res, err := s.set(s.in.Bindings); err == nil {
		require.Equal(t, len(s.in.Bindings), res.Inputs())
		RequireAccounted(t, s.in.Inventory, res)
	}
}

// foldingAddIsSet adds one by one and stops at the first refusal: then Set
// refuses all of them. A listener that another supersedes later is judged by Add
// and not by Set; the built-in rules say the same of both, so for them such
// sets are tried, too.
func foldingAddIsSet(t *rapid.T, s *subject) {
	input := s.in.Bindings
	if builtin, err := validate.New().Set(s.in.Inventory, input); err == nil && len(s.v.CustomRules()) > 0 {
		input = builtin.Bindings
	}
	res, err := s.set(input)
	var folded []binding.Binding
	var foldErr error
	for i := range input {
		var step validate.Result
		if step, foldErr = s.v.Add(s.with(folded), input[i]); foldErr != nil {
			break
		}
		RequireAccounted(t, s.in.Inventory, step)
		folded = step.Bindings
	}
	requireSameVerdict(t, err, foldErr)
	if err == nil {
		requireSameTargets(t, s.in.Inventory, res.Bindings, folded)
	}
}

func replaceIsSet(t *rapid.T, s *subject) {
	set := s.valid(t)
	if len(set) == 0 {
		return
	}
	index := rapid.IntRange(0, len(set)-1).Draw(t, "index")
	for _, b := range s.in.Bindings[:min(len(s.in.Bindings), tries)] {
		b.ID = set[index].ID
		changed := slices.Clone(set)
		changed[index] = b
		res, err := s.set(changed)
		replaced, replaceErr := s.v.Replace(s.with(set), index, b)
		requireSameVerdict(t, err, replaceErr)
		if err == nil {
			requireSameTargets(t, s.in.Inventory, res.Bindings, replaced.Bindings)
			RequireAccounted(t, s.in.Inventory, replaced)
		}
	}
}

func mergeWithItselfChangesNothing(t *rapid.T, s *subject) {
	set := s.valid(t)
	res, err := s.v.Merge(s.with(set), set)
	require.NoError(t, err)
	requireSameBindings(t, s.in.Inventory, "kept", set, res.Bindings)
	RequireDropped(t, s.in.Inventory, res)
	RequireSkipped(t, s.in.Inventory, res)
	RequireAccounted(t, s.in.Inventory, res)
}

func mergeResultsAreValid(t *rapid.T, s *subject) {
	observed := rapid.Map(Set(s.in.Inventory), func(set []binding.Binding) shown { return shown{s.in.Inventory, set} }).Draw(t, "observed")
	res, err := s.v.Merge(s.with(s.valid(t)), observed.set)
	require.NoError(t, err)
	RequireAccounted(t, s.in.Inventory, res)
	RequireUnchanged(t, s.v, s.with(res.Bindings))
}

func removalKeepsValid(t *rapid.T, s *subject) {
	set := s.valid(t)
	for i := range set {
		RequireUnchanged(t, s.v, s.with(slices.Delete(slices.Clone(set), i, i+1)))
	}
}

func requireSameVerdict(t *rapid.T, a, b error) {
	require.Equal(t, a == nil, b == nil, "one says:\n%v\nthe other:\n%v", a, b)
}

// requireSameTargets compares sets of distinct targets.
func requireSameTargets(t *rapid.T, inv *host.Inventory, a, b []binding.Binding) {
	RequireKept(t, inv, validate.Result{Bindings: sorted(a)}, targets(sorted(b))...)
}

func sorted(set []binding.Binding) []binding.Binding {
	return slices.SortedFunc(slices.Values(set), func(a, b binding.Binding) int {
		return cmp.Compare(fmt.Sprint(a.Target), fmt.Sprint(b.Target))
	})
}

func targets(set []binding.Binding) []binding.Target {
	list := make([]binding.Target, len(set))
	for i := range set {
		list[i] = set[i].Target
	}
	return list
}
