package memstore

import (
	"context"
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
