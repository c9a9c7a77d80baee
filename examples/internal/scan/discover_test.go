package scan_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

var network = uuid.MustParse("11111111-1111-4111-8111-111111111111")

// machine has a loopback interface and two others that share a link-local
// address.
func machine(sockets ...scan.Socket) scan.Machine {
	return scan.Machine{
		ID: "a machine", Name: "web-1",
		Interfaces: []scan.Interface{
			{Name: "lo", Up: true, Loopback: true, Addresses: prefixes("127.0.0.1/8", "::1/128")},
			{Name: "eth0", Up: true, Addresses: prefixes("10.0.0.5/24", "10.0.0.5/32", "fe80::1/64")},
			{Name: "eth1", Up: true, Addresses: prefixes("10.1.0.5/24", "fe80::1/64")},
		},
		Sockets: sockets,
	}
}

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func tcp(local string, pids ...int) scan.Socket {
	return scan.Socket{Protocol: host.TCP, Local: netip.MustParseAddrPort(local), PIDs: pids}
}

func tied(s scan.Socket, name string) scan.Socket {
	s.Interface = name
	return s
}

// described says what a scan found, one line for every binding.
func described(t *testing.T, s scan.Scan) []string {
	t.Helper()
	inv, err := host.NewInventory(s.Host)
	require.NoError(t, err)
	var lines []string
	for _, found := range s.Services {
		for _, b := range found.Bindings {
			require.True(t, inv.Has(b.Target), "%s names what the host does not have", b.Target)
			lines = append(lines, found.Name+": "+inv.Describe(b.Target))
		}
	}
	return lines
}

func TestASocketListensWhereItIsBound(t *testing.T) {
	for _, test := range []struct {
		name   string
		socket scan.Socket
		want   []string
	}{
		{"the IPv4 wildcard is everywhere", tcp("0.0.0.0:80"), []string{"80/tcp on all interfaces"}},
		{"the IPv6 wildcard is everywhere", tcp("[::]:80"), []string{"80/tcp on all interfaces"}},
		{"a wildcard tied to an interface is there", tied(tcp("0.0.0.0:80"), "eth0"), []string{"80/tcp on eth0 (10.0.0.5, fe80::1)"}},
		{"a wildcard tied to an interface that is gone is everywhere", tied(tcp("0.0.0.0:80"), "gone0"), []string{"80/tcp on all interfaces"}},
		{"an address is that address", tcp("10.0.0.5:80"), []string{"80/tcp on 10.0.0.5 (eth0)"}},
		{"IPv6 too", tcp("[::1]:80"), []string{"80/tcp on ::1 (lo)"}},
		{"the loopback interface has all of its network", tcp("127.0.0.53:80"), []string{"80/tcp on 127.0.0.53 (lo)"}},
		{"a link-local address is that of the interface it is tied to", tied(tcp("[fe80::1]:80"), "eth1"), []string{"80/tcp on fe80::1 (eth1)"}},
		{"an address that two interfaces have is on both", tcp("[fe80::1]:80"), []string{"80/tcp on fe80::1 (eth0)", "80/tcp on fe80::1 (eth1)"}},
		{"an address stays one where the socket is tied elsewhere", tied(tcp("10.0.0.5:80"), "eth1"), []string{"80/tcp on 10.0.0.5 (eth0)"}},
		{"an address of nobody is one all the same", tcp("192.0.2.9:80"), []string{"80/tcp on 192.0.2.9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i := range test.want {
				test.want[i] = "unknown 80/tcp: " + test.want[i]
			}
			require.Equal(t, test.want, described(t, machine(test.socket).Discover(network)))
		})
	}
}

func TestAnAddressIsListedOnce(t *testing.T) {
	s := machine(tcp("127.0.0.53:80"), tcp("127.0.0.53:81"), tcp("239.1.1.1:82"), tcp("239.1.1.1:83")).Discover(network)
	var addresses []string
	for _, a := range s.Host.IPAddresses {
		addresses = append(addresses, a.Address.String())
	}
	require.Equal(t, []string{
		"127.0.0.1", "::1", "10.0.0.5", "fe80::1", "10.1.0.5", "fe80::1", "127.0.0.53", "239.1.1.1",
	}, addresses)
	require.Equal(t, []string{"a socket is bound to 239.1.1.1, a multicast group"}, s.Notes)
}

