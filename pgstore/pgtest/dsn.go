package pgtest

import (
	"context"
	"errors"
	"flag"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// EnvDSN is the environment variable with the DSN of a server for tests. They
// create schemas in its database, and drop them.
const EnvDSN = "BINDSET_POSTGRES_DSN"

// shared starts the server of this test binary, which lives as long as somebody
// holds on to it.
var shared = sync.OnceValues(func() (*Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return Start(ctx, Volatile())
})

// DSN returns the DSN of a PostgreSQL server for tests: the one in
// BINDSET_POSTGRES_DSN, or one that this test binary shares. Where there is
// neither the variable nor PostgreSQL on the machine the test is skipped, or
// fails where the environment variable CI is "true".
func DSN(t testing.TB) string {
	t.Helper()
	dsn, err := Shared()
	if errors.Is(err, ErrNotInstalled) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// Shared returns what DSN returns, for an Example, which has no testing.TB.
func Shared() (dsn string, err error) {
	if dsn := os.Getenv(EnvDSN); dsn != "" {
		return dsn, nil
	}
	server, err := shared()
	if err != nil {
		return "", err
	}
	return server.DSN(), nil
}

// SkipExamples keeps the Examples of a test binary from running where DSN would
// skip a test: an Example cannot skip itself. Call it in TestMain.
func SkipExamples() {
	if os.Getenv(EnvDSN) != "" || os.Getenv("CI") == "true" {
		return
	}
	if _, _, err := binaries(); errors.Is(err, ErrNotInstalled) {
		if err := flag.Set("test.skip", "^Example"); err != nil {
			panic(err)
		}
	}
}

// Schema returns the name of a schema that does not exist, and drops it, if it
// does by then, when the test ends.
func Schema(t testing.TB) string {
	t.Helper()
	dsn := DSN(t)
	name := "bindset_test_" + uuid.NewString()
	t.Cleanup(func() {
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Errorf("pgtest: dropping schema %s: %v", name, err)
			return
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+pgx.Identifier{name}.Sanitize()+" CASCADE"); err != nil {
			t.Errorf("pgtest: dropping schema %s: %v", name, err)
		}
	})
	return name
}
