package host_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

// named returns a host on which some names mean two things.
func named(t require.TestingT) *host.Inventory {
	inv, err := host.NewInventory(host.Host{
		Interfaces: []host.Interface{
			{ID: ids[2], Name: "eth0"},
			{ID: ids[3], Name: "eth1"},
			{ID: ids[4], Name: "eth1", MAC: "00:00:5e:00:53:01"},
			{ID: ids[5], Name: "own", Address: netip.MustParseAddr("192.0.2.7")},
			{ID: ids[6], Name: "all"},
			{ID: ids[7], Name: "all interfaces"},
			{ID: ids[8]},
			{ID: ids[9], Name: "10.0.0.9"},
			{ID: ids[10], Name: "tunnel on eth0 (10.0.0.5)"},
		},
		IPAddresses: []host.IPAddress{
			{ID: ids[11], Address: netip.MustParseAddr("10.0.0.5"), InterfaceID: ids[2]},
			{ID: ids[12], Address: netip.MustParseAddr("10.0.0.6"), InterfaceID: ids[3]},
			{ID: ids[13], Address: netip.MustParseAddr("10.0.0.6"), InterfaceID: ids[4]},
			{ID: ids[14], Address: netip.MustParseAddr("10.0.0.9")},
			{ID: ids[15], Address: netip.MustParseAddr("2001:db8::5"), InterfaceID: ids[2]},
			{ID: ids[16], Address: netip.MustParseAddr("fe80::1"), InterfaceID: ids[2]},
			{ID: ids[17], Address: netip.MustParseAddr("fe80::1"), InterfaceID: ids[3]},
		},
		Ports: []host.Port{{ID: ids[18], Number: 443, Protocol: host.TCP}, {ID: ids[19], Number: 53, Protocol: host.UDP}},
	})
	require.NoError(t, err)
	return inv
}

