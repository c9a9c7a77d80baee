package storetest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// spread returns IDs in ascending order that are out of it for whoever compares
// signed, from the end, by words of the other byte order, or not to the end.
func spread() []uuid.UUID {
	return []uuid.UUID{
		{15: 1},
		{15: 0x80},
		{15: 0xff},
		{14: 1},
		{8: 1},
		{7: 1},
		{7: 0x80},
		{0: 1},
		{0: 1, 15: 1},
		{0: 0x7f, 1: 0xff},
		{0: 0x80},
		{0: 0x80, 7: 0xff, 8: 0x80},
		{0: 0xff},
		{0: 0xff, 15: 0xff},
	}
}

// shuffled returns the members in an order that is always the same and not
// theirs.
func shuffled[T any](members []T) []T {
	members = slices.Clone(members)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return members
}

func testOrder(t *testing.T, open opener) {
	for name, network := range map[string]uuid.UUID{"a network": {14: 7}, "all networks": uuid.Nil} {
		open.test(t, "the hosts of "+name+" come by ID, page by page", func(f *fixture) {
			f.store = open(t) // an empty one
			f.update(func(ctx context.Context, w store.Writer) error {
				var errs []error
				for i, id := range shuffled(spread()) {
					h := host.Host{ID: id, NetworkID: network, Revision: 1}
					if network == uuid.Nil {
						h.NetworkID = uuid.UUID{15: byte(1 + i%3)}
					}
					errs = append(errs, w.PutHost(ctx, h))
				}
				return errors.Join(errs...)
			})
			f.requirePages(func(ctx context.Context, r store.Reader, after uuid.UUID, limit int) ([]uuid.UUID, error) {
				hosts, err := r.Hosts(ctx, network, after, limit)
				return hostIDs(hosts), err
			})
		})
	}
	open.test(t, "networks that have hosts come by ID, page by page", func(f *fixture) {
		f.store = open(t) // an empty one
		f.update(func(ctx context.Context, w store.Writer) error {
			var errs []error
			for i, id := range shuffled(spread()) {
				for n := range 1 + i%3 {
					errs = append(errs, w.PutHost(ctx, host.Host{ID: uuid.UUID{1: 1, 14: byte(i), 15: byte(n)}, NetworkID: id}))
				}
			}
			return errors.Join(errs...)
		})
		f.requirePages(func(ctx context.Context, r store.Reader, after uuid.UUID, limit int) ([]uuid.UUID, error) {
			return r.Networks(ctx, after, limit)
		})
	})
	open.test(t, "a page has the hosts of one network only", func(f *fixture) {
		f.update(func(ctx context.Context, w store.Writer) error {
			var errs []error
			for i, id := range spread() {
				errs = append(errs, w.PutHost(ctx, host.Host{ID: id, NetworkID: uuid.UUID{15: byte(1 + i%2)}, Revision: 1}))
			}
			return errors.Join(errs...)
		})
		f.view(func(ctx context.Context, r store.Reader) error {
			one, err := r.Hosts(ctx, uuid.UUID{15: 1}, uuid.Nil, 100)
			require.Len(f.t, one, 7)
			two, errTwo := r.Hosts(ctx, uuid.UUID{15: 2}, uuid.Nil, 0)
			require.Len(f.t, two, 7)
			none, errNone := r.Hosts(ctx, uuid.UUID{14: 1}, uuid.Nil, 0)
			require.Empty(f.t, none)
			return errors.Join(err, errTwo, errNone)
		})
	})
	open.test(t, "hosts that are found, and services that are asked for, come by ID", func(f *fixture) {
		f.update(func(ctx context.Context, w store.Writer) error {
			var errs []error
			for i, id := range shuffled(spread()) {
				h := f.place.first.Clone()
				h.ID, h.NetworkID = id, f.place.unknown
				errs = append(errs, w.PutHost(ctx, h), w.PutService(ctx, service.Service{ID: id, HostID: id, Position: int32(i)}))
			}
			return errors.Join(errs...)
		})
		f.view(func(ctx context.Context, r store.Reader) error {
			hosts, err := r.HostsWith(ctx, f.place.unknown, []netip.Addr{f.place.first.IPAddresses[0].Address}, nil)
			require.Equal(f.t, spread(), hostIDs(hosts))
			services, errServices := r.Services(ctx, shuffled(spread())...)
			require.Equal(f.t, spread(), serviceIDs(services))
			return errors.Join(err, errServices)
		})
	})
	open.test(t, "services come by position, then by ID", func(f *fixture) {
		ids := spread()
		positions := []int32{math.MinInt32, math.MinInt32, -256, -1, -1, -1, 0, 0, 1, 255, 256, math.MaxInt32, math.MaxInt32, math.MaxInt32}
		var want []service.Service
		for i, id := range ids {
			want = append(want, service.Service{ID: id, HostID: f.place.second.ID, NetworkID: f.place.network, Position: positions[i]})
		}
		f.update(func(ctx context.Context, w store.Writer) error {
			var errs []error
			for _, s := range shuffled(want) {
				errs = append(errs, w.PutService(ctx, s))
			}
			return errors.Join(errs...)
		})
		require.Equal(f.t, want, f.state().OnHost[f.place.second.ID])
	})
	for _, highest := range []int32{math.MinInt32, -7, 0, math.MaxInt32} {
		open.test(t, "the last position is the highest, also where that is "+describe(highest), func(f *fixture) {
			f.update(func(ctx context.Context, w store.Writer) error {
				var errs []error
				for i, position := range []int32{math.MinInt32, highest, math.MinInt32} {
					s := f.place.service(2 + i)
					s.HostID, s.Position = f.place.second.ID, position
					errs = append(errs, w.PutService(ctx, s))
				}
				return errors.Join(errs...)
			})
			require.Equal(f.t, map[uuid.UUID]int32{f.place.first.ID: 1, f.place.second.ID: highest}, f.state().Last)
		})
	}
	open.test(t, "a host without services has no last position", func(f *fixture) {
		require.NotContains(f.t, f.state().Last, f.place.second.ID)
		f.view(func(ctx context.Context, r store.Reader) error {
			_, ok, err := r.LastPosition(ctx, f.place.unknown)
			require.False(f.t, ok)
			services, errServices := r.ServicesOnHost(ctx, f.place.unknown)
			require.Empty(f.t, services)
			return errors.Join(err, errServices)
		})
	})
	open.test(t, "bindings come by ID", func(f *fixture) {
		all := f.spreadBindings()
		f.update(func(ctx context.Context, w store.Writer) error {
			mixed := shuffled(all)
			return errors.Join(
				w.PutBindings(ctx, f.web.ID, mixed[:5], bindingIDs(f.web.Bindings)),
				w.PutBindings(ctx, f.web.ID, mixed[5:], nil),
				w.PutBindings(ctx, f.web.ID, mixed[3:9], bindingIDs(mixed[:3])),
				w.PutBindings(ctx, f.web.ID, mixed[:3], bindingIDs(mixed[6:9])),
				w.PutBindings(ctx, f.web.ID, mixed[6:9], nil),
			)
		})
		require.Equal(f.t, all, f.service(f.web.ID).Bindings)
		require.Equal(f.t, all, f.state().OnHost[f.place.first.ID][0].Bindings)
	})
	open.test(t, "listeners come by ID, whatever their service and port", func(f *fixture) {
		all := f.spreadBindings()
		var want []uuid.UUID
		for i := range all {
			all[i].Target = binding.Port(f.place.ports[i%3], binding.AllInterfaces())
			all[i].ServiceID = []uuid.UUID{f.web.ID, f.dns.ID}[i/2%2]
			if i%3 != 1 {
				want = append(want, all[i].ID)
			}
		}
		f.update(func(ctx context.Context, w store.Writer) error {
			errs := []error{
				w.PutBindings(ctx, f.web.ID, nil, bindingIDs(f.web.Bindings)),
				w.PutBindings(ctx, f.dns.ID, nil, bindingIDs(f.dns.Bindings)),
			}
			for _, b := range shuffled(all) {
				errs = append(errs, w.PutBindings(ctx, b.ServiceID, []binding.Binding{b}, nil))
			}
			return errors.Join(errs...)
		})
		var got []uuid.UUID
		for _, claim := range f.listeners(f.place.first.ID, f.place.ports[2], f.place.ports[0]) {
			got = append(got, claim.Binding.ID)
		}
		require.Equal(f.t, want, got)
	})
}

