package mvcc

import (
	"hash/maphash"
	"math/bits"
	"sync/atomic"
)

// A rowID is the place of a row in its table, from 1.
type rowID uint32

// A tag stands for a key in a hash table. Who chooses keys cannot foresee their
// tags. Two keys have the same tag now and then.
type tag uint32

func tagOf[K comparable](seed maphash.Seed, key K) tag {
	return tag(maphash.Comparable(seed, key) >> 32)
}

// words is a hash table from tags to rows, with linear probing, in which an entry
// is a single word. One writer changes it while others read.
//
// It returns every row that has a key with the tag in any version, and may return
// others: who looks up a key has to look at the row.
//
// A slot that had an entry never becomes empty again. It becomes vacant, until
// another entry takes it. So a reader finds what lies behind it. When the slots
// are used up, the entries move to new ones.
type words struct {
	slots   atomic.Pointer[slots]
	_       line
	used    int // slots that are not empty
	entries int
}

type slots struct {
	words []atomic.Uint64 // a power of two of them, never all used
	shift uint8           // takes a tag to the slot where its search begins
}

const (
	empty  uint64 = 0
	vacant uint64 = 1 << 32 // a tag without a row
)

func wordOf(t tag, row rowID) uint64 { return uint64(t)<<32 | uint64(row) }

// leastSlots is how many slots there are at least.
const leastSlots = 8

func (w *words) init() { w.slots.Store(newSlots(leastSlots)) }

func newSlots(n int) *slots {
	return &slots{words: make([]atomic.Uint64, n), shift: uint8(32 - bits.TrailingZeros(uint(n)))}
}

// A search goes over the rows that words has for a tag.
type search struct {
	words []atomic.Uint64
	at    uint32
	tag   tag
}

func (w *words) find(t tag) search {
	s := w.slots.Load()
	return search{words: s.words, at: uint32(t) >> s.shift, tag: t}
}

// next returns the next row, 0 where there are no more.
func (s *search) next() rowID {
	mask := uint32(len(s.words) - 1)
	for {
		word := s.words[s.at&mask].Load()
		if word == empty {
			return 0
		}
		s.at++
		if tag(word>>32) == s.tag && rowID(word) != 0 {
			return rowID(word)
		}
	}
}

// add adds an entry, even where there is one like it.
func (w *words) add(t tag, row rowID) {
	s := w.slots.Load()
	if w.used+1 > len(s.words)/4*3 {
		s = w.rebuild()
	}
	at := s.seek(t, func(word uint64) bool { return word == empty || word == vacant })
	if s.words[at].Load() == empty {
		w.used++
	}
	w.entries++
	s.words[at].Store(wordOf(t, row))
}

// remove removes one entry like this, which must be there.
func (w *words) remove(t tag, row rowID) {
	s := w.slots.Load()
	at := s.seek(t, func(word uint64) bool { return word == wordOf(t, row) })
	w.entries--
	s.words[at].Store(vacant)
}

// seek returns the first slot, from where the search for a tag begins, whose word
// is wanted.
func (s *slots) seek(t tag, wanted func(word uint64) bool) uint32 {
	mask := uint32(len(s.words) - 1)
	at := uint32(t) >> s.shift
	for !wanted(s.words[at&mask].Load()) {
		at++
	}
	return at & mask
}

// rebuild moves the entries to new slots, of which they take three eighths at
// most.
func (w *words) rebuild() *slots {
	n := leastSlots
	for n/8*3 < w.entries {
		n *= 2
	}
	old, s := w.slots.Load().words, newSlots(n)
	for i := range old {
		if word := old[i].Load(); word != empty && word != vacant {
			s.words[s.seek(tag(word>>32), func(word uint64) bool { return word == empty })].Store(word)
		}
	}
	w.used = w.entries
	w.slots.Store(s)
	return s
}
