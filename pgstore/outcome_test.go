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

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
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
	store, err := pgstore.New(pool, pgstore.WithSchema(schema))
	require.NoError(t, err)

	h := host.Host{ID: uuid.UUID{15: 1}, NetworkID: uuid.UUID{15: 2}, Revision: 1}
	err = store.Update(t.Context(), func(ctx context.Context, w service.Writer) error { return w.PutHost(ctx, h) })
	require.ErrorIs(t, err, service.ErrUnknownOutcome)
	require.NoError(t, sound.View(t.Context(), func(ctx context.Context, r service.Reader) error {
		_, err := r.Host(ctx, h.ID)
		return err
	}), "it is stored: the answer was read from the connection, and then thrown away")
}
