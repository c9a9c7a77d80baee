package pgstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"
)

// migrations has the migrations in order, 001_....sql and so on. A migration that
// was released does not change any more.
//
//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the last migration: the version that a schema
// must have.
const schemaVersion = 2

// versionTable keeps the number of the last migration that a schema had.
const versionTable = "schema_version"

// migrationLock is the advisory lock under which schemas are created: CREATE
// SCHEMA IF NOT EXISTS alone fails for the second of two that run at once.
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
	// Closing the connection releases the lock. It is not for the pool any more
	// either, as tern resets its settings.
	conn := acquired.Hijack()
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return err
	}

	quoted := pgx.Identifier{s.schema}.Sanitize()
	if err := createSchema(ctx, conn, s.schema); err != nil {
		return err
	}
	m, err := migrate.NewMigrator(ctx, conn, quoted+"."+versionTable)
	if err != nil {
		return err
	}
	m.Data["schema"] = quoted
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if err := m.LoadMigrations(steps); err != nil {
		return err
	}
	return m.Migrate(ctx)
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
