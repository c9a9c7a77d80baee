package validatetest

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
)

var exclusive = validate.New(validate.WithExclusivePorts())

func TestNearMissesAreOneChangeApart(t *testing.T) {
	for _, code := range Codes() {
		t.Run(string(code), func(t *testing.T) {
			inventory := hosttest.Inventory().Filter(func(inv *host.Inventory) bool { return Breakable(inv, code) })
			rapid.Check(t, func(t *rapid.T) {
				inv := inventory.Draw(t, "inventory")
				near := Near(inv, code).Draw(t, "near miss")
				RequireUnchanged(t, exclusive, near.Valid)

				err := exclusive.SetInto(new(validate.Result), near.Broken)
				found := RequireViolation(t, err, code, near.Index)
				require.Len(t, violations(t, err), 1)
				require.Equal(t, code, near.Code)
				require.Equal(t, code, found.Code)
				require.Equal(t, 1, changes(near))
				require.Equal(t, near.Valid.Stored, near.Broken.Stored)
			})
		})
	}
}

// changes counts what a near miss has more, and what it has otherwise.
func changes(n NearMiss) int {
	changes := len(n.Broken.Bindings) - len(n.Valid.Bindings) + claimed(n.Broken) - claimed(n.Valid)
	if n.Broken.Service.NetworkID != n.Valid.Service.NetworkID {
		changes++
	}
	return changes
}

func claimed(in validate.Input) int { return len(slices.Collect(in.Claims.All())) }

func TestViolatingIsTheBrokenHalfOfANearMiss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		in := Violating(inv, validate.ErrCrossHost).Draw(t, "input")
		err := exclusive.SetInto(new(validate.Result), in)
		require.ErrorIs(t, err, validate.ErrCrossHost)
		require.Len(t, violations(t, err), 1)
	})
}

func TestSomeHostsHaveNothingToBreak(t *testing.T) {
	h := host.Host{Ports: []host.Port{{ID: uuid.UUID{1}, Number: 1, Protocol: host.TCP}}}
	inv := mustInventory(h)
	require.False(t, Breakable(inv, validate.ErrConflict), "no place")
	require.False(t, Breakable(inv, validate.ErrNetworkMismatch), "no network")
	require.False(t, Breakable(inv, "no such code"))
	require.False(t, Breakable(new(host.Inventory), validate.ErrPortClaimed))
	require.True(t, Breakable(new(host.Inventory), validate.ErrCrossHost))
	require.Panics(t, func() { Near(inv, validate.ErrConflict) })

	rapid.Check(t, func(t *rapid.T) {
		inv := new(host.Inventory)
		require.Empty(t, Set(inv).Draw(t, "set"))
		require.Empty(t, ValidSet(inv).Draw(t, "valid set"))
		require.Empty(t, Claims(inv).Draw(t, "claims"))
		for _, code := range []binding.Code{validate.ErrInvalid, validate.ErrCrossHost} {
			in := Violating(inv, code).Draw(t, "input")
			require.ErrorIs(t, exclusive.SetInto(new(validate.Result), in), code)
		}
	})
}

func TestSetsCollideAndAreOnTheHost(t *testing.T) {
	met := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range inputs {
			in := Input(hosttest.Inventory().Draw(t, "inventory")).Draw(t, "input")
			ids := map[uuid.UUID]bool{uuid.Nil: true}
			for _, b := range in.Bindings {
				require.True(t, in.Inventory.Has(in.Inventory.Canonical(b.Target)))
				require.False(t, ids[b.ID])
				ids[b.ID] = true
			}
			for c := range in.Claims.All() {
				require.True(t, c.Binding.Target.IsListener())
				require.NotEqual(t, in.Service.ID, c.Binding.ServiceID)
			}
			RequireUnchanged(t, exclusive, validate.Input{Inventory: in.Inventory, Bindings: in.Stored})
			var res validate.Result
			switch err := exclusive.SetInto(&res, in); {
			case err != nil:
				met[string(violations(t, err)[0].Code)]++
			case len(res.Dropped) > 0:
				met[res.Dropped[0].Reason.String()]++
			case len(res.Rewritten) > 0:
				met["rewritten"]++
			case len(res.Bindings) > 1:
				met["clean"]++
			}
		}
	})
	for _, what := range []string{"conflict", "port_claimed", "duplicate", "superseded", "rewritten", "clean"} {
		require.Greater(t, met[what], 4, "%s: %v", what, met)
	}
}

