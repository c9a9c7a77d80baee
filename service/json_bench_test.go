package service_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/service"
)

// BenchmarkDiscoveryJSON reads and writes payloads of a host with as many ports
// as its one service has listeners.
func BenchmarkDiscoveryJSON(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		h := hosttest.Sized(1, 1, n)
		s := service.Service{Name: "web", Definition: "nginx", Source: service.Source{Type: "Discovery"}}
		for i, p := range h.Ports {
			s.Bindings = append(s.Bindings, binding.Binding{
				Target:    binding.Port(p.ID, binding.OnIPAddress(h.IPAddresses[0].ID)),
				ID:        bindingtest.IDs(uint32(i), 1)[0],
				ServiceID: h.ID, NetworkID: h.NetworkID,
				CreatedAt: bindingtest.Time().Example(3), UpdatedAt: bindingtest.Time().Example(4),
			})
		}
		d := service.Discovery{Host: h, Services: []service.Service{s}}
		data, err := json.Marshal(d)
		require.NoError(b, err)

		b.Run(fmt.Sprintf("read/N=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				var got service.Discovery
				if err := binding.DecodeJSON(data, &got); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("write/N=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := json.Marshal(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
