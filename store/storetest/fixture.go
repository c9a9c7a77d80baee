package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// A fixture is a store with two hosts in one network. The first has a web
// service, with a listener and a presence, and a DNS service with a listener.
// Nothing is on its free port, and nothing on the second host.
type fixture struct {
	t     tester
	store store.Store
	place place

	web, dns service.Service

	another func() store.Store // opens another store
}

// A tester is a *testing.T or a *rapid.T.
type tester interface {
	require.TestingT
	Helper()
	Context() context.Context
}

// A place is where a test's data live: no other place has one of its IDs.
type place struct {
	network, unknown    uuid.UUID   // unknown is the ID of nothing
	first, second       host.Host   // one interface with one address, and three ports, each
	eth0                uuid.UUID   // of first, like the following
	https, domain, free uuid.UUID   // ports
	hosts               []uuid.UUID // first, second and spare ones
	ports               []uuid.UUID // of both hosts
	services, bindings  []uuid.UUID
}

// newPlace returns the place of a number.
func newPlace(number uint32) place {
	ids := bindingtest.IDs(number<<8, 80)
	next := func() uuid.UUID { id := ids[0]; ids = ids[1:]; return id }
	p := place{network: next(), unknown: next()}
	for i, h := range []*host.Host{&p.first, &p.second} {
		carrier := next()
		*h = host.Host{
			ID: next(), NetworkID: p.network, Name: []string{"web-1", "web-2"}[i], Revision: 1,
			Interfaces:  []host.Interface{{ID: carrier, Name: "eth0", MAC: "00:00:5e:00:53:01"}},
			IPAddresses: []host.IPAddress{{ID: next(), Address: netip.MustParseAddr("10.0.0.5"), InterfaceID: carrier}},
			Ports: []host.Port{
				{ID: next(), Number: 443, Protocol: host.TCP},
				{ID: next(), Number: 53, Protocol: host.UDP},
				{ID: next(), Number: 8080, Protocol: host.TCP},
			},
		}
		for _, port := range h.Ports {
			p.ports = append(p.ports, port.ID)
		}
	}
	p.eth0 = p.first.Interfaces[0].ID
	p.https, p.domain, p.free = p.ports[0], p.ports[1], p.ports[2]
	p.hosts = []uuid.UUID{p.first.ID, p.second.ID, next(), next()}
	p.services, p.bindings = ids[:12], ids[12:36]
	return p
}

// service returns the n-th service of the place, on its first host, at position
// n, without bindings.
func (p place) service(n int) service.Service {
	return service.Service{
		ID: p.services[n], HostID: p.first.ID, NetworkID: p.network, Position: int32(n), Revision: 1,
		Name: "web", Definition: "Remote Desktop",
		Source:         service.Source{Type: "Scanner", Rest: json.RawMessage(`{"version": "1.0",  "b":1, "a":2}`)},
		Tags:           []string{"public", "edge"},
		Virtualization: json.RawMessage(`{"type": "Docker", "details": {"id": "web"}}`),
		CreatedAt:      day(1), UpdatedAt: day(2),
	}
}

// binding returns the n-th binding of the place, of one of its services.
func (p place) binding(n int, s service.Service, target binding.Target) binding.Binding {
	return binding.Binding{
		ID: p.bindings[n], ServiceID: s.ID, NetworkID: p.network, Target: target, CreatedAt: day(1), UpdatedAt: day(2),
	}
}

func day(n int) time.Time { return time.Date(2024, 5, n, 7, 8, 9, 123456000, time.UTC) }

// test runs a subtest on a fixture.
func (open opener) test(t *testing.T, name string, test func(f *fixture)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { test(newFixture(t, open)) })
}

// newFixture opens a store and fills it.
func newFixture(t *testing.T, open opener) *fixture {
	t.Helper()
	p := newPlace(1)
	f := &fixture{
		t: t, store: open(t), place: p, web: p.service(0), dns: p.service(1),
		another: func() store.Store { return open(t) },
	}
	f.dns.Name = "dns"
	f.web.Bindings = []binding.Binding{
		p.binding(0, f.web, binding.Port(p.https, binding.AllInterfaces())),
		p.binding(1, f.web, binding.Interface(p.eth0)),
	}
	f.dns.Bindings = []binding.Binding{p.binding(2, f.dns, binding.Port(p.domain, binding.OnInterface(p.eth0)))}
	f.update(func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.PutHost(ctx, p.first), w.PutHost(ctx, p.second),
			putService(ctx, w, f.web), putService(ctx, w, f.dns),
		)
	})
	return f
}

// putService puts a service and the bindings in it.
func putService(ctx context.Context, w store.Writer, s service.Service) error {
	if err := w.PutService(ctx, s); err != nil {
		return err
	}
	return w.PutBindings(ctx, s.ID, s.Bindings, nil)
}

// update runs a transaction that must succeed.
func (f *fixture) update(fn func(ctx context.Context, w store.Writer) error) {
	f.t.Helper()
	require.NoError(f.t, f.store.Update(f.t.Context(), fn))
}

// view runs a transaction that must succeed.
func (f *fixture) view(fn func(ctx context.Context, r store.Reader) error) {
	f.t.Helper()
	require.NoError(f.t, f.store.View(f.t.Context(), fn))
}

// state reads all that the store holds in the fixture's place.
func (f *fixture) state() state {
	f.t.Helper()
	var s state
	f.view(func(ctx context.Context, r store.Reader) (err error) {
		s, err = readState(ctx, r, f.place)
		return err
	})
	return s
}

// service reads a service that is there.
func (f *fixture) service(id uuid.UUID) service.Service {
	f.t.Helper()
	var s service.Service
	f.view(func(ctx context.Context, r store.Reader) (err error) {
		s, err = r.Service(ctx, id)
		return err
	})
	return s
}
