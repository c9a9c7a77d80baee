package input_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/internal/words"
	"github.com/bindset/bindset/validate"
)

func TestInputsAreOfTheSizeAndKindTheySay(t *testing.T) {
	for _, k := range input.Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			for _, n := range []int{1, 4, 16, 64, 1024, 100_000} {
				if n < k.Smallest() {
					continue
				}
				in := k.Make(n)
				require.Len(t, in.Bindings, n)
				ids := make(map[uuid.UUID]bool)
				for _, b := range in.Bindings {
					require.False(t, ids[b.ID] || b.ID == uuid.Nil)
					ids[b.ID] = true
				}
				res, err := validate.New().Set(in.Inventory, in.Bindings)
				if !k.Valid() {
					require.ErrorIs(t, err, validate.ErrConflict)
					continue
				}
				require.NoError(t, err)
				require.Empty(t, res.Rewritten)
				requireDrops(t, n, k, res)
			}
		})
	}
}

func requireDrops(t *testing.T, n int, k input.Kind, res validate.Result) {
	if !k.Drops() {
		require.Empty(t, res.Dropped)
		return
	}
	reasons := map[validate.Reason]int{}
	for _, d := range res.Dropped {
		reasons[d.Reason]++
	}
	require.Len(t, res.Dropped, max(1, n/5)+max(1, n/10))
	require.GreaterOrEqual(t, reasons[validate.Superseded], max(1, n/10))
	require.GreaterOrEqual(t, reasons[validate.Duplicate], n*3/20)
}

func TestApartHasPresencesBesideListeners(t *testing.T) {
	presences := 0
	for _, b := range input.Apart.Make(64).Bindings {
		if b.Target.IsPresence() {
			presences++
		}
	}
	require.Equal(t, 16, presences)
}

// The hashes that hostile IDs are for: written as people write them.
func TestHostileIDsCollideInTheTableTheyAreFor(t *testing.T) {
	const golden = 0x9e3779b97f4a7c15
	hashes := map[input.IDs]func(words.ID) uint64{
		input.Sequential: func(w words.ID) uint64 { return w.High },
		input.FewBits:    func(w words.ID) uint64 { return (w.High + w.Low) * golden & 63 },
		input.ZeroHigh:   func(w words.ID) uint64 { return w.High * w.Low },
		input.SameLow:    func(w words.ID) uint64 { return w.Low * golden },
		input.Folded:     func(w words.ID) uint64 { return (w.High ^ w.Low) * golden },
	}
	for _, k := range input.Hostile() {
		hash := hashes[k.IDs]
		values := map[uint64]bool{}
		for _, b := range k.Make(1024).Bindings {
			values[hash(words.Of(b.ID))] = true
		}
		require.Len(t, values, 1, k.Name)
	}
}
