package bindset_test

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

func newMemstore() store.Store { return memstore.New() }

// counted is a Store that counts the writes of its transactions.
type counted struct {
	store.Store
	writes int
}

func (s *counted) Update(ctx context.Context, fn func(context.Context, store.Writer) error) error {
	return s.Store.Update(ctx, func(ctx context.Context, w store.Writer) error {
		return fn(ctx, &countedWriter{w, s})
	})
}

type countedWriter struct {
	store.Writer
	store *counted
}

func (w *countedWriter) PutHost(ctx context.Context, h host.Host) error {
	w.store.writes++
	return w.Writer.PutHost(ctx, h)
}

func (w *countedWriter) PutService(ctx context.Context, s service.Service) error {
	w.store.writes++
	return w.Writer.PutService(ctx, s)
}

func (w *countedWriter) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	w.store.writes++
	return w.Writer.PutBindings(ctx, serviceID, put, del)
}

// retrying is a Store whose every transaction fails to serialize once: it runs
// fn on a state that is rolled back, then again.
type retrying struct{ store.Store }

func (s *retrying) Update(ctx context.Context, fn func(context.Context, store.Writer) error) error {
	_ = s.Store.Update(ctx, func(ctx context.Context, w store.Writer) error {
		if err := fn(ctx, w); err != nil {
			return err
		}
		return errAgain
	})
	return s.Store.Update(ctx, fn)
}

// failing is a Store whose commits end in an error: after the commit where
// committed is set, instead of it otherwise.
type failing struct {
	store.Store
	err       error
	committed bool
}

func (s *failing) Update(ctx context.Context, fn func(context.Context, store.Writer) error) error {
	if s.err == nil {
		return s.Store.Update(ctx, fn)
	}
	err := s.Store.Update(ctx, func(ctx context.Context, w store.Writer) error {
		if err := fn(ctx, w); err != nil || s.committed {
			return err
		}
		return s.err
	})
	if err != nil {
		return err
	}
	return s.err
}

// broken is a Store in whose transactions the call numbered failAt, from 1,
// fails.
type broken struct {
	store.Store
	failAt int
}

func (s *broken) Update(ctx context.Context, fn func(context.Context, store.Writer) error) error {
	return s.Store.Update(ctx, func(ctx context.Context, w store.Writer) error {
		return fn(ctx, &brokenWriter{Writer: w, left: s.failAt})
	})
}

type brokenWriter struct {
	store.Writer
	left int
}

var (
	errAgain  = errors.New("could not serialize")
	errBroken = errors.New("the disk is on fire")
)

func (w *brokenWriter) fail() error {
	w.left--
	if w.left == 0 {
		return errBroken
	}
	return nil
}

func (w *brokenWriter) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	if err := w.fail(); err != nil {
		return host.Host{}, err
	}
	return w.Writer.Host(ctx, id)
}

func (w *brokenWriter) Inventory(ctx context.Context, hostID uuid.UUID) (*host.Inventory, error) {
	if err := w.fail(); err != nil {
		return nil, err
	}
	return w.Writer.Inventory(ctx, hostID)
}

func (w *brokenWriter) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	if err := w.fail(); err != nil {
		return service.Service{}, err
	}
	return w.Writer.Service(ctx, id)
}

func (w *brokenWriter) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	if err := w.fail(); err != nil {
		return nil, err
	}
	return w.Writer.ServicesOnHost(ctx, hostID)
}

func (w *brokenWriter) LastPosition(ctx context.Context, hostID uuid.UUID) (int32, bool, error) {
	if err := w.fail(); err != nil {
		return 0, false, err
	}
	return w.Writer.LastPosition(ctx, hostID)
}

func (w *brokenWriter) BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	if err := w.fail(); err != nil {
		return nil, err
	}
	return w.Writer.BindingOwners(ctx, ids...)
}

func (w *brokenWriter) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	if err := w.fail(); err != nil {
		return nil, err
	}
	return w.Writer.Listeners(ctx, hostID, portIDs...)
}

func (w *brokenWriter) PutHost(ctx context.Context, h host.Host) error {
	if err := w.fail(); err != nil {
		return err
	}
	return w.Writer.PutHost(ctx, h)
}

func (w *brokenWriter) DeleteHost(ctx context.Context, id uuid.UUID) error {
	if err := w.fail(); err != nil {
		return err
	}
	return w.Writer.DeleteHost(ctx, id)
}

func (w *brokenWriter) PutService(ctx context.Context, s service.Service) error {
	if err := w.fail(); err != nil {
		return err
	}
	return w.Writer.PutService(ctx, s)
}

func (w *brokenWriter) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	if err := w.fail(); err != nil {
		return err
	}
	return w.Writer.PutBindings(ctx, serviceID, put, del)
}

func (w *brokenWriter) DeleteService(ctx context.Context, id uuid.UUID) error {
	if err := w.fail(); err != nil {
		return err
	}
	return w.Writer.DeleteService(ctx, id)
}
