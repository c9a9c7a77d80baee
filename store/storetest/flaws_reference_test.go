package storetest

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// referenceFlaws are those of stores that lose track of what belongs to what, or
// do not say so as they must.
var referenceFlaws = []flaw{
	{"takes bindings away from other services", []string{
		"References/a binding's ID is taken while a service of another host has it",
		"Errors/a binding's ID that another service's binding has is taken",
		"Serializability/of two services that take one binding ID one gets it",
		"Machine/the store does what the model does",
	}, hook(func(h *hooked) {
		h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
			owners, err := h.BindingOwners(ctx, bindingIDs(put)...)
			for taken, owner := range owners {
				if owner != id {
					err = errors.Join(err, h.Writer.PutBindings(ctx, owner, nil, []uuid.UUID{taken}))
				}
			}
			return errors.Join(err, h.Writer.PutBindings(ctx, id, put, del))
		}
	})},
	{"deletes before it looks whether it may put", []string{
		"Errors/a binding's ID that another service's binding has is taken",
		"Errors/a binding's ID that stands twice is invalid",
		"Errors/a binding without an ID is invalid",
		"Machine/the store does what the model does",
	}, hook(func(h *hooked) {
		h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
			if err := h.Writer.PutBindings(ctx, id, nil, del); err != nil {
				return err
			}
			return h.Writer.PutBindings(ctx, id, put, nil)
		}
	})},
	{"puts bindings one by one", []string{
		"Errors/a binding's ID that stands twice is invalid",
		"Errors/a binding without a target is invalid",
		"Errors/a binding that the service does not have is not deleted",
	}, hook(func(h *hooked) {
		h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
			for _, b := range put {
				if err := h.Writer.PutBindings(ctx, id, []binding.Binding{b}, nil); err != nil {
					return err
				}
			}
			return h.Writer.PutBindings(ctx, id, nil, del)
		}
	})},
	{"never frees a binding's ID", []string{
		"References/a binding's ID is free once its binding or service is deleted",
		"Machine/the store does what the model does",
	}, func() store.Store {
		taken := map[uuid.UUID]uuid.UUID{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
				for _, b := range put {
					if owner, ok := taken[b.ID]; ok && owner != id {
						return &store.EntityError{Code: store.ErrExists, Entity: store.EntityBinding, ID: b.ID}
					}
					taken[b.ID] = id
				}
				return h.Writer.PutBindings(ctx, id, put, del)
			}
		})
	}},
	{"puts the bindings in a service", []string{
		"References/a service keeps its bindings when it is put again",
	}, hook(func(h *hooked) {
		h.putService = func(ctx context.Context, s service.Service) error {
			return errors.Join(h.Writer.PutService(ctx, s), h.Writer.PutBindings(ctx, s.ID, s.Bindings, nil))
		}
	})},
	{"puts a service by deleting it first", []string{
		"References/a service keeps its bindings when it is put again",
		"Indexes/listeners follow their service to another host",
		"Machine/the store does what the model does",
	}, hook(func(h *hooked) {
		h.putService = func(ctx context.Context, s service.Service) error {
			_ = h.Writer.DeleteService(ctx, s.ID)
			return h.Writer.PutService(ctx, s)
		}
	})},
	{"deletes services with their host", []string{
		"Errors/a host with services is in use",
		"Machine/the store does what the model does",
	}, hook(func(h *hooked) {
		h.deleteHost = func(ctx context.Context, id uuid.UUID) error {
			services, err := h.ServicesOnHost(ctx, id)
			for _, s := range services {
				err = errors.Join(err, h.DeleteService(ctx, s.ID))
			}
			return errors.Join(err, h.Writer.DeleteHost(ctx, id))
		}
	})},
	{"makes the host that a service needs", []string{
		"Errors/a service needs a host that is there",
		"Errors/a service does not move to a host that is not there",
	}, hook(func(h *hooked) {
		h.putService = func(ctx context.Context, s service.Service) error {
			if _, err := h.Inventory(ctx, s.HostID); err != nil {
				if err := h.PutHost(ctx, host.Host{ID: s.HostID, NetworkID: uuid.UUID{1}}); err != nil {
					return err
				}
			}
			return h.Writer.PutService(ctx, s)
		}
	})},
	{"does not mind deleting a binding that is not there", []string{
		"Errors/a binding that the service does not have is not deleted",
		"Errors/a binding of another service is not deleted",
	}, hook(func(h *hooked) {
		h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
			err := h.Writer.PutBindings(ctx, id, put, del)
			if errors.Is(err, store.ErrNotFound) {
				return h.Writer.PutBindings(ctx, id, put, nil)
			}
			return err
		}
	})},
	{"does not mind deleting a service that is not there", []string{
		"Errors/a service that is not there is not deleted",
	}, hook(func(h *hooked) {
		h.deleteService = func(ctx context.Context, id uuid.UUID) error {
			return unless(h.Writer.DeleteService(ctx, id), store.ErrNotFound)
		}
	})},
	{"returns the code and not the entity", []string{
		"Errors/a service that is not there is not found",
	}, hook(func(h *hooked) {
		h.service = func(ctx context.Context, id uuid.UUID) (service.Service, error) {
			s, err := h.Writer.Service(ctx, id)
			if errors.Is(err, store.ErrNotFound) {
				err = store.ErrNotFound
			}
			return s, err
		}
	})},
	{"names the wrong entity", []string{
		"Errors/a service needs a host that is there",
	}, hook(func(h *hooked) {
		h.putService = func(ctx context.Context, s service.Service) error {
			err := h.Writer.PutService(ctx, s)
			if errors.Is(err, store.ErrNotFound) {
				return notFound(store.EntityService, s.ID)
			}
			return err
		}
	})},
	{"returns an empty service for one that is not there", []string{
		"Errors/a service that is not there is not found",
		"Machine/the store does what the model does",
	}, hook(func(h *hooked) {
		h.service = func(ctx context.Context, id uuid.UUID) (service.Service, error) {
			s, err := h.Writer.Service(ctx, id)
			return s, unless(err, store.ErrNotFound)
		}
	})},
	{"stores hosts without a network", []string{
		"Errors/a host without a network is invalid",
	}, hook(func(h *hooked) {
		h.putHost = func(ctx context.Context, v host.Host) error {
			if v.NetworkID == uuid.Nil {
				v.NetworkID = uuid.UUID{1}
			}
			return h.Writer.PutHost(ctx, v)
		}
	})},
	{"sets right whose bindings they are", []string{
		"Errors/a binding that says it is another service's is invalid",
		"Errors/a binding that says it is nobody's is invalid",
	}, hook(func(h *hooked) {
		h.putBindings = func(ctx context.Context, id uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
			right := make([]binding.Binding, len(put))
			for i, b := range put {
				b.ServiceID = id
				right[i] = b
			}
			return h.Writer.PutBindings(ctx, id, right, del)
		}
	})},
}
