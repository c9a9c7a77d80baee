package scan_test

import (
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/bindset/bindset/examples/internal/netlab"
	"github.com/bindset/bindset/examples/internal/scan"
)

func TestMain(m *testing.M) { os.Exit(netlab.Main(m)) }

func on(network, local string) netlab.Socket { return netlab.Socket{Network: network, Local: local} }

// wild returns sockets on a port of every address, one for each address family.
func wild(kind, port string, more func(*netlab.Socket)) []netlab.Socket {
	both := []netlab.Socket{on(kind+"4", "0.0.0.0:"+port), {Network: kind + "6", Local: "[::]:" + port, V6Only: true}}
	for i := range both {
		if more != nil {
			more(&both[i])
		}
	}
	return both
}

// scanned returns what a scan of this machine finds.
func scanned(t *testing.T) scan.Scan {
	t.Helper()
	m, err := scan.Read(t.Context())
	require.NoError(t, err)
	return m.Discover(network)
}

func TestMachinesAsTheyAre(t *testing.T) {
	share := func(s *netlab.Socket) { s.ReuseAddr = true }
	for _, test := range []struct {
		name  string
		set   func(t *testing.T)
		want  []string
		notes []string
	}{
		{
			name: "two proxies publish one port",
			set: func(t *testing.T) {
				for _, s := range wild("tcp", "8080", nil) {
					netlab.Start(t, "docker-proxy", s)
				}
			},
			want: []string{"docker-proxy: 8080/tcp on all IPv4", "docker-proxy: 8080/tcp on all IPv6"},
		},
		{
			name: "two programs share a port, each with one address family",
			set: func(t *testing.T) {
				netlab.Start(t, "apache2", wild("tcp", "80", nil)[1])
				netlab.Start(t, "nginx", wild("tcp", "80", nil)[0])
			},
			want: []string{"apache2: 80/tcp on all IPv6", "nginx: 80/tcp on all IPv4"},
		},
		{
			name: "one socket takes both address families",
			set:  func(t *testing.T) { netlab.Start(t, "sshd", on("tcp6", "[::]:22")) },
			want: []string{"sshd: 22/tcp on all interfaces"},
		},
		{
			name: "two processes of one program share a port",
			set: func(t *testing.T) {
				for range 2 {
					netlab.Start(t, "app", netlab.Socket{Network: "tcp4", Local: "0.0.0.0:9000", ReusePort: true})
				}
			},
			want: []string{"app: 9000/tcp on all IPv4", "app: 9000/tcp on all IPv4"},
		},
		{
			name: "everybody receives mDNS",
			set: func(t *testing.T) {
				netlab.Start(t, "avahi-daemon", wild("udp", "5353", share)...)
				netlab.Start(t, "resolved", wild("udp", "5353", share)...)
				netlab.Start(t, "browser", netlab.Socket{Network: "udp4", Local: "224.0.0.251:5353", ReuseAddr: true})
			},
			want: []string{
				"avahi-daemon: 5353/udp on all IPv4", "avahi-daemon: 5353/udp on all IPv6", "browser: 5353/udp on 224.0.0.251",
				"resolved: 5353/udp on all IPv4", "resolved: 5353/udp on all IPv6",
			},
			notes: []string{"a socket is bound to 224.0.0.251, a multicast group"},
		},
		{
			name: "listeners ask for MPTCP",
			set: func(t *testing.T) {
				if _, err := os.Stat("/proc/sys/net/mptcp"); err != nil {
					t.Skip("this kernel has no MPTCP")
				}
				netlab.Start(t, "four", on("mptcp4", "0.0.0.0:9001"))
				netlab.Start(t, "six", on("mptcp6", "[::]:9002"))
			},
			want: []string{"four: 9001/tcp on all IPv4", "six: 9002/tcp on all interfaces"},
		},
		{
			name: "an interface has a name that is no UTF-8",
			set: func(t *testing.T) {
				netlab.Veth(t, "lan\xff\x01", "peer")
				netlab.Address(t, "lan\xff\x01", "192.0.2.9/24")
				netlab.Address(t, "lan\xff\x01", "fe80::9/64")
				netlab.Start(t, "sshd", on("tcp4", "192.0.2.9:22"))
			},
			want: []string{"sshd: 22/tcp on 192.0.2.9 (lan\uFFFD\uFFFD)"},
		},
		{
			name: "an address is on two interfaces",
			set: func(t *testing.T) {
				netlab.Veth(t, "a0", "a1")
				netlab.Veth(t, "b0", "b1")
				for _, name := range []string{"a0", "b0"} {
					netlab.Address(t, name, "10.0.0.1/24")
					netlab.Address(t, name, "fe80::1/64")
					netlab.Start(t, "dns-"+name, netlab.Socket{Network: "udp4", Local: "10.0.0.1:53", Interface: name})
					netlab.Start(t, "ra-"+name, on("udp6", "[fe80::1%"+name+"]:547"))
				}
				netlab.Start(t, "web", on("tcp4", "10.0.0.1:80"))
			},
			want: []string{
				"dns-a0: 53/udp on 10.0.0.1 (a0)", "dns-b0: 53/udp on 10.0.0.1 (b0)",
				"ra-a0: 547/udp on fe80::1 (a0)", "ra-b0: 547/udp on fe80::1 (b0)",
				"web: 80/tcp on 10.0.0.1 (a0)", "web: 80/tcp on 10.0.0.1 (b0)",
			},
		},
		{
			name: "a socket is tied to an interface",
			set: func(t *testing.T) {
				netlab.Veth(t, "a0", "a1")
				netlab.Address(t, "a0", "192.0.2.5/24")
				netlab.Start(t, "dhcpd", netlab.Socket{Network: "udp4", Local: "0.0.0.0:67", Interface: "a0"})
			},
			want: []string{"dhcpd: 67/udp on a0 (192.0.2.5)"},
		},
		{
			name: "sockets for IPv6 are bound to IPv4 addresses",
			set: func(t *testing.T) {
				netlab.Address(t, "lo", "192.0.2.5/32")
				netlab.Start(t, "java", on("tcp6", "[::ffff:192.0.2.5]:8080"), on("tcp6", "[::ffff:0.0.0.0]:8081"))
			},
			want: []string{"java: 8080/tcp on 192.0.2.5 (lo)", "java: 8081/tcp on all IPv4"},
		},
		{
			name: "a standby listens on an address that is elsewhere now",
			set: func(t *testing.T) {
				netlab.Start(t, "haproxy", on("tcp4", "127.0.0.53:53"), netlab.Socket{Network: "tcp4", Local: "198.51.100.7:443", FreeBind: true})
			},
			want:  []string{"haproxy: 53/tcp on 127.0.0.53 (lo)", "haproxy: 443/tcp on 198.51.100.7"},
			notes: []string{"a socket is bound to 198.51.100.7, an address that no interface has"},
		},
		{
			name: "one port is open on many addresses",
			set: func(t *testing.T) {
				netlab.Start(t, "nc", on("tcp4", "127.0.0.2:9999"))
				netlab.Start(t, "nc", on("tcp4", "127.0.0.3:9999"))
				netlab.Start(t, "web", on("tcp4", "127.0.0.2:80"), on("tcp4", "127.0.0.3:80"))
				netlab.Start(t, "client", netlab.Socket{Network: "udp4", Local: "127.0.0.1:5300", Remote: "127.0.0.1:53", Connect: true})
			},
			want: []string{
				"nc: 9999/tcp on 127.0.0.2 (lo)", "nc: 9999/tcp on 127.0.0.3 (lo)",
				"web: 80/tcp on 127.0.0.2 (lo)", "web: 80/tcp on 127.0.0.3 (lo)",
			},
		},
		{
			name: "a container has a network of its own",
			set: func(t *testing.T) {
				netlab.Start(t, "outside", on("tcp4", "0.0.0.0:80"))
				netlab.StartInside(t, "inside", on("tcp4", "0.0.0.0:80"), on("tcp4", "0.0.0.0:81"))
			},
			want: []string{"outside: 80/tcp on all IPv4"},
		},
	} {
		t.Run(test.name, func(t *testing.T) { asItIs(t, test.set, test.want, test.notes) })
	}
}

