package mvcc

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type entry struct {
	tag tag
	row rowID
}

// rows returns how often words has each row for a tag.
func (w *words) rows(t tag) map[rowID]int {
	rows := map[rowID]int{}
	p := w.find(t)
	for row := p.next(); row != 0; row = p.next() {
		rows[row]++
	}
	return rows
}

func TestWordsAreAMultisetOfEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w words
		w.init()
		tags := rapid.SampledFrom([]tag{0, 1, 2, 1 << 31, 1<<31 + 1, ^tag(0) - 1, ^tag(0)})
		want := map[entry]int{}
		entries := 0
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				e := entry{tags.Draw(t, "tag"), rowID(rapid.Uint32Range(1, 4).Draw(t, "row"))}
				w.add(e.tag, e.row)
				want[e]++
				entries++
			},
			"remove": func(t *rapid.T) {
				e := entry{tags.Draw(t, "tag"), rowID(rapid.Uint32Range(1, 4).Draw(t, "row"))}
				if want[e] == 0 {
					return
				}
				w.remove(e.tag, e.row)
				want[e]--
				entries--
			},
			"": func(t *rapid.T) {
				require.Equal(t, entries, w.entries)
				require.Equal(t, w.used, w.countUsed(), "slots not empty")
				require.LessOrEqual(t, w.used*4, len(w.slots.Load().words)*3, "a search ends soon")
				total := 0
				for _, tag := range []tag{0, 1, 2, 1 << 31, 1<<31 + 1, ^tag(0) - 1, ^tag(0)} {
					for row, n := range w.rows(tag) {
						require.Equal(t, want[entry{tag, row}], n)
						total += n
					}
				}
				require.Equal(t, entries, total)
			},
		})
	})
}

func (w *words) countUsed() (n int) {
	words := w.slots.Load().words
	for i := range words {
		if words[i].Load() != empty {
			n++
		}
	}
	return n
}

func TestVacantSlotsAreUsedAgain(t *testing.T) {
	var w words
	w.init()
	for range 3 {
		w.add(7, 1)
		w.add(7, 2)
		require.Equal(t, 2, w.used)
		w.remove(7, 1)
		w.remove(7, 2)
	}
}

func TestSlotsAreForWhatIsInThem(t *testing.T) {
	var w words
	w.init()
	for i := range tag(10_000) {
		w.add(i*429_497, rowID(i+1))
		if n := len(w.slots.Load().words); n > leastSlots {
			require.Less(t, n, 6*w.entries)
		}
	}
	for i := range tag(10_000) {
		w.remove(i*429_497, rowID(i+1))
	}
	for i := range tag(60_000) { // vacant slots do not count when it is rebuilt
		w.add(i*70_000, 1)
		w.remove(i*70_000, 1)
	}
	require.Zero(t, w.entries)
	require.Len(t, w.slots.Load().words, leastSlots)
}

func TestSlotsAreThreeEighthsToThreeQuartersFull(t *testing.T) {
	var w words
	w.init()
	require.Len(t, w.slots.Load().words, 8)
	for entries := 1; entries <= 100; entries++ {
		w.add(tag(entries), 1)
		switch n := len(w.slots.Load().words); {
		case entries <= 6:
			require.Equal(t, 8, n)
		case entries <= 12:
			require.Equal(t, 16, n)
		case entries <= 24:
			require.Equal(t, 32, n)
		}
	}
	for entries := 100; entries > 6; entries-- {
		w.remove(tag(entries), 1)
	}
	w.rebuild()
	require.Len(t, w.slots.Load().words, 16)
	w.remove(6, 1)
	w.remove(5, 1)
	w.remove(4, 1)
	w.rebuild()
	require.Len(t, w.slots.Load().words, 8)
}

// Readers look for entries that stay, while others come and go around them and
// the slots are rebuilt.
func TestReadersFindEntriesThatStay(t *testing.T) {
	var w words
	w.init()
	const stay = 64
	for i := range tag(stay) {
		w.add(i<<26, rowID(i+1))
	}
	var done atomic.Bool
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for !done.Load() {
				for i := range tag(stay) {
					if w.rows(i << 26)[rowID(i+1)] != 1 {
						t.Errorf("tag %d is missing", i)
						return
					}
				}
			}
		})
	}
	for round := range 20 {
		for i := range tag(300) {
			w.add(i*14_000_000, stay+1)
		}
		for i := range tag(300) {
			w.remove(i*14_000_000, stay+1)
		}
		if round%5 == 4 {
			w.rebuild()
		}
	}
	done.Store(true)
	readers.Wait()
}

// Whoever chooses keys cannot make them meet.
func TestKeysOfAnyPatternSpread(t *testing.T) {
	type key struct{ high, low uint64 }
	const n = 4096
	patterns := map[string]func(i uint64) key{
		"counted at the end":       func(i uint64) key { return key{0, i} },
		"counted at the beginning": func(i uint64) key { return key{i << 48, 0} },
		"counted in the middle":    func(i uint64) key { return key{i, 0} },
		"multiples of many slots":  func(i uint64) key { return key{0, i << 32} },
		"both halves the same":     func(i uint64) key { return key{i << 20, i << 20} },
	}
	for name, pattern := range patterns {
		t.Run(name, func(t *testing.T) {
			var w words
			w.init()
			seed := maphash.MakeSeed()
			for i := range uint64(n) {
				w.add(tagOf(seed, pattern(i)), 1)
			}
			// A random table of this load has no run near this in 2^60 tries.
			require.Less(t, w.longestRun(), 400)
		})
	}
	a, b, c := newLeague().teams.seed, newLeague().teams.seed, newLeague().teams.seed
	require.False(t, tagOf(a, 1) == tagOf(b, 1) && tagOf(b, 1) == tagOf(c, 1), "every table has a seed of its own")
}

func (w *words) longestRun() (longest int) {
	words, run := w.slots.Load().words, 0
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
