package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/service"
)

const storeKinds = "mem, bolt:FILE or postgres:DSN"

// openStore opens the store that the flag -store names, KIND or KIND:WHERE, and
// returns what closes it. A new kind of store goes in here, and nowhere else.
func openStore(ctx context.Context, name string) (store service.Store, closeStore func() error, err error) {
	kind, where, _ := strings.Cut(name, ":")
	switch {
	case name == "mem":
		return memstore.New(), func() error { return nil }, nil
	case kind == "bolt" && where != "":
		s, err := boltstore.Open(where)
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	case kind == "postgres" && where != "":
		if strings.HasPrefix(where, "//") { // the DSN itself, without the kind before it
			where = name
		}
		return openPostgres(ctx, where)
	default:
		return nil, nil, fmt.Errorf("-store %q: there is no such store; use %s", name, storeKinds)
	}
}

func openPostgres(ctx context.Context, dsn string) (service.Store, func() error, error) {
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
