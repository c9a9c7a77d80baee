package memstore

import (
	"math"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/internal/sorted"
)

func requireAscending[K sorted.Key[K]](t *testing.T, keys ...K) {
	t.Helper()
	for i := range keys {
		for j := range keys {
			require.Equal(t, i < j, keys[i].Compare(keys[j]) < 0)
			require.Equal(t, i > j, keys[i].Compare(keys[j]) > 0)
		}
	}
}

func TestKeysAreOrdered(t *testing.T) {
	ids := []uuid.UUID{{}, {15: 1}, {8: 1}, {7: 1}, {0: 1}, {0: 0xff}}
	var keys []orderedID
	for _, id := range ids {
		require.Equal(t, id, ordered(id).uuid())
		keys = append(keys, ordered(id))
	}
	requireAscending(t, keys...)
	low, high := ordered(ids[1]), ordered(ids[4])
	requireAscending(t,
		positionKey{math.MinInt32, high}, positionKey{-1, high}, positionKey{0, low}, positionKey{0, high}, positionKey{math.MaxInt32, low})
	requireAscending(t, listenerKey{low, low}, listenerKey{low, high}, listenerKey{high, low}, listenerKey{high, high})
}
