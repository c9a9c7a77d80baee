package pgstore_test

import (
	"context"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/store"
)

var update = flag.Bool("update", false, "write testdata/statements.sql anew")

// The file is for who wants to know what a store asks of a database, and for
// cockroach/, which has another engine's parser read it.
const statementsFile = "testdata/statements.sql"

func TestAllThatAStoreSendsIsInTheFileOfStatements(t *testing.T) {
	schema := pgtest.Schema(t)
	db, sent := openRecorded(t, schema)
	fill(t, schema, 10)
	undo := context.Canceled
	require.ErrorIs(t, db.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		everyMethod(t, ctx, w)
		return undo
	}), undo)
	require.NoError(t, db.Update(t.Context(), func(context.Context, store.Writer) error { return nil }))
	require.NoError(t, db.View(t.Context(), func(context.Context, store.Reader) error { return nil }))
	joinRecorded(t, sent, schema)

	migrated := migrations(t)
	statements := map[string]bool{}
	add := func(sql string) {
		sql = strings.ReplaceAll(sql, pgx.Identifier{schema}.Sanitize(), "bindset")
		if !slices.Contains(migrated, sql) { // those have files of their own
			statements[strings.TrimSuffix(trimLines(sql), ";")+";\n"] = true
		}
	}
	for _, sql := range sent.alone {
		add(sql)
	}
	for _, batch := range sent.batches {
		for _, q := range batch.QueuedQueries {
			add(q.SQL)
		}
	}
	got := strings.Join(slices.Sorted(maps.Keys(statements)), "\n")
	if *update {
		require.NoError(t, os.WriteFile(statementsFile, []byte(got), 0o666))
	}
	want, err := os.ReadFile(statementsFile)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run the test with -update, and then that of cockroach/")
}

// migrations returns the statements of all migrations, for the schema bindset.
func migrations(t *testing.T) (statements []string) {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		sql := strings.TrimSpace(strings.ReplaceAll(string(text), "{{.schema}}", "bindset"))
		statements = append(statements, strings.SplitAfter(sql, ";\n")...)
	}
	return statements
}

// joinRecorded has a joined store do and undo something in a transaction whose
// statements are recorded.
func joinRecorded(t *testing.T, sent *recorder, schema string) {
	t.Helper()
	config, err := pgx.ParseConfig(pgtest.DSN(t))
	require.NoError(t, err)
	config.Tracer = sent
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	tx, err := conn.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.Serializable})
	require.NoError(t, err)
	joined := pgstore.WithTx(tx, pgstore.WithSchema(schema))
	read := func(ctx context.Context, w store.Writer) error {
		_, err := w.Host(ctx, uuid.UUID{1})
		return err
	}
	require.ErrorIs(t, joined.Update(t.Context(), read), store.ErrNotFound)
	require.NoError(t, joined.Update(t.Context(), func(context.Context, store.Writer) error { return nil }))
	require.NoError(t, tx.Rollback(t.Context()))
}

// trimLines returns SQL without the white space around its lines.
func trimLines(sql string) string {
	lines := strings.Split(strings.TrimSpace(sql), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}
