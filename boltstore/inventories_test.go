package boltstore_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/store"
)

func inventory(t testing.TB, s *boltstore.Store, id uuid.UUID) (inv *host.Inventory) {
	t.Helper()
	require.NoError(t, s.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
		inv, err = r.Inventory(ctx, id)
		return err
	}))
	return inv
}

func TestReadersShareTheInventoryOfARevision(t *testing.T) {
	path := filled(t)
	s := open(t, path)
	got := make([]*host.Inventory, 16)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = inventory(t, s, hostID) })
	}
	wg.Wait()
	for i := range got {
		require.Same(t, got[0], got[i])
	}
}

func TestTheInventoryThatACommitMadeIsShared(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	var made *host.Inventory
	update(t, s, func(ctx context.Context, w store.Writer) {
		before, err := w.Inventory(ctx, hostID)
		require.NoError(t, err)
		h := aHost(hostID)
		h.Name, h.Revision = "renamed", 2
		require.NoError(t, w.PutHost(ctx, h))
		made, err = w.Inventory(ctx, hostID)
		require.NoError(t, err)
		require.NotSame(t, before, made)
		again, err := w.Inventory(ctx, hostID)
		require.NoError(t, err)
		require.Same(t, made, again)
	})
	require.Same(t, made, inventory(t, s, hostID))
	require.Equal(t, "renamed", made.Name())
}

// TestARevisionThatComesTwiceHasTwoInventories replaces a host without counting,
// deletes it and makes it anew, and rolls a change back: each time the Revision is
// the one that an inventory is cached for.
func TestARevisionThatComesTwiceHasTwoInventories(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	named := func(name string) host.Host {
		h := aHost(otherHost)
		h.Name = name
		return h
	}
	nameNow := func() string { return inventory(t, s, otherHost).Name() }
	require.Equal(t, "web-1", nameNow())

	err := s.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		require.NoError(t, w.PutHost(ctx, named("rolled back")))
		inv, err := w.Inventory(ctx, otherHost)
		require.NoError(t, err)
		require.Equal(t, "rolled back", inv.Name())
		return errRollback
	})
	require.ErrorIs(t, err, errRollback)
	require.Equal(t, "web-1", nameNow())

	update(t, s, func(ctx context.Context, w store.Writer) { require.NoError(t, w.PutHost(ctx, named("replaced"))) })
	require.Equal(t, "replaced", nameNow())

	update(t, s, func(ctx context.Context, w store.Writer) {
		require.NoError(t, w.DeleteHost(ctx, otherHost))
		_, err := w.Inventory(ctx, otherHost)
		require.ErrorIs(t, err, store.ErrNotFound)
		require.NoError(t, w.PutHost(ctx, named("made anew")))
	})
	require.Equal(t, "made anew", nameNow())
}

func TestASnapshotKeepsItsInventory(t *testing.T) {
	s := open(t, newPath(t))
	fill(t, s)
	require.NoError(t, s.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		before, err := r.Inventory(ctx, otherHost)
		require.NoError(t, err)
		changed := aHost(otherHost)
		changed.Name = "changed"
		require.NoError(t, s.Update(t.Context(), func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, changed) }))
		after, err := r.Inventory(ctx, otherHost)
		require.NoError(t, err)
		require.Same(t, before, after)
		return nil
	}))
	require.Equal(t, "changed", inventory(t, s, otherHost).Name())
}

func TestTheCacheOfInventoriesIsBounded(t *testing.T) {
	s := open(t, newPath(t))
	large := hosttest.Sized(4, 8, 30_000) // some 600 kB
	var hosts []uuid.UUID
	for range 20 {
		large.ID = uuid.New()
		hosts = append(hosts, large.ID)
		update(t, s, func(ctx context.Context, w store.Writer) { require.NoError(t, w.PutHost(ctx, large)) })
	}
	for _, id := range hosts {
		require.Equal(t, id, inventory(t, s, id).HostID())
	}
	require.Positive(t, s.CachedInventories())
	require.Less(t, s.CachedInventories(), len(hosts))
}

// TestAHostLargerThanTheCacheIsCachedAlone: else every binding on it would cost
// what the host does.
func TestAHostLargerThanTheCacheIsCachedAlone(t *testing.T) {
	s := open(t, newPath(t))
	huge := hosttest.Sized(300_000, 0, 100)
	update(t, s, func(ctx context.Context, w store.Writer) { require.NoError(t, w.PutHost(ctx, huge)) })
	require.Same(t, inventory(t, s, huge.ID), inventory(t, s, huge.ID))
	require.Equal(t, 1, s.CachedInventories())
}
