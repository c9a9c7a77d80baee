package hosttest_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

// draws is how many values one run of a property draws, so that what must occur
// often does so in every test run, not only in most.
const draws = 10

func TestHostsAreValidAndOftenHaveEveryShape(t *testing.T) {
	seen := counter{}
	rapid.Check(t, func(t *rapid.T) {
		for range draws {
			h := hosttest.Host().Draw(t, "host")
			inv, err := host.NewInventory(h)
			require.NoError(t, err)
			require.Equal(t, h, inv.Host(), "there is nothing to normalize in a generated host")
			seen.add(shapes(inv))
		}
	})
	seen.requireOften(t)
}

func TestInventoriesAreSmallAndOftenHaveEveryShape(t *testing.T) {
	seen := counter{}
	rapid.Check(t, func(t *rapid.T) {
		for range draws {
			inv := hosttest.Inventory().Draw(t, "inventory")
			h := inv.Host()
			require.NotEmpty(t, h.Ports)
			require.LessOrEqual(t, len(h.Ports), 3)
			require.LessOrEqual(t, len(h.Interfaces), 3)
			require.LessOrEqual(t, len(h.IPAddresses), 4)
			found := shapes(inv)
			delete(found, "no ports")
			seen.add(found)
		}
	})
	seen.requireOften(t)
}

func TestPairsShareANetworkAndNothingElse(t *testing.T) {
	seen := counter{}
	rapid.Check(t, func(t *rapid.T) {
		pair := hosttest.Pair().Draw(t, "pair")
		a, b := pair[0].Host(), pair[1].Host()
		require.Equal(t, a.NetworkID, b.NetworkID)
		require.NotEqual(t, a.ID, b.ID)
		for _, id := range childIDs(pair[0]) {
			require.NotContains(t, childIDs(pair[1]), id)
		}
		seen.add(map[string]bool{"a port that both have": slices.ContainsFunc(a.Ports, func(p host.Port) bool {
			return slices.ContainsFunc(b.Ports, func(q host.Port) bool { return p.String() == q.String() })
		})})
	})
	seen.requireOften(t)
}

func TestTargetsAreCanonicalValidAndOfEveryForm(t *testing.T) {
	seen := counter{}
	rapid.Check(t, func(t *rapid.T) {
		for range draws {
			inv := hosttest.Inventory().Draw(t, "inventory")
			target := hosttest.Target(inv).Draw(t, "target")
			require.True(t, target.IsValid())
			require.True(t, inv.Has(target))
			require.Equal(t, target, inv.Canonical(target))
			seen.add(forms(target))
		}
	})
	seen.requireOften(t)
}

func TestAnyReferenceMeansATargetOfTheHost(t *testing.T) {
	seen := counter{}
	rapid.Check(t, func(t *rapid.T) {
		for range draws {
			inv := hosttest.Inventory().Draw(t, "inventory")
			target := hosttest.AnyReference(inv).Draw(t, "target")
			require.True(t, inv.Has(inv.Canonical(target)))
			wrong := inv.Canonical(target) != target
			seen.add(map[string]bool{
				"the right kind":                                    !wrong,
				"an IP address called an interface":                 wrong && target.Scope().Kind() == binding.ScopeInterface,
				"an interface with an address called an IP address": wrong && target.Scope().Kind() == binding.ScopeIPAddress,
			})
		}
	})
	seen.requireOften(t)
}

func TestForeignTargetsNameWhatTheHostDoesNotHave(t *testing.T) {
	seen := counter{}
	rapid.Check(t, func(t *rapid.T) {
		for range draws {
			inv := hosttest.Inventory().Draw(t, "inventory")
			target := hosttest.Foreign(inv).Draw(t, "target")
			require.True(t, target.IsValid())
			require.False(t, inv.Has(inv.Canonical(target)))
			found := forms(target)
			id, ok := target.InterfaceID()
			found["a child of the host by the wrong kind"] = ok && slices.Contains(childIDs(inv), id)
			seen.add(found)
		}
	})
	seen.requireOften(t)
}

func TestTargetPanicsForAHostWithoutAnythingToBindTo(t *testing.T) {
	require.Panics(t, func() { hosttest.Target(new(host.Inventory)) })
}

