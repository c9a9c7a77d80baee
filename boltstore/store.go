package boltstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/bindset/bindset/store"
)

// A Store is a [store.Store] in a file. Make one with [Open]. Safe for
// concurrent use.
type Store struct {
	db          *bbolt.DB
	file        *os.File      // that of db
	writing     chan struct{} // holds an element while a write transaction runs
	failed      atomic.Bool   // what is in the file is in doubt
	inventories *inventories
	commitTx    func(*bbolt.Tx) error // (*bbolt.Tx).Commit, but in tests
}

var _ store.Store = (*Store)(nil)

// Close closes the file. It waits for the transactions that run, so it must not
// be called inside one. Later transactions fail with store.ErrClosed. Closing a
// closed store does nothing.
func (s *Store) Close() error { return s.db.Close() }

// inside marks the contexts of a store's transactions.
type inside struct{ store *Store }

// enter returns the context of a new transaction.
func (s *Store) enter(ctx context.Context) (context.Context, error) {
	if ctx.Value(inside{s}) != nil {
		return nil, errNested
	}
	return context.WithValue(ctx, inside{s}, true), ctx.Err()
}

// View calls fn, once, with the state that the last commit left. It waits for
// nobody, but where the file has grown past 16 GB, for moments in which a writer
// maps more of it.
func (s *Store) View(ctx context.Context, fn func(ctx context.Context, r store.Reader) error) error {
	return s.view(ctx, func(ctx context.Context, r *reader) error { return fn(ctx, r) })
}

func (s *Store) view(ctx context.Context, fn func(ctx context.Context, r *reader) error) error {
	ctx, err := s.enter(ctx)
	if err != nil {
		return err
	}
	tx, err := s.begin(false)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	r := &reader{store: s, tx: tx}
	defer r.end()
	return fn(ctx, r)
}

// Update calls fn, once, when no other write transaction runs. A ctx that is done
// before that gives its error. What fn wrote is on the disk when Update returns
// nil; a transaction that wrote nothing costs no write. The error of a commit
// that may or may not outlast a power cut is ErrUnknownOutcome, and then every
// later transaction fails until the store is opened again.
func (s *Store) Update(ctx context.Context, fn func(ctx context.Context, w store.Writer) error) error {
	ctx, err := s.enter(ctx)
	if err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	tx, err := s.begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	w := &writer{reader: reader{store: s, tx: tx}}
	defer w.end()

	if err := fn(ctx, w); err != nil {
		return err
	}
	if err := errors.Join(w.broken, ctx.Err()); err != nil {
		return err
	}
	if !w.wrote {
		return nil
	}
	if err := s.commit(tx); err != nil {
		return err
	}
	for _, inv := range w.changed {
		s.inventories.add(inv)
	}
	return nil
}

// lock waits until no other write transaction runs. bbolt's own lock would not
// notice that ctx ends.
func (s *Store) lock(ctx context.Context) error {
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		s.unlock()
		return err
	}
	return nil
}

func (s *Store) unlock() { <-s.writing }

// begin begins a transaction. A write transaction needs the lock.
func (s *Store) begin(writable bool) (*bbolt.Tx, error) {
	if s.failed.Load() {
		return nil, errFailed
	}
	tx, err := s.db.Begin(writable)
	switch {
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return nil, errClosed
	case err != nil:
		return nil, fmt.Errorf("boltstore: %w", err)
	}
	return tx, nil
}

// commit commits a transaction, and tells a commit that did not happen from one
// that may have.
//
// bbolt writes the new pages beside those in use and syncs them; then it writes
// and syncs the one page that makes them count, which carries the transaction's
// number. Where that page has not come as far as the page cache, it cannot come
// to the disk: nothing has happened, and the next transaction starts where this
// one did. Where it has, whether it is on the disk is unknown; and to write more
// would overwrite pages that the disk may still count on.
func (s *Store) commit(tx *bbolt.Tx) error {
	id := tx.ID()
	err := protect(func() error { return s.commitTx(tx) })
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrDamaged) { // bbolt has lost track of what is free
		s.failed.Store(true)
	}
	last, lookErr := s.lastCommit()
	if lookErr == nil && last < id {
		return fmt.Errorf("boltstore: the commit failed, nothing was changed: %w", err)
	}
	s.failed.Store(true)
	return fmt.Errorf("boltstore: %w: the commit failed when it may have been on the disk already; close the store, open it again, and look: %w",
		store.ErrUnknownOutcome, errors.Join(err, lookErr))
}

// lastCommit returns the number of the last transaction that counts.
func (s *Store) lastCommit() (id int, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil })
	return id, err
}
