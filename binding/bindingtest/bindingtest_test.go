package bindingtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
)

// ExamplePool tests a law of one's own: here, that a set of targets has no more
// members than it was made from.
func ExamplePool() {
	pool := bindingtest.NewPool(2, 1, 1)
	law := func(t *rapid.T) {
		targets := rapid.SliceOfN(pool.Target(), 0, 8).Draw(t, "targets")
		set := map[binding.Target]bool{}
		for _, target := range targets {
			set[target] = true
		}
		if len(set) > len(targets) {
			t.Fatalf("%d targets became %d", len(targets), len(set))
		}
	}
	_ = func(t *testing.T) { rapid.Check(t, law) } // a test of yours

	fmt.Println(binding.Interface(pool.Interfaces[0]).Scope())
	// Output: interface:0000001f-0000-4000-8000-000000000001
}

func TestGeneratedBindingsAreValidAndNormal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := bindingtest.Binding(bindingtest.Target()).Draw(t, "binding")
		require.True(t, b.Target.IsValid())
		require.True(t, bindingtest.Scope().Draw(t, "scope").IsValid())
		require.NotContains(t, []uuid.UUID{b.ID, b.ServiceID, b.NetworkID}, uuid.Nil)
		require.Equal(t, b.WithTimes(), b)
	})
}

func TestEveryFormOfTargetComesUp(t *testing.T) {
	pool := bindingtest.NewPool(1, 1, 1)
	all := []binding.Target{
		binding.Interface(pool.Interfaces[0]),
		binding.IPAddress(pool.IPAddresses[0]),
		binding.Port(pool.Ports[0], binding.AllInterfaces()),
		binding.Port(pool.Ports[0], binding.AllIPv4()),
		binding.Port(pool.Ports[0], binding.AllIPv6()),
		binding.Port(pool.Ports[0], binding.OnInterface(pool.Interfaces[0])),
		binding.Port(pool.Ports[0], binding.OnIPAddress(pool.IPAddresses[0])),
	}
	drawn := map[binding.Target]bool{}
	for seed := range 200 {
		drawn[pool.Target().Example(seed)] = true
	}
	require.Len(t, drawn, len(all))
	for _, target := range all {
		require.Contains(t, drawn, target)
	}
}

func TestAPoolDrawsOnlyFromItsOwnIDs(t *testing.T) {
	onlyPorts, onlyAddresses := bindingtest.NewPool(1, 0, 0), bindingtest.NewPool(0, 0, 1)
	rapid.Check(t, func(t *rapid.T) {
		listener := onlyPorts.Target().Draw(t, "listener")
		require.Equal(t, binding.Port(onlyPorts.Ports[0], listener.Scope()), listener)
		require.Contains(t, []binding.Scope{binding.AllInterfaces(), binding.AllIPv4(), binding.AllIPv6()}, listener.Scope())
		require.Equal(t, binding.IPAddress(onlyAddresses.IPAddresses[0]), onlyAddresses.Target().Draw(t, "presence"))
	})
}

func TestFixedIDsAreDistinctInAndBetweenSeries(t *testing.T) {
	seen := map[uuid.UUID]bool{uuid.Nil: true}
	for _, series := range []uint32{0, 1, bindingtest.SeriesPort, bindingtest.SeriesInterface, bindingtest.SeriesIPAddress} {
		for _, id := range bindingtest.IDs(series, 300) {
			require.False(t, seen[id], "%s", id)
			require.Equal(t, uuid.Version(4), id.Version())
			seen[id] = true
		}
	}
}

func TestTimesAreThoseThatJSONCanHold(t *testing.T) {
	absent := 0
	rapid.Check(t, func(t *rapid.T) {
		at := bindingtest.Time().Draw(t, "time")
		require.True(t, at.Year() >= 0 && at.Year() <= 9999 && at == binding.Time(at), "%v", at)
		if at == (time.Time{}) {
			absent++
		}
	})
	require.Positive(t, absent)
}
