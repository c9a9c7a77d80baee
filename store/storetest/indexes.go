package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// testIndexes checks that what is looked up by something other than its ID
// follows every change.
func testIndexes(t *testing.T, open opener) {
	open.test(t, "listeners are found by host and port only", func(f *fixture) {
		https, domain := f.claims(f.web)[0], f.claims(f.dns)[0]
		first, second, p := f.place.first.ID, f.place.second.ID, f.place
		require.Equal(f.t, []validate.Claim{https}, f.listeners(first, p.https))
		require.Equal(f.t, []validate.Claim{domain}, f.listeners(first, p.free, p.domain, p.unknown))
		require.Equal(f.t, []validate.Claim{https, domain}, f.listeners(first, p.https, p.domain))
		require.Empty(f.t, f.listeners(first))
		require.Empty(f.t, f.listeners(first, p.free, p.unknown, p.eth0))
		require.Empty(f.t, f.listeners(second, p.https, p.domain))
		require.Empty(f.t, f.listeners(p.unknown, p.https))
	})
	open.test(t, "a port that is asked for twice has its listeners once", func(f *fixture) {
		require.Len(f.t, f.listeners(f.place.first.ID, f.place.https, f.place.domain, f.place.https, f.place.https), 2)
	})
	open.test(t, "listeners follow the target of a binding", func(f *fixture) {
		first, p := f.place.first.ID, f.place
		b := f.web.Bindings[0]
		put := func(target binding.Target) {
			b.Target = target
			f.update(func(ctx context.Context, w store.Writer) error {
				return w.PutBindings(ctx, f.web.ID, []binding.Binding{b}, nil)
			})
		}
		put(binding.Port(p.https, binding.OnInterface(p.eth0)))
		require.Equal(f.t, []validate.Claim{{Binding: b, ServiceName: "web"}}, f.listeners(first, p.https, p.free), "another scope")
		put(binding.Port(p.free, binding.AllInterfaces()))
		require.Equal(f.t, []validate.Claim{{Binding: b, ServiceName: "web"}}, f.listeners(first, p.https, p.free), "another port")
		require.Empty(f.t, f.listeners(first, p.https))
		put(binding.Interface(p.eth0))
		require.Empty(f.t, f.listeners(first, p.https, p.free, p.eth0), "a presence")
		put(binding.Port(p.https, binding.AllInterfaces()))
		require.Len(f.t, f.listeners(first, p.https), 1, "a listener again")
	})
	open.test(t, "listeners follow their service to another host", func(f *fixture) {
		web := f.web.Clone()
		web.HostID = f.place.second.ID
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, web) })
		require.Empty(f.t, f.listeners(f.place.first.ID, f.place.https))
		require.Equal(f.t, f.claims(f.web)[:1], f.listeners(f.place.second.ID, f.place.https))
		require.Equal(f.t, web, f.service(web.ID))

		f.update(func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, f.web) })
		require.Empty(f.t, f.listeners(f.place.second.ID, f.place.https))
		require.Equal(f.t, f.claims(f.web)[:1], f.listeners(f.place.first.ID, f.place.https))
	})
	open.test(t, "listeners have the name that their service has now", func(f *fixture) {
		web := f.web.Clone()
		web.Name = "nginx"
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, web) })
		require.Equal(f.t, "nginx", f.listeners(f.place.first.ID, f.place.https)[0].ServiceName)
	})
	open.test(t, "listeners and owners go with binding and service", func(f *fixture) {
		f.update(func(ctx context.Context, w store.Writer) error {
			return w.PutBindings(ctx, f.web.ID, nil, []uuid.UUID{f.web.Bindings[0].ID})
		})
		require.Empty(f.t, f.listeners(f.place.first.ID, f.place.https))
		require.NotContains(f.t, f.state().Owners, f.web.Bindings[0].ID)
		f.update(func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, f.dns.ID) })
		require.Empty(f.t, f.listeners(f.place.first.ID, f.place.domain))
		require.NotContains(f.t, f.state().Owners, f.dns.Bindings[0].ID)
	})
	open.test(t, "owners are those of the bindings that exist", func(f *fixture) {
		web, dns := f.web.Bindings, f.dns.Bindings
		require.Equal(f.t, map[uuid.UUID]uuid.UUID{web[0].ID: f.web.ID, dns[0].ID: f.dns.ID},
			f.owners(web[0].ID, f.place.unknown, dns[0].ID, web[0].ID, uuid.Nil, f.web.ID))
		require.Empty(f.t, f.owners())
		require.Empty(f.t, f.owners(f.place.unknown))
	})
	open.test(t, "services follow their host and position", func(f *fixture) {
		web := f.web.Clone()
		web.Position = 7
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, web) })
		after := f.state()
		require.Equal(f.t, []service.Service{f.dns, web}, after.OnHost[f.place.first.ID])
		require.EqualValues(f.t, 7, after.Last[f.place.first.ID])

		web.HostID = f.place.second.ID
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, web) })
		after = f.state()
		require.Equal(f.t, []service.Service{f.dns}, after.OnHost[f.place.first.ID])
		require.Equal(f.t, []service.Service{web}, after.OnHost[f.place.second.ID])
		require.Equal(f.t, map[uuid.UUID]int32{f.place.first.ID: 1, f.place.second.ID: 7}, after.Last)
	})
	open.test(t, "the last position goes with its service", func(f *fixture) {
		require.Equal(f.t, map[uuid.UUID]int32{f.place.first.ID: 1}, f.state().Last)
		f.update(func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, f.dns.ID) })
		require.Equal(f.t, map[uuid.UUID]int32{f.place.first.ID: 0}, f.state().Last)
		f.update(func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, f.web.ID) })
		require.Empty(f.t, f.state().Last)
	})
	open.test(t, "hosts follow their network", func(f *fixture) {
		moved := f.place.first.Clone()
		moved.NetworkID = f.place.unknown
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, moved) })
		require.Equal(f.t, []host.Host{f.place.second}, f.state().Hosts)
		f.view(func(ctx context.Context, r store.Reader) error {
			hosts, err := r.Hosts(ctx, f.place.unknown, uuid.Nil, 0)
			require.Equal(f.t, []host.Host{moved}, hosts)
			return err
		})
	})
	open.test(t, "networks follow their hosts", func(f *fixture) {
		require.Equal(f.t, []uuid.UUID{f.place.network}, f.state().Networks)
		for i, h := range []host.Host{f.place.first, f.place.second} {
			h.NetworkID = f.place.unknown
			f.update(func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, h) })
			require.Equal(f.t, [][]uuid.UUID{{f.place.network, f.place.unknown}, {f.place.unknown}}[i], f.state().Networks)
		}
		f.update(func(ctx context.Context, w store.Writer) error { return w.DeleteHost(ctx, f.place.second.ID) })
		require.Equal(f.t, []uuid.UUID{f.place.unknown}, f.state().Networks)
	})
	open.test(t, "services are those that exist, each once", func(f *fixture) {
		f.view(func(ctx context.Context, r store.Reader) error {
			services, err := r.Services(ctx, f.dns.ID, f.place.unknown, f.web.ID, uuid.Nil, f.dns.ID, f.web.Bindings[0].ID)
			require.Equal(f.t, []service.Service{f.web, f.dns}, services)
			none, errNone := r.Services(ctx)
			require.Empty(f.t, none)
			noneThere, errNoneThere := r.Services(ctx, f.place.unknown)
			require.Empty(f.t, noneThere)
			return errors.Join(err, errNone, errNoneThere)
		})
	})
	testHostsWith(t, open)
	open.test(t, "an inventory is shared until its host is put again", func(f *fixture) {
		inventory := func() (inv *host.Inventory) {
			f.view(func(ctx context.Context, r store.Reader) (err error) {
				inv, err = r.Inventory(ctx, f.place.first.ID)
				return err
			})
			return inv
		}
		before := inventory()
		require.Equal(f.t, f.place.first, before.Host())
		f.update(func(ctx context.Context, w store.Writer) error {
			inv, err := w.Inventory(ctx, f.place.first.ID)
			require.Same(f.t, before, inv)
			return errors.Join(err, w.DeleteService(ctx, f.web.ID), w.PutHost(ctx, f.place.second))
		})
		require.Same(f.t, before, inventory())
		f.update(func(ctx context.Context, w store.Writer) error {
			return w.Saw(ctx, f.place.first.ID, day(9), f.place.unknown, []uuid.UUID{f.place.first.ID, f.place.https})
		})
		require.Same(f.t, before, inventory())

		changed := f.place.first.Clone()
		changed.Name = "the same revision"
		f.update(func(ctx context.Context, w store.Writer) error {
			err := w.PutHost(ctx, changed)
			inv, errRead := w.Inventory(ctx, changed.ID)
			require.Equal(f.t, changed, inv.Host())
			return errors.Join(err, errRead)
		})
		require.Equal(f.t, changed, inventory().Host())
		require.Equal(f.t, f.place.first, before.Host(), "what was handed out stays")
	})
	open.test(t, "an inventory is not that of a host that had the ID before", func(f *fixture) {
		again := f.place.second.Clone()
		again.Name, again.Ports = "again", nil
		require.Equal(f.t, f.place.second, f.state().Inventories[again.ID])
		f.update(func(ctx context.Context, w store.Writer) error { return w.DeleteHost(ctx, again.ID) })
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, again) })
		require.Equal(f.t, again, f.state().Inventories[again.ID])
	})
}