func TestHostsWithoutPortsHaveOnlyPresences(t *testing.T) {
	inv, err := host.NewInventory(host.Host{Interfaces: []host.Interface{{ID: uuid.UUID{1}}}})
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		require.Equal(t, binding.Interface(uuid.UUID{1}), hosttest.Target(inv).Draw(t, "target"))
	})
}

func TestSizedHostsAreValidUpToTheLastPort(t *testing.T) {
	h := hosttest.Sized(2, 5, 3*65535)
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	require.Equal(t, h, hosttest.Sized(2, 5, 3*65535))
	require.Len(t, childIDs(inv), 2+5+3*65535)
	require.Len(t, inv.Carried(h.Interfaces[0].ID), 3)
	require.Len(t, inv.Carried(h.Interfaces[1].ID), 2)

	_, err = host.NewInventory(hosttest.Sized(0, 5, 0))
	require.NoError(t, err)
}

func shapes(inv *host.Inventory) map[string]bool {
	h := inv.Host()
	anInterface := func(is func(host.Interface) bool) bool { return slices.ContainsFunc(h.Interfaces, is) }
	anAddress := func(is func(host.IPAddress) bool) bool { return slices.ContainsFunc(h.IPAddresses, is) }
	aPort := func(p host.Protocol) bool {
		return slices.ContainsFunc(h.Ports, func(q host.Port) bool { return p == q.Protocol })
	}
	return map[string]bool{
		"no ports":        len(h.Ports) == 0,
		"no interfaces":   len(h.Interfaces) == 0,
		"no IP addresses": len(h.IPAddresses) == 0,
		"an interface with an address of its own": anInterface(host.Interface.HasAddress),
		"an interface that carries nothing": anInterface(func(f host.Interface) bool {
			return !f.HasAddress() && len(inv.Carried(f.ID)) == 0
		}),
		"an interface that carries several": anInterface(func(f host.Interface) bool { return len(inv.Carried(f.ID)) > 1 }),
		"an interface without a name":       anInterface(func(f host.Interface) bool { return f.Name == "" }),
		"an interface with an unlikely name": anInterface(func(f host.Interface) bool {
			return len(f.Name) > 100 || slices.Contains([]string{"\x1b[2J\r\n", "%s%n", "../../etc/passwd"}, f.Name)
		}),
		"an address carried by none": anAddress(func(a host.IPAddress) bool { return a.InterfaceID == uuid.Nil }),
		"an address with a zone":     anAddress(func(a host.IPAddress) bool { return a.Address.Zone() != "" }),
		"an IPv4 address":            anAddress(func(a host.IPAddress) bool { return a.Address.Is4() }),
		"one IP under two IDs": anAddress(func(a host.IPAddress) bool {
			return anAddress(func(b host.IPAddress) bool { return a.ID != b.ID && a.Address == b.Address })
		}),
		"a TCP port": aPort(host.TCP), "a UDP port": aPort(host.UDP), "an SCTP port": aPort(host.SCTP),
	}
}

func forms(t binding.Target) map[string]bool {
	at := t.Scope().Kind()
	return map[string]bool{
		"presence at an interface":   t.IsPresence() && at == binding.ScopeInterface,
		"presence at an IP address":  t.IsPresence() && at == binding.ScopeIPAddress,
		"listener on all interfaces": t.IsListener() && at == binding.ScopeAll,
		"listener on one interface":  t.IsListener() && at == binding.ScopeInterface,
		"listener on one IP address": t.IsListener() && at == binding.ScopeIPAddress,
	}
}

func childIDs(inv *host.Inventory) []uuid.UUID {
	pool := hosttest.Pool(inv)
	return slices.Concat(pool.Ports, pool.Interfaces, pool.IPAddresses)
}

// A counter says how often what it saw was there, and how often it looked.
type counter map[string]struct{ seen, of int }

func (c counter) add(found map[string]bool) {
	for what, is := range found {
		n := c[what]
		n.of++
		if is {
			n.seen++
		}
		c[what] = n
	}
}

// requireOften fails unless all that was looked for was there once in a hundred
// times.
func (c counter) requireOften(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, c)
	for what, n := range c {
		require.GreaterOrEqual(t, 100*n.seen, n.of, "%s: only %d of %d", what, n.seen, n.of)
	}
}
