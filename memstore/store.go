package memstore

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync/atomic"

	"github.com/bindset/bindset/store"
)

// A Store is a [store.Store] in memory. Make one with [New]. Safe for
// concurrent use.
type Store struct {
	tables

	views views
	_     line
	last  atomic.Uint64 // the number of the last commit, from 1
	_     line

	writing chan struct{} // holds an element while a write transaction runs, which owns the following
	changes []change      // of the transaction
	held    []uint64      // room for what the views hold
	history history
}

// tables are what a store holds.
type tables struct {
	hosts    table[hostRow]
	networks table[networkRow]
	services table[serviceRow]
	_        line
	bindings index // of each binding to the row of its service
	_        line
}

// A line keeps what every commit writes out of the memory that a processor
// fetches with what every View reads.
type line [64]byte

var _ store.Store = (*Store)(nil)

var (
	errNested = fmt.Errorf("memstore: this context is inside a transaction of this store; use the Reader or Writer of that one: %w", store.ErrNestedTx)
	errZero   = errors.New("memstore: this Store is zero; make one with New")
	errOver   = errors.New("memstore: the transaction is over; use its Reader or Writer only inside the function that was given it")
)

// New returns an empty Store.
func New() *Store {
	s := &Store{writing: make(chan struct{}, 1)}
	seed := maphash.MakeSeed()
	s.hosts.init(seed)
	s.networks.init(seed)
	s.services.init(seed)
	s.bindings.init()
	s.services.forget = func(row rowID, gone, newest *serviceVersion) { s.disown(row, gone.row.bindings, newest) }
	s.views.init()
	s.last.Store(1)
	return s
}

// inside is the key under which the context of a store's transaction has the
// store.
type inside struct{ store *Store }

// txContext is the context of a transaction. It does what context.WithValue
// does, as part of the Reader or Writer.
type txContext struct {
	context.Context
	store *Store
}

func (c *txContext) Value(key any) any {
	if key == (inside{c.store}) {
		return c.store
	}
	return c.Context.Value(key)
}

// enter returns the context of a new transaction.
func (s *Store) enter(ctx context.Context) (txContext, error) {
	if s.writing == nil {
		return txContext{}, errZero
	}
	if ctx.Value(inside{s}) != nil {
		return txContext{}, errNested
	}
	return txContext{ctx, s}, ctx.Err()
}

// View calls fn with the state that the last commit left. It never waits.
func (s *Store) View(ctx context.Context, fn func(ctx context.Context, r store.Reader) error) error {
	tx, err := s.enter(ctx)
	if err != nil {
		return err
	}
	h, commit := s.views.begin(&s.last)
	defer s.views.end(h)
	r := &reader{ctx: tx, tables: &s.tables, commit: commit}
	defer r.end()
	return fn(&r.ctx, r)
}

// Update calls fn, once, when no other write transaction runs. A ctx that is
// done before that gives its error.
func (s *Store) Update(ctx context.Context, fn func(ctx context.Context, w store.Writer) error) error {
	tx, err := s.enter(ctx)
	if err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	w := &writer{reader: reader{ctx: tx, tables: &s.tables, commit: s.last.Load() + 1}, changes: &s.changes}
	committed := false
	defer func() {
		w.end()
		s.finish(committed)
		<-s.writing
	}()
	if err := fn(&w.ctx, w); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	committed = true
	return nil
}

// lock waits for other write transactions to end.
func (s *Store) lock(ctx context.Context) error {
	select {
	case s.writing <- struct{}{}:
		return nil
	default:
	}
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		<-s.writing
		return err
	}
	return nil
}

// finish commits the changes, or takes them back, and lets go of what nobody
// reads any more.
func (s *Store) finish(commit bool) {
	switch {
	case !commit:
		for _, c := range s.changes {
			c.table.rollBack(c.row)
		}
		s.changes = s.changes[:0]
	case len(s.changes) > 0:
		s.last.Add(1)
	}
	s.held = s.views.appendHeld(s.held[:0])
	s.history.let(s.changes, s.held, s.last.Load())
	s.changes = s.changes[:0]
	const much = 1024
	if cap(s.changes) > much {
		s.changes = nil
	}
}
