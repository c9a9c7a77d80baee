package pgstore_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/store"
)

// A fragile connection breaks once it has sent what it waits for.
type fragile struct {
	net.Conn
	until  []byte
	broken atomic.Bool
}

func (c *fragile) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if bytes.Contains(p, c.until) {
		c.broken.Store(true)
	}
	return n, err
}

func (c *fragile) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.broken.Load() {
		return 0, io.EOF
	}
	return n, err
}

func TestACommitWhoseAnswerIsLostIsOfUnknownOutcome(t *testing.T) {
	schema := pgtest.Schema(t)
	sound, err := pgstore.Open(t.Context(), pgtest.DSN(t), pgstore.WithSchema(schema))
	require.NoError(t, err)
	defer sound.Close()
	require.NoError(t, sound.Migrate(t.Context()))

	config, err := pgxpool.ParseConfig(pgtest.DSN(t))
	require.NoError(t, err)
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &fragile{Conn: conn, until: []byte("commit\x00")}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()
	db, err := pgstore.New(pool, pgstore.WithSchema(schema))
	require.NoError(t, err)

	h := host.Host{ID: uuid.UUID{15: 1}, NetworkID: uuid.UUID{15: 2}, Revision: 1}
	err = db.Update(t.Context(), func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, h) })
	require.ErrorIs(t, err, store.ErrUnknownOutcome)
	require.NoError(t, sound.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		_, err := r.Host(ctx, h.ID)
		return err
	}), "it is stored: the answer was read from the connection, and then thrown away")
}

func TestACommitThatNeverArrivesIsOfUnknownOutcomeToo(t *testing.T) {
	schema := pgtest.Schema(t)
	sound := openIn(t, schema)
	db := openThrough(t, schema, func(conn net.Conn) net.Conn { return &swallowing{Conn: conn, what: []byte("commit\x00")} })
	err := db.Update(t.Context(), newFixture().put)
	require.ErrorIs(t, err, store.ErrUnknownOutcome)
	require.Equal(t, store.ErrUnknownOutcome, bindset.CodeOf(err))
	require.Empty(t, services(t, sound, newFixture().host.ID))
}

func TestAConnectionThatIsCutBeforeTheCommitWritesNothing(t *testing.T) {
	schema := pgtest.Schema(t)
	sound := openIn(t, schema)
	var last net.Conn
	db := openThrough(t, schema, func(conn net.Conn) net.Conn { last = conn; return conn })
	f := newFixture()
	err := db.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		require.NoError(t, f.put(ctx, w))
		require.NoError(t, last.Close())
		_, err := w.Service(ctx, f.services[0].ID)
		require.Error(t, err)
		return nil
	})
	require.Error(t, err)
	require.NotErrorIs(t, err, store.ErrUnknownOutcome)
	require.Empty(t, services(t, sound, f.host.ID))
	populate(t, db) // on another connection
}

func TestACommitThatTheServerRefusesWritesNothing(t *testing.T) {
	schema := pgtest.Schema(t)
	db := openIn(t, schema)
	run(t, schema,
		`CREATE FUNCTION bindset.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$`,
		`CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON bindset.hosts DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION bindset.refuse()`)
	err := db.Update(t.Context(), newFixture().put)
	require.ErrorContains(t, err, "the commit was refused, nothing is written")
	require.ErrorContains(t, err, "not today")
	require.NotErrorIs(t, err, store.ErrUnknownOutcome)
	require.Empty(t, services(t, db, newFixture().host.ID))
	require.Zero(t, db.Stats().Commits)
}

// swallowing is a connection on which something never arrives, and that is closed
// then.
type swallowing struct {
	net.Conn
	what []byte
}

func (c *swallowing) Write(p []byte) (int, error) {
	if bytes.Contains(p, c.what) {
		return len(p), c.Conn.Close()
	}
	return c.Conn.Write(p)
}

// openThrough returns a store whose connections wrap makes of those to the
// server.
func openThrough(t *testing.T, schema string, wrap func(net.Conn) net.Conn) *pgstore.Store {
	t.Helper()
	pool := newPool(t, func(c *pgxpool.Config) {
		c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return wrap(conn), nil
		}
	})
	db, err := pgstore.New(pool, pgstore.WithSchema(schema))
	require.NoError(t, err)
	return db
}
