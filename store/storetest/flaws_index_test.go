package storetest

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// indexFlaws are those of stores whose lists are stale, or in the wrong order.
var indexFlaws = []flaw{
	{"leaves listeners on the host that their service was on", []string{
		"Indexes/listeners follow their service to another host",
	}, func() store.Store {
		at := map[uuid.UUID]uuid.UUID{} // where a binding's service was when it was put
		return hookStore(memstore.New(), func(h *hooked) {
			h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
				s, err := h.Service(ctx, id)
				for _, b := range put {
					at[b.ID] = s.HostID
				}
				if err != nil {
					return err
				}
				return h.Writer.PutBindings(ctx, id, put, del)
			}
			h.listeners = func(ctx context.Context, hostID uuid.UUID, portIDs []uuid.UUID) ([]validate.Claim, error) {
				claims, err := h.Writer.Listeners(ctx, hostID, portIDs...)
				return slices.DeleteFunc(claims, func(c validate.Claim) bool { return at[c.Binding.ID] != hostID }), err
			}
		})
	}},
	{"keeps the first name of a service with its listeners", []string{
		"Indexes/listeners have the name that their service has now",
		"Machine/the store does what the model does",
	}, func() store.Store {
		first := map[uuid.UUID]string{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.putService = func(ctx context.Context, s service.Service) error {
				if _, ok := first[s.ID]; !ok {
					first[s.ID] = s.Name
				}
				return h.Writer.PutService(ctx, s)
			}
			h.listeners = func(ctx context.Context, hostID uuid.UUID, portIDs []uuid.UUID) ([]validate.Claim, error) {
				claims, err := h.Writer.Listeners(ctx, hostID, portIDs...)
				for i, c := range claims {
					claims[i].ServiceName = first[c.Binding.ServiceID]
				}
				return claims, err
			}
		})
	}},
	{"looks ports up one by one", []string{
		"Indexes/a port that is asked for twice has its listeners once",
		"Order/listeners come by ID, whatever their service and port",
	}, hook(func(h *hooked) {
		h.listeners = func(ctx context.Context, hostID uuid.UUID, portIDs []uuid.UUID) (claims []validate.Claim, err error) {
			for _, id := range portIDs {
				some, errOne := h.Writer.Listeners(ctx, hostID, id)
				claims, err = append(claims, some...), cmp.Or(err, errOne)
			}
			return claims, err
		}
	})},
	{"takes no ports for all ports", []string{
		"Indexes/listeners are found by host and port only",
	}, hook(func(h *hooked) {
		h.listeners = func(ctx context.Context, hostID uuid.UUID, portIDs []uuid.UUID) ([]validate.Claim, error) {
			if v, err := h.Host(ctx, hostID); err == nil && len(portIDs) == 0 {
				for _, p := range v.Ports {
					portIDs = append(portIDs, p.ID)
				}
			}
			return h.Writer.Listeners(ctx, hostID, portIDs...)
		}
	})},
	{"never lowers the last position", []string{
		"Indexes/the last position goes with its service",
		"Machine/the store does what the model does",
	}, func() store.Store {
		highest := map[uuid.UUID]int32{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.lastPosition = func(ctx context.Context, hostID uuid.UUID) (int32, bool, error) {
				pos, ok, err := h.Writer.LastPosition(ctx, hostID)
				if was, had := highest[hostID]; had && was > pos {
					pos = was
				}
				if ok {
					highest[hostID] = pos
				}
				return pos, ok, err
			}
		})
	}},
	{"begins positions at zero", []string{
		"Order/the last position is the highest, also where that is negative",
		"Order/the last position is the highest, also where that is the least there is",
	}, hook(func(h *hooked) {
		h.lastPosition = func(ctx context.Context, hostID uuid.UUID) (int32, bool, error) {
			pos, ok, err := h.Writer.LastPosition(ctx, hostID)
			return max(pos, 0), ok, err
		}
	})},
	{"says that a host without services has a last position", []string{
		"Order/a host without services has no last position",
	}, hook(func(h *hooked) {
		h.lastPosition = func(ctx context.Context, hostID uuid.UUID) (int32, bool, error) {
			pos, _, err := h.Writer.LastPosition(ctx, hostID)
			return pos, true, err
		}
	})},
	{"begins a page with the last host of the one before", []string{
		"Order/the hosts of a network come by ID, page by page",
	}, hook(func(h *hooked) {
		h.hosts = func(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
			for i := len(after) - 1; i >= 0 && after != uuid.Nil; i-- {
				if after[i]--; after[i] != 0xff {
					break
				}
			}
			return h.Writer.Hosts(ctx, networkID, after, limit)
		}
	})},
	{"takes no limit for a limit of none", []string{
		"Order/the hosts of a network come by ID, page by page",
	}, hook(func(h *hooked) {
		h.hosts = func(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
			if limit < 0 {
				return nil, nil
			}
			return h.Writer.Hosts(ctx, networkID, after, limit)
		}
	})},
	{"has the hosts of all networks on one page", []string{
		"Order/a page has the hosts of one network only",
	}, func() store.Store {
		networks := map[uuid.UUID]bool{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.putHost = func(ctx context.Context, v host.Host) error {
				networks[v.NetworkID] = true
				return h.Writer.PutHost(ctx, v)
			}
			h.hosts = func(ctx context.Context, networkID, after uuid.UUID, limit int) (all []host.Host, err error) {
				for id := range networks {
					hosts, errOne := h.Writer.Hosts(ctx, id, after, limit)
					all, err = append(all, hosts...), cmp.Or(err, errOne)
				}
				slices.SortFunc(all, func(a, b host.Host) int { return compareIDs(a.ID, b.ID) })
				return all, err
			}
		})
	}},
	{"orders positions without their sign", []string{
		"Order/services come by position, then by ID",
		"Machine/the store does what the model does",
	}, orderingServices(func(a, b service.Service) int {
		return cmp.Or(cmp.Compare(uint32(a.Position), uint32(b.Position)), compareIDs(a.ID, b.ID))
	})},
	{"orders services by position, then by their ID from its end", []string{
		"Order/services come by position, then by ID",
	}, orderingServices(func(a, b service.Service) int {
		slices.Reverse(a.ID[:])
		slices.Reverse(b.ID[:])
		return cmp.Or(cmp.Compare(a.Position, b.Position), bytes.Compare(a.ID[:], b.ID[:]))
	})},
	{"orders bindings as they came", []string{
		"Order/bindings come by ID",
		"Size/a service has ten thousand bindings",
		"Machine/the store does what the model does",
	}, func() store.Store {
		came := map[uuid.UUID]int{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
				for _, b := range put {
					came[b.ID] = len(came)
				}
				return h.Writer.PutBindings(ctx, id, put, del)
			}
			h.service = func(ctx context.Context, id uuid.UUID) (service.Service, error) {
				s, err := h.Writer.Service(ctx, id)
				slices.SortFunc(s.Bindings, func(a, b binding.Binding) int { return cmp.Compare(came[a.ID], came[b.ID]) })
				return s, err
			}
		})
	}},
	{"leaves a host on the list of its old network", []string{
		"Indexes/hosts follow their network",
	}, func() store.Store {
		first := map[uuid.UUID]uuid.UUID{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.putHost = func(ctx context.Context, v host.Host) error {
				if _, ok := first[v.ID]; !ok {
					first[v.ID] = v.NetworkID
				}
				return h.Writer.PutHost(ctx, v)
			}
			h.hosts = func(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
				hosts, err := h.Writer.Hosts(ctx, networkID, after, limit)
				return slices.DeleteFunc(hosts, func(v host.Host) bool { return first[v.ID] != networkID }), err
			}
		})
	}},
}

func orderingServices(order func(a, b service.Service) int) func() store.Store {
	return hook(func(h *hooked) {
		h.servicesOnHost = func(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
			services, err := h.Writer.ServicesOnHost(ctx, hostID)
			slices.SortFunc(services, order)
			return services, err
		}
	})
}
