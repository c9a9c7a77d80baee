package pgstore_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/store"
)

func TestMigrateFromManyInstancesAtOnceWorksInAllOfThem(t *testing.T) {
	for range 3 {
		schema := pgtest.Schema(t)
		var instances sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			instances.Go(func() {
				db, err := pgstore.Open(context.Background(), pgtest.DSN(t), pgstore.WithSchema(schema))
				if err != nil {
					errs[i] = err
					return
				}
				defer db.Close()
				errs[i] = db.Migrate(context.Background())
			})
		}
		instances.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		populate(t, openIn(t, schema))
	}
}

func TestAStoreWithoutTablesSaysToMigrate(t *testing.T) {
	db, err := pgstore.Open(t.Context(), pgtest.DSN(t), pgstore.WithSchema(pgtest.Schema(t)))
	require.NoError(t, err)
	defer db.Close()
	err = db.Update(t.Context(), newFixture().put)
	require.ErrorContains(t, err, "has no tables of bindset: call Migrate first")
	require.NoError(t, db.Migrate(t.Context()))
	populate(t, db)
}

func TestTablesOfANewerVersionAreLeftAlone(t *testing.T) {
	schema := pgtest.Schema(t)
	openIn(t, schema)
	run(t, schema, "UPDATE bindset.schema_version SET version = 1000")

	db, err := pgstore.Open(t.Context(), pgtest.DSN(t), pgstore.WithSchema(schema))
	require.NoError(t, err)
	defer db.Close()
	for _, err := range []error{
		db.Migrate(t.Context()),
		db.Update(t.Context(), newFixture().put),
		db.View(t.Context(), func(context.Context, store.Reader) error { return nil }),
	} {
		require.ErrorContains(t, err, "is at version 1000, this program knows version 2 and none after it")
	}
}

func TestAMigrationThatFailsLeavesNothingBehind(t *testing.T) {
	schema := pgtest.Schema(t)
	run(t, schema, "CREATE SCHEMA "+pgx.Identifier{schema}.Sanitize(), "CREATE TABLE bindset.services (mine int)")
	db, err := pgstore.Open(t.Context(), pgtest.DSN(t), pgstore.WithSchema(schema))
	require.NoError(t, err)
	defer db.Close()
	require.ErrorContains(t, db.Migrate(t.Context()), `relation "services" already exists`)
	require.Zero(t, count(t, "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'hosts'", schema))

	run(t, schema, "DROP TABLE bindset.services")
	require.NoError(t, db.Migrate(t.Context()))
	populate(t, db)
}

// Migration 001 was released: databases that it made stay readable.
func TestTablesOfTheFirstVersionKeepEverything(t *testing.T) {
	schema := pgtest.Schema(t)
	makeFirstVersion(t, schema)
	fillFirstVersion(t, schema, 3)
	run(t, schema, "UPDATE bindset.interfaces SET mac = 'AA-BB-CC-00-00-0F' WHERE name = 'eth1'")
	db, err := pgstore.Open(t.Context(), pgtest.DSN(t), pgstore.WithSchema(schema))
	require.NoError(t, err)
	t.Cleanup(db.Close)
	require.ErrorContains(t, db.Update(t.Context(), newFixture().put), "is at version 1")
	require.NoError(t, db.Migrate(t.Context()))

	require.Equal(t, filled(1), services(t, db, idOf("host 1")))
	inUpdate(t, db, func(ctx context.Context, w store.Writer) error {
		byAddress, err := w.HostsWith(ctx, idOf("network 1"), []netip.Addr{netip.MustParseAddr("10.0.0.5")}, nil)
		require.NoError(t, err)
		require.Len(t, byAddress, 1)
		require.Equal(t, idOf("host 1"), byAddress[0].ID)
		byMAC, err := w.HostsWith(ctx, idOf("network 1"), nil, []string{"aa:bb:cc:00:00:0f"})
		require.NoError(t, err)
		require.Equal(t, byAddress, byMAC)
		return nil
	})
	f := populate(t, db)
	require.Equal(t, f.services, services(t, db, f.host.ID))
}

// makeFirstVersion makes tables as the first version did, with tern.
func makeFirstVersion(t *testing.T, schema string) {
	t.Helper()
	first, err := os.ReadFile("migrations/001_tables.sql")
	require.NoError(t, err)
	run(t, schema,
		"CREATE SCHEMA "+pgx.Identifier{schema}.Sanitize(),
		"CREATE TABLE bindset.schema_version (version int4 NOT NULL)",
		"INSERT INTO bindset.schema_version (version) VALUES (1)",
		strings.ReplaceAll(string(first), "{{.schema}}.", "bindset."))
}

// Citus takes no text of several statements, and PostgreSQL none where it is to be
// prepared.
func TestMigrationsGoStatementByStatement(t *testing.T) {
	schema := pgtest.Schema(t)
	_, sent := openRecorded(t, schema)
	conn := connect(t)
	for _, sql := range sent.alone {
		_, err := conn.Prepare(t.Context(), "", sql)
		require.NotEqual(t, "42601", codeOf(err), "%v\n%s", err, sql)
	}
	require.Greater(t, len(sent.alone), len(migrations(t)))
}

func codeOf(err error) string {
	var answer *pgconn.PgError
	errors.As(err, &answer)
	if answer == nil {
		return ""
	}
	return answer.Code
}

func TestAUserWithoutRightsToCreateCanUseWhatWasMigrated(t *testing.T) {
	schema := pgtest.Schema(t)
	openIn(t, schema)
	role := "role_" + schema
	run(t, schema,
		fmt.Sprintf("CREATE ROLE %q", role),
		fmt.Sprintf("GRANT USAGE ON SCHEMA %q TO %q", schema, role),
		fmt.Sprintf("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %q TO %q", schema, role))
	t.Cleanup(func() { run(t, schema, fmt.Sprintf("DROP OWNED BY %q", role), fmt.Sprintf("DROP ROLE %q", role)) })

	pool := newPool(t, func(c *pgxpool.Config) {
		c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, fmt.Sprintf("SET ROLE %q", role))
			return err
		}
	})
	db, err := pgstore.New(pool, pgstore.WithSchema(schema))
	require.NoError(t, err)
	require.NoError(t, db.Migrate(t.Context()))
	f := populate(t, db)
	require.Equal(t, f.services, services(t, db, f.host.ID))
}

// run runs statements, in which bindset stands for the schema.
func run(t testing.TB, schema string, statements ...string) {
	t.Helper()
	conn := connect(t)
	for _, sql := range statements {
		_, err := conn.Exec(context.Background(), inSchema(schema, sql))
		require.NoError(t, err, sql)
	}
}
