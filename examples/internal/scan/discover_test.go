package scan_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
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

func v6only(s scan.Socket) scan.Socket {
	s.V6Only = true
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
		{"the IPv4 wildcard is all IPv4", tcp("0.0.0.0:80"), []string{"80/tcp on all IPv4"}},
		{"the IPv6 wildcard is everywhere", tcp("[::]:80"), []string{"80/tcp on all interfaces"}},
		{"the IPv6 wildcard is all IPv6 where it takes no IPv4", v6only(tcp("[::]:80")), []string{"80/tcp on all IPv6"}},
		{"a wildcard tied to an interface is there", tied(tcp("0.0.0.0:80"), "eth0"), []string{"80/tcp on eth0 (10.0.0.5, fe80::1)"}},
		{"so is one for IPv6 alone", tied(v6only(tcp("[::]:80")), "eth1"), []string{"80/tcp on eth1 (10.1.0.5, fe80::1)"}},
		{"a wildcard tied to an interface that is gone is everywhere", tied(tcp("0.0.0.0:80"), "gone0"), []string{"80/tcp on all IPv4"}},
		{"an address is that address", tcp("10.0.0.5:80"), []string{"80/tcp on 10.0.0.5 (eth0)"}},
		{"IPv6 too", tcp("[::1]:80"), []string{"80/tcp on ::1 (lo)"}},
		{"the loopback interface has all of its network", tcp("127.0.0.53:80"), []string{"80/tcp on 127.0.0.53 (lo)"}},
		{"a link-local address is that of the interface it is tied to", tied(tcp("[fe80::1]:80"), "eth1"), []string{"80/tcp on fe80::1 (eth1)"}},
		{"an address that two interfaces have is on both", tcp("[fe80::1]:80"), []string{"80/tcp on fe80::1 (eth0)", "80/tcp on fe80::1 (eth1)"}},
		{"an address stays one where the socket is tied elsewhere", tied(tcp("10.0.0.5:80"), "eth1"), []string{"80/tcp on 10.0.0.5 (eth0)"}},
		{"a broadcast address is that of its interface", tcp("10.0.0.255:80"), []string{"80/tcp on 10.0.0.255 (eth0)"}},
		{"an address of nobody is one all the same", tcp("192.0.2.9:80"), []string{"80/tcp on 192.0.2.9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i := range test.want {
				test.want[i] = "Unclaimed Open Ports: " + test.want[i]
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
			map[string][]int{"nginx 80": {10, 11, 12}},
		},
		{
			"a master and its workers are one service whatever their PIDs are",
			[]scan.Process{{PID: 30, Parent: 1, Name: "nginx"}, {PID: 11, Parent: 30, Name: "nginx"}},
			[]scan.Socket{tcp("10.0.0.5:443", 11), tcp("10.0.0.5:80", 30, 11)},
			[]string{"nginx: 80/tcp on 10.0.0.5 (eth0)", "nginx: 443/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"nginx 80": {11, 30}},
		},
		{
			"workers are one service where their master is gone",
			[]scan.Process{{PID: 11, Parent: 1, Name: "nginx"}, {PID: 12, Parent: 1, Name: "nginx"}},
			[]scan.Socket{tcp("10.0.0.5:443", 11), tcp("10.0.0.5:444", 12), tcp("10.0.0.5:80", 11, 12)},
			[]string{"nginx: 80/tcp on 10.0.0.5 (eth0)", "nginx: 443/tcp on 10.0.0.5 (eth0)", "nginx: 444/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"nginx 80": {11, 12}},
		},
		{
			"processes of one name that are not related are services of one name",
			[]scan.Process{{PID: 10, Parent: 1, Name: "python3"}, {PID: 11, Parent: 1, Name: "python3"}},
			[]scan.Socket{tcp("10.0.0.5:9000", 10), tcp("10.0.0.5:8000", 11)},
			[]string{"python3: 8000/tcp on 10.0.0.5 (eth0)", "python3: 9000/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"python3 8000": {11}, "python3 9000": {10}},
		},
		{
			"processes of one name that share an address and port are one service",
			[]scan.Process{{PID: 10, Parent: 1, Name: "app"}, {PID: 11, Parent: 1, Name: "app"}, {PID: 12, Parent: 1, Name: "app"}},
			[]scan.Socket{tcp("10.0.0.5:80", 10), tcp("10.0.0.5:80", 11), tcp("10.0.0.5:81", 11), tcp("10.1.0.5:80", 12)},
			[]string{
				"app: 80/tcp on 10.0.0.5 (eth0)", "app: 80/tcp on 10.0.0.5 (eth0)", "app: 81/tcp on 10.0.0.5 (eth0)", "app: 80/tcp on 10.1.0.5 (eth1)",
			},
			map[string][]int{"app 80": {10, 11}, "app 80 too": {12}},
		},
		{
			"the proxies of one published port are one service",
			[]scan.Process{
				{PID: 5, Parent: 1, Name: "dockerd"},
				{PID: 10, Parent: 5, Name: "docker-proxy"},
				{PID: 11, Parent: 5, Name: "docker-proxy"},
				{PID: 12, Parent: 5, Name: "docker-proxy"},
				{PID: 13, Parent: 5, Name: "docker-proxy"},
			},
			[]scan.Socket{tcp("0.0.0.0:81", 12), tcp("0.0.0.0:80", 10), v6only(tcp("[::]:80", 13)), v6only(tcp("[::]:81", 11))},
			[]string{
				"docker-proxy: 80/tcp on all IPv4", "docker-proxy: 80/tcp on all IPv6", "docker-proxy: 81/tcp on all IPv4", "docker-proxy: 81/tcp on all IPv6",
			},
			map[string][]int{"docker-proxy 80": {10, 13}, "docker-proxy 81": {11, 12}},
		},
		{
			"what the service manager opened counts for the service",
			[]scan.Process{{PID: 1, Name: "systemd"}, {PID: 20, Parent: 1, Name: "sshd"}},
			[]scan.Socket{tcp("10.0.0.5:22", 1, 20)},
			[]string{"sshd: 22/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"sshd 22": {20}},
		},
		{
			"what the service manager holds alone is unclaimed, that of a user too",
			[]scan.Process{{PID: 1, Name: "init"}, {PID: 20, Parent: 1, Name: "systemd"}},
			[]scan.Socket{tcp("10.0.0.5:22", 1), tcp("10.0.0.5:23", 20)},
			[]string{"Unclaimed Open Ports: 22/tcp on 10.0.0.5 (eth0)", "Unclaimed Open Ports: 23/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{},
		},
		{
			"the first process of a container is a program like any other",
			[]scan.Process{{PID: 1, Name: "nginx"}, {PID: 20, Parent: 1, Name: "nginx"}},
			[]scan.Socket{tcp("10.0.0.5:80", 1, 20)},
			[]string{"nginx: 80/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"nginx 80": {1, 20}},
		},
		{
			"a child that inherited the socket does not take it over, whatever its PID is",
			[]scan.Process{{PID: 20, Parent: 1, Name: "server"}, {PID: 21, Parent: 20, Name: "sleep"}, {PID: 19, Parent: 21, Name: "a"}},
			[]scan.Socket{tcp("10.0.0.5:22", 19, 20, 21)},
			[]string{"server: 22/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"server 22": {20}},
		},
		{
			"of holders that are not related the first by name counts",
			[]scan.Process{{PID: 20, Parent: 1, Name: "b"}, {PID: 21, Parent: 1, Name: "a"}},
			[]scan.Socket{tcp("10.0.0.5:22", 20, 21)},
			[]string{"a: 22/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"a 22": {21}},
		},
		{
			"what processes hold that cannot be seen is one service, and comes last",
			[]scan.Process{{PID: 20, Name: "zebra"}},
			[]scan.Socket{tcp("10.0.0.5:23", 99), tcp("10.0.0.5:22"), tcp("[::1]:22"), tcp("10.0.0.5:24", 20)},
			[]string{
				"zebra: 24/tcp on 10.0.0.5 (eth0)", "Unclaimed Open Ports: 22/tcp on 10.0.0.5 (eth0)",
				"Unclaimed Open Ports: 22/tcp on ::1 (lo)", "Unclaimed Open Ports: 23/tcp on 10.0.0.5 (eth0)",
			},
			map[string][]int{"zebra 24": {20}},
		},
		{
			"parents that form a ring end somewhere",
			[]scan.Process{{PID: 30, Parent: 31, Name: "odd"}, {PID: 31, Parent: 30, Name: "odd"}},
			[]scan.Socket{tcp("10.0.0.5:22", 30)},
			[]string{"odd: 22/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"odd 22": {30}},
		},
		{
			"holders whose parents form a ring hold the socket all the same",
			[]scan.Process{{PID: 30, Parent: 31, Name: "odd"}, {PID: 31, Parent: 30, Name: "even"}},
			[]scan.Socket{tcp("10.0.0.5:22", 30, 31)},
			[]string{"even: 22/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"even 22": {31}},
		},
		{
			"a process without a name has one",
			[]scan.Process{{PID: 30}},
			[]scan.Socket{tcp("10.0.0.5:22", 30)},
			[]string{"unnamed: 22/tcp on 10.0.0.5 (eth0)"},
			map[string][]int{"unnamed 22": {30}},
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
					name := fmt.Sprint(found.Name, " ", portOf(s.Host, found.Bindings[0]))
					if pids[name] != nil {
						name += " too"
					}
					pids[name] = s.PIDs[found.ID]
				}
			}
			require.Equal(t, test.pids, pids)

			slices.Reverse(m.Sockets)
			for i := range m.Sockets {
				m.Sockets[i].PIDs = slices.Clone(m.Sockets[i].PIDs)
				slices.Reverse(m.Sockets[i].PIDs)
			}
			require.Equal(t, test.want, described(t, m.Discover(network)), "in any order")
		})
	}
}

// portOf returns the number of the port of a listener.
func portOf(h host.Host, b binding.Binding) uint16 {
	id, _ := b.Target.PortID()
	return h.Ports[slices.IndexFunc(h.Ports, func(p host.Port) bool { return p.ID == id })].Number
}

func TestNamesAreFitToBeStoredAndPrinted(t *testing.T) {
	hostile := "\x1b[31m\x00\xff" + strings.Repeat("é", 200)
	m := machine(tcp("10.0.0.5:22", 30), tcp("10.0.0.5:23", 31), tied(tcp("0.0.0.0:24", 31), hostile), tcp("[fe80::2]:24", 31))
	m.Name = hostile
	m.Interfaces = append(m.Interfaces, scan.Interface{Name: hostile, Up: true, Kind: scan.Tunnel, Addresses: prefixes("fe80::2/64")})
	m.Processes = map[int]scan.Process{30: {PID: 30, Name: hostile}, 31: {PID: 31, Name: hostile}}
	s := m.Discover(network)
	_, err := host.NewInventory(s.Host)
	require.NoError(t, err)
	texts := []string{s.Host.Name, s.Host.Interfaces[3].Name}
	for _, found := range s.Services {
		texts = append(texts, found.Name, found.Definition)
	}
	for _, seen := range s.Seen {
		require.NotContains(t, seen, "\x1b")
	}
	require.Len(t, s.Services, 3)
	require.NotEqual(t, s.Services[0].ID, s.Services[1].ID)
	for _, text := range texts {
		require.True(t, utf8.ValidString(text))
		require.NotContains(t, text, "\x00")
		require.NotContains(t, text, "\x1b")
		require.LessOrEqual(t, len([]rune(text)), service.MaxNameLength)
	}
	require.True(t, strings.HasPrefix(s.Services[0].Name, "\uFFFD[31m\uFFFD\uFFFDéé"), "%q", s.Services[0].Name)
	body, err := json.Marshal(s.Discovery)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &service.Discovery{}))
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

func TestALaterScanFindsTheSameHostUnderNewIDs(t *testing.T) {
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
	require.Equal(t, described(t, a), described(t, b))
	require.Equal(t, a.Host.ID, b.Host.ID)
	require.Len(t, a.Seen, len(sockets), "every socket has a binding, and every binding an ID of its own")
	for id := range a.Seen {
		require.NotContains(t, b.Seen, id)
	}
	require.NotEqual(t, a.Services[0].ID, b.Services[0].ID)
	require.NotEqual(t, a.Host.Ports[0].ID, b.Host.Ports[0].ID)

	other := first
	other.ID = "another machine"
	require.NotEqual(t, a.Host.ID, other.Discover(network).Host.ID)
	other.HostID = uuid.Max
	require.Equal(t, uuid.Max, other.Discover(network).Host.ID)
	require.Equal(t, uuid.Nil, scan.Machine{}.Discover(network).Host.ID)
}

func TestSocketsPrintAsToolsShowThem(t *testing.T) {
	for want, s := range map[string]scan.Socket{
		"127.0.0.1:53/tcp":       tcp("127.0.0.1:53"),
		"*:22/tcp":               tcp("[::]:22"),
		"*%eth0:22/tcp":          tied(tcp("[::]:22"), "eth0"),
		"[::]:22/tcp":            v6only(tcp("[::]:22")),
		"0.0.0.0%eth0:68/tcp":    tied(tcp("0.0.0.0:68"), "eth0"),
		"[fe80::1%eth0]:546/tcp": tied(tcp("[fe80::1]:546"), "eth0"),
	} {
		require.Equal(t, want, s.String())
	}
}
