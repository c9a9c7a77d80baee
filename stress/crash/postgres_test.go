//go:build unix

package crash_test

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
)

// server starts a PostgreSQL that the test may kill.
func server(t *testing.T, opts ...pgtest.Option) *pgtest.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := pgtest.Start(ctx, opts...)
	if errors.Is(err, pgtest.ErrNotInstalled) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// childDSN names the connections of children.
func childDSN(s *pgtest.Server) string { return s.DSN() + " application_name=child" }

func openPgstore(t *testing.T, s *pgtest.Server) *pgstore.Store {
	t.Helper()
	store, err := pgstore.Open(t.Context(), s.DSN())
	require.NoError(t, err)
	return store
}

// ends are what may happen to children, or to the server under them.
var ends = []struct {
	name string
	down bool // the server is
	end  func(s *pgtest.Server, c *child) error
}{
	{name: "kill -9 of the program", end: func(_ *pgtest.Server, c *child) error { return c.Process.Kill() }},
	{name: "kill -9 of the postmaster", down: true, end: func(s *pgtest.Server, _ *child) error { return s.Kill() }},
	{name: "immediate shutdown", down: true, end: func(s *pgtest.Server, _ *child) error { return s.StopImmediate() }},
	{name: "the network is gone", end: func(_ *pgtest.Server, c *child) error { return c.Process.Signal(syscall.SIGUSR1) }},
	{name: "the server ends the connections", end: func(s *pgtest.Server, c *child) error {
		return errors.Join(terminate(s), c.Process.Kill()) // some would only connect again
	}},
}

func terminate(s *pgtest.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.DSN())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'child'")
	return err
}

// rest waits until the server has ended what children that are gone began.
func rest(t *testing.T, s *pgtest.Server) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN())
	require.NoError(t, err)
	defer conn.Close(t.Context())
	require.Eventually(t, func() bool {
		var n int
		err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'child'").Scan(&n)
		return err == nil && n == 0
	}, patience, 10*time.Millisecond)
}

func TestPgstoreKeepsWhatItAcknowledged(t *testing.T) {
	s := server(t)
	store := openPgstore(t, s)
	require.NoError(t, store.Migrate(t.Context()))
	create(t, store)
	store.Close()

	l := newLedger()
	for n := range *kills {
		how := ends[n%len(ends)]
		l.crash(t, order{Postgres: childDSN(s)}, func(c *child) error { return how.end(s, c) })
		if how.down {
			require.NoError(t, s.Restart(t.Context()))
		}
		rest(t, s)
		store := openPgstore(t, s)
		l.compareAll(t, store)
		store.Close()
		t.Logf("%d, %s: %v", n+1, how.name, l)
	}
	require.Positive(t, l.changes)
}
