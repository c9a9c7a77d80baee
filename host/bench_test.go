package host_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

// sizes are numbers of children: a fifth interfaces, two fifths addresses and
// ports each.
var sizes = []int{10, 100, 1_000, 100_000}

func sized(children int) host.Host {
	return hosttest.Sized(children/5, 2*children/5, 2*children/5)
}

// BenchmarkNewInventory checks and indexes a host.
func BenchmarkNewInventory(b *testing.B) {
	for _, children := range sizes {
		b.Run(fmt.Sprintf("children=%d", children), func(b *testing.B) {
			h := sized(children)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := host.NewInventory(h); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(children), "ns/child")
		})
	}
}

// BenchmarkTwoMaps is what NewInventory is compared with: the IDs of all children
// put into two maps that are large enough from the start.
func BenchmarkTwoMaps(b *testing.B) {
	for _, children := range sizes {
		b.Run(fmt.Sprintf("children=%d", children), func(b *testing.B) {
			h := sized(children)
			b.ReportAllocs()
			for b.Loop() {
				for range 2 {
					ids := make(map[uuid.UUID]int, children)
					for i := range h.Interfaces {
						ids[h.Interfaces[i].ID] = i
					}
					for i := range h.IPAddresses {
						ids[h.IPAddresses[i].ID] = i
					}
					for i := range h.Ports {
						ids[h.Ports[i].ID] = i
					}
					if len(ids) != children {
						b.Fatal("an ID is missing")
					}
				}
			}
		})
	}
}

// BenchmarkLocate finds the port and the address of a listener: two look-ups.
func BenchmarkLocate(b *testing.B) {
	for _, children := range sizes {
		b.Run(fmt.Sprintf("children=%d", children), func(b *testing.B) {
			h := sized(children)
			inv, err := host.NewInventory(h)
			if err != nil {
				b.Fatal(err)
			}
			targets := make([]binding.Target, 1024)
			for i := range targets {
				port, address := h.Ports[i*7919%len(h.Ports)], h.IPAddresses[i*104729%len(h.IPAddresses)]
				targets[i] = binding.Port(port.ID, binding.OnIPAddress(address.ID))
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, ok := inv.Locate(&targets[i%len(targets)]); !ok {
					b.Fatal("a target of the host is not found")
				}
				i++
			}
		})
	}
}

// BenchmarkDescribe says what a listener on an interface with two addresses is.
func BenchmarkDescribe(b *testing.B) {
	h := sized(10)
	inv, err := host.NewInventory(h)
	if err != nil {
		b.Fatal(err)
	}
	target := binding.Port(h.Ports[0].ID, binding.OnInterface(h.Interfaces[0].ID))
	b.ReportAllocs()
	for b.Loop() {
		if inv.Describe(target) == "" {
			b.Fatal("no description")
		}
	}
}
