package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// crowded returns a machine with many interfaces and addresses, a program that
// listens on one port of each address, and many that share an address.
func crowded() scan.Machine {
	m := machine(80, 443)
	for i := range 40 {
		a := netip.AddrFrom4([4]byte{10, 1, byte(i), 1})
		m.Interfaces = append(m.Interfaces, scan.Interface{Name: fmt.Sprint("veth", i), Up: true, Kind: scan.Tunnel, Addresses: []netip.Prefix{
			netip.PrefixFrom(a, 24), netip.MustParsePrefix("fe80::1/64"),
		}})
		m.Processes[1000+i] = scan.Process{PID: 1000 + i, Name: "docker-proxy"}
		m.Sockets = append(m.Sockets,
			scan.Socket{Protocol: host.TCP, Local: netip.AddrPortFrom(a, 8443), PIDs: []int{7}},
			scan.Socket{Protocol: host.TCP, Local: netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(9000+i)), PIDs: []int{1000 + i}})
	}
	return m
}

// decoded returns the parts of a scan as a server reads them. None may be longer
// than limit.
func decoded(t *testing.T, d service.Discovery, limit int) []service.Discovery {
	t.Helper()
	bodies, err := payloads(d, limit)
	require.NoError(t, err)
	parts := make([]service.Discovery, len(bodies))
	for i, body := range bodies {
		require.LessOrEqual(t, len(body), limit)
		require.NoError(t, json.Unmarshal(body, &parts[i]))
	}
	return parts
}

func TestAPayloadOfAnySizeGoesInPartsThatStandAlone(t *testing.T) {
	whole := seenAt(time.Now(), crowded().Discover(network).Discovery)
	for _, limit := range []int{4_000, 10_000, 30_000} {
		parts := decoded(t, whole, limit)
		require.Greater(t, len(parts), 3)
		var all host.Host
		bindings := map[uuid.UUID]binding.Target{}
		for _, part := range parts {
			require.Equal(t, whole.Host.ID, part.Host.ID)
			require.Equal(t, whole.DiscoveryID, part.DiscoveryID)
			require.Equal(t, whole.SeenAt, part.SeenAt)
			inv, err := host.NewInventory(part.Host)
			require.NoError(t, err)
			for _, s := range part.Services {
				for _, b := range s.Bindings {
					require.True(t, inv.Has(b.Target), "%s is on the host of its part", b.Target)
					bindings[b.ID] = b.Target
				}
			}
			all.Interfaces = append(all.Interfaces, part.Host.Interfaces...)
			all.IPAddresses = append(all.IPAddresses, part.Host.IPAddresses...)
			all.Ports = append(all.Ports, part.Host.Ports...)
		}
		require.Equal(t, whole.Host.Interfaces, byPosition(all.Interfaces, func(f host.Interface) int32 { return f.Position }))
		require.Equal(t, whole.Host.IPAddresses, byPosition(all.IPAddresses, func(a host.IPAddress) int32 { return a.Position }))
		require.Subset(t, whole.Host.Ports, all.Ports)
		want := map[uuid.UUID]binding.Target{}
		for _, s := range whole.Services {
			for _, b := range s.Bindings {
				want[b.ID] = b.Target
			}
		}
		require.Equal(t, want, bindings)
	}
}

// byPosition sorts children, each of which may be there more than once.
func byPosition[T comparable](all []T, position func(T) int32) []T {
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(position(a), position(b)) })
	return slices.Compact(all)
}

func TestPartsAreStoredAsTheWholeIs(t *testing.T) {
	whole := seenAt(time.Now(), crowded().Discover(network).Discovery)
	whole = decoded(t, whole, 1<<30)[0]
	want := described(t, whole)
	for _, limit := range []int{4_000, 10_000} {
		parts := decoded(t, whole, limit)
		require.Equal(t, want, described(t, parts...))
		require.Equal(t, want, described(t, append(parts, parts...)...), "a second time changes nothing")
	}
}

// described says what is stored once scans were observed.
func described(t *testing.T, scans ...service.Discovery) (lines []string) {
	t.Helper()
	manager := bindset.NewManager(memstore.New())
	for _, d := range scans {
		_, err := manager.Observe(t.Context(), d)
		require.NoError(t, err)
	}
	require.NoError(t, manager.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		inv, err := r.Inventory(ctx, scans[0].Host.ID)
		require.NoError(t, err)
		services, err := r.ServicesOnHost(ctx, scans[0].Host.ID)
		for _, s := range services {
			var set []string
			for _, b := range s.Bindings {
				what, _, _ := strings.Cut(inv.Describe(b.Target), " (") // the addresses there are in any order
				set = append(set, what)
			}
			slices.Sort(set)
			lines = append(lines, fmt.Sprint(s.Name, ": ", set))
		}
		h := inv.Host()
		lines = append(lines, fmt.Sprint(len(h.Interfaces), len(h.IPAddresses), len(h.Ports)))
		return err
	}))
	slices.Sort(lines)
	return lines
}

