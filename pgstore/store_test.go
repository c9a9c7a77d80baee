package pgstore_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/store/storetest"
)

// TestMain lets rapid check fewer cases than it does by default, unless a flag
// says how many: each takes a hundred times as long as in memory.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", "20"); err != nil {
			panic(err)
		}
	}
	pgtest.SkipExamples()
	os.Exit(m.Run())
}

func TestStoreKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
}

// open returns a store on tables of its own.
func open(t testing.TB, opts ...pgstore.Option) *pgstore.Store {
	t.Helper()
	return openIn(t, pgtest.Schema(t), opts...)
}

// openIn returns a store on the tables in a schema, which it makes if need be.
func openIn(t testing.TB, schema string, opts ...pgstore.Option) *pgstore.Store {
	t.Helper()
	db, err := pgstore.Open(context.Background(), pgtest.DSN(t), append(opts, pgstore.WithSchema(schema))...)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	require.NoError(t, db.Migrate(context.Background()))
	return db
}

// newPool returns a pool of connections, after change has changed its settings.
func newPool(t testing.TB, change func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(pgtest.DSN(t))
	require.NoError(t, err)
	change(config)
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// openOn returns a store on a pool and on tables of its own.
func openOn(t testing.TB, pool *pgxpool.Pool, opts ...pgstore.Option) *pgstore.Store {
	t.Helper()
	db, err := pgstore.New(pool, append([]pgstore.Option{pgstore.WithSchema(pgtest.Schema(t))}, opts...)...)
	require.NoError(t, err)
	require.NoError(t, db.Migrate(context.Background()))
	return db
}

func TestOpenRefusesADSNThatItCannotRead(t *testing.T) {
	_, err := pgstore.Open(t.Context(), "postgres://[")
	require.ErrorContains(t, err, "pgstore: ")
}

func TestOpenRefusesAServerThatDoesNotAnswer(t *testing.T) {
	_, err := pgstore.Open(t.Context(), "host="+t.TempDir()+" user=nobody")
	require.ErrorContains(t, err, "failed to connect")
}

func TestSchemaNamesThatPostgreSQLWouldChangeAreRefused(t *testing.T) {
	for _, name := range []string{"", strings.Repeat("n", 64), "a\x00b", "\xff", "pg_bindset"} {
		_, err := pgstore.Open(t.Context(), pgtest.DSN(t), pgstore.WithSchema(name))
		require.ErrorContains(t, err, "schema name", "%q", name)
	}
}

func TestAnyOtherSchemaNameIsOneSchema(t *testing.T) {
	schema := pgtest.Schema(t)
	for _, name := range []string{
		schema[:20] + `"; DROP SCHEMA public; --`, schema[:20] + "bindset.hosts.x", schema[:20] + " Büro $1 {{.}}", schema[:20] + "UPPER",
	} {
		t.Run(name[20:], func(t *testing.T) {
			t.Cleanup(func() { dropSchema(t, name) })
			db := openIn(t, name)
			f := populate(t, db)
			require.Equal(t, f.services, services(t, db, f.host.ID))
			require.Equal(t, 1, count(t, "SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = $1", name))
			require.NoError(t, db.Migrate(t.Context()), "a second time")
		})
	}
}

func TestStoresInTwoSchemasShareNothing(t *testing.T) {
	one, other := open(t), open(t)
	f := populate(t, one)
	require.Empty(t, services(t, other, f.host.ID))
	populate(t, other)
}

func TestAStoreOnNewTablesSeesWhatAnotherLeft(t *testing.T) {
	schema := pgtest.Schema(t)
	db := openIn(t, schema)
	f := populate(t, db)
	db.Close()
	require.Equal(t, f.services, services(t, openIn(t, schema), f.host.ID))
}

func TestCloseLeavesThePoolToWhoMadeIt(t *testing.T) {
	pool := newPool(t, func(*pgxpool.Config) {})
	openOn(t, pool).Close()
	require.NoError(t, pool.Ping(t.Context()))

	db := open(t)
	db.Close()
	err := db.View(t.Context(), func(context.Context, store.Reader) error { return nil })
	require.ErrorIs(t, err, store.ErrClosed)
}

func TestATransactionLeavesNoConnectionBehind(t *testing.T) {
	pool := newPool(t, func(c *pgxpool.Config) { c.MaxConns = 1 })
	db := openOn(t, pool)
	f := populate(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	for _, end := range []struct {
		name string
		fn   func(w store.Writer) error
	}{
		{"commit", func(store.Writer) error { return nil }},
		{"error", func(store.Writer) error { return errors.New("no") }},
		{"panic", func(store.Writer) error { panic("no") }},
		{"goexit", func(store.Writer) error { runtime.Goexit(); return nil }},
		{"an error of the database", func(w store.Writer) error {
			bad := f.services[0]
			bad.Name = "\x00"
			require.ErrorContains(t, w.PutService(ctx, bad), "invalid byte sequence")
			return nil
		}},
		{"a context that ends", func(w store.Writer) error {
			cancel()
			_, err := w.Service(ctx, f.services[0].ID)
			require.ErrorIs(t, err, context.Canceled)
			return nil
		}},
	} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() { _ = recover() }()
			_ = db.Update(ctx, func(_ context.Context, w store.Writer) error { return end.fn(w) })
		}()
		<-done
		require.Zero(t, pool.Stat().AcquiredConns(), end.name)
		require.Equal(t, f.services, services(t, db, f.host.ID), end.name)
	}
}

func TestWhatTheDatabaseCannotHoldIsRefusedBeforeItGetsThere(t *testing.T) {
	db := open(t)
	f := populate(t, db)
	far := time.Date(294277, 1, 1, 0, 0, 0, 0, time.UTC)
	err := db.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		late := f.services[0]
		late.UpdatedAt = far
		requireField(t, "updated_at", w.PutService(ctx, late))
		raw := f.services[0]
		raw.Virtualization = []byte("{")
		requireField(t, "virtualization", w.PutService(ctx, raw))
		b := f.services[0].Bindings[0]
		b.ValidFrom = time.Date(-4713, 12, 31, 0, 0, 0, 0, time.UTC)
		requireField(t, "bindings[0].valid_from", w.PutBindings(ctx, b.ServiceID, []binding.Binding{b}, nil))

		b.ValidFrom, b.ValidTo = time.Date(-4712, 1, 1, 0, 0, 0, 0, time.UTC), far.Add(-time.Microsecond)
		require.NoError(t, w.PutBindings(ctx, b.ServiceID, []binding.Binding{b}, nil), "fn goes on, to the limits")
		f.services[0].Bindings[0] = b
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, f.services, services(t, db, f.host.ID))
}

func requireField(t *testing.T, path string, err error) {
	t.Helper()
	var field *binding.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, path, field.Path)
}
