package host

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"

	"github.com/bindset/bindset/internal/words"
)

// childKind says which list of the host a child is in.
type childKind uint8

const (
	childInterface childKind = iota + 1
	childIPAddress
	childPort
)

// child is where a child is: its list and its position there.
type child struct {
	pos  int32
	kind childKind
}

// index is a frozen open-addressed hash table from the IDs of a host's children
// to their places. IDs come from outside, so the hash is keyed with a secret of
// this index, and no ID is put farther than maxProbe steps from its hash: nor
// does a look-up go farther. The zero index is empty.
type index struct {
	slots []slot // a power of two, at most half full; nil when empty
	seed  [2]uint64
	// sorted holds what no seed could spread, by ID: expected to be nil for ever.
	sorted []slot
}

type slot struct {
	id words.ID
	child
}

// maxProbe bounds the steps of a look-up. A random table at most half full goes
// past it with a probability below 2^-30 for hosts of a million children.
const maxProbe = 128

// newIndex indexes the children of a checked host, with seeds that nobody can
// guess. An ID that stands twice is a *binding.FieldError.
func newIndex(h *Host, seed func() uint64) (index, error) {
	n := len(h.Interfaces) + len(h.IPAddresses) + len(h.Ports)
	if n == 0 {
		return index{}, nil
	}
	for range 4 {
		ix := index{
			slots: make([]slot, 2<<bits.Len(uint(n-1))),
			seed:  [2]uint64{seed(), seed()},
		}
		wrong, problem := ix.fill(h)
		switch problem {
		case none:
			return ix, nil
		case standsTwice:
			return index{}, twiceUsed(&wrong)
		}
	}
	slots := make([]slot, 0, n)
	for s := range slotsOf(h) {
		slots = append(slots, s)
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return compare(a.id, b.id) })
	for i := 1; i < n; i++ {
		if slots[i-1].id == slots[i].id {
			return index{}, twiceUsed(&slots[i])
		}
	}
	return index{sorted: slots}, nil
}

// slotsOf yields what is to be in the index.
func slotsOf(h *Host) iter.Seq[slot] {
	return func(yield func(slot) bool) {
		for i := range h.Interfaces {
			if !yield(slot{words.Of(h.Interfaces[i].ID), child{int32(i), childInterface}}) {
				return
			}
		}
		for i := range h.IPAddresses {
			if !yield(slot{words.Of(h.IPAddresses[i].ID), child{int32(i), childIPAddress}}) {
				return
			}
		}
		for i := range h.Ports {
			if !yield(slot{words.Of(h.Ports[i].ID), child{int32(i), childPort}}) {
				return
			}
		}
	}
}

// problem is why a slot cannot be put into the table.
type problem int

const (
	none        problem = iota
	standsTwice         // its ID is there already
	tooFar              // it would be farther from its hash than maxProbe
)

// fill puts all children into the table, up to the first that cannot be.
func (ix *index) fill(h *Host) (wrong slot, why problem) {
	for s := range slotsOf(h) {
		if why = ix.put(s); why != none {
			return s, why
		}
	}
	return slot{}, none
}

func (ix *index) put(s slot) problem {
	mask := uint64(len(ix.slots) - 1)
	at := ix.hash(s.id) & mask
	for range maxProbe {
		switch used := &ix.slots[at]; {
		case used.kind == 0:
			*used = s
			return none
		case used.id == s.id:
			return standsTwice
		}
		at = (at + 1) & mask
	}
	return tooFar
}

// find returns where the child with an ID is.
func (ix *index) find(id words.ID) (child, bool) {
	if ix.slots == nil {
		return ix.search(id)
	}
	mask := uint64(len(ix.slots) - 1)
	at := ix.hash(id) & mask
	for range maxProbe {
		s := &ix.slots[at]
		if s.kind == 0 {
			return child{}, false
		}
		if s.id == id {
			return s.child, true
		}
		at = (at + 1) & mask
	}
	return child{}, false
}

// search is find where there is no table.
func (ix *index) search(id words.ID) (child, bool) {
	at, ok := slices.BinarySearchFunc(ix.sorted, id, func(s slot, id words.ID) int { return compare(s.id, id) })
	if !ok {
		return child{}, false
	}
	return ix.sorted[at].child, true
}

// hash folds both halves of the ID with the secret, in one multiplication.
func (ix *index) hash(id words.ID) uint64 {
	hi, lo := bits.Mul64(id.High^ix.seed[0], id.Low^ix.seed[1])
	return hi ^ lo
}

func compare(a, b words.ID) int {
	return cmp.Or(cmp.Compare(a.High, b.High), cmp.Compare(a.Low, b.Low))
}
