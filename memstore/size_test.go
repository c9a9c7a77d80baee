package memstore

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// sameTag returns pairs of IDs that have the same tag in a store.
func sameTag(t *testing.T, s *Store) (pairs [][]uuid.UUID) {
	const tries = 1 << 19 // 32 pairs in the mean
	seen := make(map[tag]uuid.UUID, tries)
	for i := range uint64(tries) {
		var id uuid.UUID
		binary.BigEndian.PutUint64(id[:8], i+1)
		tag := tagOf(s.services.seed, id)
		if other, ok := seen[tag]; ok {
			pairs = append(pairs, []uuid.UUID{other, id})
		}
		seen[tag] = id
	}
	require.NotEmpty(t, pairs)
	return pairs
}

func TestIDsWithTheSameTagAreToldApart(t *testing.T) {
	s := one(t, 0)
	for _, pair := range sameTag(t, s) {
		a, b := pair[0], pair[1]
		ctx := context.Background()
		update(t, s, func(ctx context.Context, w store.Writer) error {
			return errors.Join(
				w.PutService(ctx, service.Service{ID: a, HostID: hostIDs[0], Name: "a"}),
				w.PutBindings(ctx, a, at(a, pair), nil),
			)
		})
		whole := s.look(world{})
		require.Nil(t, s.services.find(b, s.last.Load()))
		update(t, s, func(ctx context.Context, w store.Writer) error {
			return errors.Join(
				w.PutService(ctx, service.Service{ID: b, HostID: hostIDs[0], Name: "b"}),
				w.PutBindings(ctx, a, nil, pair[:1]),
			)
		})
		s.requireWhole(t)
		requireOwners := func(r *reader, want map[uuid.UUID]uuid.UUID) {
			owners, err := r.BindingOwners(ctx, pair...)
			require.NoError(t, err)
			require.Equal(t, want, owners)
		}
		requireOwners(whole.reader, map[uuid.UUID]uuid.UUID{a: a, b: a})
		s.views.end(whole.holder)
		update(t, s, func(context.Context, store.Writer) error { return nil })
		s.requireWhole(t)
		half := s.look(world{})
		requireOwners(half.reader, map[uuid.UUID]uuid.UUID{b: a})
		s.views.end(half.holder)
		update(t, s, func(ctx context.Context, w store.Writer) error {
			require.ErrorIs(t, w.PutBindings(ctx, b, at(b, pair[1:]), nil), store.ErrExists)
			require.NoError(t, w.PutBindings(ctx, b, at(b, pair[:1]), nil))
			return errors.Join(w.DeleteService(ctx, a), w.DeleteService(ctx, b))
		})
		s.requireWhole(t)
	}
	require.Zero(t, s.bindings.entries)
}

// A binding that leaves a service and comes back while a View runs, however
// often, takes one entry.
func TestABindingThatComesAndGoesTakesOneEntry(t *testing.T) {
	s := one(t, 1)
	l := s.look(world{})
	for range 100 {
		update(t, s, func(ctx context.Context, w store.Writer) error {
			return w.PutBindings(ctx, serviceIDs[0], nil, []uuid.UUID{listeners(1)[0].ID})
		})
		require.Equal(t, 1, s.bindings.entries, "the View reads it")
		update(t, s, func(ctx context.Context, w store.Writer) error {
			return w.PutBindings(ctx, serviceIDs[0], listeners(1), nil)
		})
		require.Equal(t, 1, s.bindings.entries)
	}
	s.views.end(l.holder)
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, serviceIDs[0]) })
	require.Zero(t, s.bindings.entries)
}

// manyServices returns a store with services of four listeners each, ten on a
// host.
func manyServices(tb testing.TB, services int) *Store {
	s := New()
	ids, bindings := bindingtest.IDs(30, services), bindingtest.IDs(31, 4*services)
	for on := range slices.Chunk(ids, 10) {
		update(tb, s, func(ctx context.Context, w store.Writer) error {
			err := w.PutHost(ctx, host.Host{ID: on[0], NetworkID: networkIDs[0]})
			for i, id := range on {
				err = errors.Join(err,
					w.PutService(ctx, service.Service{ID: id, HostID: on[0], Position: int32(i)}),
					w.PutBindings(ctx, id, at(id, bindings[:4]), nil))
				bindings = bindings[4:]
			}
			return err
		})
	}
	return s
}

func TestABindingTakesLessThanThreeTimesItsFields(t *testing.T) {
	const services = 5000
	before := heapInUse()
	s := manyServices(t, services)
	perBinding := float64(heapInUse()-before) / (4 * services)
	require.Less(t, perBinding, 3*float64(unsafe.Sizeof(binding.Binding{})), "hosts and services and all")
	t.Logf("%.0f bytes for a binding of %d", perBinding, unsafe.Sizeof(binding.Binding{}))
	runtime.KeepAlive(s)
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestTransactionsAllocateLittle(t *testing.T) {
	ctx := context.Background()
	allocated := map[int]float64{}
	for _, services := range []int{10, 10_000} {
		s := manyServices(t, services)
		id := bindingtest.IDs(30, 1)[0]
		read := testing.AllocsPerRun(100, func() {
			_ = s.View(ctx, func(ctx context.Context, r store.Reader) error {
				_, err := r.Service(ctx, id)
				return err
			})
		})
		require.LessOrEqual(t, read, 2.0, "the Reader and the set")

		put := at(id, bindingtest.IDs(32, 1))
		n := 0
		allocated[services] = testing.AllocsPerRun(100, func() {
			err := s.Update(ctx, func(ctx context.Context, w store.Writer) error {
				v, err := w.Service(ctx, id)
				if err != nil {
					return err
				}
				n++
				put[0].ID = uuid.UUID{0: 0xff, 15: byte(n)}
				v.Revision++
				return errors.Join(w.PutBindings(ctx, id, put, nil), w.PutService(ctx, v))
			})
			require.NoError(t, err)
		})
		require.LessOrEqual(t, allocated[services], 10.0)
	}
	require.InDelta(t, allocated[10], allocated[10_000], 1, "as much in a large store")
}
