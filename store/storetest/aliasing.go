package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// testAliasing writes into what it gave to, and got from, a store, inside the
// transaction and after it, and looks whether the store notices.
func testAliasing(t *testing.T, open opener) {
	open.test(t, "a host that is put is copied", func(f *fixture) {
		var h host.Host
		f.update(func(ctx context.Context, w store.Writer) error {
			h = f.place.first.Clone()
			err := w.PutHost(ctx, h)
			scribbleHost(&h)
			got, errRead := w.Host(ctx, f.place.first.ID)
			require.Equal(f.t, f.place.first, got, "in the transaction")
			return errors.Join(err, errRead)
		})
		scribbleHost(&h)
		after := f.state()
		require.Equal(f.t, f.place.first, after.HostsByID[f.place.first.ID])
		require.Equal(f.t, f.place.first, after.Inventories[f.place.first.ID])
	})
	open.test(t, "a service that is put is copied", func(f *fixture) {
		var s service.Service
		f.update(func(ctx context.Context, w store.Writer) error {
			s = f.web.Clone()
			err := w.PutService(ctx, s)
			scribbleService(&s)
			got, errRead := w.Service(ctx, s.ID)
			require.Equal(f.t, f.web, got, "in the transaction")
			return errors.Join(err, errRead)
		})
		scribbleService(&s)
		require.Equal(f.t, f.web, f.service(f.web.ID))
	})
	open.test(t, "a new service that is put is copied", func(f *fixture) {
		var s service.Service
		f.update(func(ctx context.Context, w store.Writer) error {
			s = f.place.service(2)
			err := w.PutService(ctx, s)
			scribbleService(&s)
			return err
		})
		scribbleService(&s)
		require.Equal(f.t, f.place.service(2), f.service(s.ID))
	})
	open.test(t, "bindings that are put are copied", func(f *fixture) {
		var put []binding.Binding
		f.update(func(ctx context.Context, w store.Writer) error {
			put = slices.Clone(f.web.Bindings)
			err := w.PutBindings(ctx, f.web.ID, put, nil)
			clear(put)
			got, errRead := w.Service(ctx, f.web.ID)
			require.Equal(f.t, f.web, got, "in the transaction")
			return errors.Join(err, errRead)
		})
		clear(put)
		require.Equal(f.t, f.web, f.service(f.web.ID))
		require.Equal(f.t, f.claims(f.web)[:1], f.listeners(f.place.first.ID, f.place.https))
	})
	open.test(t, "a store does not write to what it is given", func(f *fixture) {
		h, s, p := f.place.first.Clone(), f.web.Clone(), f.place
		slices.Reverse(h.Ports)
		wantHost, wantService := h.Clone(), s.Clone()
		put := []binding.Binding{
			p.binding(9, f.web, binding.Interface(p.eth0)), p.binding(5, f.web, binding.Interface(p.eth0)),
			p.binding(7, f.web, binding.Interface(p.eth0)),
		}
		put[1].CreatedAt = day(1).Add(1) // not as binding.Time makes it
		del := bindingIDs(f.web.Bindings)
		slices.Reverse(del)
		ids := []uuid.UUID{p.bindings[7], p.bindings[2], p.bindings[5], p.bindings[2]}
		ports := []uuid.UUID{p.free, p.domain, p.https, p.domain}
		wantPut, wantDel, wantIDs, wantPorts := slices.Clone(put), slices.Clone(del), slices.Clone(ids), slices.Clone(ports)
		f.update(func(ctx context.Context, w store.Writer) error {
			_, errIDs := w.BindingOwners(ctx, ids...)
			_, errPorts := w.Listeners(ctx, p.first.ID, ports...)
			_, errServices := w.Services(ctx, ids...)
			return errors.Join(
				w.PutHost(ctx, h), w.PutService(ctx, s), w.PutBindings(ctx, s.ID, put, del), errIDs, errPorts, errServices,
				w.Saw(ctx, p.first.ID, day(9), p.unknown, ids),
			)
		})
		require.Equal(f.t, wantHost, h)
		require.Equal(f.t, wantService, s)
		require.Equal(f.t, wantPut, put)
		require.Equal(f.t, wantDel, del)
		require.Equal(f.t, wantIDs, ids)
		require.Equal(f.t, wantPorts, ports)
	})
	open.test(t, "what a View returns is a copy", func(f *fixture) {
		before := f.state().clone()
		f.view(func(ctx context.Context, r store.Reader) error { return f.scribbleOverReads(ctx, r, before) })
		require.Equal(f.t, before, f.state())
	})
	open.test(t, "what an Update returns is a copy", func(f *fixture) {
		before := f.state().clone()
		f.update(func(ctx context.Context, w store.Writer) error { return f.scribbleOverReads(ctx, w, before) })
		require.Equal(f.t, before, f.state())
	})
	open.test(t, "values that come out together share no memory", func(f *fixture) {
		dns := f.dns.Clone()
		f.view(func(ctx context.Context, r store.Reader) error {
			services, err := r.ServicesOnHost(ctx, f.place.first.ID)
			if err != nil {
				return err
			}
			require.Len(f.t, services, 2)
			_ = append(services[0].Bindings, binding.Binding{})
			_ = append(services[0].Tags, "overflow")
			_ = append(services[0].Virtualization, "overflow"...)
			scribbleService(&services[0])
			require.Equal(f.t, dns, services[1])

			hosts, err := r.Hosts(ctx, f.place.network, uuid.Nil, 0)
			if err != nil {
				return err
			}
			require.Len(f.t, hosts, 2)
			_ = append(hosts[0].Ports, host.Port{})
			_ = append(hosts[0].Interfaces, host.Interface{})
			scribbleHost(&hosts[0])
			require.Equal(f.t, f.place.second, hosts[1])
			return nil
		})
	})
}

// scribbleOverReads writes into everything that a Reader returns, and checks
// that the next one who reads does not see it.
func (f *fixture) scribbleOverReads(ctx context.Context, r store.Reader, before state) error {
	for range 2 {
		got, err := readState(ctx, r, f.place)
		if err != nil {
			return err
		}
		require.Equal(f.t, before, got)
		scribbleState(&got)
	}
	return nil
}

// The scribblers overwrite all memory that a value refers to.

func scribbleHost(h *host.Host) {
	clear(h.Interfaces)
	clear(h.IPAddresses)
	clear(h.Ports)
}

func scribbleService(s *service.Service) {
	clear(s.Tags)
	clear(s.Source.Rest)
	clear(s.Virtualization)
	clear(s.Bindings)
}

func scribbleState(s *state) {
	clear(s.Networks)
	for _, hosts := range [][]host.Host{s.Hosts, s.AllHosts, s.HostsWith} {
		for i := range hosts {
			scribbleHost(&hosts[i])
		}
		clear(hosts)
	}
	for i := range s.ServiceList {
		scribbleService(&s.ServiceList[i])
	}
	clear(s.ServiceList)
	for _, h := range s.HostsByID {
		scribbleHost(&h)
	}
	for _, h := range s.Inventories {
		scribbleHost(&h)
	}
	for _, svc := range s.Services {
		scribbleService(&svc)
	}
	for _, services := range s.OnHost {
		for i := range services {
			scribbleService(&services[i])
		}
		clear(services)
	}
	for _, claims := range s.Listeners {
		clear(claims)
	}
	for id := range s.Owners {
		s.Owners[id] = uuid.Nil
	}
}
