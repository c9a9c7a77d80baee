package host

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/words"
)

// withPorts returns a host of nothing but ports, one for each ID. Only the index
// reads it, so numbers are left out.
func withPorts(ids ...uuid.UUID) *Host {
	h := &Host{Ports: make([]Port, len(ids))}
	for i, id := range ids {
		h.Ports[i].ID = id
	}
	return h
}

func requireFinds(t require.TestingT, ix *index, h *Host) {
	for i, p := range h.Ports {
		c, ok := ix.find(words.Of(p.ID))
		require.True(t, ok)
		require.Equal(t, child{int32(i), childPort}, c)
	}
}

// series returns n IDs that differ only in the half that starts at a byte.
func series(n, from int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		binary.BigEndian.PutUint64(ids[i][from:], uint64(i)+1)
	}
	return ids
}

func TestIndexFindsEveryIDAndNoOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Halves from a few values: the IDs agree in one half or the other.
		half := rapid.Uint64Range(0, 20)
		ids := rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) (id uuid.UUID) {
			binary.BigEndian.PutUint64(id[:8], half.Draw(t, "first half"))
			binary.BigEndian.PutUint64(id[8:], half.Draw(t, "second half")+1)
			return id
		}), rapid.ID).Draw(t, "ids")
		absent := rapid.IntRange(0, len(ids)).Draw(t, "absent")

		h := withPorts(ids[absent:]...)
		ix, err := newIndex(h, rand.Uint64)
		require.NoError(t, err)
		requireFinds(t, &ix, h)
		for _, id := range append(ids[:absent:absent], uuid.Nil, uuid.Max) {
			_, ok := ix.find(words.Of(id))
			require.False(t, ok, "%s", id)
		}
	})
}

func TestIndexHasTwoSlotsAndLessThanFourForEveryID(t *testing.T) {
	for n := 1; n <= 130; n++ {
		ix, err := newIndex(withPorts(series(n, 8)...), rand.Uint64)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(ix.slots), 2*n)
		require.Less(t, len(ix.slots), 4*n)
	}
}

func TestIndexSpreadsIDsThatDifferLittle(t *testing.T) {
	for name, ids := range map[string][]uuid.UUID{
		"in the first half":  series(1<<16, 0),
		"in the second half": series(1<<16, 8),
	} {
		t.Run(name, func(t *testing.T) {
			h := withPorts(ids...)
			ix, err := newIndex(h, rand.Uint64)
			require.NoError(t, err)
			require.Nil(t, ix.sorted, "the table holds them, no list is needed")
			requireFinds(t, &ix, h)
		})
	}
}

// guessed is the seed of an attacker's dream: with it, every ID that starts with
// the seed itself has the hash 0.
func guessed() uint64 { return 42 }

func startingWithTheSeed(n int) []uuid.UUID {
	ids := series(n, 8)
	for i := range ids {
		binary.BigEndian.PutUint64(ids[i][:8], guessed())
	}
	rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids
}

func TestIndexHoldsAsManyCollidingIDsAsALookUpMayProbe(t *testing.T) {
	h := withPorts(startingWithTheSeed(maxProbe)...)
	ix, err := newIndex(h, guessed)
	require.NoError(t, err)
	require.NotNil(t, ix.slots)
	requireFinds(t, &ix, h)
}

func TestIndexDoesNotFindAnAbsentIDBehindALongRun(t *testing.T) {
	// The hash of an ID whose first half is one bit off the seed is its second half
	// without the seed: so the IDs fill one slot after the other.
	hashed := func(hash uint64) (id uuid.UUID) {
		binary.BigEndian.PutUint64(id[:8], guessed()^1)
		binary.BigEndian.PutUint64(id[8:], guessed()^hash)
		return id
	}
	var ids []uuid.UUID
	for i := range uint64(4 * maxProbe) {
		ids = append(ids, hashed(i))
	}
	h := withPorts(ids...)
	ix, err := newIndex(h, guessed)
	require.NoError(t, err)
	requireFinds(t, &ix, h)
	for at := range uint64(len(ix.slots)) {
		_, ok := ix.find(words.Of(hashed(at + uint64(len(ix.slots)))))
		require.False(t, ok)
	}
}

func TestIndexFallsBackToASortedListWhenTooManyIDsCollide(t *testing.T) {
	h := withPorts(startingWithTheSeed(maxProbe + 1)...)
	ix, err := newIndex(h, guessed)
	require.NoError(t, err)
	require.Nil(t, ix.slots)
	require.Len(t, ix.sorted, maxProbe+1)
	requireFinds(t, &ix, h)
	for _, id := range []uuid.UUID{uuid.Nil, uuid.Max, series(1, 0)[0]} {
		_, ok := ix.find(words.Of(id))
		require.False(t, ok)
	}
}

func TestIndexTriesAnotherSeedBeforeItFallsBack(t *testing.T) {
	h := withPorts(startingWithTheSeed(10 * maxProbe)...)
	tried := 0
	ix, err := newIndex(h, func() uint64 {
		if tried++; tried <= 2 {
			return guessed()
		}
		return rand.Uint64()
	})
	require.NoError(t, err)
	require.NotNil(t, ix.slots)
	require.Equal(t, 4, tried, "two words for each of two seeds")
	requireFinds(t, &ix, h)
}

func TestIndexRefusesTheLaterOfTwoEqualIDs(t *testing.T) {
	colliding := startingWithTheSeed(500)
	tests := map[string]struct {
		ids  []uuid.UUID
		path string
	}{
		"in a table":           {append(series(5, 0), series(1, 0)...), "ports[5].id"},
		"in a list, the last":  {append(colliding, colliding[499]), "ports[500].id"},
		"in a list, the first": {append(colliding, colliding[0]), "ports[500].id"},
		"in a list, all of them": {
			append(colliding, colliding...),
			fmt.Sprintf("ports[%d].id", 500+slices.Index(colliding, slices.MinFunc(colliding, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }))),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := newIndex(withPorts(test.ids...), guessed)
			var field *binding.FieldError
			require.ErrorAs(t, err, &field)
			require.Equal(t, test.path, field.Path)
		})
	}
}
