package pgstore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// begin begins a transaction of the caller's.
func begin(t *testing.T, level pgx.TxIsoLevel) pgx.Tx {
	t.Helper()
	tx, err := connect(t).BeginTx(t.Context(), pgx.TxOptions{IsoLevel: level})
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

func TestAJoinedStoreCommitsWithTheCallersRows(t *testing.T) {
	schema := pgtest.Schema(t)
	db := openIn(t, schema)
	run(t, schema, "CREATE TABLE bindset.mine (n int)")
	for _, commit := range []bool{false, true} {
		tx := begin(t, pgx.Serializable)
		_, err := tx.Exec(t.Context(), inSchema(schema, "INSERT INTO bindset.mine VALUES (1)"))
		require.NoError(t, err)
		joined := pgstore.WithTx(tx, pgstore.WithSchema(schema))
		f := populate(t, joined)
		require.Equal(t, f.services, services(t, joined, f.host.ID), "it reads what it wrote")
		require.Empty(t, services(t, db, f.host.ID), "nobody else does before the commit")

		want := 0
		if commit {
			require.NoError(t, tx.Commit(t.Context()))
			want = len(f.services)
		} else {
			require.NoError(t, tx.Rollback(t.Context()))
		}
		require.Len(t, services(t, db, f.host.ID), want)
		require.Equal(t, commit, count(t, inSchema(schema, "SELECT count(*) FROM bindset.mine")) == 1)
	}
}

func TestAJoinedUpdateThatFailsLeavesTheTransactionUsable(t *testing.T) {
	schema := pgtest.Schema(t)
	db := openIn(t, schema)
	tx := begin(t, pgx.Serializable)
	joined := pgstore.WithTx(tx, pgstore.WithSchema(schema))
	f := populate(t, joined)
	no, calls := errors.New("no"), 0
	err := joined.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		calls++
		require.NoError(t, w.DeleteService(ctx, f.services[0].ID))
		return no
	})
	require.ErrorIs(t, err, no)
	require.Equal(t, 1, calls)
	require.PanicsWithValue(t, "no", func() {
		_ = joined.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
			require.NoError(t, w.DeleteService(ctx, f.services[1].ID))
			panic("no")
		})
	})
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, f.services, services(t, db, f.host.ID))
}

func TestAJoinedStoreRunsNothingTwice(t *testing.T) {
	schema := pgtest.Schema(t)
	db := openIn(t, schema)
	f := populate(t, db)
	joined := pgstore.WithTx(begin(t, pgx.Serializable), pgstore.WithSchema(schema))
	calls := 0
	err := joined.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		calls++
		s, err := w.Service(ctx, f.services[0].ID)
		require.NoError(t, err)
		bump(t, db, s.ID)
		return w.PutService(ctx, s)
	})
	var refused *pgconn.PgError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "40001", refused.Code)
	require.Equal(t, 1, calls)
}

func TestAJoinedStoreRefusesATransactionThatIsNotSerializable(t *testing.T) {
	schema := pgtest.Schema(t)
	openIn(t, schema)
	for _, level := range []pgx.TxIsoLevel{"", pgx.ReadCommitted, pgx.RepeatableRead} {
		joined := pgstore.WithTx(begin(t, level), pgstore.WithSchema(schema))
		err := joined.Update(t.Context(), newFixture().put)
		require.ErrorContains(t, err, "must be serializable")
		err = joined.View(t.Context(), func(context.Context, store.Reader) error { return nil })
		require.ErrorContains(t, err, "must be serializable")
	}
}

func TestAJoinedStoreSaysWhatIsWrongWithItsOptions(t *testing.T) {
	err := pgstore.WithTx(nil, pgstore.WithSchema("")).Update(t.Context(), newFixture().put)
	require.ErrorContains(t, err, "schema name is empty")
}

func TestATransactionInsideAJoinedOneIsNested(t *testing.T) {
	schema := pgtest.Schema(t)
	openIn(t, schema)
	joined := pgstore.WithTx(begin(t, pgx.Serializable), pgstore.WithSchema(schema))
	err := joined.Update(t.Context(), func(ctx context.Context, _ store.Writer) error {
		return joined.View(ctx, func(context.Context, store.Reader) error { return nil })
	})
	require.ErrorIs(t, err, store.ErrNestedTx)
}

func TestAManagerOnAJoinedStoreLeavesPublishingToTheCaller(t *testing.T) {
	schema := pgtest.Schema(t)
	db := openIn(t, schema)
	tx := begin(t, pgx.Serializable)
	m := bindset.NewManager(pgstore.WithTx(tx, pgstore.WithSchema(schema)),
		bindset.WithObserver(func(context.Context, bindset.Change) { require.Fail(t, "nothing is committed") }))
	f := newFixture()
	onHost, change, err := m.CreateHost(t.Context(), f.host, []service.Draft{{
		ID: uuid.UUID{7}, Bindings: []binding.Binding{{Target: f.services[0].Bindings[0].Target}},
	}})
	created := onHost.Services
	require.NoError(t, err)
	require.Len(t, change.Added, 1)
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, created, services(t, db, f.host.ID))
}

func TestUseCasesOfInTxJoinTheTransactionToo(t *testing.T) {
	schema := pgtest.Schema(t)
	db := openIn(t, schema)
	f := newFixture()
	tx := begin(t, pgx.Serializable)
	m := bindset.NewManager(pgstore.WithTx(tx, pgstore.WithSchema(schema)))
	inTx := func(fail bool, opts ...bindset.CallOption) (bindset.Change, error) {
		return m.InTx(t.Context(), func(ctx context.Context, m *bindset.Manager) error {
			_, _, err := m.CreateHost(ctx, f.host, nil)
			require.NoError(t, err)
			_, _, err = m.CreateService(ctx, service.Draft{ID: uuid.UUID{7}, HostID: f.host.ID})
			require.NoError(t, err)
			if fail {
				_, err = m.DeleteService(ctx, uuid.UUID{8})
				require.ErrorIs(t, err, store.ErrNotFound)
			}
			return nil
		}, opts...)
	}
	_, err := inTx(true)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = inTx(false, bindset.DryRun())
	require.NoError(t, err)
	change, err := inTx(false)
	require.NoError(t, err, "what failed and what was tried before left nothing")
	require.Len(t, change.Services, 1)
	require.NoError(t, tx.Commit(t.Context()))
	require.Len(t, services(t, db, f.host.ID), 1)
}
