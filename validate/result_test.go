package validate_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

func TestAValidSetIsTheInputItself(t *testing.T) {
	for _, n := range []int{1, 16, 17, 100} {
		in := benchInput(n, clean)
		res, err := validate.New().Set(in.Inventory, in.Bindings)
		require.NoError(t, err)
		require.Len(t, res.Bindings, n)
		require.Same(t, &in.Bindings[0], &res.Bindings[0])
	}
	res, err := validate.New().Set(office, nil)
	require.NoError(t, err)
	require.Nil(t, res.Bindings)
}

func TestInputGivesBackWhatWasGiven(t *testing.T) {
	eth0, address, http := listen("443/tcp", "eth0"), listen("443/tcp", "10.0.0.5"), listen("80/tcp", "eth0")
	set := validate.Input{Inventory: office, Bindings: setOf(address, http)}
	b, other := binding.Binding{ID: bindingID(9), Target: eth0}, binding.Binding{Target: misnamed(listen("80/tcp", "10.0.1.5"))}
	inputs := func(res validate.Result, err error) (all []binding.Binding) {
		require.NoError(t, err)
		for i := range res.Inputs() {
			all = append(all, res.Input(i))
		}
		for _, outside := range []int{-1, res.Inputs()} {
			require.Panics(t, func() { res.Input(outside) })
		}
		return all
	}
	res, err := validate.New().Set(office, append(setOf(misnamed(address)), b))
	require.Equal(t, append(setOf(misnamed(address)), b), inputs(res, err))
	res, err = validate.New().Add(set, b)
	require.Equal(t, append(setOf(address, http), b), inputs(res, err))
	res, err = validate.New().Replace(set, 0, b)
	require.Equal(t, []binding.Binding{b, set.Bindings[1]}, inputs(res, err))
	res, err = validate.New().Replace(set, 1, b)
	require.Equal(t, []binding.Binding{set.Bindings[0], b}, inputs(res, err))
	res, err = validate.New().Merge(set, []binding.Binding{b, other})
	require.Equal(t, append(setOf(address, http), b, other), inputs(res, err))
	require.Panics(t, func() { new(validate.Result).Input(0) })
}

func TestAResultCanBeUsedAgain(t *testing.T) {
	v := validate.New()
	var used validate.Result
	rapid.Check(t, func(t *rapid.T) {
		inv := inventory().Draw(t, "inventory")
		set := validatetest.Set(inv).Draw(t, "set")
		in := validate.Input{Inventory: inv, Bindings: set}
		fresh, freshErr := v.Set(inv, set)
		err := v.SetInto(&used, in)
		require.Equal(t, freshErr, err)
		requireSame(t, fresh.Bindings, used.Bindings)
		requireSame(t, fresh.Dropped, used.Dropped)
		requireSame(t, fresh.Rewritten, used.Rewritten)
		require.Empty(t, used.Absorbed)
		require.Empty(t, used.Skipped)
	})
}

func TestARefusedResultSaysWhatWasDroppedAndRewritten(t *testing.T) {
	v := validate.New()
	eth0, everywhere, address := listen("443/tcp", "eth0"), listen("443/tcp", "everywhere"), listen("80/tcp", "10.0.0.5")
	fine := validate.Input{Inventory: office, Bindings: setOf(eth0, everywhere)}
	var res validate.Result
	require.NoError(t, v.SetInto(&res, fine))
	require.Error(t, v.SetInto(&res, validate.Input{Bindings: fine.Bindings}), "no inventory")
	require.Nil(t, res.Bindings)
	require.Empty(t, res.Dropped)

	refused := validate.Input{Inventory: office, Bindings: setOf(eth0, everywhere, misnamed(address), binding.Target{})}
	require.Error(t, v.SetInto(&res, refused))
	require.Nil(t, res.Bindings)
	require.Equal(t, []validate.Drop{{Index: 0, By: 1, Reason: validate.Superseded}}, res.Dropped)
	require.Equal(t, []validate.Rewrite{{Index: 2, From: misnamed(address), To: address}}, res.Rewritten)
	require.Equal(t, everywhere, res.Input(1).Target)
}

