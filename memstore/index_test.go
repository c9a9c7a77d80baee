package memstore

import (
	"encoding/binary"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type entry struct {
	tag tag
	row rowID
}

// rows returns how often an index has each row for a tag.
func (x *index) rows(t tag) map[rowID]int {
	rows := map[rowID]int{}
	p := x.find(t)
	for row := p.next(); row != 0; row = p.next() {
		rows[row]++
	}
	return rows
}

func TestIndexIsAMultisetOfEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x index
		x.init()
		tags := rapid.SampledFrom([]tag{0, 1, 2, 1 << 31, 1<<31 + 1, ^tag(0) - 1, ^tag(0)})
		want := map[entry]int{}
		entries := 0
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				e := entry{tags.Draw(t, "tag"), rowID(rapid.Uint32Range(1, 4).Draw(t, "row"))}
				x.add(e.tag, e.row)
				want[e]++
				entries++
			},
			"remove": func(t *rapid.T) {
				e := entry{tags.Draw(t, "tag"), rowID(rapid.Uint32Range(1, 4).Draw(t, "row"))}
				if want[e] == 0 {
					return
				}
				x.remove(e.tag, e.row)
				want[e]--
				entries--
			},
			"": func(t *rapid.T) {
				require.Equal(t, entries, x.entries)
				require.Equal(t, x.used, x.countUsed(), "slots not empty")
				require.LessOrEqual(t, x.used*4, len(x.slots.Load().words)*3, "probing ends soon")
				total := 0
				for _, tag := range []tag{0, 1, 2, 1 << 31, 1<<31 + 1, ^tag(0) - 1, ^tag(0)} {
					for row, n := range x.rows(tag) {
						require.Equal(t, want[entry{tag, row}], n)
						total += n
					}
				}
				require.Equal(t, entries, total)
			},
		})
	})
}

func (x *index) countUsed() (n int) {
	words := x.slots.Load().words
	for i := range words {
		if words[i].Load() != empty {
			n++
		}
	}
	return n
}

func TestIndexUsesVacantSlotsAgain(t *testing.T) {
	var x index
	x.init()
	for range 1000 {
		for i := range tag(4) {
			x.add(i<<29, 1)
		}
		for i := range tag(4) {
			x.remove(i<<29, 1)
		}
	}
	require.Len(t, x.slots.Load().words, leastSlots)
	require.Equal(t, 4, x.used)
}

func TestIndexHasRoomForWhatIsInIt(t *testing.T) {
	var x index
	x.init()
	for i := range tag(10_000) {
		x.add(i*429_497, rowID(i+1))
		if n := len(x.slots.Load().words); n > leastSlots {
			require.Less(t, n, 6*x.entries)
		}
	}
	for i := range tag(10_000) {
		x.remove(i*429_497, rowID(i+1))
	}
	for i := range tag(60_000) { // vacant slots do not count when it is rebuilt
		x.add(i*70_000, 1)
		x.remove(i*70_000, 1)
	}
	require.Zero(t, x.entries)
	require.Len(t, x.slots.Load().words, leastSlots)
}

func TestAnIndexIsThreeEighthsToThreeQuartersFull(t *testing.T) {
	var x index
	x.init()
	require.Len(t, x.slots.Load().words, 8)
	for entries := 1; entries <= 100; entries++ {
		x.add(tag(entries), 1)
		switch n := len(x.slots.Load().words); {
		case entries <= 6:
			require.Equal(t, 8, n)
		case entries <= 12:
			require.Equal(t, 16, n)
		case entries <= 24:
			require.Equal(t, 32, n)
		}
	}
	for entries := 100; entries > 6; entries-- {
		x.remove(tag(entries), 1)
	}
	x.rebuild()
	require.Len(t, x.slots.Load().words, 16)
	x.remove(6, 1)
	x.remove(5, 1)
	x.remove(4, 1)
	x.rebuild()
	require.Len(t, x.slots.Load().words, 8)
}

// Readers look for entries that stay, while others come and go around them and
// the slots are rebuilt.
func TestReadersOfAnIndexFindWhatStays(t *testing.T) {
	var x index
	x.init()
	const stay = 64
	for i := range tag(stay) {
		x.add(i<<26, rowID(i+1))
	}
	var done atomic.Bool
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for !done.Load() {
				for i := range tag(stay) {
					if x.rows(i << 26)[rowID(i+1)] != 1 {
						t.Errorf("tag %d is missing", i)
						return
					}
				}
			}
		})
	}
	for round := range 20 {
		for i := range tag(300) {
			x.add(i*14_000_000, stay+1)
		}
		for i := range tag(300) {
			x.remove(i*14_000_000, stay+1)
		}
		if round%5 == 4 {
			x.rebuild()
		}
	}
	done.Store(true)
	readers.Wait()
}

// Whoever chooses IDs cannot make them meet in an index.
func TestIDsOfAnyPatternSpread(t *testing.T) {
	const n = 4096
	patterns := map[string]func(i uint64) (high, low uint64){
		"counted at the end":       func(i uint64) (high, low uint64) { return 0, i },
		"counted at the beginning": func(i uint64) (high, low uint64) { return i << 48, 0 },
		"counted in the middle":    func(i uint64) (high, low uint64) { return i, 0 },
		"multiples of many slots":  func(i uint64) (high, low uint64) { return 0, i << 32 },
		"both halves the same":     func(i uint64) (high, low uint64) { return i << 20, i << 20 },
	}
	for name, pattern := range patterns {
		t.Run(name, func(t *testing.T) {
			var x index
			x.init()
			seed := maphash.MakeSeed()
			for i := range uint64(n) {
				var id uuid.UUID
				high, low := pattern(i)
				binary.BigEndian.PutUint64(id[:8], high)
				binary.BigEndian.PutUint64(id[8:], low)
				x.add(tagOf(seed, id), 1)
			}
			// A random table of this load has no run near this in 2^60 tries.
			require.Less(t, x.longestRun(), 400)
		})
	}
	id := uuid.UUID{1}
	a, b := New(), New()
	c := New()
	require.False(t, tagOf(a.services.seed, id) == tagOf(b.services.seed, id) &&
		tagOf(b.services.seed, id) == tagOf(c.services.seed, id), "every store has a seed of its own")
}

func (x *index) longestRun() (longest int) {
	words, run := x.slots.Load().words, 0
	for i := range words {
		if words[i].Load() == empty {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
