package host_test

import (
	"net/netip"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

func TestTargetsAreDescribedByNames(t *testing.T) {
	h := whole()
	h.IPAddresses = append(h.IPAddresses, host.IPAddress{ID: ids[8], Address: netip.MustParseAddr("10.0.0.9"), Name: "backup", InterfaceID: ids[4]})
	h.Interfaces = append(h.Interfaces, host.Interface{ID: ids[13]}, host.Interface{ID: ids[14], Address: netip.MustParseAddr("::1")}, host.Interface{ID: ids[15], Name: "dummy0"})
	h.IPAddresses[2].Name = ""
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	listener := func(s binding.Scope) binding.Target { return binding.Port(ids[10], s) }
	unknown := ids[19]

	for want, target := range map[string]binding.Target{
		"443/tcp on all interfaces":                               listener(binding.AllInterfaces()),
		"443/udp on all interfaces":                               binding.Port(ids[11], binding.AllInterfaces()),
		"65535/sctp on all interfaces":                            binding.Port(ids[12], binding.AllInterfaces()),
		"443/tcp on eth0 (10.0.0.5, fe80::1)":                     listener(binding.OnInterface(ids[2])),
		"443/tcp on eth1 (192.0.2.7)":                             listener(binding.OnInterface(ids[3])),
		"443/tcp on dummy0":                                       listener(binding.OnInterface(ids[15])),
		"443/tcp on unnamed interface (10.0.0.9)":                 listener(binding.OnInterface(ids[4])),
		"443/tcp on unnamed interface":                            listener(binding.OnInterface(ids[13])),
		"443/tcp on ::1":                                          listener(binding.OnInterface(ids[14])),
		"443/tcp on 10.0.0.5 (eth0)":                              listener(binding.OnIPAddress(ids[5])),
		"443/tcp on fe80::1 (eth0)":                               listener(binding.OnIPAddress(ids[6])),
		"443/tcp on 10.0.0.5 [" + ids[7].String() + "]":           listener(binding.OnIPAddress(ids[7])), // not that of eth0
		"443/tcp on all IPv4":                                     listener(binding.AllIPv4()),
		"443/tcp on all IPv6":                                     listener(binding.AllIPv6()),
		"443/tcp on 10.0.0.9 (backup)":                            listener(binding.OnIPAddress(ids[8])),
		"443/tcp on nowhere":                                      listener(binding.Scope{}),
		"presence at eth1 (192.0.2.7)":                            binding.Interface(ids[3]),
		"presence at 10.0.0.5 (eth0)":                             binding.IPAddress(ids[5]),
		"an empty target":                                         {},
		"presence at unknown interface " + unknown.String():       binding.Interface(unknown),
		"presence at unknown IP address " + unknown.String():      binding.IPAddress(unknown),
		"presence at unknown interface " + ids[10].String():       binding.Interface(ids[10]),
		"presence at unknown IP address " + ids[2].String():       binding.IPAddress(ids[2]),
		"presence at unknown interface " + uuid.Nil.String():      binding.Interface(uuid.Nil),
		"unknown port " + unknown.String() + " on dummy0":         binding.Port(unknown, binding.OnInterface(ids[15])),
		"unknown port " + ids[15].String() + " on all interfaces": binding.Port(ids[15], binding.AllInterfaces()),
	} {
		require.Equal(t, want, inv.Describe(target))
	}
}

func TestWhatMeansTheSameIsDescribedTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		target := reference(inv).Draw(t, "target")
		require.Equal(t, inv.Describe(inv.Canonical(target)), inv.Describe(target))
		require.Equal(t, inv.DescribeScope(inv.Canonical(target).Scope()), inv.DescribeScope(target.Scope()))
	})
}

func TestInterfacesWithManyAddressesShowThree(t *testing.T) {
	inv, err := host.NewInventory(hosttest.Sized(1, 1000, 1))
	require.NoError(t, err)
	only := inv.Host().Interfaces[0].ID
	require.Equal(t, "presence at eth0 (2001:db8::1, 2001:db9::1, 10.0.0.1, and 997 more)", inv.Describe(binding.Interface(only)))

	inv, err = host.NewInventory(hosttest.Sized(1, 3, 1))
	require.NoError(t, err)
	require.Equal(t, "presence at eth0 (2001:db8::1, 2001:db9::1, 10.0.0.1)", inv.Describe(binding.Interface(only)))
}

func TestDescriptionsAreShortAndPrintableWhateverTheNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		for range 10 {
			requireShortAndPrintable(t, inv.Describe(reference(inv).Draw(t, "target")))
		}
	})

	h := host.Host{Interfaces: []host.Interface{{ID: ids[1], Name: strings.Repeat("\u202e\n", 1<<19)}}}
	for _, id := range ids[2:] {
		h.IPAddresses = append(h.IPAddresses, host.IPAddress{
			ID: id, Address: netip.MustParseAddr("fe80::1").WithZone(strings.Repeat("\x1b[2J", 1<<18)), InterfaceID: ids[1],
		})
	}
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	requireShortAndPrintable(t, inv.Describe(binding.Interface(ids[1])))
	requireShortAndPrintable(t, inv.Describe(binding.IPAddress(ids[2])))
}

func requireShortAndPrintable(t require.TestingT, text string) {
	require.LessOrEqual(t, utf8.RuneCountInString(text), 300)
	for _, r := range text {
		require.True(t, unicode.IsPrint(r) || r == utf8.RuneError, "%q in %q", r, text)
	}
}
