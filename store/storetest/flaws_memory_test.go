package storetest

import (
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

// memoryFlaws are those of stores that share memory with their callers.
var memoryFlaws = []flaw{
	{"keeps the tags it is given", []string{
		"Aliasing/a service that is put is copied",
		"Aliasing/a new service that is put is copied",
	}, func() store.Store {
		kept := map[uuid.UUID][]string{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.putService = func(ctx context.Context, s service.Service) error {
				kept[s.ID] = s.Tags
				return h.Writer.PutService(ctx, s)
			}
			h.service = func(ctx context.Context, id uuid.UUID) (service.Service, error) {
				s, err := h.Writer.Service(ctx, id)
				s.Tags = slices.Clone(kept[id])
				return s, err
			}
		})
	}},
	{"keeps the bindings it is given", []string{
		"Aliasing/bindings that are put are copied",
	}, func() store.Store {
		kept := map[uuid.UUID]*binding.Binding{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
				for i := range put {
					kept[put[i].ID] = &put[i]
				}
				return h.Writer.PutBindings(ctx, id, put, del)
			}
			h.service = func(ctx context.Context, id uuid.UUID) (service.Service, error) {
				s, err := h.Writer.Service(ctx, id)
				for i := range s.Bindings {
					s.Bindings[i] = *kept[s.Bindings[i].ID]
				}
				return s, err
			}
		})
	}},
	{"keeps the ports it is given", []string{
		"Aliasing/a host that is put is copied",
	}, func() store.Store {
		kept := map[uuid.UUID][]host.Port{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.putHost = func(ctx context.Context, v host.Host) error {
				kept[v.ID] = v.Ports
				return h.Writer.PutHost(ctx, v)
			}
			h.host = func(ctx context.Context, id uuid.UUID) (host.Host, error) {
				v, err := h.Writer.Host(ctx, id)
				v.Ports = slices.Clone(kept[id])
				return v, err
			}
		})
	}},
	{"hands out services that it keeps", []string{
		"Aliasing/what a View returns is a copy",
		"Aliasing/what an Update returns is a copy",
	}, func() store.Store {
		kept := map[uuid.UUID]service.Service{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.service = func(ctx context.Context, id uuid.UUID) (service.Service, error) {
				s, err := h.Writer.Service(ctx, id)
				if k, ok := kept[id]; ok && k.Revision == s.Revision {
					return k, err
				}
				kept[id] = s
				return s, err
			}
		})
	}},
	{"hands out hosts that it keeps", []string{
		"Aliasing/what a View returns is a copy",
	}, func() store.Store {
		kept := map[uuid.UUID]host.Host{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.host = func(ctx context.Context, id uuid.UUID) (host.Host, error) {
				v, err := h.Writer.Host(ctx, id)
				if k, ok := kept[id]; ok && k.Revision == v.Revision {
					return k, err
				}
				kept[id] = v
				return v, err
			}
		})
	}},
	{"hands out services that share one array", []string{
		"Aliasing/values that come out together share no memory",
	}, hook(func(h *hooked) {
		h.servicesOnHost = func(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
			services, err := h.Writer.ServicesOnHost(ctx, hostID)
			var all []binding.Binding
			for _, s := range services {
				all = append(all, s.Bindings...)
			}
			for i := range services {
				n := len(services[i].Bindings)
				services[i].Bindings, all = all[:n], all[n:]
			}
			return services, err
		}
	})},
	{"sorts the IDs it is given in place", []string{
		"Aliasing/a store does not write to what it is given",
	}, hook(func(h *hooked) {
		h.listeners = func(ctx context.Context, hostID uuid.UUID, portIDs []uuid.UUID) ([]validate.Claim, error) {
			slices.SortFunc(portIDs, compareIDs)
			return h.Writer.Listeners(ctx, hostID, portIDs...)
		}
	})},
	{"sorts the bindings it is given in place", []string{
		"Aliasing/a store does not write to what it is given",
	}, hook(func(h *hooked) {
		h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
			slices.SortFunc(put, func(a, b binding.Binding) int { return compareIDs(a.ID, b.ID) })
			return h.Writer.PutBindings(ctx, id, put, del)
		}
	})},
}
