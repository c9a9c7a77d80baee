package pgstore

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

func TestInventoriesKeepsThoseUsedLastWithinItsLimit(t *testing.T) {
	h := hosttest.Sized(1, 2, 6)
	c := newInventories(3 * 10)
	ids := make([]uuid.UUID, 4)
	for i := range ids {
		ids[i] = uuid.UUID{byte(i + 1)}
		inv := newInventory(t, h)
		require.Same(t, inv, c.add(ids[i], inv, &h))
		_, ok := c.get(ids[0])
		require.True(t, ok, "it is used all the time")
		require.LessOrEqual(t, c.size, c.limit)
	}
	_, ok := c.get(ids[1])
	require.False(t, ok, "it was not used for longest")
	for _, id := range ids[2:] {
		_, ok := c.get(id)
		require.True(t, ok)
	}
	require.Equal(t, 30, c.size)
}

func TestInventoriesSharesTheOneThatCameFirst(t *testing.T) {
	h := hosttest.Sized(1, 1, 1)
	c := newInventories(10)
	first := newInventory(t, h)
	require.Same(t, first, c.add(uuid.UUID{1}, first, &h))
	require.Same(t, first, c.add(uuid.UUID{1}, newInventory(t, h), &h))
}

func TestInventoriesKeepsNoneThatIsTooLarge(t *testing.T) {
	h := hosttest.Sized(1, 1, 1)
	for _, limit := range []int{-1, 0, 3} {
		c := newInventories(limit)
		inv := newInventory(t, h)
		require.Same(t, inv, c.add(uuid.UUID{1}, inv, &h))
		_, ok := c.get(uuid.UUID{1})
		require.False(t, ok)
		require.Zero(t, c.size)
	}
}

func newInventory(t *testing.T, h host.Host) *host.Inventory {
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	return inv
}

func TestInventoriesKnowsTheOneOfAHostThatWasUsedLast(t *testing.T) {
	h := hosttest.Sized(1, 1, 1)
	c := newInventories(8) // room for two
	older, newer := newInventory(t, h), newInventory(t, h)
	c.add(uuid.UUID{1}, older, &h)
	c.add(uuid.UUID{2}, newer, &h)
	requireLatest := func(id uuid.UUID, inv *host.Inventory) {
		t.Helper()
		gotID, got := c.latestOf(h.ID)
		require.Equal(t, id, gotID)
		require.Same(t, inv, got)
	}
	requireLatest(uuid.UUID{2}, newer)
	_, ok := c.get(uuid.UUID{1})
	require.True(t, ok)
	requireLatest(uuid.UUID{1}, older)

	other := hosttest.Sized(1, 1, 1)
	other.ID = uuid.UUID{9}
	c.add(uuid.UUID{3}, newInventory(t, other), &other)
	requireLatest(uuid.UUID{1}, older)
	_, ok = c.get(uuid.UUID{3})
	require.True(t, ok)
	c.add(uuid.UUID{4}, newInventory(t, other), &other)
	gotID, _ := c.latestOf(h.ID)
	require.Equal(t, uuid.Nil, gotID, "it is kept no longer")
	require.Len(t, c.latest, 1)
}
