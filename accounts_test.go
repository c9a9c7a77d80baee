package bindset_test

import (
	"context"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A snapshot is all that a store holds in some networks.
type snapshot struct {
	hosts    map[uuid.UUID]host.Host
	services map[uuid.UUID]service.Service
	bindings map[uuid.UUID]binding.Binding
}

func takeSnapshot(t require.TestingT, m *bindset.Manager, networks ...uuid.UUID) snapshot {
	s := snapshot{
		hosts:    map[uuid.UUID]host.Host{},
		services: map[uuid.UUID]service.Service{},
		bindings: map[uuid.UUID]binding.Binding{},
	}
	err := m.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		for _, networkID := range networks {
			hosts, err := r.Hosts(ctx, networkID, uuid.Nil, 0)
			if err != nil {
				return err
			}
			for _, h := range hosts {
				s.hosts[h.ID] = h
				services, err := r.ServicesOnHost(ctx, h.ID)
				if err != nil {
					return err
				}
				for _, svc := range services {
					s.services[svc.ID] = svc
					for _, b := range svc.Bindings {
						s.bindings[b.ID] = b
					}
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	return s
}

// requireSame fails unless two snapshots hold the same.
func requireSame(t require.TestingT, want, got snapshot) {
	requireSameEntities(t, want.hosts, got.hosts, equalHosts)
	requireSameEntities(t, want.services, got.services, equalServices)
}

func requireSameEntities[E any](t require.TestingT, want, got map[uuid.UUID]E, equal func(a, b E) bool) {
	require.Len(t, got, len(want))
	for id, e := range want {
		if !equal(e, got[id]) {
			require.Equal(t, e, got[id])
		}
	}
}

// RequireValid fails unless every stored set is one that Set returns unchanged.
func RequireValid(t require.TestingT, s snapshot) {
	inventories := map[uuid.UUID]*host.Inventory{}
	for id, h := range s.hosts {
		inv, err := host.NewInventory(h)
		require.NoError(t, err)
		inventories[id] = inv
	}
	for _, svc := range s.services {
		h, ok := s.hosts[svc.HostID]
		require.True(t, ok, "service %s is on no host", svc.ID)
		require.Equal(t, h.NetworkID, svc.NetworkID)
		inv := inventories[h.ID]
		res, err := validate.New().Set(inv, svc.Bindings)
		require.NoError(t, err, "the stored set of service %s", svc.ID)
		require.Empty(t, res.Rewritten)
		require.Empty(t, res.Dropped)
		for _, b := range svc.Bindings {
			require.True(t, b.ID != uuid.Nil && b.ServiceID == svc.ID && b.NetworkID == svc.NetworkID && b == b.WithTimes(), "%+v", b)
		}
	}
}

// RequireAccounts fails unless a Change says all that differs between before and
// after, and nothing else.
func RequireAccounts(t require.TestingT, before, after snapshot, c bindset.Change) {
	requireBindingsAccounted(t, before, after, c, true)
	requireServicesAccounted(t, before, after, c, true)
	requireHostsAccounted(t, before, after, c, true)
}

// RequireTxAccounts is RequireAccounts for several use cases in one transaction:
// what dropped or absorbed another binding may be gone at the end, and what was
// deleted may be there anew.
func RequireTxAccounts(t require.TestingT, before, after snapshot, c bindset.Change) {
	requireBindingsAccounted(t, before, after, c, false)
	requireServicesAccounted(t, before, after, c, false)
	requireHostsAccounted(t, before, after, c, false)
}

func requireBindingsAccounted(t require.TestingT, before, after snapshot, c bindset.Change, once bool) {
	requireStands := func(by binding.Binding) {
		if now, ok := after.bindings[by.ID]; ok || once {
			require.Equal(t, now, by, "what dropped or absorbed another one is not stored")
		}
	}
	// What the Change must be, from the difference.
	gone := map[uuid.UUID]bool{}
	var added, updated []binding.Binding
	for id, b := range before.bindings {
		now, ok := after.bindings[id]
		switch {
		case !ok:
			gone[id] = true
		case !sameButSeen(b, now):
			updated = append(updated, now)
			require.True(t, !once || b.CreatedAt.Equal(now.CreatedAt))
		default:
			require.Equal(t, b.UpdatedAt, now.UpdatedAt)
		}
	}
	for id, b := range after.bindings {
		if _, ok := before.bindings[id]; !ok {
			added = append(added, b)
		}
	}
	require.ElementsMatch(t, added, c.Added, "Added")
	require.ElementsMatch(t, updated, c.Updated, "Updated")

	for _, b := range c.Removed {
		require.Equal(t, before.bindings[b.ID], b, "Removed")
		require.True(t, gone[b.ID], "a binding in Removed is there, or is in the Change twice")
		delete(gone, b.ID)
	}
	for _, d := range c.Dropped {
		requireStands(d.By)
		require.Contains(t, []validate.Reason{validate.Duplicate, validate.Superseded}, d.Reason)
		if d.Binding.ID != uuid.Nil {
			require.True(t, gone[d.Binding.ID], "a binding in Dropped was not there, or is there, or is in the Change twice")
			delete(gone, d.Binding.ID)
		}
	}
	for _, d := range c.Displaced {
		requireStands(d.By)
		require.True(t, gone[d.Binding.ID], "a binding in Displaced was not there, or is there, or is in the Change twice")
		delete(gone, d.Binding.ID)
	}
	require.Empty(t, gone, "bindings that are gone and neither in Removed, Dropped nor Displaced")

	for _, a := range c.Absorbed {
		requireStands(a.By)
		require.NotContains(t, after.bindings, a.Binding.ID)
	}
	for _, r := range c.Rewritten {
		require.NotEqual(t, r.From.Target, r.To.Target)
	}
}

func requireServicesAccounted(t require.TestingT, before, after snapshot, c bindset.Change, once bool) {
	touched := map[uuid.UUID]bool{}
	for _, b := range slices.Concat(c.Added, c.Updated, c.Removed) {
		touched[b.ServiceID] = true
		if was, ok := before.bindings[b.ID]; ok {
			touched[was.ServiceID] = true // that of a listener that was transferred
		}
	}
	for _, d := range c.Dropped {
		if was, ok := before.bindings[d.Binding.ID]; ok {
			touched[was.ServiceID] = true
		}
	}
	for _, d := range c.Displaced {
		touched[d.Binding.ServiceID] = true
	}
	requireEntitiesAccounted(t, byID(t, c.Services, c.Became), entities(before.services, entityOfService), entities(after.services, entityOfService), once,
		func(id uuid.UUID) bool {
			was, now := before.services[id], after.services[id]
			same := !touched[id] && sameFields(was, now)
			if once {
				require.Equal(t, was.CreatedAt, now.CreatedAt)
				require.True(t, !same || was.UpdatedAt.Equal(now.UpdatedAt))
			}
			return same
		})
}

func requireHostsAccounted(t require.TestingT, before, after snapshot, c bindset.Change, once bool) {
	requireEntitiesAccounted(t, byID(t, c.Hosts, c.Became), entities(before.hosts, entityOfHost), entities(after.hosts, entityOfHost), once,
		func(id uuid.UUID) bool { return sameHost(before.hosts[id], after.hosts[id]) })
}

func entityOfService(s service.Service) bindset.EntityChange {
	return bindset.EntityChange{ID: s.ID, HostID: s.HostID, Name: s.Name, Revision: s.Revision}
}

func entityOfHost(h host.Host) bindset.EntityChange {
	return bindset.EntityChange{ID: h.ID, HostID: h.ID, Name: h.Name, Revision: h.Revision}
}

func entities[E any](all map[uuid.UUID]E, of func(E) bindset.EntityChange) map[uuid.UUID]bindset.EntityChange {
	entities := map[uuid.UUID]bindset.EntityChange{}
	for id, e := range all {
		entities[id] = of(e)
	}
	return entities
}

// requireEntitiesAccounted compares hosts or services with what a Change says of
// them. Each was changed once, or any number of times.
func requireEntitiesAccounted(
	t require.TestingT, changes, before, after map[uuid.UUID]bindset.EntityChange, once bool, same func(id uuid.UUID) bool,
) {
	for id, was := range before {
		now, stays := after[id]
		want := was
		want.Did = bindset.Removed
		if stays {
			if same(id) && once {
				require.NotContains(t, changes, id, "what did not change")
				require.Equal(t, was.Revision, now.Revision)
				continue
			}
			if _, told := changes[id]; same(id) && now.Revision == was.Revision && !told {
				continue // else it was removed and made again
			}
			if once {
				require.Equal(t, was.Revision+1, now.Revision)
			}
			want = now
			want.Did = bindset.Updated
		}
		require.Equal(t, want, changes[id])
		delete(changes, id)
	}
	for id, now := range after {
		if _, was := before[id]; !was {
			if once {
				require.EqualValues(t, 1, now.Revision)
			}
			now.Did = bindset.Added
			require.Equal(t, now, changes[id])
			delete(changes, id)
		}
	}
	require.Empty(t, changes, "in the Change, but the same")
}

// byID returns what a Change says of hosts or services; what was merged is removed.
func byID(t require.TestingT, changes []bindset.EntityChange, became []bindset.Became) map[uuid.UUID]bindset.EntityChange {
	all := map[uuid.UUID]bindset.EntityChange{}
	for _, c := range changes {
		require.NotContains(t, all, c.ID, "an entity stands in the Change twice")
		if c.Did == bindset.Merged {
			require.True(t, slices.ContainsFunc(became, func(b bindset.Became) bool { return b.From == c.ID }))
			c.Did = bindset.Removed
		}
		all[c.ID] = c
	}
	return all
}

func sameButSeen(a, b binding.Binding) bool {
	a.Sightings = b.Sightings
	return a == b
}

// sameFields compares services but for their bindings, their Sightings and what
// the Manager counts.
func sameFields(a, b service.Service) bool {
	a.Bindings, a.Revision, a.UpdatedAt, a.Sightings = b.Bindings, b.Revision, b.UpdatedAt, b.Sightings
	return equalServices(a, b)
}

// sameHost compares hosts but for Sightings and what the Manager counts.
func sameHost(a, b host.Host) bool {
	a.Revision = b.Revision
	return equalHosts(unseenHost(a), unseenHost(b))
}

// unseenHost returns a host without any Sightings.
func unseenHost(h host.Host) host.Host {
	h = h.Clone()
	for _, s := range h.Sighted() {
		*s = binding.Sightings{}
	}
	return h
}

// equalServices and equalHosts compare the lists, which are most of it, without
// reflection.
func equalServices(a, b service.Service) bool {
	same := slices.Equal(a.Bindings, b.Bindings)
	a.Bindings, b.Bindings = nil, nil
	return same && reflect.DeepEqual(a, b)
}

func equalHosts(a, b host.Host) bool {
	same := slices.Equal(a.Interfaces, b.Interfaces) && slices.Equal(a.IPAddresses, b.IPAddresses) && slices.Equal(a.Ports, b.Ports)
	a.Interfaces, a.IPAddresses, a.Ports = b.Interfaces, b.IPAddresses, b.Ports
	return same && reflect.DeepEqual(a, b)
}
