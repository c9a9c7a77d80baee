package pgstore

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// migrations has the migrations in order, 001_....sql and so on: SQL, with
// {{.schema}} for the schema. A statement ends with a semicolon at the end of its
// last line. A migration that was released does not change any more.
//
//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the last migration: the version that a schema
// must have.
const schemaVersion = 2

// migrationLock is the advisory lock under which schemas are migrated.
const migrationLock int64 = 0x62696e64736574 // "bindset"

// Migrate creates the schema and its tables, or brings those of an older version
// of this package up to date, each step in a transaction of its own. Call it at
// every start, from as many processes as you like: one does the work while the
// others wait. Tables of a version newer than this package's are left as they
// are, and an error. Where there is work to do, the database user must be allowed
// to create tables in the schema, and the schema if it is not there.
func (s *Store) Migrate(ctx context.Context) error {
	err := s.requireSchema(ctx, s.pool)
	if !errors.Is(err, errOldSchema) {
		return err
	}
	if err := s.migrate(ctx); err != nil {
		return fmt.Errorf("pgstore: migrate schema %q: %w", s.schema, err)
	}
	return s.requireSchema(ctx, s.pool)
}

func (s *Store) migrate(ctx context.Context) error {
	acquired, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := acquired.Hijack()
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // that releases the lock
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return err
	}
	if err := createSchema(ctx, conn, s.schema); err != nil {
		return err
	}
	version, err := s.versionOf(ctx, conn)
	if err != nil {
		return err
	}
	steps, err := migrations.ReadDir("migrations")
	if err != nil {
		return err
	}
	for i := version; i < len(steps); i++ {
		if err := s.migrateBy(ctx, conn, steps[i].Name(), i+1); err != nil {
			return fmt.Errorf("%s: %w", steps[i].Name(), err)
		}
	}
	return nil
}

// versionOf returns the version of the schema, which is 0 before its first
// migration.
func (s *Store) versionOf(ctx context.Context, conn *pgx.Conn) (version int, err error) {
	if _, err := conn.Exec(ctx, s.sql.createVersion); err != nil {
		return 0, err
	}
	err = conn.QueryRow(ctx, s.sql.version).Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		_, err = conn.Exec(ctx, s.sql.firstVersion)
	}
	return version, err
}

// migrateBy runs a migration statement by statement, as Citus wants it, in one
// transaction.
func (s *Store) migrateBy(ctx context.Context, conn *pgx.Conn, file string, version int) error {
	text, err := migrations.ReadFile("migrations/" + file)
	if err != nil {
		return err
	}
	text = bytes.ReplaceAll(text, []byte("{{.schema}}"), []byte(pgx.Identifier{s.schema}.Sanitize()))
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, statement := range strings.SplitAfter(strings.TrimSpace(string(text)), ";\n") {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, s.sql.putVersion, version)
		return err
	})
}

// createSchema creates a schema where it is missing: only that needs the right to
// create one.
func createSchema(ctx context.Context, conn *pgx.Conn, name string) error {
	var exists bool
	err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1)", name).Scan(&exists)
	if err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{name}.Sanitize())
	return err
}

// errOldSchema is in the error of requireSchema where Migrate helps.
var errOldSchema = errors.New("call Migrate first")

// A rowQuerier is a pool of connections or a transaction.
type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// requireSchema refuses tables of another version than this package's. It looks
// until it has found the right one.
func (b *base) requireSchema(ctx context.Context, db rowQuerier) error {
	if b.migrated.Load() {
		return nil
	}
	var version int
	err := db.QueryRow(ctx, b.sql.version).Scan(&version)
	switch {
	case codeOf(err) == codeUndefinedTable || errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("pgstore: the schema %q has no tables of bindset: %w", b.schema, errOldSchema)
	case err != nil:
		return fmt.Errorf("pgstore: read the version of schema %q: %w", b.schema, err)
	case version < schemaVersion:
		return fmt.Errorf("pgstore: the schema %q is at version %d, this program needs %d: %w", b.schema, version, schemaVersion, errOldSchema)
	case version > schemaVersion:
		return fmt.Errorf("pgstore: the schema %q is at version %d, this program knows version %d and none after it; "+
			"use a newer version of the program", b.schema, version, schemaVersion)
	}
	b.migrated.Store(true)
	return nil
}