func TestAServiceIsAProcessWithItsKin(t *testing.T) {
	for _, test := range []struct {
		name      string
		processes []scan.Process
		sockets   []scan.Socket
		want      []string
		pids      map[string][]int
	}{
		{
			"a master and its workers are one service",
			[]scan.Process{{PID: 10, Parent: 1, Name: "nginx"}, {PID: 11, Parent: 10, Name: "nginx"}, {PID: 12, Parent: 10, Name: "nginx"}},
			[]scan.Socket{tcp("10.0.0.5:443", 11, 12), tcp("10.0.0.5:80", 10, 11, 12), tcp("127.0.0.1:81", 12)},
			[]string{"nginx: 80/tcp on 10.0.0.5 (eth0)", "nginx: 81/tcp on 127.0.0.1 (lo)", "nginx: 443/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"nginx": {10, 11, 12}},
		},
		{
			"processes of one name that are not related are numbered by port",
			[]scan.Process{{PID: 10, Parent: 1, Name: "python3"}, {PID: 11, Parent: 1, Name: "python3"}},
			[]scan.Socket{tcp("10.0.0.5:9000", 10), tcp("10.0.0.5:8000", 11)},
			[]string{"python3: 8000/tcp on 10.0.0.5 (eth0)", "python3 #2: 9000/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"python3": {11}, "python3 #2": {10}},
		},
		{
			"what the service manager opened counts for the service",
			[]scan.Process{{PID: 1, Name: "systemd"}, {PID: 20, Parent: 1, Name: "sshd"}},
			[]scan.Socket{tcp("10.0.0.5:22", 1, 20), tcp("10.0.0.5:23", 1)},
			[]string{"sshd: 22/tcp on 10.0.0.5 (eth0)", "systemd: 23/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"sshd": {20}, "systemd": {1}},
		},
		{
			"a child that inherited the socket does not take it over",
			[]scan.Process{{PID: 20, Parent: 1, Name: "server"}, {PID: 21, Parent: 20, Name: "sleep"}},
			[]scan.Socket{tcp("10.0.0.5:22", 20, 21)},
			[]string{"server: 22/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"server": {20}},
		},
		{
			"unknown processes are a service for every port, and come last",
			[]scan.Process{{PID: 20, Name: "zebra"}},
			[]scan.Socket{tcp("10.0.0.5:22"), tcp("[::1]:22"), tcp("10.0.0.5:23", 99), tcp("10.0.0.5:24", 20)},
			[]string{
				"zebra: 24/tcp on 10.0.0.5 (eth0)", "unknown 22/tcp: 22/tcp on 10.0.0.5 (eth0)",
				"unknown 22/tcp: 22/tcp on ::1 (lo)", "unknown 23/tcp: 23/tcp on 10.0.0.5 (eth0)",
			},
			map[string][]int{"zebra": {20}},
		},
		{
			"parents that form a ring end somewhere",
			[]scan.Process{{PID: 30, Parent: 31, Name: "odd"}, {PID: 31, Parent: 30, Name: "odd"}},
			[]scan.Socket{tcp("10.0.0.5:22", 30)},
			[]string{"odd: 22/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"odd": {30}},
		},
		{
			"a process without a name has one",
			[]scan.Process{{PID: 30}},
			[]scan.Socket{tcp("10.0.0.5:22", 30)},
			[]string{"unnamed: 22/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"unnamed": {30}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := machine(test.sockets...)
			m.Processes = map[int]scan.Process{}
			for _, p := range test.processes {
				m.Processes[p.PID] = p
			}
			s := m.Discover(network)
			require.Equal(t, test.want, described(t, s))
			pids := map[string][]int{}
			for _, found := range s.Services {
				if s.PIDs[found.ID] != nil {
					pids[found.Name] = s.PIDs[found.ID]
				}
			}
			require.Equal(t, test.pids, pids)
		})
	}
}

func TestNamesAreFitToBeStoredAndPrinted(t *testing.T) {
	m := machine(tcp("10.0.0.5:22", 30), tcp("10.0.0.5:23", 31))
	hostile := "\x1b[31m\x00\xff" + strings.Repeat("é", 200)
	m.Processes = map[int]scan.Process{30: {PID: 30, Name: hostile}, 31: {PID: 31, Name: hostile}}
	s := m.Discover(network)
	require.Len(t, s.Services, 2)
	for _, found := range s.Services {
		require.True(t, strings.HasPrefix(found.Name, "\uFFFD[31m\uFFFD\uFFFDéé"), "%q", found.Name)
		require.LessOrEqual(t, len([]rune(found.Name)), service.MaxNameLength)
	}
	require.NotEqual(t, s.Services[0].Name, s.Services[1].Name)
}

func TestRoutersBridgesAndTunnelsArePresent(t *testing.T) {
	interfaces := []scan.Interface{
		{Name: "lo", Up: true, Loopback: true, Forwards: true, Addresses: prefixes("127.0.0.1/8")},
		{Name: "eth0", Up: true, Forwards: true, Addresses: prefixes("10.0.0.5/24")},
		{Name: "eth1", Up: true, Forwards: true, Addresses: prefixes("10.1.0.5/24")},
		{Name: "eth2", Up: true, Forwards: true},
		{Name: "eth3", Forwards: true, Addresses: prefixes("10.3.0.5/24")},
		{Name: "br0", Up: true, Kind: scan.Bridge},
		{Name: "br1", Kind: scan.Bridge},
		{Name: "wg0", Up: true, Kind: scan.Tunnel, Addresses: prefixes("10.9.0.1/24")},
	}
	s := scan.Machine{Interfaces: interfaces}.Discover(network)
	require.Equal(t, []string{
		"router: presence at eth0 (10.0.0.5)", "router: presence at eth1 (10.1.0.5)",
		"bridge br0: presence at br0", "tunnel wg0: presence at wg0 (10.9.0.1)",
	}, described(t, s))

	s = scan.Machine{Interfaces: interfaces[:2]}.Discover(network)
	require.Empty(t, s.Services, "one interface with forwarding switched on is no router")
}

func TestALaterScanFindsTheSameIDs(t *testing.T) {
	sockets := []scan.Socket{tcp("0.0.0.0:80", 7), tcp("0.0.0.0:80", 7), tcp("[::]:80", 7), tcp("10.0.0.5:443"), tied(tcp("0.0.0.0:68"), "eth0")}
	first := machine(slices.Clone(sockets)...)
	first.Processes = map[int]scan.Process{7: {PID: 7, Name: "web"}}
	slices.Reverse(sockets)
	later := machine(sockets...)
	later.Processes = map[int]scan.Process{8: {PID: 8, Name: "web"}}
	for i := range later.Sockets {
		if later.Sockets[i].PIDs != nil {
			later.Sockets[i].PIDs = []int{8} // restarted
		}
	}
	a, b := first.Discover(network), later.Discover(network)
	require.Equal(t, a.Discovery, b.Discovery)
	require.Equal(t, a.Seen, b.Seen)
	require.Len(t, a.Seen, len(sockets), "every socket has a binding, and every binding an ID of its own")

	other := first
	other.ID = "another machine"
	require.NotEqual(t, a.Host.ID, other.Discover(network).Host.ID)
}

func TestSocketsPrintAsToolsShowThem(t *testing.T) {
	for want, s := range map[string]scan.Socket{
		"127.0.0.1:53/tcp":       tcp("127.0.0.1:53"),
		"[::]:22/tcp":            tcp("[::]:22"),
		"0.0.0.0%eth0:68/tcp":    tied(tcp("0.0.0.0:68"), "eth0"),
		"[fe80::1%eth0]:546/tcp": tied(tcp("[fe80::1]:546"), "eth0"),
	} {
		require.Equal(t, want, s.String())
	}
}
