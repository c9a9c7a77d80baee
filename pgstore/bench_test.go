package pgstore_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
)

var large = flag.Bool("large", false, "benchmark with stores of 1,000,000 bindings too")

// sizes are the numbers of hosts to benchmark with; each host has 100 bindings.
func sizes() []int {
	if *large {
		return []int{10, 10_000}
	}
	return []int{10}
}

// BenchmarkCreateBinding has several goroutines add listeners to the services of
// one host, or of a thousand. It reports what share of the calls took how long,
// and how many attempts were in vain.
func BenchmarkCreateBinding(b *testing.B) {
	for _, hosts := range []int{1, 1000} {
		for _, goroutines := range []int{1, 16} {
			b.Run(fmt.Sprintf("hosts=%d/goroutines=%d", hosts, goroutines), func(b *testing.B) {
				store, schema := openSized(b, 16)
				fill(b, schema, hosts)
				benchmarkCreateBinding(b, store, hosts, goroutines)
			})
		}
	}
}

// BenchmarkGrowth does what must not get slower as the store grows.
func BenchmarkGrowth(b *testing.B) {
	for _, hosts := range sizes() {
		store, schema := openSized(b, 16)
		fill(b, schema, hosts)
		name := fmt.Sprintf("bindings=%d/", hosts*servicesPerHost*bindingsPerService)
		b.Run(name+"CreateBinding", func(b *testing.B) { benchmarkCreateBinding(b, store, hosts, 1) })
		b.Run(name+"ReadHost", func(b *testing.B) { benchmarkReadHost(b, store, hosts) })
		b.Run(name+"Disk", func(b *testing.B) { reportDisk(b, schema) })
	}
}

func openSized(b *testing.B, connections int32) (store *pgstore.Store, schema string) {
	schema = pgtest.Schema(b)
	config, err := pgxpool.ParseConfig(pgtest.DSN(b))
	require.NoError(b, err)
	config.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	store, err = pgstore.New(pool, pgstore.WithSchema(schema))
	require.NoError(b, err)
	require.NoError(b, store.Migrate(context.Background()))
	return store, schema
}

// benchmarkCreateBinding spreads its calls over the hosts and their services, and
// over those 100 ports of each host that nobody listens on, on either interface
// and each of its addresses: no call finds what another one made, before there
// are 4,000 for each host.
func benchmarkCreateBinding(b *testing.B, store *pgstore.Store, hosts, goroutines int) {
	ctx := context.Background()
	manager := service.NewManager(store)
	before := store.Stats()
	var next atomic.Int64
	var workers sync.WaitGroup
	took := make([]time.Duration, b.N)
	b.ResetTimer()
	for range goroutines {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				start := time.Now()
				_, _, err := manager.CreateBinding(ctx, newListener(i, hosts))
				took[i] = time.Since(start)
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	workers.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[b.N/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(store.Stats().Retries-before.Retries)/float64(b.N), "retries/op")
}

// newListener returns the i-th listener that is new on hosts that fill made.
func newListener(i, hosts int) binding.Binding {
	h, i := i%hosts, i/hosts
	s, i := i%servicesPerHost, i/servicesPerHost
	port, i := 100+i%100, i/100
	return binding.Binding{
		ServiceID: idOf("service %d %d", h, s),
		Target:    binding.Port(idOf("port %d %d", h, port), binding.OnIPAddress(idOf("address %d %d", h, i%4))),
	}
}

func benchmarkReadHost(b *testing.B, store *pgstore.Store, hosts int) {
	ctx := context.Background()
	for i := range b.N {
		err := store.View(ctx, func(ctx context.Context, r service.Reader) error {
			id := idOf("host %d", i%hosts)
			if _, err := r.Inventory(ctx, id); err != nil {
				return err
			}
			services, err := r.ServicesOnHost(ctx, id)
			if len(services) != servicesPerHost {
				return fmt.Errorf("%d services", len(services))
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// reportDisk reports what a binding takes on disk, indexes and all, and what it
// takes with its share of service and host.
func reportDisk(b *testing.B, schema string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.DSN(b))
	require.NoError(b, err)
	defer conn.Close(ctx)
	size := func(table string) (bytes float64) {
		name := pgx.Identifier{schema, table}.Sanitize()
		require.NoError(b, conn.QueryRow(ctx, "SELECT pg_total_relation_size($1::regclass)::float8", name).Scan(&bytes))
		return bytes
	}
	var bindings float64
	require.NoError(b, conn.QueryRow(ctx, "SELECT count(*)::float8 FROM "+pgx.Identifier{schema, "bindings"}.Sanitize()).Scan(&bindings))
	all := 0.0
	for _, table := range []string{"hosts", "interfaces", "ip_addresses", "ports", "services", "bindings"} {
		all += size(table)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(size("bindings")/bindings, "B/binding")
	b.ReportMetric(all/bindings, "B/binding-with-host")
}
