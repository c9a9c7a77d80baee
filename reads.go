package bindset

import (
	"context"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// View calls fn with one consistent snapshot of the store, and returns its error,
// as Store.View does. Inside InTx that is what the transaction sees.
func (m *Manager) View(ctx context.Context, fn func(ctx context.Context, r store.Reader) error) error {
	if m.tx != nil {
		return fn(ctx, struct{ store.Reader }{m.tx.Writer})
	}
	return m.store.View(ctx, fn)
}

// Host returns a stored host. It fails with ErrNotFound.
func (m *Manager) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	return read(ctx, m, func(ctx context.Context, r store.Reader) (host.Host, error) { return r.Host(ctx, id) })
}

// Service returns a stored service with its bindings, by their IDs. It fails with
// ErrNotFound.
func (m *Manager) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	return read(ctx, m, func(ctx context.Context, r store.Reader) (service.Service, error) { return r.Service(ctx, id) })
}

// ServicesOnHost returns the stored services of a host, by Position and then by
// ID; none for an unknown host.
func (m *Manager) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	return read(ctx, m, func(ctx context.Context, r store.Reader) ([]service.Service, error) {
		return r.ServicesOnHost(ctx, hostID)
	})
}

// Binding returns a stored binding. It fails with ErrNotFound.
func (m *Manager) Binding(ctx context.Context, id uuid.UUID) (binding.Binding, error) {
	return read(ctx, m, func(ctx context.Context, r store.Reader) (binding.Binding, error) {
		s, err := ownerOf(ctx, r, id)
		if err != nil {
			return binding.Binding{}, err
		}
		return *find(s.Bindings, id), nil
	})
}

// ownerOf returns the service that has a binding.
func ownerOf(ctx context.Context, r store.Reader, bindingID uuid.UUID) (service.Service, error) {
	owners, err := r.BindingOwners(ctx, bindingID)
	if err != nil {
		return service.Service{}, err
	}
	serviceID, ok := owners[bindingID]
	if !ok {
		return service.Service{}, &store.EntityError{Code: store.ErrNotFound, Entity: store.EntityBinding, ID: bindingID}
	}
	return r.Service(ctx, serviceID)
}

// read returns what get reads in one View.
func read[T any](ctx context.Context, m *Manager, get func(context.Context, store.Reader) (T, error)) (T, error) {
	var got, none T
	err := m.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		got, err = get(ctx, r)
		return err
	})
	if err != nil {
		return none, err
	}
	return got, nil
}