func TestParseReadsWhatPeopleWrite(t *testing.T) {
	inv := named(t)
	tcp := func(s binding.Scope) binding.Target { return binding.Port(ids[18], s) }
	for text, want := range map[string]binding.Target{
		"443/tcp on all interfaces":                      tcp(binding.AllInterfaces()),
		"443/tcp on All Interfaces":                      tcp(binding.AllInterfaces()),
		"443/tcp on *":                                   tcp(binding.AllInterfaces()),
		"443/tcp on all IPv4":                            tcp(binding.AllIPv4()),
		"443/tcp on all ipv6":                            tcp(binding.AllIPv6()),
		" 443/TCP  on   all IPv4 ":                       tcp(binding.AllIPv4()),
		"53/udp on eth0":                                 binding.Port(ids[19], binding.OnInterface(ids[2])),
		"443/tcp on eth0":                                tcp(binding.OnInterface(ids[2])),
		"443/tcp on eth0 (10.0.0.5)":                     tcp(binding.OnInterface(ids[2])),
		"443/tcp on own":                                 tcp(binding.OnInterface(ids[5])),
		"443/tcp on 192.0.2.7":                           tcp(binding.OnInterface(ids[5])),
		"443/tcp on ::ffff:192.0.2.7":                    tcp(binding.OnInterface(ids[5])),
		"443/tcp on 10.0.0.5":                            tcp(binding.OnIPAddress(ids[11])),
		"443/tcp on 10.0.0.5 (eth0)":                     tcp(binding.OnIPAddress(ids[11])),
		"443/tcp on 2001:DB8:0::5":                       tcp(binding.OnIPAddress(ids[15])),
		"443/tcp on [2001:db8::5]":                       tcp(binding.OnIPAddress(ids[15])),
		"443/tcp on fe80::1%eth0":                        tcp(binding.OnIPAddress(ids[16])),
		"443/tcp on FE80::1%eth0":                        tcp(binding.OnIPAddress(ids[16])),
		"443/tcp on fe80::1 (eth0)":                      tcp(binding.OnIPAddress(ids[16])),
		"at eth0":                                        binding.Interface(ids[2]),
		"at 10.0.0.5":                                    binding.IPAddress(ids[11]),
		"presence at own":                                binding.Interface(ids[5]),
		"presence at eth0":                               binding.Interface(ids[2]),
		"at tunnel on eth0 (10.0.0.5)":                   binding.Interface(ids[10]),
		"at unnamed interface":                           binding.Interface(ids[8]),
		"at " + ids[8].String():                          binding.Interface(ids[8]),
		"at eth1 [" + ids[4].String() + "]":              binding.Interface(ids[4]),
		"at anything [" + ids[12].String() + "]":         binding.IPAddress(ids[12]),
		"443/tcp on " + strings.ToUpper(ids[3].String()): tcp(binding.OnInterface(ids[3])),
		"443/tcp on all [" + ids[6].String() + "]":       tcp(binding.OnInterface(ids[6])),
	} {
		got, err := inv.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestParseSaysWhatToWriteInstead(t *testing.T) {
	inv := named(t)
	for text, want := range map[string]string{
		"":                                    `"" is no target; write it like "443/tcp on eth0"`,
		"443/tcp":                             `"443/tcp" is no target; write it like`,
		"443 on eth0":                         `is no target`,
		"0/tcp on eth0":                       `is no target`,
		"443/tcp at eth0":                     `is no target`,
		"eth0":                                `is no target`,
		"80/tcp on eth0":                      `the host has no port 80/tcp; add it to the ports of the host`,
		"443/udp on eth0":                     `the host has no port 443/udp`,
		"443/tcp on eth7":                     `"eth7" is no interface or IP address of the host; it has eth0 (10.0.0.5, 2001:db8::5, fe80::1); eth1 (10.0.0.6, fe80::1); eth1 (10.0.0.6) [` + ids[4].String() + `]; own (192.0.2.7); and 12 more`,
		"443/tcp on":                          `is no target`,
		"443/tcp on 10.0.0.7":                 `"10.0.0.7" is no interface`,
		"443/tcp on ETH0":                     `"ETH0" is no interface`,
		"443/tcp on fe80::1%eth1%":            `is no interface`,
		"at " + ids[18].String():              `is no interface`,
		"at eth7 [" + uuid.Nil.String() + "]": `is no interface`,
		"443/tcp on eth1":                     `"eth1" fits several: eth1 (10.0.0.6, fe80::1); eth1 (10.0.0.6) [` + ids[4].String() + `]; write one of them`,
		"at eth1 (10.0.0.6)":                  `fits several`,
		"443/tcp on 10.0.0.6 (eth1)":          `fits several: 10.0.0.6 (eth1) [` + ids[12].String() + `]; 10.0.0.6 (eth1) [` + ids[13].String() + `]; write one of them`,
		"443/tcp on fe80::1":                  `fits several: fe80::1 (eth0); fe80::1 (eth1); write one`,
		"443/tcp on all":                      `"all" fits several: all interfaces; all [` + ids[6].String() + `]; write one of them`,
		"443/tcp on 10.0.0.9":                 `fits several: 10.0.0.9 [` + ids[9].String() + `]; 10.0.0.9 [` + ids[14].String() + `]`,
		"at all interfaces":                   `is no place; a presence is at one interface or IP address`,
		"at all IPv4":                         `is no place`,
		"at *":                                `is no place`,
	} {
		got, err := inv.Parse(text)
		require.ErrorIs(t, err, binding.ErrInvalid, text)
		require.ErrorContains(t, err, want, text)
		require.Zero(t, got)
	}
}

func TestParseReadsEveryDescription(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := hosttest.Host().Draw(t, "host")
		if n := len(h.Interfaces); n > 1 && rapid.Bool().Draw(t, "a name that ends in another's ID") {
			h.Interfaces[0].Name = "eth0 [" + h.Interfaces[n-1].ID.String() + "]"
			h.Interfaces[1].Name = h.Interfaces[n-1].ID.String()
		}
		inv, err := host.NewInventory(h)
		require.NoError(t, err)
		described := map[string]binding.Target{}
		for target := range targets(inv) {
			text := inv.Describe(target)
			requireShortAndPrintable(t, text)
			other, twice := described[text]
			require.False(t, twice, "%q describes %v and %v", text, target, other)
			described[text] = target

			got, err := inv.Parse(text)
			require.NoError(t, err, "%q", text)
			require.Equal(t, target, got, "%q", text)
		}
	})
}

// targets yields every canonical target of a host.
func targets(inv *host.Inventory) func(yield func(binding.Target) bool) {
	return func(yield func(binding.Target) bool) {
		everywhere := []binding.Scope{binding.AllInterfaces(), binding.AllIPv4(), binding.AllIPv6()}
		places := []binding.Scope{}
		for f := range inv.Interfaces() {
			places = append(places, binding.OnInterface(f.ID))
		}
		for a := range inv.IPAddresses() {
			places = append(places, binding.OnIPAddress(a.ID))
		}
		for _, s := range places {
			presence := binding.Interface(uuid.Nil).WithScope(s)
			if !yield(presence) {
				return
			}
		}
		for p := range inv.Ports() {
			for _, s := range append(everywhere, places...) {
				if !yield(binding.Port(p.ID, s)) {
					return
				}
			}
		}
	}
}

