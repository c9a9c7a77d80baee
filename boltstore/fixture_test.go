package boltstore_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

var (
	ids       = bindingtest.IDs(7, 40)
	networkID = ids[0]
	web, dns  = ids[1], ids[2] // services
	port      = ids[3]
	iface     = ids[4]
	address   = ids[5]
	hostID    = ids[6]
	otherHost = ids[7]
	at        = time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC)
)

func aHost(id uuid.UUID) host.Host {
	return host.Host{
		ID: id, NetworkID: networkID, Name: "web-1", Revision: 1,
		Interfaces:  []host.Interface{{ID: iface, Name: "eth0", MAC: "00:00:5e:00:53:01", Position: -3}},
		IPAddresses: []host.IPAddress{{ID: address, Address: netip.MustParseAddr("fe80::5"), InterfaceID: iface}},
		Ports:       []host.Port{{ID: port, Number: 443, Protocol: host.TCP}},
	}
}

func aService(id uuid.UUID, position int32) service.Service {
	return service.Service{
		ID: id, HostID: hostID, NetworkID: networkID, Name: "nginx", Definition: "Web Server", Position: position, Revision: 1,
		Source: service.Source{Type: "Scanner", Rest: json.RawMessage(`{"b": 1,  "a":2}`)}, Tags: []string{"public"},
		Virtualization: json.RawMessage(`{"type":"Docker"}`), CreatedAt: at, UpdatedAt: at,
	}
}

// aBinding returns the n-th of 20 bindings.
func aBinding(n int, serviceID uuid.UUID, target binding.Target) binding.Binding {
	return binding.Binding{
		ID: ids[20+n], ServiceID: serviceID, NetworkID: networkID, Target: target, CreatedAt: at, UpdatedAt: at,
		Sightings: binding.Sightings{LastSeenAt: at.Add(time.Hour), FirstDiscoveryID: ids[8], LastDiscoveryID: ids[9]},
	}
}

// fill puts two hosts into a store, and two services with four bindings on the
// first.
func fill(t testing.TB, s *boltstore.Store) {
	t.Helper()
	update(t, s, func(ctx context.Context, w store.Writer) {
		require.NoError(t, w.PutHost(ctx, aHost(hostID)))
		require.NoError(t, w.PutHost(ctx, aHost(otherHost)))
		require.NoError(t, w.PutService(ctx, aService(web, -5)))
		require.NoError(t, w.PutService(ctx, aService(dns, 7)))
		require.NoError(t, w.PutBindings(ctx, web, []binding.Binding{
			aBinding(0, web, binding.Port(port, binding.AllInterfaces())),
			aBinding(1, web, binding.Interface(iface)),
			aBinding(2, web, binding.Port(port, binding.OnIPAddress(address))),
		}, nil))
		require.NoError(t, w.PutBindings(ctx, dns, []binding.Binding{
			aBinding(3, dns, binding.IPAddress(address)),
		}, nil))
	})
}

// A content is what a store answers about what fill puts into it.
type content struct {
	Hosts     []host.Host
	Services  []service.Service
	Last      int32
	Owners    map[uuid.UUID]uuid.UUID
	Listeners []validate.Claim

	WithAddress []host.Host
}

func read(ctx context.Context, s *boltstore.Store) (c content, err error) {
	err = s.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		if c.Hosts, err = r.Hosts(ctx, networkID, uuid.Nil, 0); err != nil {
			return err
		}
		if c.Services, err = r.ServicesOnHost(ctx, hostID); err != nil {
			return err
		}
		if c.Last, _, err = r.LastPosition(ctx, hostID); err != nil {
			return err
		}
		if c.Owners, err = r.BindingOwners(ctx, ids...); err != nil {
			return err
		}
		if c.Listeners, err = r.Listeners(ctx, hostID, port); err != nil {
			return err
		}
		c.WithAddress, err = r.HostsWith(ctx, networkID, []netip.Addr{netip.MustParseAddr("fe80::5")}, nil)
		return err
	})
	return c, err
}

func mustRead(t testing.TB, s *boltstore.Store) content {
	t.Helper()
	c, err := read(t.Context(), s)
	require.NoError(t, err)
	return c
}

func update(t testing.TB, s *boltstore.Store, fn func(ctx context.Context, w store.Writer)) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), func(ctx context.Context, w store.Writer) error { fn(ctx, w); return nil }))
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "store.db") }

// open opens a store that is closed at the end of the test.
func open(t testing.TB, path string, opts ...boltstore.Option) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// filled returns the path of a file that a store has filled and closed.
func filled(t testing.TB) string {
	t.Helper()
	path := newPath(t)
	s := open(t, path)
	fill(t, s)
	require.NoError(t, s.Close())
	return path
}

func bytesOf(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}

// targets has one of every form, on the hosts of fill.
var targets = []binding.Target{
	binding.Interface(iface),
	binding.IPAddress(address),
	binding.Port(port, binding.AllInterfaces()),
	binding.Port(port, binding.OnInterface(iface)),
	binding.Port(port, binding.OnIPAddress(address)),
}

// crowd puts forty services with a binding each on the first host of fill, so
// that the tables have pages of every kind. What it puts is always the same.
func crowd(t testing.TB, s *boltstore.Store) {
	t.Helper()
	random := rand.NewChaCha8([32]byte{})
	id := func() uuid.UUID { return uuid.Must(uuid.NewRandomFromReader(random)) }
	update(t, s, func(ctx context.Context, w store.Writer) {
		for i := range 40 {
			svc := aService(id(), int32(i)-20)
			b := aBinding(0, svc.ID, targets[i%len(targets)])
			b.ID = id()
			require.NoError(t, w.PutService(ctx, svc))
			require.NoError(t, w.PutBindings(ctx, svc.ID, []binding.Binding{b}, nil))
		}
	})
}

// look has two scans see the first host and what fill put on it, the second one not
// all of it; and it lets two bindings listen on one address family each.
func look(t testing.TB, s *boltstore.Store) {
	t.Helper()
	update(t, s, func(ctx context.Context, w store.Writer) {
		seen := []uuid.UUID{hostID, iface, address, port, web, dns, ids[20], ids[21], ids[22], ids[23]}
		require.NoError(t, w.Saw(ctx, hostID, at.Add(2*time.Hour), ids[10], seen))
		require.NoError(t, w.Saw(ctx, hostID, at.Add(3*time.Hour), ids[11], seen[2:]))
		require.NoError(t, w.PutBindings(ctx, dns, []binding.Binding{
			aBinding(3, dns, binding.IPAddress(address)),
			aBinding(4, dns, binding.Interface(iface)),
		}, nil))
		require.NoError(t, w.PutBindings(ctx, web, []binding.Binding{
			aBinding(0, web, binding.Port(port, binding.AllIPv4())),
			aBinding(2, web, binding.Port(port, binding.AllIPv6())),
		}, nil))
	})
}

// key returns the key that IDs make.
func key(ids ...uuid.UUID) (k []byte) {
	for i := range ids {
		k = append(k, ids[i][:]...)
	}
	return k
}
