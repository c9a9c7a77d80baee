package pgstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// A tx is one attempt at a transaction: a store.Writer, and the Reader of a
// View.
type tx struct {
	*base
	*heldGates
	db     transaction
	failed error // the first error that undoes the transaction, whatever fn makes of it
	over   bool  // fn has returned

	savepoint bool            // there is one that is needed no longer
	inventory *host.Inventory // the one that was read or put last; nil for none
}

var _ store.Writer = (*tx)(nil)

var errOver = fmt.Errorf("pgstore: the transaction is over; use its Reader or Writer only inside the function that was given it: %w", store.ErrClosed)

// A transaction of the database: a lazyTx, or a savepoint of pgx.
type transaction interface {
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	Conn() *pgx.Conn
}

// run runs fn in the transaction, which has begun, and ends that: with end where
// fn succeeds, and by undoing it where fn fails, panics, or leaves by Goexit. It
// reports whether the error is that another transaction got in the way.
func (t *tx) run(ctx context.Context, fn func(context.Context, *tx) error, end ending) (raced bool, err error) {
	ended := false
	defer func() {
		t.over = true
		if !ended {
			rollback(ctx, t.db)
		}
	}()
	err = fn(ctx, t)
	switch {
	case isRace(t.failed):
		return true, t.failed // whatever fn made of it
	case err != nil:
		return false, err
	case ctx.Err() != nil:
		return false, ctx.Err()
	case t.failed != nil:
		return false, t.failed
	}
	ended = true
	err = end(ctx, t.db)
	return isRace(err), err
}

// The SQLSTATE codes that matter here.
const (
	codeForeignKeyViolation  = "23503"
	codeUniqueViolation      = "23505"
	codeSerializationFailure = "40001"
	codeCompletionUnknown    = "40003"
	codeDeadlock             = "40P01"
	codeUndefinedTable       = "42P01"
	codeInternalError        = "XX000"
)

// errGated is the error of an attempt that met a host whose gate is somebody
// else's.
var errGated = errors.New("pgstore: another transaction is at work on this host")

// isRace reports whether an error means that the transaction is to be run again.
// Statements look before they write, so that they break a constraint only where
// another transaction wrote in between, out of the snapshot's sight.
func isRace(err error) bool {
	switch code := codeOf(err); code {
	case codeUniqueViolation, codeForeignKeyViolation:
		return true
	default:
		return isRaceCode(code) || err == errGated || errors.Is(err, errWorkerRace)
	}
}

func isRaceCode(code string) bool { return code == codeSerializationFailure || code == codeDeadlock }

// codeOf returns the SQLSTATE of an error, "" where it is not the server's.
func codeOf(err error) string {
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		return ""
	}
	return answer.Code
}

const (
	firstPause   = 2 * time.Millisecond
	longestPause = time.Second
)

// pause waits before the next attempt, for a random time whose limit doubles from
// attempt to attempt, and returns the error of a context that ends meanwhile.
func pause(ctx context.Context, attempt int) error {
	limit := longestPause
	if attempt < 10 {
		limit = min(firstPause<<(attempt-1), longestPause)
	}
	timer := time.NewTimer(rand.N(limit))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// The savepoint to go back to where a method has written half of what it should.
const (
	setSavepoint        = "SAVEPOINT bindset"
	rollbackToSavepoint = "ROLLBACK TO SAVEPOINT bindset"
	releaseSavepoint    = "RELEASE SAVEPOINT bindset"
)

// batch returns a batch for statements that are to be sent together.
func (t *tx) batch() *pgx.Batch {
	batch := &pgx.Batch{}
	if t.savepoint {
		batch.Queue(releaseSavepoint)
		t.savepoint = false
	}
	return batch
}

// send runs the statements of a batch in one round trip, or in none where there are
// none. An error says what they were to do.
func (t *tx) send(ctx context.Context, what string, batch *pgx.Batch) error {
	if err := t.usable(); err != nil || batch.Len() == 0 {
		return err
	}
	if err := t.db.SendBatch(ctx, batch).Close(); err != nil {
		t.failed = fmt.Errorf("pgstore: %s: %w", what, err)
	}
	return t.failed
}

// usable returns an error where the transaction is over or failed.
func (t *tx) usable() error {
	if t.over {
		return errOver
	}
	return t.failed
}

// touch says that the transaction has to do with a host.
func (t *tx) touch(hostID uuid.UUID) error {
	if err := t.usable(); err != nil {
		return err
	}
	if !t.mayGo(hostID) {
		t.failed = errGated
	}
	return t.failed
}

// exec runs statements with the same arguments and returns how many rows they
// wrote.
func (t *tx) exec(ctx context.Context, what string, args []any, statements ...string) (rows int64, err error) {
	batch := t.batch()
	for _, statement := range statements {
		batch.Queue(statement, args...).Exec(countInto(&rows))
	}
	err = t.send(ctx, what, batch)
	return rows, err
}

// countInto returns a function that adds how many rows a statement wrote.
func countInto(rows *int64) func(pgconn.CommandTag) error {
	return func(tag pgconn.CommandTag) error {
		*rows += tag.RowsAffected()
		return nil
	}
}

// exists runs a statement that says whether something is there.
func (t *tx) exists(ctx context.Context, statement string, id uuid.UUID) (there bool, err error) {
	batch := t.batch()
	batch.Queue(statement, required(id)).QueryRow(func(row pgx.Row) error { return row.Scan(&there) })
	err = t.send(ctx, "look for "+id.String(), batch)
	return there, err
}