func TestErrorsOfParseAreShortWhateverTheTextAndTheNames(t *testing.T) {
	var h host.Host
	for i, id := range bindingtest.IDs(3, 2000) {
		h.Interfaces = append(h.Interfaces, host.Interface{ID: id, Name: strings.Repeat("n", 1000*(i%2))})
	}
	h.Ports = []host.Port{{ID: ids[18], Number: 443, Protocol: host.TCP}}
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	for _, text := range []string{
		strings.Repeat("n", 1<<20), "at " + strings.Repeat("n", 1<<20), "at " + strings.Repeat("n", 1000), "443/tcp on " + strings.Repeat("\xff", 1<<20),
		strings.Repeat("4", 1<<20) + "/tcp on eth0", "443/" + strings.Repeat("t", 1<<20), strings.Repeat("443/tcp on ", 1<<17), "at [" + strings.Repeat(":", 1<<20) + "]",
	} {
		_, err := inv.Parse(text)
		require.ErrorIs(t, err, binding.ErrInvalid)
		require.Less(t, len(err.Error()), 700)
	}
}

func FuzzParse(f *testing.F) {
	inv := named(f)
	for _, seed := range []string{"443/tcp on eth0", "at 10.0.0.5", "443/tcp on [2001:db8::5]", "presence at eth1 [" + ids[4].String() + "]", "53/udp on all IPv6"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := inv.Parse(text)
		if err != nil {
			require.ErrorIs(t, err, binding.ErrInvalid)
			require.Less(t, len(err.Error()), 700)
			return
		}
		require.True(t, inv.Has(target))
		again, err := inv.Parse(inv.Describe(target))
		require.NoError(t, err)
		require.Equal(t, target, again)
	})
}

func TestPortsAreReadAsTheyPrint(t *testing.T) {
	for _, protocol := range []host.Protocol{host.TCP, host.UDP, host.SCTP} {
		for _, number := range []uint16{1, 443, 65535} {
			want := host.Port{Number: number, Protocol: protocol}
			for _, text := range []string{want.String(), strings.ToUpper(want.String())} {
				got, err := host.ParsePort(text)
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}
	}
	for _, text := range []string{"", "/", "443", "/tcp", "443/", "443/icmp", "0/tcp", "65536/tcp", "-1/tcp", "+1/tcp", "0443/tcp", "443/tcp ", " 443/tcp", "443/tcp/udp", "4_4/tcp", "Ⅳ/tcp"} {
		_, err := host.ParsePort(text)
		bindingtest.RequireFieldError(t, err, "", true)
	}
}

func TestChildrenAreFoundByNumberNameAndIP(t *testing.T) {
	inv := named(t)
	idsOf := func(children any) (found []uuid.UUID) {
		switch children := children.(type) {
		case []host.Interface:
			for _, f := range children {
				found = append(found, f.ID)
			}
		case []host.IPAddress:
			for _, a := range children {
				found = append(found, a.ID)
			}
		}
		return found
	}
	p, ok := inv.PortOf(53, host.UDP)
	require.True(t, ok)
	require.Equal(t, ids[19], p.ID)
	_, ok = inv.PortOf(53, host.TCP)
	require.False(t, ok)

	require.Equal(t, []uuid.UUID{ids[3], ids[4]}, idsOf(inv.InterfacesNamed("eth1")))
	require.Equal(t, []uuid.UUID{ids[8]}, idsOf(inv.InterfacesNamed("")))
	require.Empty(t, inv.InterfacesNamed("ETH1"))

	for ip, want := range map[string][]uuid.UUID{
		"10.0.0.5":        {ids[11]},
		"::ffff:10.0.0.5": {ids[11]},
		"10.0.0.6":        {ids[12], ids[13]},
		"fe80::1":         {ids[16], ids[17]},
		"fe80::1%eth1":    {ids[17]},
		"fe80::1%eth7":    nil,
		"192.0.2.7":       nil, // an interface's own
		"10.0.0.7":        nil,
	} {
		require.Equal(t, want, idsOf(inv.AddressesAt(netip.MustParseAddr(ip))), ip)
	}

	h := inv.Host()
	for f := range inv.Interfaces() {
		require.Equal(t, h.Interfaces[0], f)
		h.Interfaces = h.Interfaces[1:]
	}
	for a := range inv.IPAddresses() {
		require.Equal(t, h.IPAddresses[0], a)
		h.IPAddresses = h.IPAddresses[1:]
	}
	for p := range inv.Ports() {
		require.Equal(t, h.Ports[0], p)
		h.Ports = h.Ports[1:]
	}
	require.Empty(t, fmt.Sprint(h.Interfaces, h.IPAddresses, h.Ports)[len("[] [] []"):])
}
