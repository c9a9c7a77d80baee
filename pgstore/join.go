package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/bindset/bindset/store"
)

// A joined is a store inside a transaction of the caller's.
type joined struct {
	*base
	db  pgx.Tx
	err error // what is wrong with the options
}

var _ store.Joined = (*joined)(nil)

// WithTx returns a store that takes part in a transaction of the caller's: what
// an Update writes is committed, or not, with what else the transaction writes.
// The transaction must be SERIALIZABLE, as pgx.BeginTx makes it with
// pgx.Serializable; in any other a View or Update is an error. The tables must be
// there: see Store.Migrate.
//
// An Update is a savepoint: when it fails nothing that it wrote is left, and the
// transaction may go on, unless the error is the database's. Its function is
// never called again. When another transaction got in the way, here or at the
// commit, the error is a *pgconn.PgError with the code 40001 or 40P01, and it is
// the caller who runs the whole transaction again.
//
// A bindset.Manager on such a store calls no observers, as nothing is committed
// yet: publish the Change it returns after the commit.
//
// The store is for one goroutine at a time, like the transaction, and keeps the
// inventories that it reads only as long as it is used itself.
func WithTx(db pgx.Tx, opts ...Option) store.Store {
	b, err := newBase(opts)
	return &joined{base: b, db: db, err: err}
}

// Joined marks the store for a bindset.Manager.
func (*joined) Joined() {}

func (j *joined) View(ctx context.Context, fn func(ctx context.Context, r store.Reader) error) error {
	return j.run(ctx, func(ctx context.Context, t *tx) error { return fn(ctx, t) })
}

func (j *joined) Update(ctx context.Context, fn func(ctx context.Context, w store.Writer) error) error {
	return j.run(ctx, func(ctx context.Context, t *tx) error { return fn(ctx, t) })
}

// run runs fn in a savepoint.
func (j *joined) run(ctx context.Context, fn func(context.Context, *tx) error) error {
	if j.err != nil {
		return j.err
	}
	ctx, err := j.enter(ctx)
	if err != nil {
		return err
	}
	if err := j.requireSerializable(ctx); err != nil {
		return err
	}
	savepoint, err := j.db.Begin(ctx)
	if err != nil {
		return fmt.Errorf("pgstore: set a savepoint: %w", err)
	}
	t := &tx{base: j.base, heldGates: &heldGates{}, db: savepoint}
	_, err = t.run(ctx, fn, func(ctx context.Context, savepoint transaction) error {
		if err := savepoint.Commit(ctx); err != nil {
			return fmt.Errorf("pgstore: release a savepoint: %w", err)
		}
		return nil
	})
	return err
}

// requireSerializable refuses a transaction in which the rules would not hold:
// two of them could each write what the other one did not see.
func (j *joined) requireSerializable(ctx context.Context) error {
	if j.migrated.Load() {
		return nil // it was looked at before
	}
	var level string
	if err := j.db.QueryRow(ctx, "SHOW transaction_isolation").Scan(&level); err != nil {
		return fmt.Errorf("pgstore: read the isolation level of the transaction: %w", err)
	}
	if level != "serializable" {
		return fmt.Errorf("pgstore: the transaction is %s, and must be serializable; begin it with pgx.TxOptions{IsoLevel: pgx.Serializable}", level)
	}
	return j.requireSchema(ctx, j.db)
}
