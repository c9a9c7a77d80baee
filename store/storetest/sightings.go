package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// The scans that testSightings speaks of.
var scans = []uuid.UUID{{1}, {2}, {3}, {4}}

// testSightings checks what Saw does, and what becomes of it.
func testSightings(t *testing.T, open opener) {
	open.test(t, "what a scan saw has its time and ID", func(f *fixture) {
		p := f.place
		before := f.sightings()
		f.saw(p.first.ID, day(5), scans[0], p.first.ID, p.eth0, p.first.IPAddresses[0].ID, p.https, f.web.ID, f.web.Bindings[0].ID)
		want := before
		for _, id := range []uuid.UUID{p.first.ID, p.eth0, p.first.IPAddresses[0].ID, p.https, f.web.ID, f.web.Bindings[0].ID} {
			want[id] = binding.Sightings{LastSeenAt: day(5), LastDiscoveryID: scans[0]}
		}
		require.Equal(f.t, want, f.sightings())
		require.Equal(f.t, want[f.web.Bindings[0].ID], f.listeners(p.first.ID, p.https)[0].Binding.Sightings)
	})
	open.test(t, "a scan leaves who found a thing first", func(f *fixture) {
		web := f.web.Clone()
		web.FirstDiscoveryID, web.Bindings[0].FirstDiscoveryID = scans[3], scans[3]
		f.update(func(ctx context.Context, w store.Writer) error { return putService(ctx, w, web) })
		f.sawAll(day(5), scans[0])
		require.Equal(f.t, binding.Sightings{LastSeenAt: day(5), FirstDiscoveryID: scans[3], LastDiscoveryID: scans[0]}, f.sightings()[web.ID])
		require.Equal(f.t, f.sightings()[web.ID], f.sightings()[web.Bindings[0].ID])
		require.Equal(f.t, uuid.Nil, f.sightings()[web.Bindings[1].ID].FirstDiscoveryID)
	})
	open.test(t, "no scan sets a time back", func(f *fixture) {
		f.sawAll(day(5), scans[0])
		want := f.sightings()
		f.sawAll(day(4), scans[1])
		f.saw(f.place.first.ID, day(5).Add(-time.Microsecond), scans[1], f.web.ID)
		require.Equal(f.t, want, f.sightings())
	})
	open.test(t, "of two scans at one time the later one counts, and one without an ID leaves the ID", func(f *fixture) {
		f.sawAll(day(5), scans[0])
		f.saw(f.place.first.ID, day(5), scans[1], f.web.ID)
		require.Equal(f.t, binding.Sightings{LastSeenAt: day(5), LastDiscoveryID: scans[1]}, f.sightings()[f.web.ID])
		f.sawAll(day(6), uuid.Nil)
		require.Equal(f.t, binding.Sightings{LastSeenAt: day(6), LastDiscoveryID: scans[1]}, f.sightings()[f.web.ID])
		require.Equal(f.t, binding.Sightings{LastSeenAt: day(6), LastDiscoveryID: scans[0]}, f.sightings()[f.place.https])
	})
	open.test(t, "a time is as binding.Time makes it", func(f *fixture) {
		at := time.Date(2024, 5, 6, 23, 8, 9, 123456789, time.FixedZone("east", 3600))
		f.saw(f.place.first.ID, at, scans[0], f.web.ID, f.place.https)
		require.True(f.t, binding.Time(at) == f.service(f.web.ID).LastSeenAt)
		require.True(f.t, binding.Time(at) == f.state().HostsByID[f.place.first.ID].Ports[0].LastSeenAt)
	})
	open.test(t, "a scan of nothing, of unknown things and of those of another host changes nothing", func(f *fixture) {
		f.sawAll(day(5), scans[0])
		before := f.state()
		f.saw(f.place.first.ID, day(6), scans[1])
		f.saw(f.place.first.ID, day(6), scans[1], f.place.unknown, uuid.Nil, f.place.second.ID, f.place.second.Ports[0].ID)
		f.saw(f.place.second.ID, day(6), scans[1], f.web.ID, f.web.Bindings[0].ID, f.place.first.ID, f.place.https)
		require.Equal(f.t, before, f.state())
	})
	open.test(t, "an ID that things of several kinds have is of all of them", func(f *fixture) {
		s := f.place.service(2)
		s.ID = f.place.https
		s.Bindings = []binding.Binding{f.place.binding(5, s, binding.Interface(f.place.eth0))}
		s.Bindings[0].ID = s.ID
		f.update(func(ctx context.Context, w store.Writer) error { return putService(ctx, w, s) })
		f.saw(f.place.first.ID, day(5), scans[0], s.ID, s.ID)
		s = f.service(s.ID)
		for _, seen := range []time.Time{s.LastSeenAt, s.Bindings[0].LastSeenAt, f.state().HostsByID[s.HostID].Ports[0].LastSeenAt} {
			require.Equal(f.t, day(5), seen)
		}
	})
	open.test(t, "a scan leaves inventories and revisions as they are", func(f *fixture) {
		inventory := func() (inv *host.Inventory) {
			f.view(func(ctx context.Context, r store.Reader) (err error) {
				inv, err = r.Inventory(ctx, f.place.first.ID)
				return err
			})
			return inv
		}
		before := inventory()
		f.sawAll(day(5), scans[0])
		f.saw(f.place.first.ID, day(6), scans[1], f.place.https)
		require.Same(f.t, before, inventory())
		require.EqualValues(f.t, 1, f.service(f.web.ID).Revision)
		require.EqualValues(f.t, 1, f.state().HostsByID[f.place.first.ID].Revision)
	})
	for _, h := range seenHistories {
		open.test(t, h.name, func(f *fixture) {
			model := newFixture(t, func(*testing.T) store.Store { return NewModel() })
			for i, step := range h.steps {
				f.update(func(ctx context.Context, w store.Writer) error { return step(ctx, f, w) })
				model.update(func(ctx context.Context, w store.Writer) error { return step(ctx, model, w) })
				require.Equal(f.t, model.state(), f.state(), "after step %d", i)
			}
		})
	}
}

