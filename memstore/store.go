package memstore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/bindset/bindset/internal/idmap"
	"github.com/bindset/bindset/service"
)

// A Store is a [service.Store] in memory. Make one with [New]. Safe for
// concurrent use.
type Store struct {
	committed atomic.Pointer[tables]
	writing   chan struct{} // holds an element while a write transaction runs
	edit      idmap.Edit    // of the last write transaction; owned by the one that runs
}

var _ service.Store = (*Store)(nil)

var (
	errNested = fmt.Errorf("memstore: this context is inside a transaction of this store; use the Reader or Writer of that one: %w", service.ErrNestedTx)
	errZero   = errors.New("memstore: this Store is zero; make one with New")
	errOver   = errors.New("memstore: the transaction is over; use its Reader or Writer only inside the function that was given it")
)

// New returns an empty Store.
func New() *Store {
	s := &Store{writing: make(chan struct{}, 1)}
	s.committed.Store(&tables{})
	return s
}

// inside marks the contexts of a store's transactions.
type inside struct{ store *Store }

// enter returns the context of a new transaction.
func (s *Store) enter(ctx context.Context) (context.Context, error) {
	if s.writing == nil {
		return nil, errZero
	}
	if ctx.Value(inside{s}) != nil {
		return nil, errNested
	}
	return context.WithValue(ctx, inside{s}, true), ctx.Err()
}

// View calls fn with the state that the last commit left. It never waits.
func (s *Store) View(ctx context.Context, fn func(ctx context.Context, r service.Reader) error) error {
	tx, err := s.enter(ctx)
	if err != nil {
		return err
	}
	r := &reader{tables: s.committed.Load()}
	defer func() { r.over = true }()
	return fn(tx, r)
}

// Update calls fn, once, when no other write transaction runs. A ctx that is
// done before that gives its error.
func (s *Store) Update(ctx context.Context, fn func(ctx context.Context, w service.Writer) error) error {
	tx, err := s.enter(ctx)
	if err != nil {
		return err
	}
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	next := *s.committed.Load()
	s.edit++
	w := &writer{reader: reader{tables: &next}, edit: s.edit}
	defer func() {
		w.over = true
		<-s.writing
	}()

	if err := ctx.Err(); err != nil {
		return err
	}
	if err := fn(tx, w); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.committed.Store(&next)
	return nil
}
