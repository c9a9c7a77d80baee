package bindset_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
)

// BenchmarkCreateBinding adds a listener to services with two to nine bindings,
// of hosts with ten services each, in stores of growing size.
func BenchmarkCreateBinding(b *testing.B) {
	for _, services := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprintf("services=%d", services), func(b *testing.B) {
			benchmarkCreateBinding(b, services)
		})
	}
}

func benchmarkCreateBinding(b *testing.B, services int) {
	const perHost, perService = 10, 8
	ctx := context.Background()
	m := bindset.NewManager(memstore.New())

	var bindings []binding.Binding // what is yet to be created
	for range services / perHost {
		h := hosttest.Sized(4, 8, 100)
		renew(&h)
		drafts := make([]service.Draft, perHost)
		for i := range drafts {
			drafts[i] = service.Draft{Name: "service", Bindings: []binding.Binding{
				{Target: binding.Port(h.Ports[0].ID, binding.OnIPAddress(h.IPAddresses[0].ID))},
				{Target: binding.Port(h.Ports[1].ID, binding.AllInterfaces())},
			}}
		}
		onHost, _, err := m.CreateHost(ctx, h, drafts)
		created := onHost.Services
		require.NoError(b, err)
		for i := range created {
			for _, p := range h.Ports[2 : 2+perService] {
				bindings = append(bindings, binding.Binding{
					ServiceID: created[i].ID, Target: binding.Port(p.ID, binding.OnInterface(h.Interfaces[i%4].ID)),
				})
			}
		}
	}

	created := make([]uuid.UUID, 0, len(bindings))
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if len(created) == len(bindings) {
			b.StopTimer()
			_, _, err := m.DeleteBindings(ctx, created)
			require.NoError(b, err)
			created = created[:0]
			b.StartTimer()
		}
		made, _, err := m.CreateBinding(ctx, bindings[i%len(bindings)])
		if err != nil {
			b.Fatal(err)
		}
		created = append(created, made.ID)
	}
}

// renew gives the host and its children new IDs.
func renew(h *host.Host) {
	carriers := map[uuid.UUID]uuid.UUID{}
	h.ID = uuid.New()
	for i := range h.Interfaces {
		carriers[h.Interfaces[i].ID] = uuid.New()
		h.Interfaces[i].ID = carriers[h.Interfaces[i].ID]
	}
	for i := range h.IPAddresses {
		h.IPAddresses[i].ID, h.IPAddresses[i].InterfaceID = uuid.New(), carriers[h.IPAddresses[i].InterfaceID]
	}
	for i := range h.Ports {
		h.Ports[i].ID = uuid.New()
	}
}