// requirePages checks that a method returns the IDs of spread in order, in pages of
// every size.
func (f *fixture) requirePages(read func(ctx context.Context, r store.Reader, after uuid.UUID, limit int) ([]uuid.UUID, error)) {
	ids := spread()
	page := func(after uuid.UUID, limit int) (got []uuid.UUID) {
		f.view(func(ctx context.Context, r store.Reader) (err error) {
			got, err = read(ctx, r, after, limit)
			return err
		})
		return got
	}
	for _, unlimited := range []int{0, -1, math.MinInt, math.MaxInt, len(ids), len(ids) + 1} {
		require.Equal(f.t, ids, page(uuid.Nil, unlimited), "limit %d", unlimited)
	}
	for limit := 1; limit < len(ids); limit++ {
		var all []uuid.UUID
		for after := uuid.Nil; len(all) <= len(ids); after = all[len(all)-1] {
			next := page(after, limit)
			require.LessOrEqual(f.t, len(next), limit)
			all = append(all, next...)
			if len(next) < limit {
				break
			}
		}
		require.Equal(f.t, ids, all, "limit %d", limit)
	}
	require.Equal(f.t, ids[3:5], page(ids[2], 2), "after one of them")
	require.Equal(f.t, ids[10:], page(uuid.UUID{0: 0x7f, 1: 0xff, 2: 1}, 0), "after none of them")
	require.Empty(f.t, page(ids[len(ids)-1], 0))
}

// spreadBindings returns bindings of the web service with the IDs of spread.
func (f *fixture) spreadBindings() []binding.Binding {
	var all []binding.Binding
	for _, id := range spread() {
		b := f.place.binding(0, f.web, binding.Interface(f.place.eth0))
		b.ID = id
		all = append(all, b)
	}
	return all
}

func describe(position int32) string {
	switch {
	case position == math.MinInt32:
		return "the least there is"
	case position == math.MaxInt32:
		return "the greatest there is"
	case position < 0:
		return "negative"
	default:
		return "zero"
	}
}
