package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

const (
	manyPorts    = 5_000
	manyServices = 1_000
	manyBindings = 10_000
)

func testSize(t *testing.T, open opener) {
	open.test(t, "a host has a thousand services on five thousand ports", func(f *fixture) {
		h := hosttest.Sized(10, 100, manyPorts)
		h.NetworkID, h.Revision = f.place.network, 1
		services := servicesOn(h)
		f.update(func(ctx context.Context, w store.Writer) error {
			errs := []error{w.PutHost(ctx, h)}
			for _, s := range shuffled(services) {
				errs = append(errs, putService(ctx, w, s))
			}
			return errors.Join(errs...)
		})

		ports := make([]uuid.UUID, len(h.Ports))
		for i, p := range h.Ports {
			ports[i] = p.ID
		}
		f.view(func(ctx context.Context, r store.Reader) error {
			got, err := r.Host(ctx, h.ID)
			require.True(f.t, err == nil && slices.Equal(h.Ports, got.Ports) && slices.Equal(h.IPAddresses, got.IPAddresses))
			onHost, errServices := r.ServicesOnHost(ctx, h.ID)
			require.Len(f.t, onHost, manyServices)
			for i := range onHost {
				require.Equal(f.t, services[i], onHost[i])
			}
			last, _, errLast := r.LastPosition(ctx, h.ID)
			require.EqualValues(f.t, manyServices-1, last)
			claims, errClaims := r.Listeners(ctx, h.ID, ports...)
			require.Len(f.t, claims, manyPorts)
			some, errSome := r.Listeners(ctx, h.ID, ports[7], ports[manyPorts-1])
			require.Len(f.t, some, 2)
			return errors.Join(errServices, errLast, errClaims, errSome)
		})

		f.update(func(ctx context.Context, w store.Writer) error {
			var errs []error
			for _, s := range services[1:] {
				errs = append(errs, w.DeleteService(ctx, s.ID))
			}
			return errors.Join(errs...)
		})
		require.Len(f.t, f.listeners(h.ID, ports...), manyPorts/manyServices)
	})
	open.test(t, "a service has ten thousand bindings", func(f *fixture) {
		all := make([]binding.Binding, manyBindings)
		for i, id := range bindingtest.IDs(7, manyBindings) {
			all[i] = f.place.binding(0, f.web, binding.Port(f.place.ports[i%3], binding.OnInterface(id)))
			all[i].ID = id
		}
		put := func(put []binding.Binding, del []uuid.UUID) {
			f.update(func(ctx context.Context, w store.Writer) error { return w.PutBindings(ctx, f.web.ID, put, del) })
		}
		require.Len(f.t, f.web.Bindings, 2)
		put(shuffled(all), bindingIDs(f.web.Bindings))
		f.requireBindings(all)
		require.Len(f.t, f.owners(bindingIDs(all)...), manyBindings)

		half := slices.Clone(all[manyBindings/2:])
		for i := range half {
			half[i].Target = binding.Interface(half[i].ID)
		}
		put(shuffled(half), shuffled(bindingIDs(all[:manyBindings/2])))
		f.requireBindings(half)
		require.Empty(f.t, f.listeners(f.place.first.ID, f.place.ports...)[1:], "that of dns")

		put(nil, bindingIDs(half))
		f.requireBindings(nil)
		require.Len(f.t, f.state().Owners, 1)
	})
	open.test(t, "one transaction writes to a hundred hosts", func(f *fixture) {
		hosts := bindingtest.IDs(8, 100)
		f.update(func(ctx context.Context, w store.Writer) error {
			var errs []error
			for i, id := range hosts {
				h, s := f.place.first.Clone(), f.place.service(0)
				h.ID, s.ID, s.HostID = id, id, id
				b := f.place.binding(0, s, binding.Port(f.place.https, binding.AllInterfaces()))
				b.ID = id
				s.Position, s.Bindings = int32(i), []binding.Binding{b}
				errs = append(errs, w.PutHost(ctx, h), putService(ctx, w, s))
			}
			return errors.Join(errs...)
		})
		require.Len(f.t, f.state().Hosts, 102)
		for _, id := range hosts {
			require.Len(f.t, f.listeners(id, f.place.https), 1)
		}
	})
}

// servicesOn returns many services, by position, that share the host's ports.
func servicesOn(h host.Host) []service.Service {
	services := make([]service.Service, manyServices)
	bindingID := bindingtest.IDs(9, len(h.Ports))
	for i, id := range bindingtest.IDs(10, manyServices) {
		services[i] = service.Service{ID: id, HostID: h.ID, NetworkID: h.NetworkID, Position: int32(i), Revision: 1}
	}
	for i, port := range h.Ports {
		s := &services[i%manyServices]
		s.Bindings = append(s.Bindings, binding.Binding{
			ID: bindingID[i], ServiceID: s.ID, NetworkID: h.NetworkID, Target: binding.Port(port.ID, binding.AllInterfaces()),
		})
	}
	return services
}

// requireBindings checks the bindings of the web service. It does not print them
// all.
func (f *fixture) requireBindings(want []binding.Binding) {
	f.t.Helper()
	got := f.service(f.web.ID).Bindings
	require.Len(f.t, got, len(want))
	for i := range want {
		if got[i] != want[i] {
			require.Equal(f.t, want[i], got[i])
		}
	}
}