func TestMalformedTargetsAreMalformed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		require.False(t, Malformed().Draw(t, "target").IsValid())
	})
}

// desk is a host with two interfaces of one name, one of which carries an
// address, and a port.
var (
	desk  = newDesk()
	ids   = bindingtest.IDs(0xde, 4)
	https = binding.Port(ids[3], binding.AllInterfaces())
	eth0  = https.WithScope(binding.OnInterface(ids[0]))
	again = https.WithScope(binding.OnInterface(ids[1]))
)

func newDesk() *host.Inventory {
	ids := bindingtest.IDs(0xde, 4)
	return mustInventory(host.Host{
		Interfaces:  []host.Interface{{ID: ids[0], Name: "eth0"}, {ID: ids[1], Name: "eth0"}},
		IPAddresses: []host.IPAddress{{ID: ids[2], Address: netip.MustParseAddr("10.0.0.5")}},
		Ports:       []host.Port{{ID: ids[3], Number: 443, Protocol: host.TCP}},
	})
}

func mustInventory(h host.Host) *host.Inventory {
	inv, err := host.NewInventory(h)
	if err != nil {
		panic(err)
	}
	return inv
}

func bindings(targets ...binding.Target) []binding.Binding {
	set := make([]binding.Binding, len(targets))
	for i, to := range targets {
		set[i].Target = to
	}
	return set
}

func TestAssertionsPassForWhatIsThere(t *testing.T) {
	res, err := validate.New().Set(desk, bindings(eth0, https, https))
	require.NoError(t, err)
	RequireKept(t, desk, res, https)
	RequireKept(t, nil, res, https)
	RequireDropped(t, desk, res, validate.Drop{Index: 0, By: 1, Reason: validate.Superseded}, validate.Drop{Index: 2, By: 1, Reason: validate.Duplicate})
	RequireAbsorbed(t, desk, res)
	RequireSkipped(t, desk, res)
	RequireAccounted(t, desk, res)
	RequireUnchanged(t, validate.New(), validate.Input{Inventory: desk, Bindings: res.Bindings})

	_, err = validate.New().Set(desk, bindings(eth0, binding.Interface(ids[0])))
	RequireViolations(t, desk, err, validate.Violation{Rule: "V5", Code: validate.ErrConflict, Index: 1, Other: binding.Binding{Target: eth0}})
	require.Equal(t, eth0, RequireViolation(t, err, validate.ErrConflict, 1).Other.Target)
}