// A seenStep is a transaction of a history of Saws and other writes.
type seenStep = func(ctx context.Context, f *fixture, w store.Writer) error

// seenHistories are histories after each step of which a store must hold what a Model
// holds.
var seenHistories = []struct {
	name  string
	steps []seenStep
}{
	{"scans that see more and less", []seenStep{
		sees(1, 0, everything), sees(2, 1, everything), sees(3, 2, all(1)), sees(4, 3, everything), sees(5, 0, all(-1)),
		sees(6, 1, all(2)), sees(7, 2, all(2)), sees(8, 3, nothing), sees(6, 0, everything), sees(9, 1, everything),
	}},
	{"what is put after a scan has the Sightings that it is put with", []seenStep{
		sees(5, 0, everything), putAll(binding.Sightings{LastSeenAt: day(4), FirstDiscoveryID: scans[3], LastDiscoveryID: scans[2]}),
		sees(6, 1, nothing), sees(6, 1, all(1)), sees(7, 2, everything), sees(8, 3, everything),
		putAll(binding.Sightings{}), sees(9, 0, all(-1)), sees(10, 1, everything),
		putAll(binding.Sightings{LastSeenAt: day(10), LastDiscoveryID: scans[1]}), sees(11, 2, all(1)),
		putAll(binding.Sightings{LastSeenAt: day(20), LastDiscoveryID: scans[2]}), sees(12, 3, everything), sees(21, 0, everything),
	}},
	{"what is put in the transaction of a scan has the Sightings that it is put with", []seenStep{
		sees(5, 0, everything),
		func(ctx context.Context, f *fixture, w store.Writer) error {
			return errors.Join(
				sees(6, 1, everything)(ctx, f, w), putAll(binding.Sightings{LastSeenAt: day(3)})(ctx, f, w),
				sees(7, 2, all(4))(ctx, f, w),
			)
		},
		sees(8, 3, everything),
	}},
	{"what moves to another host takes its Sightings along", []seenStep{
		sees(5, 0, everything), moveWeb(1), sees(6, 1, everything), sees(7, 2, everythingOn(1)), moveWeb(0), sees(8, 3, all(-1)),
		sees(9, 0, everything), sees(10, 1, everything), moveWeb(1), sees(11, 2, everythingOn(1)), sees(12, 3, everything),
	}},
	{"what is deleted and put again was not seen", []seenStep{
		sees(5, 0, everything), sees(6, 1, everything),
		func(ctx context.Context, f *fixture, w store.Writer) error {
			return errors.Join(
				w.DeleteService(ctx, f.web.ID), w.DeleteService(ctx, f.dns.ID), w.DeleteHost(ctx, f.place.first.ID),
				w.PutHost(ctx, f.place.first), putService(ctx, w, f.web), putService(ctx, w, f.dns),
			)
		},
		sees(3, 2, all(2)), sees(7, 3, all(1)),
	}},
	{"what loses a child or a binding goes on without it", []seenStep{
		sees(5, 0, everything),
		func(ctx context.Context, f *fixture, w store.Writer) error {
			h, err := w.Host(ctx, f.place.first.ID)
			h.Ports, h.Interfaces[0].Name = h.Ports[1:], "eth1"
			slices.Reverse(h.Ports)
			return errors.Join(err, w.PutHost(ctx, h), w.PutBindings(ctx, f.web.ID, nil, bindingIDs(f.web.Bindings[:1])))
		},
		sees(6, 1, everything), sees(7, 2, all(1)),
	}},
}