func TestServicesOfOneNameAreInOnePartWhereTheyFit(t *testing.T) {
	one := func(name string, bindings int) service.Service {
		return service.Service{Name: name, Bindings: make([]binding.Binding, bindings)}
	}
	for _, test := range []struct {
		all        []service.Service
		sizeA      int
		nothing    bool
		bindingsIn [2]int
	}{
		{all: []service.Service{one("a", 1), one("b", 5), one("b", 5), one("c", 1)}, sizeA: 1, bindingsIn: [2]int{1, 11}},
		{all: []service.Service{one("a", 1), one("a", 5), one("b", 5), one("c", 1)}, sizeA: 2, bindingsIn: [2]int{6, 6}},
		{all: []service.Service{one("a", 3), one("a", 3)}, sizeA: 1, bindingsIn: [2]int{3, 1 + 3}},
		{all: []service.Service{one("a", 1), one("a", 1), one("a", 1)}, sizeA: 2, bindingsIn: [2]int{2, 1 + 1}},
		{all: []service.Service{one("a", 7)}, sizeA: 1, bindingsIn: [2]int{4, 1 + 3}},
		{all: []service.Service{one("a", 0), one("b", 0)}, sizeA: 1},
		{all: []service.Service{one("a", 1), one("b", 1)}, sizeA: 1, bindingsIn: [2]int{1, 1}},
		{all: []service.Service{one("a", 2)}, nothing: true},
		{nothing: true},
	} {
		a, b, ok := halveServices(test.all)
		require.Equal(t, !test.nothing, ok)
		if !ok {
			continue
		}
		require.Len(t, a, test.sizeA)
		var got [2]int
		for i, half := range [][]service.Service{a, b} {
			for _, s := range half {
				got[i] += len(s.Bindings)
			}
		}
		require.Equal(t, test.bindingsIn, got)
	}
}

func TestAnAddressTooLongForAnyPartIsSentAllTheSame(t *testing.T) {
	d := machine(80).Discover(network).Discovery
	parts, err := payloads(d, 10)
	require.NoError(t, err)
	require.NotEmpty(t, parts)
}

func TestWhatCameOfPartsIsAddedUp(t *testing.T) {
	calls := 0
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		fmt.Fprintf(w, `{"success":true,"data":{"services":[{"name":"nginx","bindings":[]}]},"changes":{"added":[{}],"skipped":[{"violation":{"message":"skip %d"}}]}}`, calls)
	}))
	defer api.Close()
	to := newServer(api.URL, "")
	to.maxPayload = 20_000
	came, err := to.report(t.Context(), seenAt(time.Now(), crowded().Discover(network).Discovery), time.Time{})
	require.NoError(t, err)
	require.Greater(t, calls, 1)
	require.Equal(t, calls, came.added)
	require.Len(t, came.skipped, calls)
	require.Equal(t, 1, came.services, "as the last answer has it")
}

// published returns a machine on which docker publishes a range of UDP ports, as a
// media server has them: two processes for each.
func published(first, last uint16) scan.Machine {
	m := machine()
	m.Processes = map[int]scan.Process{2: {PID: 2, Parent: 1, Name: "dockerd"}}
	for port := first; port <= last; port++ {
		for i, a := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
			pid := 2*int(port) + i
			m.Processes[pid] = scan.Process{PID: pid, Parent: 2, Name: "docker-proxy"}
			m.Sockets = append(m.Sockets, scan.Socket{
				Protocol: host.UDP, Local: netip.AddrPortFrom(a, port), V6Only: a.Is6(), PIDs: []int{pid},
			})
		}
	}
	return m
}

func TestARangeOfTenThousandPublishedPortsIsTaken(t *testing.T) {
	whole := seenAt(time.Now(), published(10_000, 20_000).Discover(network).Discovery)
	require.Len(t, whole.Services, 10_001)
	for _, part := range decoded(t, whole, maxPayload) {
		_, err := host.NewInventory(part.Host)
		require.NoError(t, err)
	}
}

func TestServicesOfDifferentPartsMayShareAPort(t *testing.T) {
	m := crowded()
	for i := range 30 {
		shared := m.Sockets[3+2*i]
		shared.PIDs = []int{3000 + i}
		m.Processes[3000+i] = scan.Process{PID: 3000 + i, Name: fmt.Sprint("other ", i)}
		m.Sockets = append(m.Sockets, shared)
	}
	manager := bindset.NewManager(memstore.New(), bindset.WithValidator(validate.New(validate.WithExclusivePorts())))
	parts := decoded(t, seenAt(time.Now(), m.Discover(network).Discovery), 4_000)
	for _, part := range append(parts, parts...) {
		change, err := manager.Observe(t.Context(), part)
		require.NoError(t, err)
		require.Empty(t, change.Skipped)
		require.Empty(t, change.Displaced)
	}
}
