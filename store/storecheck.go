package store

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

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

// WithSightings is for authors of stores: it returns a host that was put as
// [Reader].Host returns it: that of its inventory, with all Sightings.
func WithSightings(inv *host.Inventory, h host.Host) host.Host {
	kept := inv.Host()
	kept.Sightings = timed(h.Sightings)
	for i := range kept.Interfaces {
		kept.Interfaces[i].Sightings = timed(h.Interfaces[i].Sightings)
	}
	for i := range kept.IPAddresses {
		kept.IPAddresses[i].Sightings = timed(h.IPAddresses[i].Sightings)
	}
	for i := range kept.Ports {
		kept.Ports[i].Sightings = timed(h.Ports[i].Sightings)
	}
	return kept
}

// timed returns the Sightings with their time as binding.Time makes it.
func timed(s binding.Sightings) binding.Sightings {
	s.LastSeenAt = binding.Time(s.LastSeenAt)
	return s
}

// HostsWithKeys is for authors of stores: it returns what [Reader].HostsWith looks
// for in the form in which hosts have it, in order and each once.
func HostsWithKeys(addrs []netip.Addr, macs []string) ([]netip.Addr, []string) {
	keyAddrs, keyMACs := make([]netip.Addr, 0, len(addrs)), make([]string, 0, len(macs))
	for _, a := range addrs {
		if a.IsValid() {
			keyAddrs = append(keyAddrs, a.Unmap().WithZone(""))
		}
	}
	for _, m := range macs {
		if m != "" {
			keyMACs = append(keyMACs, host.MAC(m))
		}
	}
	slices.SortFunc(keyAddrs, netip.Addr.Compare)
	slices.Sort(keyMACs)
	return slices.Compact(keyAddrs), slices.Compact(keyMACs)
}

// HostsWithKeysOf is for authors of stores: it returns what [Reader].HostsWith
// finds a host by.
func HostsWithKeysOf(h *host.Host) ([]netip.Addr, []string) {
	var addrs []netip.Addr
	var macs []string
	for i := range h.Interfaces {
		addrs, macs = append(addrs, h.Interfaces[i].Address), append(macs, h.Interfaces[i].MAC)
	}
	for i := range h.IPAddresses {
		addrs, macs = append(addrs, h.IPAddresses[i].Address), append(macs, h.IPAddresses[i].MAC)
	}
	return HostsWithKeys(addrs, macs)
}

// CheckSaw is for authors of stores: it refuses what [Writer].Saw must refuse
// whatever is stored.
func CheckSaw(at time.Time) error {
	if at.IsZero() {
		return &binding.FieldError{Path: "at", Problem: "is zero; say when the things were seen"}
	}
	return nil
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
