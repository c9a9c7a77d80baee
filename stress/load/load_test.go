package load_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
)

var large = flag.Bool("large", false, "measure stores of 1,000,000 bindings too")

func Benchmark(b *testing.B) {
	sizes := []int{1, 10, 1000}
	if *large {
		sizes = append(sizes, 10_000)
	}
	for _, subject := range subjects {
		for _, hosts := range sizes {
			b.Run(fmt.Sprintf("%s/hosts=%d/bindings=%d", subject.name, hosts, hosts*bindingsPerHost), func(b *testing.B) {
				store := subject.open(b)
				t := fill(b, store, hosts)
				store.settle()
				b.Run("Bytes", func(b *testing.B) {
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(store.bytes()/float64(hosts*bindingsPerHost), "B/binding")
				})
				for _, goroutines := range []int{1, 16} {
					b.Run(fmt.Sprintf("CreateBinding/goroutines=%d", goroutines), func(b *testing.B) { createBindings(b, store, t, goroutines) })
					b.Run(fmt.Sprintf("ReadHost/goroutines=%d", goroutines), func(b *testing.B) { readHosts(b, store, t, goroutines) })
					b.Run(fmt.Sprintf("Observe/goroutines=%d", goroutines), func(b *testing.B) { observeHosts(b, store, t, goroutines) })
				}
			})
		}
	}
}

// createBindings measures CreateBinding. What it makes is deleted whenever the town
// is full, and in the end, while no time is taken.
func createBindings(b *testing.B, store subject, t *town, goroutines int) {
	m := bindset.NewManager(store)
	ctx := context.Background()
	r := begin(b, store)
	for len(r.took) < b.N {
		made := make([]uuid.UUID, min(b.N-len(r.took), t.room()))
		r.measure(goroutines, len(made), func(i int) error {
			created, _, err := m.CreateBinding(ctx, t.newcomer(i))
			made[i] = created.ID
			return err
		})
		gone, _, err := m.DeleteBindings(ctx, made)
		require.NoError(b, err)
		require.Equal(b, len(made), gone, "every call made a binding")
	}
	r.report()
}

// readHosts measures reading a host with its services and their bindings.
func readHosts(b *testing.B, store subject, t *town, goroutines int) {
	r := begin(b, store)
	r.measure(goroutines, b.N, func(i int) error {
		_, err := t.read(context.Background(), store, i)
		return err
	})
	r.report()
}

// observeHosts measures Observe of a host on which nothing is new: every binding
// is seen once more.
func observeHosts(b *testing.B, store subject, t *town, goroutines int) {
	m := bindset.NewManager(store)
	ctx := context.Background()
	r := begin(b, store)
	for len(r.took) < b.N {
		seen := make([]service.Discovery, min(b.N-len(r.took), len(t.houses)))
		now := binding.Time(time.Now())
		for i := range seen {
			var err error
			seen[i], err = t.read(ctx, store, i)
			require.NoError(b, err)
			for _, s := range seen[i].Services {
				for k := range s.Bindings {
					s.Bindings[k].LastSeenAt = now
				}
			}
		}
		r.measure(goroutines, len(seen), func(i int) error {
			change, err := m.Observe(ctx, seen[i])
			if err == nil && len(change.Added)+len(change.Skipped) > 0 {
				return fmt.Errorf("something is new: %+v", change)
			}
			return err
		})
	}
	r.report()
}

// A run is one benchmark's measurements.
type run struct {
	b                *testing.B
	store            subject
	took             []time.Duration
	retries, written float64
}

func begin(b *testing.B, store subject) *run {
	b.ResetTimer()
	b.StopTimer()
	return &run{b: b, store: store}
}

// measure calls do with 0 to n-1, from some goroutines, while the benchmark's time
// runs.
func (r *run) measure(goroutines, n int, do func(i int) error) {
	took := make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	retries, written := r.store.retries(), r.store.written()
	r.b.StartTimer()
	for range goroutines {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				start := time.Now()
				if err := do(i); err != nil {
					r.b.Error(err)
				}
				took[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	r.b.StopTimer()
	r.retries += r.store.retries() - retries
	r.written += r.store.written() - written
	r.took = append(r.took, took...)
}

func (r *run) report() {
	slices.Sort(r.took)
	milliseconds := func(share int) float64 { return r.took[(len(r.took)-1)*share/100].Seconds() * 1000 }
	n := float64(len(r.took))
	r.b.ReportMetric(n/r.b.Elapsed().Seconds(), "ops/s")
	r.b.ReportMetric(milliseconds(50), "p50-ms")
	r.b.ReportMetric(milliseconds(99), "p99-ms")
	r.b.ReportMetric(r.retries/n, "retries/op")
	if r.written > 0 {
		r.b.ReportMetric(r.written/n, "written-B/op")
	}
}
