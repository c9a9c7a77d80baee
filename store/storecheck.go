package store

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// CheckPutHost is for authors of stores: it refuses what [Writer].PutHost must
// refuse, and returns the inventory of the host otherwise.
func CheckPutHost(h host.Host) (*host.Inventory, error) {
	if h.ID == uuid.Nil {
		return nil, &binding.FieldError{Path: "id", Problem: "is nil; a stored host needs an ID"}
	}
	if h.NetworkID == uuid.Nil {
		return nil, &binding.FieldError{Path: "network_id", Problem: "is nil; a stored host needs the network it is in"}
	}
	return host.NewInventory(h)
}

// CheckPutService is for authors of stores: it refuses what [Writer].PutService
// must refuse whatever is stored.
func CheckPutService(s service.Service) error {
	if s.ID == uuid.Nil {
		return &binding.FieldError{Path: "id", Problem: "is nil; a stored service needs an ID"}
	}
	return nil
}

// CheckPutBindings is for authors of stores: it refuses what
// [Writer].PutBindings must refuse to put whatever is stored. Its time is linear
// in the number of bindings.
func CheckPutBindings(serviceID uuid.UUID, put []binding.Binding) error {
	wrong := func(i int, field, problem string) error {
		return &binding.FieldError{Path: fmt.Sprintf("bindings[%d].%s", i, field), Problem: problem}
	}
	for i := range put {
		switch b := &put[i]; {
		case b.ID == uuid.Nil:
			return wrong(i, "id", "is nil; a stored binding needs an ID")
		case b.ServiceID != serviceID:
			return wrong(i, "service_id", "is not the service whose bindings are put, "+serviceID.String())
		case !b.Target.IsValid():
			return wrong(i, "target", "is zero or has a nil ID in it; a stored binding needs a target")
		}
	}
	if twice := twiceAmong(put); twice >= 0 {
		return wrong(twice, "id", "stands twice among the bindings that are put, "+put[twice].ID.String())
	}
	return nil
}

// twiceAmong returns where an ID stands for the second time, -1 where none does.
func twiceAmong(bindings []binding.Binding) int {
	const few = 8 // up to here a map costs more than it saves
	if len(bindings) <= few {
		for i := range bindings {
			for j := range i {
				if bindings[i].ID == bindings[j].ID {
					return i
				}
			}
		}
		return -1
	}
	seen := make(map[uuid.UUID]struct{}, len(bindings))
	for i := range bindings {
		seen[bindings[i].ID] = struct{}{}
		if len(seen) == i {
			return i
		}
	}
	return -1
}
