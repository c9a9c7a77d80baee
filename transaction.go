package bindset

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

// InTx runs several use cases in one transaction: fn gets a Manager whose use
// cases, reads and Views run in it, and what they did is committed when fn returns
// nil. It returns one Change for all of them, which observers get after the
// commit: what was changed twice is in it once, as it is at the end, and what was
// made and deleted again is not.
//
// An error of a use case dooms the transaction: nothing is committed, InTx returns
// that error unless fn returns another one, and later use cases of the transaction
// fail with it. An error of a read does not. All use cases have one time.
//
// The Manager is for fn alone, with the context that fn was given, and for one
// goroutine at a time; the one that InTx was called on is refused there with
// ErrNestedTx, as is DryRun. InTx inside a transaction joins it. fn may be called
// again where the store runs transactions again, so it must have no other effects.
func (m *Manager) InTx(ctx context.Context, fn func(ctx context.Context, m *Manager) error, opts ...CallOption) (Change, error) {
	return m.update(ctx, "transaction", callOf(opts), nil, func(ctx context.Context, t *tx) error {
		inner := *m
		inner.tx = t
		if err := fn(ctx, &inner); err != nil {
			return err
		}
		return t.doomed
	})
}

// errDryRun ends the transaction of a dry run.
var errDryRun = errors.New("bindset: nothing is committed in a dry run")

var (
	errDryRunInTx = fmt.Errorf("bindset: a use case inside InTx cannot be a dry run by itself; give DryRun to InTx: %w", store.ErrNestedTx)
	errUnfinished = fmt.Errorf("bindset: a use case of this transaction did not end: %w", store.ErrClosed)
)

// run is update for a use case that returns something of what it stores.
func run[T any](
	ctx context.Context, m *Manager, name string, c call, invalid error, useCase func(context.Context, *tx) (T, error),
) (T, Change, error) {
	var got, none T
	change, err := m.update(ctx, name, c, invalid, func(ctx context.Context, t *tx) (err error) {
		got, err = useCase(ctx, t)
		return err
	})
	if err != nil {
		return none, Change{}, err
	}
	return got, change, nil
}

// update runs a use case in one transaction, unless what it was given is invalid,
// and publishes its Change after the commit. The store may run it again, each time
// from a new tx.
func (m *Manager) update(ctx context.Context, name string, c call, invalid error, useCase func(context.Context, *tx) error) (Change, error) {
	if m.tx != nil {
		return m.tx.part(ctx, c, invalid, useCase)
	}
	if invalid != nil {
		return Change{}, invalid
	}
	var t tx
	err := m.store.Update(ctx, func(ctx context.Context, w store.Writer) error {
		t = tx{Writer: w, m: m, now: binding.Time(m.clock()), call: c}
		if err := useCase(ctx, &t); err != nil || !c.dryRun {
			return err
		}
		return errDryRun
	})
	switch {
	case c.dryRun && errors.Is(err, errDryRun):
		return t.change(), nil
	case err != nil:
		return Change{}, err
	}
	change := t.change()
	if !store.IsJoined(m.store) {
		m.publish(ctx, name, &change)
	}
	return change, nil
}

// part runs a use case as a part of the transaction.
func (t *tx) part(ctx context.Context, c call, invalid error, useCase func(context.Context, *tx) error) (Change, error) {
	if t.doomed == nil && c.dryRun {
		t.doomed = errDryRunInTx
	}
	if t.doomed = cmp.Or(t.doomed, invalid); t.doomed != nil {
		return Change{}, t.doomed
	}
	part := tx{Writer: t.Writer, m: t.m, now: t.now, call: c}
	t.doomed = errUnfinished // where the use case panics
	if t.doomed = useCase(ctx, &part); t.doomed != nil {
		return Change{}, t.doomed
	}
	t.add(&part.difference)
	return part.change(), nil
}
