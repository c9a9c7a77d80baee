package pgstore_test

import (
	"bytes"
	"context"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/store"
)

// A coordinator is a connection to a coordinator of Citus some of whose commits
// fail: it undoes the transaction, and answers what it is told.
type coordinator struct {
	net.Conn
	failing   *[][]pgproto3.BackendMessage // the answers to the commits to come
	answering bool                         // the next answer of the server is not passed on
	answer    bytes.Buffer
}

func (c *coordinator) Write(p []byte) (int, error) {
	if !bytes.Contains(p, []byte("commit\x00")) || len(*c.failing) == 0 {
		return c.Conn.Write(p)
	}
	c.answering = true
	undo, err := (&pgproto3.Query{String: "rollback"}).Encode(nil)
	if err != nil {
		return 0, err
	}
	_, err = c.Conn.Write(undo)
	return len(p), err
}

func (c *coordinator) Read(p []byte) (int, error) {
	if c.answering {
		c.answering = false
		if err := c.replace(); err != nil {
			return 0, err
		}
	}
	if c.answer.Len() > 0 {
		return c.answer.Read(p)
	}
	return c.Conn.Read(p)
}

// replace reads the answer of the server, and puts another one in its place.
func (c *coordinator) replace() error {
	server := pgproto3.NewFrontend(c.Conn, nil)
	for {
		message, err := server.Receive()
		if err != nil {
			return err
		}
		if _, ready := message.(*pgproto3.ReadyForQuery); ready {
			break
		}
	}
	for _, message := range append((*c.failing)[0], &pgproto3.ReadyForQuery{TxStatus: 'I'}) {
		encoded, err := message.Encode(nil)
		if err != nil {
			return err
		}
		c.answer.Write(encoded)
	}
	*c.failing = (*c.failing)[1:]
	return nil
}

// What a coordinator answers to COMMIT, as Citus 13 does: a worker's refusal is a
// warning, which the coordinator's own error follows.
func answerToCommit(worker ...pgproto3.BackendMessage) []pgproto3.BackendMessage {
	return append(worker, &pgproto3.ErrorResponse{
		Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: "XX000",
		Message: "could not commit transaction for shard 102046 on at least one active node",
	})
}

func warning(code, message string) *pgproto3.NoticeResponse {
	return &pgproto3.NoticeResponse{
		Severity: "WARNING", SeverityUnlocalized: "WARNING", Code: code, Message: message,
		Where: "while executing command on worker-1:5432",
	}
}

func TestACommitThatAWorkerOfCitusRefuses(t *testing.T) {
	race := warning("40001", "could not serialize access due to read/write dependencies among transactions")
	deadlock := warning("40P01", "deadlock detected")
	lost := warning("08006", "connection to the remote node worker-1:5432 failed")
	for _, test := range []struct {
		name    string
		answers [][]pgproto3.BackendMessage
		retries uint64
		want    error
	}{
		{"because of a race is run again", [][]pgproto3.BackendMessage{answerToCommit(race)}, 1, nil},
		{"again and again", [][]pgproto3.BackendMessage{answerToCommit(race), answerToCommit(deadlock), answerToCommit(race)}, 3, nil},
		{"for another reason is of unknown outcome", [][]pgproto3.BackendMessage{answerToCommit(lost)}, 0, store.ErrUnknownOutcome},
		{"without a word is of unknown outcome", [][]pgproto3.BackendMessage{answerToCommit()}, 0, store.ErrUnknownOutcome},
		{
			"without a word, after a race, is of unknown outcome",
			[][]pgproto3.BackendMessage{answerToCommit(race), answerToCommit()},
			1, store.ErrUnknownOutcome,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := openCoordinator(t, &test.answers, func(c *pgxpool.Config) { c.ConnConfig.OnNotice = pgstore.OnNotice })
			f := newFixture()
			err := db.Update(t.Context(), f.put)
			require.ErrorIs(t, err, test.want)
			require.Empty(t, test.answers, "every answer was given")
			require.Equal(t, test.retries, db.Stats().Retries)
			if test.want == nil {
				require.Equal(t, f.services, services(t, db, f.host.ID))
			}
		})
	}
	t.Run("while it reads is run again", func(t *testing.T) {
		answers := [][]pgproto3.BackendMessage{}
		db := openCoordinator(t, &answers, func(c *pgxpool.Config) { c.ConnConfig.OnNotice = pgstore.OnNotice })
		f := populate(t, db)
		answers = append(answers, answerToCommit(race))
		require.Equal(t, f.services, services(t, db, f.host.ID))
		require.Empty(t, answers)
	})
	t.Run("is of unknown outcome where nobody hears the worker", func(t *testing.T) {
		answers := [][]pgproto3.BackendMessage{answerToCommit(race)}
		db := openCoordinator(t, &answers, func(*pgxpool.Config) {})
		require.ErrorIs(t, db.Update(t.Context(), newFixture().put), store.ErrUnknownOutcome)
	})
}

func openCoordinator(t *testing.T, failing *[][]pgproto3.BackendMessage, change func(*pgxpool.Config)) *pgstore.Store {
	t.Helper()
	schema := pgtest.Schema(t)
	openIn(t, schema) // with a connection of its own, whose commits are the server's
	pool := newPool(t, func(c *pgxpool.Config) {
		change(c)
		c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return &coordinator{Conn: conn, failing: failing}, err
		}
	})
	db, err := pgstore.New(pool, pgstore.WithSchema(schema))
	require.NoError(t, err)
	return db
}
