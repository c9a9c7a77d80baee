package boltstore_test

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
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

var large = flag.Bool("large", false, "also measure a store of almost a million bindings")

const (
	serviceCount = 1000 // in a store
	portCount    = 1000 // of a host
)

// A town is a store with a thousand services, spread over its hosts. Each has
// the same thousand ports, under IDs of its own.
type town struct {
	store    *boltstore.Store
	manager  *service.Manager
	hosts    []host.Host
	services []service.Service
	next     atomic.Int64
}

// newTown returns a town in which each service has some bindings.
func newTown(b *testing.B, hosts, bindingsEach int) *town {
	b.Helper()
	s := open(b, newPath(b))
	c := &town{store: s, manager: service.NewManager(s)}
	for range hosts {
		h := host.Host{ID: uuid.New(), NetworkID: networkID}
		for n := range portCount {
			h.Ports = append(h.Ports, host.Port{ID: uuid.New(), Number: uint16(n + 1), Protocol: host.TCP})
		}
		c.hosts = append(c.hosts, h)
	}
	update(b, s, func(ctx context.Context, w service.Writer) {
		for i := range c.hosts {
			require.NoError(b, w.PutHost(ctx, c.hosts[i]))
		}
		for i := range serviceCount {
			h := &c.hosts[i%hosts]
			svc := service.Service{ID: uuid.New(), HostID: h.ID, NetworkID: networkID, Name: "nginx", Position: int32(i), Revision: 1}
			require.NoError(b, w.PutService(ctx, svc))
			c.services = append(c.services, svc)
		}
	})
	for i := range bindingsEach {
		update(b, s, func(ctx context.Context, w service.Writer) {
			for j := range c.services {
				x := c.binding(i*serviceCount + j)
				x.ID, x.CreatedAt, x.UpdatedAt = uuid.Must(uuid.NewV7()), at, at
				x.NetworkID = networkID
				require.NoError(b, w.PutBindings(ctx, x.ServiceID, []binding.Binding{x}, nil))
			}
		})
	}
	c.next.Store(int64(serviceCount * bindingsEach))
	return c
}

// binding returns the n-th binding: all services get one before any gets another.
func (c *town) binding(n int) binding.Binding {
	i := n % serviceCount
	port := c.hosts[i%len(c.hosts)].Ports[n/serviceCount%portCount]
	return binding.Binding{ServiceID: c.services[i].ID, Target: binding.Port(port.ID, binding.AllInterfaces())}
}

// measure runs op from some goroutines, and reports how long the slowest in a
// hundred takes.
func measure(b *testing.B, goroutines int, op func() error) {
	b.Helper()
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range goroutines {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				start := time.Now()
				if err := op(); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns/op")
}

func BenchmarkCreateBinding(b *testing.B) {
	for _, hosts := range []int{1, 1000} {
		for _, goroutines := range []int{1, 16} {
			b.Run(fmt.Sprintf("hosts=%d/goroutines=%d", hosts, goroutines), func(b *testing.B) {
				c := newTown(b, hosts, 1)
				measure(b, goroutines, func() error {
					_, _, err := c.manager.CreateBinding(context.Background(), c.binding(int(c.next.Add(1))-1))
					return err
				})
			})
		}
	}
}

// BenchmarkSize has stores of a thousand bindings and, with -large, almost a million.
func BenchmarkSize(b *testing.B) {
	each := []int{1}
	if *large {
		each = append(each, portCount-1) // the last one is for CreateBinding
	}
	for _, n := range each {
		c := newTown(b, 1000, n)
		b.Run(fmt.Sprintf("bindings=%d/CreateBinding", n*serviceCount), func(b *testing.B) {
			measure(b, 1, func() error {
				_, _, err := c.manager.CreateBinding(context.Background(), c.binding(int(c.next.Add(1))-1))
				return err
			})
			b.ReportMetric(bytesPerBinding(b, c.store), "disk-B/binding")
		})
		b.Run(fmt.Sprintf("bindings=%d/ServicesOnHost", n*serviceCount), func(b *testing.B) {
			measure(b, 1, func() error {
				return c.store.View(context.Background(), func(ctx context.Context, r service.Reader) error {
					_, err := r.ServicesOnHost(ctx, c.hosts[0].ID)
					return err
				})
			})
		})
	}
}

// bytesPerBinding returns the size of the tables of bindings, by their pages.
func bytesPerBinding(b *testing.B, s *boltstore.Store) float64 {
	b.Helper()
	var size, count int
	require.NoError(b, s.DB().View(func(tx *bbolt.Tx) error {
		for _, table := range []string{"bindings", "owners", "listeners"} {
			stats := tx.Bucket([]byte(table)).Stats()
			size += stats.LeafAlloc + stats.BranchAlloc
			if table == "bindings" {
				count = stats.KeyN
			}
		}
		return nil
	}))
	return float64(size) / float64(count)
}