func TestAssertionsFailAndShowTheDifference(t *testing.T) {
	res, err := validate.New().Set(desk, bindings(eth0, https))
	require.NoError(t, err)
	drop := res.Dropped[0]
	_, refusal := validate.New().Set(desk, bindings(eth0, binding.Interface(ids[0])))
	wrong := func(res validate.Result, change func(*validate.Result)) validate.Result {
		change(&res)
		return res
	}
	merged, err := validate.New().Merge(validate.Input{Inventory: desk, Bindings: bindings(eth0)}, bindings(eth0, https.WithScope(binding.Scope{})))
	require.NoError(t, err)

	for _, c := range []struct {
		fact string
		test func(rapid.TB)
		says []string
	}{
		{
			"another target is kept", func(t rapid.TB) { RequireKept(t, desk, res, eth0) },
			[]string{"443/tcp on eth0", "443/tcp on all interfaces", "kept"},
		},
		{
			"another target of the same name is kept",
			func(t rapid.TB) {
				RequireKept(t, desk, wrong(res, func(r *validate.Result) { r.Bindings = bindings(again) }), eth0)
			},
			[]string{"443/tcp on eth0 [" + ids[0].String() + "]", "443/tcp on eth0 [" + ids[1].String() + "]"},
		},
		{
			"nothing is dropped, it says", func(t rapid.TB) { RequireDropped(t, desk, res) },
			[]string{"binding 0, 443/tcp on eth0 [" + ids[0].String() + "]: superseded by binding 1, 443/tcp on all interfaces"},
		},
		{
			"what is not there is dropped, it says",
			func(t rapid.TB) {
				RequireDropped(t, desk, res, validate.Drop{Index: 7, By: -1, Reason: validate.Duplicate})
			},
			[]string{"binding 7, which is not in the input: duplicate by binding -1, which is not in the input"},
		},
		{"absorbed", func(t rapid.TB) { RequireAbsorbed(t, desk, res, drop) }, []string{"absorbed"}},
		{
			"another violation",
			func(t rapid.TB) {
				RequireViolations(t, desk, refusal, validate.Violation{Rule: "V6", Code: "x", Service: validate.ServiceInfo{ID: ids[1]}})
			},
			[]string{"V5 conflict of binding 1, which clashes with 443/tcp on eth0", "V6 x of binding 0 of service " + ids[1].String()},
		},
		{
			"no violation of this binding", func(t rapid.TB) { RequireViolation(t, refusal, validate.ErrConflict, 0) },
			[]string{`no violation "conflict" of binding 0, but:`, "conflicts with"},
		},
		{
			"no violation of this code", func(t rapid.TB) { RequireViolation(t, refusal, validate.ErrInvalid, 1) },
			[]string{`no violation "invalid" of binding 1`},
		},
		{"no error", func(t rapid.TB) { RequireViolations(t, desk, nil) }, []string{"no *validate.Error, but: <nil>"}},
		{"skipped", func(t rapid.TB) { RequireSkipped(t, desk, merged) }, []string{"V1 invalid of binding 2"}},
		{
			"dropped", func(t rapid.TB) {
				RequireUnchanged(t, validate.New(), validate.Input{Inventory: desk, Bindings: bindings(eth0, https)})
			},
			[]string{"superseded"},
		},
		{
			"refused", func(t rapid.TB) {
				RequireUnchanged(t, validate.New(), validate.Input{Inventory: desk, Bindings: bindings(binding.Target{})})
			},
			[]string{"no target"},
		},
		{
			"rewritten", func(t rapid.TB) {
				RequireUnchanged(t, validate.New(), validate.Input{Inventory: desk, Bindings: bindings(binding.Interface(ids[2]))})
			},
			[]string{"rewritten", "binding 0: presence at 10.0.0.5 for interface:" + ids[2].String()},
		},
		{
			"dropped twice",
			func(t rapid.TB) {
				RequireAccounted(t, desk, wrong(res, func(r *validate.Result) { r.Dropped = append(r.Dropped, drop) }))
			},
			[]string{"dropped binding 0, which is dropped already"},
		},
		{
			"absorbed, too",
			func(t rapid.TB) {
				RequireAccounted(t, desk, wrong(res, func(r *validate.Result) { r.Absorbed = append(r.Absorbed, drop) }))
			},
			[]string{"absorbed binding 0, which is dropped already"},
		},
		{
			"dropped what is not there",
			func(t rapid.TB) {
				RequireAccounted(t, desk, wrong(res, func(r *validate.Result) { r.Dropped = []validate.Drop{{Index: 2, By: 1, Reason: validate.Duplicate}} }))
			},
			[]string{"dropped binding 2, but there are 2"},
		},
		{
			"dropped for what is dropped",
			func(t rapid.TB) {
				RequireAccounted(t, desk, wrong(res, func(r *validate.Result) {
					r.Bindings, r.Dropped = nil, []validate.Drop{drop, {Index: 1, By: 0, Reason: validate.Duplicate}}
				}))
			},
			[]string{"is superseded by binding 1, which is dropped itself"},
		},
		{
			"dropped for the wrong reason",
			func(t rapid.TB) {
				RequireAccounted(t, desk, wrong(res, func(r *validate.Result) { r.Dropped = []validate.Drop{{Index: 0, By: 1, Reason: validate.Duplicate}} }))
			},
			[]string{"binding 0, 443/tcp on eth0 [" + ids[0].String() + "], is duplicate by binding 1, 443/tcp on all interfaces"},
		},
		{
			"kept and lost", func(t rapid.TB) {
				RequireAccounted(t, desk, wrong(merged, func(r *validate.Result) { r.Skipped = nil }))
			},
			[]string{"443/tcp on nowhere"},
		},
	} {
		t.Run(c.fact, func(t *testing.T) {
			said := fails(t, c.test)
			for _, text := range c.says {
				require.Contains(t, said, text)
			}
		})
	}
}
