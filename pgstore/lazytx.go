package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// A lazyTx is a transaction that begins with the first batch sent in it: to begin
// takes no round trip. Once it has failed to end, its connection must be closed.
type lazyTx struct {
	conn  *pgx.Conn
	begin []string // what is to be sent before the first batch; nil once it was
}

func (l *lazyTx) Conn() *pgx.Conn { return l.conn }

func (l *lazyTx) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	whole := &pgx.Batch{}
	for _, sql := range l.begin {
		whole.Queue(sql)
	}
	l.begin = nil
	whole.QueuedQueries = append(whole.QueuedQueries, batch.QueuedQueries...)
	return l.conn.SendBatch(ctx, whole)
}

func (l *lazyTx) Commit(ctx context.Context) error {
	tag, err := l.end(ctx, "commit")
	if err == nil && tag == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return err
}

func (l *lazyTx) Rollback(ctx context.Context) error {
	_, err := l.end(ctx, "rollback")
	return err
}

func (l *lazyTx) end(ctx context.Context, sql string) (tag string, err error) {
	if l.begin != nil {
		return "", nil
	}
	done, err := l.conn.Exec(ctx, sql)
	return done.String(), err
}
