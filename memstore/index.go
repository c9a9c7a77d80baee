package memstore

import (
	"hash/maphash"
	"math/bits"
	"sync/atomic"

	"github.com/google/uuid"
)

// A rowID is the place of a row in its table, from 1.
type rowID uint32

// A tag stands for an ID in an index. IDs that callers choose get tags that they
// cannot foresee; two IDs have the same tag now and then.
type tag uint32

func tagOf(seed maphash.Seed, id uuid.UUID) tag { return tag(maphash.Bytes(seed, id[:]) >> 32) }

// An index says, for a tag, which rows an ID with that tag may be in: always those
// that it is in for any reader, and perhaps others. Who looks something up has to
// check the row. It is a hash table with linear probing, one word for an entry,
// that one writer changes while others read.
//
// A slot that had an entry is never empty again, it is vacant until another entry
// comes: so who probes past it finds what is behind it. When the slots are used
// up, the entries move to new ones; who still probes the old ones finds there
// all that had been added before it began.
type index struct {
	slots   atomic.Pointer[slots]
	used    int // slots that are not empty
	entries int
}

type slots struct {
	words []atomic.Uint64 // a power of two of them, never all used
	shift uint8           // takes a tag to where its probing begins
}

const (
	empty  uint64 = 0
	vacant uint64 = 1 << 32 // has a tag, but no row
)

func entryOf(t tag, row rowID) uint64 { return uint64(t)<<32 | uint64(row) }

// leastSlots is how many slots an index has at least.
const leastSlots = 8

func (x *index) init() { x.slots.Store(newSlots(leastSlots)) }

func newSlots(n int) *slots {
	return &slots{words: make([]atomic.Uint64, n), shift: uint8(32 - bits.TrailingZeros(uint(n)))}
}

// A probe walks over the rows that the index has for a tag.
type probe struct {
	words []atomic.Uint64
	at    uint32
	tag   tag
}

func (x *index) find(t tag) probe {
	s := x.slots.Load()
	return probe{words: s.words, at: uint32(t) >> s.shift, tag: t}
}

// next returns the next row, 0 where there are no more.
func (p *probe) next() rowID {
	mask := uint32(len(p.words) - 1)
	for {
		word := p.words[p.at&mask].Load()
		if word == empty {
			return 0
		}
		p.at++
		if tag(word>>32) == p.tag && rowID(word) != 0 {
			return rowID(word)
		}
	}
}

// add adds an entry. The same one may be there several times.
func (x *index) add(t tag, row rowID) {
	s := x.slots.Load()
	if x.used+1 > len(s.words)/4*3 {
		s = x.rebuild()
	}
	at := s.seek(t, func(word uint64) bool { return word == empty || word == vacant })
	if s.words[at].Load() == empty {
		x.used++
	}
	x.entries++
	s.words[at].Store(entryOf(t, row))
}

// remove removes an entry that is there, once.
func (x *index) remove(t tag, row rowID) {
	s := x.slots.Load()
	at := s.seek(t, func(word uint64) bool { return word == entryOf(t, row) })
	x.entries--
	s.words[at].Store(vacant)
}

// seek returns the first slot from where the probing for a tag begins that has
// what is wanted.
func (s *slots) seek(t tag, wanted func(word uint64) bool) uint32 {
	mask := uint32(len(s.words) - 1)
	at := uint32(t) >> s.shift
	for !wanted(s.words[at&mask].Load()) {
		at++
	}
	return at & mask
}

// rebuild moves the entries to slots of which they take three eighths at most.
func (x *index) rebuild() *slots {
	n := leastSlots
	for n/8*3 < x.entries {
		n *= 2
	}
	old, s := x.slots.Load().words, newSlots(n)
	for i := range old {
		if word := old[i].Load(); word != empty && word != vacant {
			s.words[s.seek(tag(word>>32), func(word uint64) bool { return word == empty })].Store(word)
		}
	}
	x.used = x.entries
	x.slots.Store(s)
	return s
}