// A caller may ask again about what it was given, in the memory it was given.
func TestAResultCanBeItsOwnInput(t *testing.T) {
	v := validate.New()
	for _, n := range []int{10, 16, 64, 300} {
		for name, part := range map[string]func([]binding.Binding) []binding.Binding{
			"all of it":             func(b []binding.Binding) []binding.Binding { return b },
			"the end of it":         func(b []binding.Binding) []binding.Binding { return b[1:] },
			"the start of it":       func(b []binding.Binding) []binding.Binding { return b[:len(b)-1] },
			"the start, cut":        func(b []binding.Binding) []binding.Binding { return b[: len(b)-1 : len(b)-1] },
			"the middle of it, cut": func(b []binding.Binding) []binding.Binding { return b[1 : len(b)-1 : len(b)-1] },
		} {
			t.Run(name, func(t *testing.T) {
				in := benchInput(n, dirty)
				var res validate.Result
				require.NoError(t, v.SetInto(&res, in))
				require.NotEmpty(t, res.Dropped)
				// Make what the Result holds collapse once more.
				for i := range res.Bindings {
					res.Bindings[i].Target = res.Bindings[i/2*2].Target
				}
				again := in
				again.Bindings = part(res.Bindings)
				before := slices.Clone(again.Bindings)
				want, wantErr := v.Set(in.Inventory, slices.Clone(again.Bindings))
				err := v.SetInto(&res, again)
				require.Equal(t, before, again.Bindings, "the input is left alone")
				require.Equal(t, wantErr, err)
				if err == nil {
					require.Equal(t, want.Bindings, res.Bindings)
					require.Equal(t, want.Dropped, res.Dropped)
					validatetest.RequireAccounted(t, in.Inventory, res)
				}
			})
		}
	}
}

func TestEveryOperationNeedsAnInventory(t *testing.T) {
	v := validate.New(validate.WithExclusivePorts())
	in := validate.Input{Service: web, Bindings: setOf(listen("443/tcp", "eth0")), Claims: claimsOf(listen("443/tcp", "eth0"))}
	_, set := v.Set(nil, in.Bindings)
	_, add := v.Add(in, in.Bindings[0])
	_, replace := v.Replace(in, 0, in.Bindings[0])
	_, merge := v.Merge(in, in.Bindings)
	for _, err := range []error{set, v.SetInto(new(validate.Result), in), add, replace, merge} {
		validatetest.RequireViolations(t, office, err, violation("V1", validate.ErrInvalid, -1))
	}
}

func TestAHugeSetIsRefusedOnceForItsSizeAndOnceForEachBinding(t *testing.T) {
	const n = 200_000
	in := benchInput(n, clean)
	require.NoError(t, validate.New(validate.WithMaxBindings(n)).SetInto(new(validate.Result), in))
	err := validate.New().SetInto(new(validate.Result), in)
	validatetest.RequireViolations(t, in.Inventory, err, violation("V1", validate.ErrInvalid, -1))
	require.EqualError(t, err, "bindings: the set would have 200000 bindings, 131072 are allowed; split the service, or raise the limit")

	// Each clashes with all of the other kind, and each has one violation.
	places := in.Inventory.Host().IPAddresses
	for i := range in.Bindings {
		in.Bindings[i].Target = binding.IPAddress(places[i%len(places)].ID)
	}
	in.Bindings[0].Target = binding.Port(in.Inventory.Host().Ports[0].ID, binding.AllInterfaces())
	err = validate.New().SetInto(new(validate.Result), in)
	require.ErrorIs(t, err, validate.ErrConflict)
	var rules *validate.Error
	require.ErrorAs(t, err, &rules)
	require.Len(t, rules.Violations, 1+len(places))
	require.Less(t, len(err.Error()), 3000)
}

func TestMergeOfAHugeScanIsLinear(t *testing.T) {
	const n = 100_000
	in := benchInput(n, dirty)
	half := in
	half.Bindings = nil
	first, err := validate.New().Merge(half, in.Bindings)
	require.NoError(t, err)
	half.Bindings = first.Bindings
	again, err := validate.New().Merge(half, in.Bindings)
	require.NoError(t, err)
	require.Len(t, again.Absorbed, n)
	require.Equal(t, first.Bindings, again.Bindings)

	// As bad as it can be: everything stored is superseded, and all else absorbed.
	h := in.Inventory.Host()
	var narrow, wide []binding.Binding
	for _, p := range h.Ports[:500] {
		for _, a := range h.IPAddresses {
			narrow = append(narrow, binding.Binding{Target: binding.Port(p.ID, binding.OnIPAddress(a.ID))})
		}
		for _, f := range h.Interfaces {
			wide = append(wide, binding.Binding{Target: binding.Port(p.ID, binding.OnInterface(f.ID))})
		}
		wide = append(wide, binding.Binding{Target: binding.Port(p.ID, binding.AllInterfaces())})
	}
	half.Bindings = narrow
	res, err := validate.New().Merge(half, slices.Concat(narrow, wide))
	require.NoError(t, err)
	require.Len(t, res.Bindings, 500)
	require.Len(t, res.Dropped, len(narrow))
	require.Len(t, res.Absorbed, len(narrow)+len(wide)-500)
}

