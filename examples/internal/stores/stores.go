// Package stores opens the store that a program's flag -store names. A new kind
// of store goes in here, and nowhere else.
package stores

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/store"
)

// Kinds says what a flag may be, for people.
const Kinds = "mem, bolt:FILE or postgres:DSN"

// A Flag names a store; the zero one names mem, a new store in memory. It is a
// flag.Value.
type Flag struct{ kind, where string }

// Set reads a name as the command line has it. A DSN is postgres://... itself, or
// postgres: and a list of settings.
func (f *Flag) Set(name string) error {
	kind, where, _ := strings.Cut(name, ":")
	switch {
	case name == "mem":
	case kind == "bolt" && where != "":
	case kind == "postgres" && where != "":
		if strings.HasPrefix(where, "//") {
			where = name
		}
		if _, err := pgxpool.ParseConfig(where); err != nil {
			return err
		}
	default:
		return errors.New("there is no such store; use " + Kinds)
	}
	f.kind, f.where = kind, where
	return nil
}

// String returns the kind of the store alone: a DSN may have a password in it.
func (f *Flag) String() string {
	if f.kind == "" {
		return "mem"
	}
	return f.kind
}

// Open opens the store, making its file or tables where there are none, and
// returns what closes it.
func (f *Flag) Open(ctx context.Context) (store store.Store, closeStore func() error, err error) {
	switch f.kind {
	case "bolt":
		s, err := boltstore.Open(f.where)
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	case "postgres":
		return openPostgres(ctx, f.where)
	default:
		return memstore.New(), func() error { return nil }, nil
	}
}

func openPostgres(ctx context.Context, dsn string) (store.Store, func() error, error) {
	s, err := pgstore.Open(ctx, dsn)
	if err != nil {
		return nil, nil, err
	}
	closeStore := func() error { s.Close(); return nil }
	if err := s.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	return s, closeStore, nil
}
