package main

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// embedded reports to a Manager of the daemon's own. Its store is opened when
// there is something to report, so that it may be away for a while, as a server
// may.
type embedded struct {
	open       func(context.Context) (store store.Store, closeStore func() error, err error)
	manager    *bindset.Manager // nil while the store is not open
	closeStore func() error
}

func (e *embedded) report(ctx context.Context, d service.Discovery, expireBefore time.Time) (outcome, error) {
	if e.manager == nil {
		store, closeStore, err := e.open(ctx)
		if err != nil {
			return outcome{}, err
		}
		e.manager, e.closeStore = bindset.NewManager(store), closeStore
	}
	var came outcome
	_, err := e.manager.InTx(ctx, func(ctx context.Context, m *bindset.Manager) (err error) {
		came, err = observe(ctx, m, d, expireBefore)
		return err
	})
	switch code := bindset.CodeOf(err); {
	case code == store.ErrUnknownOutcome:
		// A store may have to be opened again after that. What is observed a second
		// time changes nothing.
		return outcome{}, errors.Join(err, e.close())
	case code != "":
		return outcome{}, backoff.Permanent(err)
	default:
		return came, err
	}
}

// observe takes a scan in, and removes what has not been seen for long: nothing can
// come between the two.
func observe(ctx context.Context, m *bindset.Manager, d service.Discovery, expireBefore time.Time) (outcome, error) {
	change, err := m.Observe(ctx, d)
	if err != nil {
		return outcome{}, err
	}
	came := outcome{
		added: len(change.Added), dropped: len(change.Dropped), displaced: len(change.Displaced), gone: len(change.Removed),
	}
	for _, s := range change.Skipped {
		came.skipped = append(came.skipped, s.Violation.Message)
	}
	for _, f := range change.Faults {
		came.addFault(f)
	}
	now, err := storedHost(ctx, m, d.Host.ID)
	if err == nil && !expireBefore.IsZero() {
		before := now
		if change, err = m.Expire(ctx, d.Host.ID, expireBefore); err != nil {
			return outcome{}, err
		}
		if now, err = storedHost(ctx, m, d.Host.ID); err == nil {
			came.expired, err = gone(before, now, change.Removed)
		}
	}
	came.count(now.Services)
	return came, err
}

// storedHost returns a host and its services.
func storedHost(ctx context.Context, m *bindset.Manager, id uuid.UUID) (h service.HostWithServices, err error) {
	err = m.View(ctx, func(ctx context.Context, r store.Reader) error {
		if h.Host, err = r.Host(ctx, id); err == nil {
			h.Services, err = r.ServicesOnHost(ctx, id)
		}
		return err
	})
	return h, err
}

func (e *embedded) close() error {
	if e.manager == nil {
		return nil
	}
	e.manager = nil
	return e.closeStore()
}