// sees returns a scan, on a day, of things on a host.
func sees(onDay, scan int, things func(ctx context.Context, f *fixture, w store.Writer) (uuid.UUID, []uuid.UUID, error)) seenStep {
	return func(ctx context.Context, f *fixture, w store.Writer) error {
		hostID, ids, err := things(ctx, f, w)
		return errors.Join(err, w.Saw(ctx, hostID, day(onDay), scans[scan], ids))
	}
}

// everything, nothing and all return the first host and IDs of things on it: all of
// them, none, and every n-th one or, for a negative n, all but these.

func everything(ctx context.Context, f *fixture, w store.Writer) (uuid.UUID, []uuid.UUID, error) {
	return everythingOn(0)(ctx, f, w)
}

func nothing(_ context.Context, f *fixture, _ store.Writer) (uuid.UUID, []uuid.UUID, error) {
	return f.place.first.ID, nil, nil
}

func all(n int) func(ctx context.Context, f *fixture, w store.Writer) (uuid.UUID, []uuid.UUID, error) {
	return func(ctx context.Context, f *fixture, w store.Writer) (uuid.UUID, []uuid.UUID, error) {
		hostID, ids, err := everything(ctx, f, w)
		var some []uuid.UUID
		for i, id := range ids {
			if n > 0 && i%(n+1) == 0 || n < 0 && i%4 != 0 {
				some = append(some, id)
			}
		}
		return hostID, some, err
	}
}

// everythingOn returns the first or second host, and the IDs of all things on it.
func everythingOn(n int) func(ctx context.Context, f *fixture, w store.Writer) (uuid.UUID, []uuid.UUID, error) {
	return func(ctx context.Context, f *fixture, w store.Writer) (uuid.UUID, []uuid.UUID, error) {
		hostID := f.place.hosts[n]
		ids, err := thingsOn(ctx, w, hostID)
		return hostID, ids, err
	}
}

func thingsOn(ctx context.Context, r store.Reader, hostID uuid.UUID) (ids []uuid.UUID, err error) {
	h, err := r.Host(ctx, hostID)
	services, errServices := r.ServicesOnHost(ctx, hostID)
	for id := range h.Sighted() {
		ids = append(ids, id)
	}
	for _, s := range services {
		ids = append(append(ids, s.ID), bindingIDs(s.Bindings)...)
	}
	return ids, errors.Join(err, errServices)
}

// putAll puts the first host and the web service again, with everything in them, as
// last seen in one way.
func putAll(seen binding.Sightings) seenStep {
	return func(ctx context.Context, f *fixture, w store.Writer) error {
		h, web := f.place.first.Clone(), f.web.Clone()
		for _, s := range h.Sighted() {
			*s = seen
		}
		web.Sightings = seen
		for i := range web.Bindings {
			web.Bindings[i].Sightings = seen
		}
		return errors.Join(w.PutHost(ctx, h), putService(ctx, w, web))
	}
}

// moveWeb moves the web service to the first or second host.
func moveWeb(n int) seenStep {
	return func(ctx context.Context, f *fixture, w store.Writer) error {
		web, err := w.Service(ctx, f.web.ID)
		web.HostID = f.place.hosts[n]
		return errors.Join(err, w.PutService(ctx, web))
	}
}

// saw runs a transaction with a Saw that must succeed.
func (f *fixture) saw(hostID uuid.UUID, at time.Time, scan uuid.UUID, ids ...uuid.UUID) {
	f.t.Helper()
	f.update(func(ctx context.Context, w store.Writer) error { return w.Saw(ctx, hostID, at, scan, ids) })
}

// sawAll has a scan see everything on the first host.
func (f *fixture) sawAll(at time.Time, scan uuid.UUID) {
	f.t.Helper()
	f.update(func(ctx context.Context, w store.Writer) error {
		hostID, ids, err := everything(ctx, f, w)
		return errors.Join(err, w.Saw(ctx, hostID, at, scan, ids))
	})
}

// sightings returns those of the first host and everything on it, by ID.
func (f *fixture) sightings() map[uuid.UUID]binding.Sightings {
	f.t.Helper()
	all, s := map[uuid.UUID]binding.Sightings{}, f.state()
	h := s.HostsByID[f.place.first.ID]
	for id, seen := range h.Sighted() {
		all[id] = *seen
	}
	for _, svc := range s.OnHost[h.ID] {
		all[svc.ID] = svc.Sightings
		for _, b := range svc.Bindings {
			all[b.ID] = b.Sightings
		}
	}
	return all
}