func TestOneValidatorServesManyGoroutines(t *testing.T) {
	v := withCustom(validate.WithExclusivePorts())
	plain := validate.New()
	in := benchInput(64, dirty)
	want, err := plain.Set(in.Inventory, in.Bindings)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var res validate.Result
			for range 50 {
				if err := plain.SetInto(&res, in); err != nil || !slices.Equal(want.Bindings, res.Bindings) {
					t.Errorf("%v, %d bindings", err, len(res.Bindings))
				}
				if _, err := plain.Merge(validate.Input{Inventory: in.Inventory, Bindings: want.Bindings}, in.Bindings); err != nil {
					t.Error(err)
				}
				if _, err := v.Set(in.Inventory, in.Bindings); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// The IDs of a host and of bindings come from outside: they may be made so that
// they all fall together in a careless hash table.
func TestIDsThatDifferInFewBitsAreNoSlower(t *testing.T) {
	const n = 100_000
	in := benchInput(n, clean)
	for i := range in.Bindings {
		in.Bindings[i].ID = uuid.UUID{0: byte(i >> 16), 1: byte(i >> 8), 2: byte(i), 15: 1}
	}
	require.NoError(t, validate.New().SetInto(new(validate.Result), in))
}

func TestALargeHostAndASmallSetTakeTheTimeOfTheSet(t *testing.T) {
	h := hosttest.Sized(1, 100_000, 10)
	inv := mustInventory(h)
	var set []binding.Binding
	for i := range 20 {
		set = append(set, binding.Binding{Target: binding.IPAddress(h.IPAddresses[i].ID)})
	}
	set = append(set, binding.Binding{Target: binding.Port(h.Ports[0].ID, binding.OnIPAddress(h.IPAddresses[rand.IntN(70_000)+20].ID))})
	validatetest.RequireUnchanged(t, validate.New(), validate.Input{Inventory: inv, Bindings: set})
}

func TestLargeSetsBreakTheSameRules(t *testing.T) {
	in := benchInput(64, clean)
	in.Bindings[40].ID = in.Bindings[7].ID
	_, err := validate.New().Set(in.Inventory, in.Bindings)
	validatetest.RequireViolations(t, in.Inventory, err, against("V1", validate.ErrInvalid, 40, in.Bindings[7].Target))

	in = benchInput(64, clean)
	in.Bindings[63] = binding.Binding{Target: binding.Interface(uuid.Nil).WithScope(in.Bindings[20].Target.Scope())}
	_, err = validate.New().Set(in.Inventory, in.Bindings)
	require.Equal(t, "V5", validatetest.RequireViolation(t, err, validate.ErrConflict, 63).Rule)
}

// Positions far apart are numbered anew, which nobody sees.
func TestPlacesThatNobodyNamesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		h := s.inv.Host()
		var others []host.Interface
		for _, id := range bindingtest.IDs(0xfa, 5000) {
			others = append(others, host.Interface{ID: id, Name: "nobody names this"}) // so that no other is described otherwise
		}
		h.Interfaces = append(others, h.Interfaces...)
		padded := s
		padded.inv = mustInventory(h)
		in := s.input(t, s.dirty(t))
		inPadded := in
		inPadded.Inventory = padded.inv
		if in.Claims != nil {
			inPadded.Claims = validate.NewClaims(padded.inv, slices.Collect(in.Claims.All())...)
		}
		var want, got validate.Result
		wantErr := s.v.SetOfMany(&want, in)
		err := s.v.SetOfMany(&got, inPadded)
		require.Equal(t, wantErr, err)
		requireSameResult(t, want, got)

		observed := in.Bindings
		in.Bindings, inPadded.Bindings = nil, nil
		want, wantErr = s.v.MergeOfMany(in, observed)
		require.NoError(t, wantErr)
		got, err = s.v.MergeOfMany(inPadded, observed)
		require.NoError(t, err)
		requireSameResult(t, want, got)
	})
}
