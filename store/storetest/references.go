package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// testReferences checks that IDs stay unique and references whole.
func testReferences(t *testing.T, open opener) {
	open.test(t, "a binding's ID is taken while a service of another host has it", func(f *fixture) {
		taken := f.web.Bindings[0]
		ssh := f.place.service(2)
		ssh.HostID = f.place.second.ID
		taken.ServiceID = ssh.ID
		f.update(func(ctx context.Context, w store.Writer) error {
			if err := w.PutService(ctx, ssh); err != nil {
				return err
			}
			err := w.PutBindings(ctx, ssh.ID, []binding.Binding{taken}, nil)
			requireEntityError(f.t, err, store.ErrExists, store.EntityBinding, taken.ID)
			return nil
		})
		require.Equal(f.t, f.web, f.service(f.web.ID))
		require.Empty(f.t, f.service(ssh.ID).Bindings)
	})
	open.test(t, "a binding's ID is free once its binding or service is deleted", func(f *fixture) {
		again := []binding.Binding{f.web.Bindings[0], f.dns.Bindings[0]}
		ssh := f.place.service(2)
		f.update(func(ctx context.Context, w store.Writer) error {
			for i := range again {
				again[i].ServiceID = ssh.ID
			}
			return errors.Join(
				w.PutService(ctx, ssh),
				w.DeleteService(ctx, f.dns.ID),
				w.PutBindings(ctx, f.web.ID, nil, []uuid.UUID{again[0].ID}),
				w.PutBindings(ctx, ssh.ID, again, nil),
			)
		})
		require.Equal(f.t, again, f.service(ssh.ID).Bindings)
		require.Equal(f.t, f.web.Bindings[1:], f.service(f.web.ID).Bindings)
	})
	open.test(t, "a binding that is deleted and put at once is replaced", func(f *fixture) {
		b := f.web.Bindings[0]
		b.Target = binding.IPAddress(f.place.first.IPAddresses[0].ID)
		f.update(func(ctx context.Context, w store.Writer) error {
			return w.PutBindings(ctx, f.web.ID, []binding.Binding{b}, []uuid.UUID{b.ID})
		})
		require.Equal(f.t, []binding.Binding{b, f.web.Bindings[1]}, f.service(f.web.ID).Bindings)
	})
	open.test(t, "hosts, services and bindings have IDs by themselves", func(f *fixture) {
		same := f.place.hosts[2]
		h, s := f.place.first.Clone(), f.place.service(2)
		h.ID, s.ID, s.HostID = same, same, same
		b := f.place.binding(5, s, binding.Port(f.place.https, binding.AllInterfaces()))
		b.ID = same
		s.Bindings = []binding.Binding{b}
		f.update(func(ctx context.Context, w store.Writer) error {
			return errors.Join(w.PutHost(ctx, h), putService(ctx, w, s))
		})
		require.Equal(f.t, s, f.service(same))
		require.Equal(f.t, h, f.state().HostsByID[same])
	})
	open.test(t, "a host keeps its services when it is put again", func(f *fixture) {
		before := f.state()
		renamed := f.place.first.Clone()
		renamed.Name, renamed.Revision = "renamed", 2
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, renamed) })
		after := f.state()
		require.Equal(f.t, renamed, after.HostsByID[renamed.ID])
		require.Equal(f.t, before.OnHost, after.OnHost)
		require.Equal(f.t, before.Listeners, after.Listeners)
	})
	open.test(t, "a service keeps its bindings when it is put again", func(f *fixture) {
		renamed := f.web.Clone()
		renamed.Name, renamed.Revision = "renamed", 2
		given := renamed
		given.Bindings = []binding.Binding{f.place.binding(7, f.web, binding.Interface(f.place.unknown))} // ignored
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, given) })
		require.Equal(f.t, renamed, f.service(f.web.ID))
	})
	open.test(t, "bindings go with their service", func(f *fixture) {
		f.update(func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, f.web.ID) })
		after := f.state()
		require.Equal(f.t, map[uuid.UUID]uuid.UUID{f.dns.Bindings[0].ID: f.dns.ID}, after.Owners)
		require.Equal(f.t, []service.Service{f.dns}, after.OnHost[f.place.first.ID])
	})
	open.test(t, "a service that is deleted and put again has no bindings", func(f *fixture) {
		f.update(func(ctx context.Context, w store.Writer) error {
			return errors.Join(w.DeleteService(ctx, f.web.ID), w.PutService(ctx, f.web))
		})
		require.Empty(f.t, f.service(f.web.ID).Bindings)
		require.Len(f.t, f.state().Owners, 1)
	})
	open.test(t, "a host can go once its services are gone", func(f *fixture) {
		f.update(func(ctx context.Context, w store.Writer) error {
			web := f.web
			web.HostID = f.place.second.ID
			return errors.Join(
				w.DeleteService(ctx, f.dns.ID), w.PutService(ctx, web), // one deleted, one moved
				w.DeleteHost(ctx, f.place.first.ID),
			)
		})
		after := f.state()
		require.NotContains(f.t, after.HostsByID, f.place.first.ID)
		require.NotContains(f.t, after.Inventories, f.place.first.ID)
		require.Equal(f.t, []uuid.UUID{f.place.second.ID}, hostIDs(after.Hosts))
	})
	open.test(t, "a target may name what the host does not have", func(f *fixture) {
		for _, target := range []binding.Target{
			binding.Interface(f.place.unknown), binding.IPAddress(f.place.unknown),
			binding.Port(f.place.unknown, binding.OnInterface(f.place.unknown)),
			binding.Port(f.place.eth0, binding.OnIPAddress(f.place.https)),
		} {
			b := f.place.binding(5, f.web, target)
			f.update(func(ctx context.Context, w store.Writer) error {
				return w.PutBindings(ctx, f.web.ID, []binding.Binding{b}, nil)
			})
			require.Contains(f.t, f.service(f.web.ID).Bindings, b)
		}
		empty := f.place.first.Clone()
		empty.Interfaces, empty.IPAddresses, empty.Ports = nil, nil, nil
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, empty) })
		require.Len(f.t, f.service(f.web.ID).Bindings, 3)
	})
}
