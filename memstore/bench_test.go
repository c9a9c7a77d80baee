package memstore_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// bindingsPerService is how many bindings each service of a benchmark has.
const bindingsPerService = 4

// A fleet is a store with many services, ten on a host.
type fleet struct {
	store    *memstore.Store
	hosts    []host.Host
	services []uuid.UUID
	random   *rand.Rand
	last     uint64 // of the random part of IDs, ascending as that of UUIDv7
}

// id returns an ID as UUIDv7 makes them: ascending, and random at its end.
func (f *fleet) id() (id uuid.UUID) {
	f.last += 1 << 40
	binary.BigEndian.PutUint64(id[:8], f.last)
	binary.BigEndian.PutUint64(id[8:], f.random.Uint64())
	return id
}

func (f *fleet) binding(serviceID uuid.UUID, port host.Port) binding.Binding {
	now := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	return binding.Binding{
		ID: f.id(), ServiceID: serviceID, NetworkID: f.hosts[0].NetworkID, CreatedAt: now, UpdatedAt: now,
		Target: binding.Port(port.ID, binding.AllInterfaces()),
	}
}

func newFleet(tb testing.TB, services int) *fleet {
	f := &fleet{store: memstore.New(), random: rand.New(rand.NewPCG(1, 2)), last: 0x0190 << 48}
	networkID := f.id()
	for len(f.services) < services {
		err := f.store.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
			h := host.Host{ID: f.id(), NetworkID: networkID, Revision: 1}
			for i := range 20 {
				h.Ports = append(h.Ports, host.Port{ID: f.id(), Number: uint16(i + 1), Protocol: host.TCP})
			}
			f.hosts = append(f.hosts, h)
			if err := w.PutHost(ctx, h); err != nil {
				return err
			}
			for i := range min(10, services-len(f.services)) {
				s := service.Service{ID: f.id(), HostID: h.ID, NetworkID: networkID, Name: "nginx", Position: int32(i), Revision: 1}
				if err := w.PutService(ctx, s); err != nil {
					return err
				}
				var set []binding.Binding
				for j := range bindingsPerService {
					set = append(set, f.binding(s.ID, h.Ports[(i+5*j)%20]))
				}
				if err := w.PutBindings(ctx, s.ID, set, nil); err != nil {
					return err
				}
				f.services = append(f.services, s.ID)
			}
			return nil
		})
		require.NoError(tb, err)
	}
	runtime.GC()
	return f
}

// fleets runs a benchmark on a store of a hundred bindings, and on a large one.
func fleets(b *testing.B, large int, bench func(b *testing.B, f *fleet)) {
	for _, bindings := range []int{100, large} {
		services := bindings / bindingsPerService
		var f *fleet
		b.Run(fmt.Sprintf("bindings=%d", bindings), func(b *testing.B) {
			if f == nil {
				f = newFleet(b, services)
			}
			b.ReportAllocs()
			bench(b, f)
		})
	}
}

// BenchmarkAddBinding is a write transaction of CreateBinding: it reads a service
// and the inventory of its host, adds a binding, puts the service with its next
// revision and commits. When every service has got one, all are taken away again,
// which is not measured.
func BenchmarkAddBinding(b *testing.B) {
	fleets(b, 1_000_000, func(b *testing.B, f *fleet) {
		ctx := context.Background()
		added := make([][]uuid.UUID, len(f.services))
		order := f.random.Perm(len(f.services))
		b.ResetTimer()
		for i := range b.N {
			if i > 0 && i%len(order) == 0 {
				b.StopTimer()
				f.remove(b, added)
				b.StartTimer()
			}
			n := order[i%len(order)]
			fresh := f.binding(f.services[n], f.hosts[n/10].Ports[n%20])
			err := f.store.Update(ctx, func(ctx context.Context, w store.Writer) error {
				s, err := w.Service(ctx, f.services[n])
				if err != nil {
					return err
				}
				if _, err := w.Inventory(ctx, s.HostID); err != nil {
					return err
				}
				put := [1]binding.Binding{fresh}
				if err := w.PutBindings(ctx, s.ID, put[:], nil); err != nil {
					return err
				}
				s.Revision++
				return w.PutService(ctx, s)
			})
			if err != nil {
				b.Fatal(err)
			}
			added[n] = append(added[n], fresh.ID)
		}
		b.StopTimer()
		f.remove(b, added)
	})
}

// remove deletes bindings of every service.
func (f *fleet) remove(tb testing.TB, bindings [][]uuid.UUID) {
	for n, ids := range bindings {
		if len(ids) == 0 {
			continue
		}
		err := f.store.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
			return w.PutBindings(ctx, f.services[n], nil, ids)
		})
		require.NoError(tb, err)
		bindings[n] = ids[:0]
	}
}

func BenchmarkService(b *testing.B) {
	fleets(b, 100_000, func(b *testing.B, f *fleet) {
		ctx := context.Background()
		for b.Loop() {
			id := f.services[f.random.IntN(len(f.services))]
			err := f.store.View(ctx, func(ctx context.Context, r store.Reader) error {
				_, err := r.Service(ctx, id)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkServicesOnHost(b *testing.B) {
	fleets(b, 100_000, func(b *testing.B, f *fleet) {
		ctx := context.Background()
		for b.Loop() {
			id := f.hosts[f.random.IntN(len(f.hosts))].ID
			err := f.store.View(ctx, func(ctx context.Context, r store.Reader) error {
				_, err := r.ServicesOnHost(ctx, id)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkListeners(b *testing.B) {
	fleets(b, 100_000, func(b *testing.B, f *fleet) {
		ctx := context.Background()
		for b.Loop() {
			h := &f.hosts[f.random.IntN(len(f.hosts))]
			err := f.store.View(ctx, func(ctx context.Context, r store.Reader) error {
				_, err := r.Listeners(ctx, h.ID, h.Ports[0].ID)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEmptyUpdate(b *testing.B) {
	s, ctx := memstore.New(), context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Update(ctx, func(context.Context, store.Writer) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadMostly reads services from all cores, and writes now and then from one.
func BenchmarkReadMostly(b *testing.B) {
	f := newFleet(b, 25_000)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		ctx, random := context.Background(), rand.New(rand.NewPCG(3, rand.Uint64()))
		for n := 0; pb.Next(); n++ {
			id := f.services[random.IntN(len(f.services))]
			var s service.Service
			err := f.store.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
				s, err = r.Service(ctx, id)
				return err
			})
			if err == nil && n%100 == 0 {
				s.Revision++
				err = f.store.Update(ctx, func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, s) })
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLoad builds a store of 400,000 bindings and reports what one of them costs in memory, all
// that is stored beside them included.
func BenchmarkLoad(b *testing.B) {
	const services = 100_000
	for b.Loop() {
		before := heap()
		f := newFleet(b, services)
		store := f.store
		*f = fleet{}
		perBinding := float64(heap()-before) / (services * bindingsPerService)
		b.ReportMetric(perBinding, "B/binding")
		b.ReportMetric(perBinding/float64(unsafe.Sizeof(binding.Binding{})), "x-of-its-fields")
		runtime.KeepAlive(store)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
