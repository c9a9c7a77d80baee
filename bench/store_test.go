package bench_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
)

const rows = 100_000 // bindings in a store

// BenchmarkStore does with a store what a Manager does.
func BenchmarkStore(b *testing.B) {
	operations := []struct {
		name string
		run  func(b *testing.B, s bindingStore, others []binding.Binding)
	}{
		{"read", read},
		{"read-beside-write", readBesideWrite},
		{"write", write},
		{"mix", mix},
	}
	for _, st := range stores {
		s := st.open(b)
		others := fill(b, s, rows)
		for _, op := range operations {
			b.Run(fmt.Sprintf("op=%s/rows=%d/by=%s", op.name, rows, st.name), func(b *testing.B) {
				op.run(b, s, others)
			})
		}
	}
}

// read reads a service with its four bindings.
func read(b *testing.B, s bindingStore, others []binding.Binding) {
	i := 0
	for b.Loop() {
		if _, err := s.Service(others[i%len(others)].ServiceID); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// readBesideWrite reads while a write transaction is open.
func readBesideWrite(b *testing.B, s bindingStore, others []binding.Binding) {
	defer s.Begin()()
	read(b, s, others)
}

// round is how many bindings are added before they are removed again, so that no
// set and no store grows: as many as the smallest store has services.
const round = 25

// rounds measures add alone, in rounds between which remove undoes it. The clock
// is its own: that of testing.B reads the memory statistics whenever it stops,
// which empties the caches of the allocator, and to fill them again would be a
// third of what a round takes.
func rounds(b *testing.B, add func() error, remove func() error) {
	var spent time.Duration
	n := 0
	for b.Loop() {
		start := time.Now()
		for range round {
			if err := add(); err != nil {
				b.Fatal(err)
			}
		}
		spent += time.Since(start)
		n += round
		if err := remove(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(n), "ns/op")
}

// write reads a service, adds a binding to it, and commits.
func write(b *testing.B, s bindingStore, others []binding.Binding) {
	i := 0
	add := func() error {
		i++
		return s.Add(others[i-1])
	}
	rounds(b, add, func() error {
		added := others[i-round : i]
		i %= len(others)
		return s.Remove(added)
	})
}

// mix reads services and, once in a hundred times, replaces a binding, in as many
// goroutines as there are cores.
func mix(b *testing.B, s bindingStore, others []binding.Binding) {
	stored := make([]binding.Binding, 1000)
	for i := range stored {
		read, err := s.Service(others[i].ServiceID)
		if err != nil {
			b.Fatal(err)
		}
		stored[i] = read.Bindings[0]
	}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		random := rand.New(rand.NewPCG(rand.Uint64(), 0))
		for pb.Next() {
			var err error
			if random.IntN(100) == 0 {
				err = s.Add(stored[random.IntN(len(stored))])
			} else {
				_, err = s.Service(others[random.IntN(len(others))].ServiceID)
			}
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkCreateBinding adds bindings through a Manager on memstore.
func BenchmarkCreateBinding(b *testing.B) {
	for _, n := range []int{100, 10_000, 1_000_000} {
		s := memstore.New()
		others := fill(b, inMemory{s}, n)
		b.Run(fmt.Sprintf("bindings=%d", n), func(b *testing.B) {
			ctx := context.Background()
			m := bindset.NewManager(s)
			created := make([]uuid.UUID, 0, round)
			i := 0
			add := func() error {
				made, _, err := m.CreateBinding(ctx, binding.Binding{ServiceID: others[i].ServiceID, Target: others[i].Target})
				created = append(created, made.ID)
				i = (i + 1) % len(others)
				return err
			}
			rounds(b, add, func() error {
				_, _, err := m.DeleteBindings(ctx, created)
				created = created[:0]
				return err
			})
		})
	}
}

// BenchmarkBytes measures what a stored binding holds of memory, beside hosts and
// services, against the bytes of its fields.
func BenchmarkBytes(b *testing.B) {
	for _, st := range stores {
		for _, n := range []int{rows, 1_000_000} {
			if n > rows && st.name != "memstore" {
				continue
			}
			b.Run(fmt.Sprintf("bindings=%d/by=%s", n, st.name), func(b *testing.B) {
				var perBinding float64
				for b.Loop() {
					perBinding = heldBy(b, st.open, n) - heldBy(b, withoutBindings(st.open), n)
				}
				perBinding /= float64(n)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(perBinding, "B/binding")
				b.ReportMetric(perBinding/float64(reflect.TypeFor[binding.Binding]().Size()), "x-fields")
			})
		}
	}
}

// heldBy returns the bytes of the heap that a filled store holds.
func heldBy(b *testing.B, open func(testing.TB) bindingStore, bindings int) float64 {
	before := heap()
	s := open(b)
	for inv, services := range input.Fleet(bindings) {
		if err := s.Put(inv, services); err != nil {
			b.Fatal(err)
		}
	}
	held := heap() - before
	runtime.KeepAlive(s)
	return held
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// withoutBindings makes stores that are given services without any.
func withoutBindings(open func(testing.TB) bindingStore) func(testing.TB) bindingStore {
	return func(t testing.TB) bindingStore { return empty{open(t)} }
}

type empty struct{ bindingStore }

func (s empty) Put(inv *host.Inventory, services []service.Service) error {
	for i := range services {
		services[i].Bindings = nil
	}
	return s.bindingStore.Put(inv, services)
}