func asItIs(t *testing.T, set func(*testing.T), want, notes []string) {
	if !netlab.Own(t) {
		return
	}
	set(t)
	s := scanned(t)
	require.Equal(t, want, described(t, s))
	odd := slices.DeleteFunc(s.Notes, func(note string) bool { return !strings.HasPrefix(note, "a socket is bound") })
	require.ElementsMatch(t, notes, odd)
	for _, found := range s.Services {
		require.NotEmpty(t, s.PIDs[found.ID], found.Name)
	}
}

func TestSocketsOfTheKernelAreNotMarkedAndThoseOfClientsAre(t *testing.T) {
	if !netlab.Own(t) {
		return
	}
	netlab.Vxlan(t, "vx0", 40000)
	netlab.Start(t, "resolver", netlab.Socket{Network: "udp4", Remote: "127.0.0.1:53"})
	s := scanned(t)
	if slices.ContainsFunc(s.Notes, func(note string) bool { return strings.Contains(note, "no permission") }) {
		t.Skip("which sockets are the kernel's is known only to those who may look into every process")
	}
	require.Len(t, s.Services, 3)
	require.Len(t, s.Ephemeral, 1)
	require.Equal(t, "resolver", s.Services[0].Name)
	require.True(t, s.Ephemeral[s.Services[0].Bindings[0].ID])
	require.Contains(t, described(t, s), "Unclaimed Open Ports: 40000/udp on all IPv4")
}

func TestAHostingServerHasThousandsOfAddresses(t *testing.T) {
	if !netlab.Own(t) {
		return
	}
	var open []netlab.Socket
	for i := range 800 {
		a := netip.AddrFrom4([4]byte{10, 9, byte(i >> 8), byte(i)})
		netlab.Address(t, "lo", a.String()+"/32")
		open = append(open, on("tcp4", a.String()+":443"))
	}
	netlab.Start(t, "nginx", open...)
	s := scanned(t)
	require.Len(t, s.Services, 1)
	require.Len(t, s.Services[0].Bindings, len(open))
	require.Len(t, s.Host.Ports, 1)
}

func TestAMachineIsKnownByItsNetworkAndNotByItsName(t *testing.T) {
	if !netlab.Own(t) {
		return
	}
	read := func() scan.Machine {
		m, err := scan.Read(t.Context())
		require.NoError(t, err)
		return m
	}
	require.NoError(t, unix.Sethostname([]byte("localhost")))
	first := read()
	if strings.HasPrefix(first.ID, "named ") {
		t.Skip("this machine has no ID of its own, but its name")
	}
	require.NoError(t, unix.Sethostname([]byte("web-1")))
	renamed := read()
	require.Equal(t, "web-1", renamed.Name)
	require.Equal(t, first.ID, renamed.ID)
	require.Equal(t, first.Discover(network).Host.ID, renamed.Discover(network).Host.ID)

	elsewhere := make(chan scan.Machine)
	go func() {
		runtime.LockOSThread() // and never unlock it: the thread ends here, too
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Error(err)
		}
		m, _ := scan.Read(t.Context())
		elsewhere <- m
	}()
	require.NotEqual(t, first.ID, (<-elsewhere).ID)
}
