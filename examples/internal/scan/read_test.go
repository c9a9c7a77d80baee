package scan

import (
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/host"
)

// opened are sockets that the test has opened itself, as a scan should see them.
func opened(t *testing.T) []Socket {
	t.Helper()
	var sockets []Socket
	for _, at := range []string{"127.0.0.1:0", "[::1]:0", ":0", "0.0.0.0:0"} {
		l, err := net.Listen("tcp", at)
		if err != nil {
			require.Equal(t, "[::1]:0", at, "only IPv6 may be missing: %v", err)
			continue
		}
		t.Cleanup(func() { l.Close() })
		sockets = append(sockets, ours(host.TCP, l.Addr().(*net.TCPAddr).AddrPort()))
	}
	for _, at := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		c, err := net.ListenPacket("udp", at)
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		sockets = append(sockets, ours(host.UDP, c.LocalAddr().(*net.UDPAddr).AddrPort()))
	}
	return sockets
}

// unmarked returns the sockets as they are on any ports.
func unmarked(sockets []Socket) []Socket {
	sockets = slices.Clone(sockets)
	for i := range sockets {
		sockets[i].Ephemeral = false
	}
	return sockets
}

func ours(p host.Protocol, local netip.AddrPort) Socket {
	local = netip.AddrPortFrom(local.Addr().Unmap(), local.Port())
	return Socket{Protocol: p, Local: local, PIDs: []int{os.Getpid()}}
}

func TestReadSeesTheSocketsOfThisProcess(t *testing.T) {
	sockets := opened(t)
	m, err := Read(t.Context())
	require.NoError(t, err)
	require.Subset(t, unmarked(m.Sockets), sockets)
	require.Equal(t, os.Getppid(), m.Processes[os.Getpid()].Parent)

	s := m.Discover(uuid.Max)
	inv, err := host.NewInventory(s.Host)
	require.NoError(t, err)
	found := map[string]string{}
	for _, owner := range s.Services {
		for _, b := range owner.Bindings {
			found[s.Seen[b.ID]] = inv.Describe(b.Target)
		}
	}
	for _, socket := range sockets {
		port := host.Port{Number: socket.Local.Port(), Protocol: socket.Protocol}.String()
		want := port + " on all interfaces"
		if socket.Local.Addr().Is4() {
			want = port + " on all IPv4"
		}
		if a := socket.Local.Addr(); a.IsLoopback() {
			want = port + " on " + a.String()
			require.Contains(t, found[socket.String()], want)
			continue
		}
		require.Equal(t, want, found[socket.String()])
	}
}

func TestConnectionsAreNoListeners(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	dialed, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer dialed.Close()
	peer, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer peer.Close()
	connected, err := net.Dial("udp", peer.LocalAddr().String())
	require.NoError(t, err)
	defer connected.Close()

	m, err := Read(t.Context())
	require.NoError(t, err)
	require.Contains(t, m.Sockets, ours(host.TCP, l.Addr().(*net.TCPAddr).AddrPort()))
	for _, s := range m.Sockets {
		require.NotEqual(t, dialed.LocalAddr().String(), s.Local.String())
		require.NotEqual(t, connected.LocalAddr().String(), s.Local.String())
	}
}

func TestThePortableReaderSeesTheSocketsOfThisProcess(t *testing.T) {
	sockets := opened(t)
	var m Machine
	m.readSocketsPortably(t.Context())
	require.Subset(t, unmarked(m.Sockets), sockets)
	require.Equal(t, os.Getppid(), m.Processes[os.Getpid()].Parent)
}

func TestReadStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Read(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func TestUDPSocketsOnPortsOfTheSystemsChoiceAreMarked(t *testing.T) {
	m := Machine{Sockets: []Socket{
		ours(host.UDP, netip.MustParseAddrPort("0.0.0.0:999")), ours(host.UDP, netip.MustParseAddrPort("0.0.0.0:1000")),
		ours(host.UDP, netip.MustParseAddrPort("[::1]:2000")), ours(host.UDP, netip.MustParseAddrPort("0.0.0.0:2001")),
		ours(host.TCP, netip.MustParseAddrPort("0.0.0.0:1000")),
	}}
	m.markEphemeral(1000, 2000)
	var marked []bool
	for _, s := range m.Sockets {
		marked = append(marked, s.Ephemeral)
	}
	require.Equal(t, []bool{false, true, true, false, false}, marked)
	first, last := ephemeralPorts()
	require.Less(t, first, last)
}

func TestAMachineIsIdentifiedByTheBestItHas(t *testing.T) {
	card, other := Interface{Name: "eth0", MAC: "3c:ec:ef:00:00:02"}, Interface{Name: "eth1", MAC: "3c:ec:ef:00:00:01"}
	shared := []Interface{
		{Name: "lo", MAC: "00:00:00:00:00:00", Loopback: true},
		{Name: "docker0", MAC: "02:42:ac:11:00:02"},
		{Name: "vrrp", MAC: "00:00:5e:00:01:01"},
		{Name: "group", MAC: "01:00:5e:00:00:01"},
		{Name: "tun0"},
		{Name: "odd", MAC: "x"},
	}
	for _, test := range []struct {
		fact               string
		machine, namespace string
		interfaces         []Interface
		want               string
		notes              int
	}{
		{fact: "its ID", machine: "0123", interfaces: []Interface{card}, want: "0123"},
		{fact: "its network namespace, too", machine: "0123", namespace: "lab", want: "0123\x00lab"},
		{fact: "the MAC of a card", interfaces: append(shared, card, other), want: "3c:ec:ef:00:00:01", notes: 1},
		{fact: "its name where it has nothing else", interfaces: shared, want: "named web-1", notes: 1},
	} {
		m := Machine{Name: "web-1", Interfaces: test.interfaces}
		m.identify(test.machine, test.namespace)
		require.Equal(t, test.want, m.ID, test.fact)
		require.Len(t, m.Notes, test.notes, test.fact)
	}
}
