package memstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/internal/mvcc"
	"github.com/bindset/bindset/store"
)

// A Store is a [store.Store] in memory. Make one with [New]. Safe for
// concurrent use.
type Store struct {
	db *mvcc.DB
	tables
}

// tables are what a store holds.
type tables struct {
	hosts    *mvcc.Table[uuid.UUID, hostRow]
	lists    *mvcc.Table[listKey, list] // of hosts, and of networks
	services *mvcc.Table[uuid.UUID, serviceRow]
	bindings *mvcc.Index[uuid.UUID, uuid.UUID, serviceRow] // from each binding to its service
}

var _ store.Store = (*Store)(nil)

var (
	errNested = fmt.Errorf("memstore: this context is inside a transaction of this store; use the Reader or Writer of that one: %w", store.ErrNestedTx)
	errZero   = fmt.Errorf("memstore: this Store is zero; make one with New: %w", store.ErrClosed)
	errOver   = fmt.Errorf("memstore: the transaction is over; use its Reader or Writer only inside the function that was given it: %w", store.ErrClosed)
)

// New returns an empty Store.
func New() *Store {
	t := tables{
		hosts:    mvcc.NewTable[uuid.UUID, hostRow](),
		lists:    mvcc.NewTable[listKey, list](),
		services: mvcc.NewTable[uuid.UUID, serviceRow](),
	}
	t.bindings = mvcc.NewIndex(t.services, bindingsOfService)
	return &Store{mvcc.NewDB(), t}
}

// View calls fn with the state that the last commit left. It never waits.
func (s *Store) View(ctx context.Context, fn func(ctx context.Context, r store.Reader) error) error {
	inside, err := s.begin(ctx)
	if err != nil {
		return err
	}
	return s.db.View(func(at mvcc.Snapshot) error {
		r := &reader{ctx: inside, tables: &s.tables, at: at}
		defer r.end()
		return fn(&r.ctx, r)
	})
}

// Update calls fn, once, when no other write transaction runs. If ctx is done
// before that, Update returns its error.
func (s *Store) Update(ctx context.Context, fn func(ctx context.Context, w store.Writer) error) error {
	inside, err := s.begin(ctx)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx mvcc.Tx) error {
		w := &writer{reader{ctx: inside, tables: &s.tables, at: tx.Snapshot}, tx}
		defer w.end()
		return fn(&w.ctx, w)
	})
}

// begin returns the context of a new transaction.
func (s *Store) begin(ctx context.Context) (txContext, error) {
	if s.db == nil {
		return txContext{}, errZero
	}
	if ctx.Value(storeKey{s}) != nil {
		return txContext{}, errNested
	}
	return txContext{ctx, s}, ctx.Err()
}

// storeKey is the key under which the context of a store's transaction has the
// store.
type storeKey struct{ store *Store }

// txContext is the context of a transaction. It does what context.WithValue
// does, as part of the Reader or Writer.
type txContext struct {
	context.Context
	store *Store
}

func (c *txContext) Value(key any) any {
	if key == (storeKey{c.store}) {
		return c.store
	}
	return c.Context.Value(key)
}

// A reader is the store.Reader of a transaction.
type reader struct {
	ctx    txContext // the one that the function is given
	over   bool      // the function has returned
	tables *tables
	at     mvcc.Snapshot
}

// A writer is the store.Writer of a transaction.
type writer struct {
	reader
	tx mvcc.Tx
}

// open returns an error where the transaction is over or the context is done.
func (r *reader) open(ctx context.Context) error {
	if r.over {
		return errOver
	}
	return ctx.Err()
}

func (r *reader) end() { r.over = true }

func (r *reader) host(id uuid.UUID) *hostRow       { return r.tables.hosts.Get(r.at, id) }
func (r *reader) service(id uuid.UUID) *serviceRow { return r.tables.services.Get(r.at, id) }

func notFound(entity string, id uuid.UUID) error {
	return &store.EntityError{Code: store.ErrNotFound, Entity: entity, ID: id}
}
