package pgstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/bindset/bindset/store"
)

// An ending commits a transaction.
type ending func(ctx context.Context, db transaction) error

// Once a transaction is to end, the end of its context must not stop that. These
// are the longest times to wait for a server that does not answer.
const (
	commitTimeout   = 10 * time.Second
	rollbackTimeout = 2 * time.Second
)

// rollback undoes a transaction. Where that fails the connection is closed, which
// undoes it too.
func rollback(ctx context.Context, db transaction) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_ = db.Rollback(ctx)
}

// finish ends a transaction that wrote nothing. What it read counts only if that
// succeeds.
func finish(ctx context.Context, db transaction) error {
	if err := end(ctx, db); err != nil {
		return fmt.Errorf("pgstore: end a transaction that only read: %w", err)
	}
	return nil
}

// commit commits a transaction, and says in its error whether that happened.
func commit(ctx context.Context, db transaction) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	// That must be asked before: pgx takes a commit whose answer is lost for one that
	// it has not sent (pgconn.SafeToRetry).
	if db.Conn().IsClosed() {
		return errors.New("pgstore: the connection was lost before the commit, nothing is written; try again")
	}
	err := end(ctx, db)
	switch {
	case err == nil:
		return nil
	case isRefusal(err):
		return fmt.Errorf("pgstore: the commit was refused, nothing is written: %w", err)
	default:
		return fmt.Errorf("pgstore: nobody knows what became of a commit (%w): %w, it may be stored or not; read again what it changed",
			err, store.ErrUnknownOutcome)
	}
}

// isRefusal reports whether an error of a commit is the server's word that it did
// not happen. A server that shuts down may have committed before it says so, and a
// coordinator of Citus does not know what its workers did.
func isRefusal(err error) bool {
	if errors.Is(err, pgx.ErrTxCommitRollback) || errors.Is(err, errWorkerRace) {
		return true
	}
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.SeverityUnlocalized == "ERROR" && answer.Code != codeCompletionUnknown &&
		!isOfWorker(answer)
}

// errWorkerRace is in the error of a commit that a worker of Citus refused because
// another transaction got in its way.
var errWorkerRace = errors.New("a worker refused it, as another transaction got in its way")

// end commits a transaction. A worker of Citus that refuses says why in a warning,
// which comes before the error of its coordinator.
func end(ctx context.Context, db transaction) error {
	data := db.Conn().PgConn().CustomData()
	delete(data, warnedOfRace)
	err := db.Commit(ctx)
	var answer *pgconn.PgError
	if errors.As(err, &answer) && isOfWorker(answer) && data[warnedOfRace] != nil {
		return fmt.Errorf("%w: %w", errWorkerRace, err)
	}
	return err
}

// isOfWorker reports whether an answer to a commit is that of a coordinator of Citus
// one of whose workers did not commit, or may not have.
func isOfWorker(answer *pgconn.PgError) bool {
	return answer.Code == codeInternalError && strings.HasPrefix(answer.Message, "could not commit transaction for shard ")
}

// warnedOfRace is the custom data of a connection that had a warning of a race.
const warnedOfRace = "bindset/pgstore: warned of a race"

// OnNotice lets a store that [New] makes see why a worker of Citus refused a commit.
// Set it as OnNotice of the ConnConfig of the pool, or call it there; [Open] does so
// itself. Without it such a commit is ErrUnknownOutcome, also where it was refused
// because another transaction got in its way, and the store could run it again.
func OnNotice(conn *pgconn.PgConn, notice *pgconn.Notice) {
	if isRaceCode(notice.Code) {
		conn.CustomData()[warnedOfRace] = true
	}
}
