package validate_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
)

// ways are those in which large sets find duplicates.
var ways = []struct {
	name           string
	bitsPerBinding int
}{{"bitmap", 256}, {"table", 0}}

// known is a secret that leaked: with it, products of IDs and of keys are zero.
func known() uint64 { return 0 }

func TestLargeSetsAgreeWithTheRulesInEveryWay(t *testing.T) {
	answered := 0
	var res validate.Result // reused, as callers do
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		in := s.input(t, s.dirty(t))
		in.Claims = nil
		if len(in.Bindings) == 0 || len(in.Bindings) > s.v.MaxBindings() {
			return
		}
		for _, way := range ways {
			for _, random := range []func() uint64{rand.Uint64, known} {
				want, wantErr := s.v.SetByRules(in)
				if !s.v.FastMany(&res, in, way.bitsPerBinding, random) {
					require.True(t, wantErr != nil || len(want.Rewritten) > 0, way.name)
					continue
				}
				answered++
				require.NoError(t, wantErr)
				require.Equal(t, targets(want.Bindings), targets(res.Bindings), way.name)
				requireSame(t, want.Dropped, res.Dropped)
			}
		}
	})
	require.Greater(t, answered, 20)
}

// withZeroHigh gives all bindings, and all that is on the host, IDs whose high
// half is zero: with a secret of zero, one hash.
func withZeroHigh(t testing.TB, n int) validate.Input {
	count := uint64(0)
	id := func() (id uuid.UUID) {
		count++
		binary.BigEndian.PutUint64(id[8:], count)
		return id
	}
	h := hosttest.Sized(0, 8, n/8)
	for i := range h.IPAddresses {
		h.IPAddresses[i].ID = id()
	}
	for i := range h.Ports {
		h.Ports[i].ID = id()
	}
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	in := validate.Input{Inventory: inv}
	for i := range n {
		to := binding.Port(h.Ports[i/8].ID, binding.OnIPAddress(h.IPAddresses[i%8].ID))
		in.Bindings = append(in.Bindings, binding.Binding{ID: id(), Target: to})
	}
	return in
}

func TestIDsWithOneHashAreTakenApart(t *testing.T) {
	in := withZeroHigh(t, 1000)
	var res validate.Result
	require.True(t, validate.New().FastMany(&res, in, 256, known))
	require.Len(t, res.Bindings, 1000)

	in.Bindings[17].ID = in.Bindings[800].ID
	require.False(t, validate.New().FastMany(&res, in, 256, known), "one ID has two targets")

	in.Bindings[17].Target = in.Bindings[800].Target
	require.True(t, validate.New().FastMany(&res, in, 256, known), "one ID has one target")
	require.Equal(t, []validate.Drop{{Index: 800, By: 17, Reason: validate.Duplicate}}, res.Dropped)
}

func TestATableInWhichAllCollideIsGivenUp(t *testing.T) {
	v := validate.New()
	var res validate.Result
	require.True(t, v.FastMany(&res, withZeroHigh(t, 40), 0, known), "of a few that is no harm")

	in := withZeroHigh(t, 1000)
	require.True(t, v.FastMany(&res, in, 0, rand.Uint64))
	require.False(t, v.FastMany(&res, in, 0, known))
	require.Empty(t, res.Bindings)
}

// Where the last probe is used up only when the Result is written, what is in it
// by then is void.
func TestATableGivenUpLateLeavesAnEmptyResult(t *testing.T) {
	in := withZeroHigh(t, 56)
	in.Bindings[55].Target = in.Bindings[0].Target
	var res validate.Result
	require.False(t, validate.New().FastMany(&res, in, 0, known))
	require.Empty(t, res.Bindings)
	require.Empty(t, res.Dropped)

	require.NoError(t, validate.New().SetInto(&res, in))
	require.Len(t, res.Dropped, 1)
}

// A set names two places of a host with so many that a bit for each of them would
// cost more than the set.
func TestAFewBindingsOnAHugeHostAreLeftToTheRules(t *testing.T) {
	h := hosttest.Sized(0, 100_000, 20)
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	in := validate.Input{Inventory: inv}
	for i := range 20 {
		to := binding.Port(h.Ports[i].ID, binding.OnIPAddress(h.IPAddresses[i].ID))
		in.Bindings = append(in.Bindings, binding.Binding{Target: to})
	}
	in.Bindings[0].Target = binding.IPAddress(h.IPAddresses[60_000].ID)
	require.True(t, validate.New().Fast(in), "with a bit for each it is only large")

	in.Bindings[0].Target = binding.IPAddress(h.IPAddresses[99_999].ID)
	require.False(t, validate.New().Fast(in), "a place far from the others")
	res, err := validate.New().Set(inv, in.Bindings)
	require.NoError(t, err)
	require.Len(t, res.Bindings, 20)
}

// Bits stand in words of 64, and the last one that a set needs must be there.
func TestBitmapsReachAsFarAsTheSet(t *testing.T) {
	h := hosttest.Sized(0, 130, 130)
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	var res validate.Result
	for n := 1; n <= 130; n++ {
		presences, listeners := validate.Input{Inventory: inv}, validate.Input{Inventory: inv}
		for i := range n {
			address := h.IPAddresses[i].ID
			presences.Bindings = append(presences.Bindings, binding.Binding{Target: binding.IPAddress(address)})
			for _, port := range []int{0, n - 1} {
				to := binding.Port(h.Ports[port].ID, binding.OnIPAddress(address))
				listeners.Bindings = append(listeners.Bindings, binding.Binding{Target: to})
			}
		}
		require.True(t, validate.New().FastMany(&res, presences, 256, known))
		require.Empty(t, res.Dropped)
		require.True(t, validate.New().FastMany(&res, listeners, 256, known))
		require.Equal(t, n == 1, len(res.Dropped) == 1)
	}
}
