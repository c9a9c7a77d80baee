package input

import (
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/service"
)

// What a host of a fleet has.
const (
	ServicesPerHost    = 10
	BindingsPerService = 4
)

// Fleet yields hosts, and on each its services, with so many bindings in all, as
// scanners leave them: IDs, times and tracking fields are set. Every service has
// listeners on the first ports of its host; on the last one it has none.
func Fleet(bindings int) iter.Seq2[*host.Inventory, []service.Service] {
	return func(yield func(*host.Inventory, []service.Service) bool) {
		ids := Random.generator()
		at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		for left := bindings / BindingsPerService; left > 0; left -= ServicesPerHost {
			h := hosttest.Sized(2, 4, BindingsPerService+1)
			h.ID, h.Revision = ids(), 1
			renumber(&h, ids)
			at = at.Add(time.Second)
			services := make([]service.Service, min(left, ServicesPerHost))
			for i := range services {
				services[i] = serviceOn(h, int32(i), ids, at)
			}
			inv, err := host.NewInventory(h)
			if err != nil {
				panic(fmt.Sprintf("input: a host that cannot be: %v", err))
			}
			if !yield(inv, services) {
				return
			}
		}
	}
}

func serviceOn(h host.Host, position int32, ids func() uuid.UUID, at time.Time) service.Service {
	s := service.Service{
		ID: ids(), HostID: h.ID, NetworkID: h.NetworkID, Name: "nginx", Definition: "Web Server",
		Position: position, Revision: 1, CreatedAt: at, UpdatedAt: at,
	}
	scan := ids()
	for i := range BindingsPerService {
		address := h.IPAddresses[(int(position)+i)%len(h.IPAddresses)]
		s.Bindings = append(s.Bindings, binding.Binding{
			Target: binding.Port(h.Ports[i].ID, binding.OnIPAddress(address.ID)),
			ID:     ids(), ServiceID: s.ID, NetworkID: h.NetworkID, CreatedAt: at, UpdatedAt: at,
			Sightings: binding.Sightings{LastSeenAt: at, FirstDiscoveryID: scan, LastDiscoveryID: scan},
		})
	}
	return s
}

// Another returns a binding that the service does not have yet.
func Another(inv *host.Inventory, s service.Service, id uuid.UUID) binding.Binding {
	h := inv.Host()
	b := s.Bindings[0]
	b.ID, b.Target = id, binding.Port(h.Ports[BindingsPerService].ID, binding.OnInterface(h.Interfaces[0].ID))
	return b
}
