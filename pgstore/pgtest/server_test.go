package pgtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/pgstore/pgtest"
)

func TestAServerKeepsItsDataThroughEveryKindOfEnd(t *testing.T) {
	pgtest.DSN(t) // skips where there is no PostgreSQL
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server, err := pgtest.Start(ctx)
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Close()) }()

	exec(t, server, "CREATE TABLE kept (n int)")
	for i, end := range []func() error{server.Stop, server.StopImmediate, server.Kill} {
		exec(t, server, "INSERT INTO kept VALUES (1)")
		require.NoError(t, end())
		_, err := pgx.Connect(ctx, server.DSN())
		require.Error(t, err, "the server is down")
		require.NoError(t, server.Restart(ctx))

		conn := connect(t, server)
		var n int
		require.NoError(t, conn.QueryRow(ctx, "SELECT count(*) FROM kept").Scan(&n))
		require.Equal(t, i+1, n)
	}
	require.Contains(t, server.Log(), "database system is ready to accept connections")
}

func connect(t *testing.T, server *pgtest.Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.DSN())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func exec(t *testing.T, server *pgtest.Server, sql string) {
	t.Helper()
	conn := connect(t, server)
	_, err := conn.Exec(t.Context(), sql)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}
