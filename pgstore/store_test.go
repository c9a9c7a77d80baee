package pgstore_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/service/storetest"
)

// open returns a store of its own for a test.
func open(t testing.TB, opts ...pgstore.Option) *pgstore.Store {
	t.Helper()
	opts = append([]pgstore.Option{pgstore.WithSchema(pgtest.Schema(t))}, opts...)
	s, err := pgstore.Open(context.Background(), pgtest.DSN(t), opts...)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	require.NoError(t, s.Migrate(context.Background()))
	return s
}

var _ = pgxpool.New

func TestStoretest(t *testing.T) {
	storetest.Run(t, func(t *testing.T) service.Store { return open(t) })
}
