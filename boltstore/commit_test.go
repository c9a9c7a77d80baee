package boltstore_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/store"
)

var errDisk = errors.New("the disk is on fire")

func deleteWeb(s *boltstore.Store) error {
	return s.Update(context.Background(), func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, web) })
}

// requireFailed requires that the store does nothing any more, and says what to do.
func requireFailed(t *testing.T, s *boltstore.Store) {
	t.Helper()
	_, readErr := read(t.Context(), s)
	_, backupErr := s.Backup(t.Context(), io.Discard)
	for _, err := range []error{readErr, backupErr, deleteWeb(s), s.Check(t.Context())} {
		require.ErrorContains(t, err, "open the store again")
		require.NotErrorIs(t, err, store.ErrUnknownOutcome, "this one did not happen")
	}
}

func TestACommitThatFailsBeforeAnythingCountsChangesNothing(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	before := mustRead(t, s)
	s.Commits(func(tx *bbolt.Tx) error { return errors.Join(errDisk, tx.Rollback()) })
	err := deleteWeb(s)
	require.ErrorIs(t, err, errDisk)
	require.NotErrorIs(t, err, store.ErrUnknownOutcome)
	require.ErrorContains(t, err, "nothing was changed")
	require.Equal(t, before, mustRead(t, s))

	s.Commits((*bbolt.Tx).Commit)
	require.NoError(t, deleteWeb(s))
	require.NoError(t, s.Check(t.Context()))
}

// TestACommitThatFailsWhenItMayCountHasAnUnknownOutcome is about the last sync of a
// commit.
func TestACommitThatFailsWhenItMayCountHasAnUnknownOutcome(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	fill(t, s)
	s.Commits(func(tx *bbolt.Tx) error { return errors.Join(tx.Commit(), errDisk) })
	err := deleteWeb(s)
	require.ErrorIs(t, err, store.ErrUnknownOutcome)
	require.ErrorIs(t, err, errDisk)
	requireFailed(t, s)

	require.NoError(t, s.Close())
	again := open(t, path)
	require.NoError(t, again.Check(t.Context()))
	require.Len(t, mustRead(t, again).Services, 1, "the disk was not on fire after all")
}

func TestACommitThatMeetsDamageChangesNothingAndEndsTheStore(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	fill(t, s)
	before := mustRead(t, s)
	s.Commits(func(*bbolt.Tx) error { panic("page 7 says that it is page 9") })
	err := deleteWeb(s)
	require.ErrorIs(t, err, boltstore.ErrDamaged)
	require.ErrorContains(t, err, "page 7 says that it is page 9")
	require.NotErrorIs(t, err, store.ErrUnknownOutcome)
	requireFailed(t, s)

	require.NoError(t, s.Close())
	require.Equal(t, before, mustRead(t, open(t, path)))
}

// TestAWriteThatFailsDoesNotCommitWhateverTheFunctionSays ignores the error of a
// write that was begun.
func TestAWriteThatFailsDoesNotCommitWhateverTheFunctionSays(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	before := mustRead(t, s)
	require.NoError(t, s.DB().Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("owners")) }))
	err := s.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		require.ErrorIs(t, w.DeleteService(ctx, web), boltstore.ErrDamaged)
		_, err := w.Service(ctx, web)
		require.ErrorIs(t, err, boltstore.ErrDamaged, "nothing goes on")
		return nil
	})
	require.ErrorIs(t, err, boltstore.ErrDamaged)
	c, err := read(t.Context(), s)
	require.ErrorIs(t, err, boltstore.ErrDamaged, "there are no owners")
	require.Equal(t, before.Services, c.Services)
}