// claims returns the bindings of a service as claims.
func (f *fixture) claims(s service.Service) []validate.Claim {
	claims := make([]validate.Claim, len(s.Bindings))
	for i, b := range s.Bindings {
		claims[i] = validate.Claim{Binding: b, ServiceName: s.Name}
	}
	return claims
}

func (f *fixture) listeners(hostID uuid.UUID, portIDs ...uuid.UUID) (claims []validate.Claim) {
	f.t.Helper()
	f.view(func(ctx context.Context, r store.Reader) (err error) {
		claims, err = r.Listeners(ctx, hostID, portIDs...)
		return err
	})
	return claims
}

func (f *fixture) owners(ids ...uuid.UUID) (owners map[uuid.UUID]uuid.UUID) {
	f.t.Helper()
	f.view(func(ctx context.Context, r store.Reader) (err error) {
		owners, err = r.BindingOwners(ctx, ids...)
		return err
	})
	return owners
}

func hostIDs(hosts []host.Host) []uuid.UUID {
	ids := make([]uuid.UUID, len(hosts))
	for i, h := range hosts {
		ids[i] = h.ID
	}
	return ids
}

func serviceIDs(services []service.Service) []uuid.UUID {
	ids := make([]uuid.UUID, len(services))
	for i, s := range services {
		ids[i] = s.ID
	}
	return ids
}
