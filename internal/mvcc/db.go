package mvcc

import (
	"context"
	"sync/atomic"
)

// A DB runs transactions on tables. Make one with [NewDB]. Safe for concurrent
// use.
type DB struct {
	views views
	_     line
	last  atomic.Uint64 // the number of the last commit, from 1
	_     line

	writing chan struct{} // holds an element while an Update runs, which owns the following
	changes []change      // of the Update
	held    []uint64      // reused memory for the commits that Views hold
	history history
}

// A line keeps what every commit writes out of the memory that a processor
// fetches with what every View reads.
type line [64]byte

// A Snapshot is the state of all tables after a commit. It is valid until the
// function that got it returns.
type Snapshot struct{ commit uint64 }

// A Tx is a running Update. Its Snapshot has the changes that it made so far. It
// is valid until the function that got it returns, and not safe for concurrent
// use.
type Tx struct {
	Snapshot
	db *DB
}

// NewDB returns a DB for tables without rows.
func NewDB() *DB {
	db := &DB{writing: make(chan struct{}, 1)}
	db.views.init()
	db.last.Store(1)
	return db
}

// View calls fn with the state that the last commit left, and returns its error.
// It never waits.
func (db *DB) View(fn func(at Snapshot) error) error {
	h, commit := db.views.begin(&db.last)
	defer db.views.end(h)
	return fn(Snapshot{commit})
}

// Update calls fn, once, when no other Update runs, and commits its changes. If fn
// returns an error or panics, or ctx is done when it returns, nothing has changed.
// If ctx is done before, Update returns its error without calling fn. An Update
// inside another one of the same DB waits until its ctx is done.
func (db *DB) Update(ctx context.Context, fn func(tx Tx) error) error {
	if err := db.lock(ctx); err != nil {
		return err
	}
	committed := false
	defer func() {
		db.finish(committed)
		<-db.writing
	}()
	if err := fn(Tx{Snapshot{db.last.Load() + 1}, db}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	committed = true
	return nil
}

// lock waits for other Updates to end. A ctx that is done is an error even if there
// are none.
func (db *DB) lock(ctx context.Context) error {
	select {
	case db.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		<-db.writing
		return err
	}
	return nil
}

// finish commits the changes, or takes them back, and frees what no View needs
// any more.
func (db *DB) finish(commit bool) {
	switch {
	case !commit:
		for _, c := range db.changes {
			c.table.rollBack(c.row)
		}
		db.changes = db.changes[:0]
	case len(db.changes) > 0:
		db.last.Add(1)
	}
	db.held = db.views.appendHeld(db.held[:0])
	db.history.free(db.changes, db.held, db.last.Load())
	db.changes = db.changes[:0]
	const much = 1024
	if cap(db.changes) > much {
		db.changes = nil
	}
}
