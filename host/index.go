package host

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/bindset/bindset/binding"
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
	id binding.Words
	child
}

// maxProbe bounds the steps of a look-up. A random table at most half full goes
// past it with a probability below 2^-30 for hosts of a million children.
const maxProbe = 128

// newIndex indexes the children of a checked host, with seeds that nobody can
// guess. An ID that stands twice is a *binding.FieldError.
func newIndex(h *Host, seed func() uint64) (index, error) {
	slots := make([]slot, 0, len(h.Interfaces)+len(h.IPAddresses)+len(h.Ports))
	for i := range h.Interfaces {
		slots = append(slots, slot{binding.WordsOf(h.Interfaces[i].ID), child{int32(i), childInterface}})
	}
	for i := range h.IPAddresses {
		slots = append(slots, slot{binding.WordsOf(h.IPAddresses[i].ID), child{int32(i), childIPAddress}})
	}
	for i := range h.Ports {
		slots = append(slots, slot{binding.WordsOf(h.Ports[i].ID), child{int32(i), childPort}})
	}
	if len(slots) == 0 {
		return index{}, nil
	}
	for range 4 {
		ix := index{
			slots: make([]slot, 2<<bits.Len(uint(len(slots)-1))),
			seed:  [2]uint64{seed(), seed()},
		}
		if twice, ok := ix.fill(slots); ok {
			return ix, nil
		} else if twice != nil {
			return index{}, twiceUsed(twice)
		}
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return compare(a.id, b.id) })
	for i := 1; i < len(slots); i++ {
		if slots[i-1].id == slots[i].id {
			return index{}, twiceUsed(&slots[i])
		}
	}
	return index{sorted: slots}, nil
}

// fill puts the slots into the table. It stops at an ID that is there already,
// and where a probe gets too long.
func (ix *index) fill(slots []slot) (twice *slot, ok bool) {
	mask := uint64(len(ix.slots) - 1)
	for i := range slots {
		at, probes := ix.hash(slots[i].id)&mask, 1
		for ; ix.slots[at].kind != 0; at, probes = (at+1)&mask, probes+1 {
			if ix.slots[at].id == slots[i].id {
				return &slots[i], false
			}
			if probes == maxProbe {
				return nil, false
			}
		}
		ix.slots[at] = slots[i]
	}
	return nil, true
}

// find returns where the child with an ID is.
func (ix *index) find(id binding.Words) (child, bool) {
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
func (ix *index) search(id binding.Words) (child, bool) {
	at, ok := slices.BinarySearchFunc(ix.sorted, id, func(s slot, id binding.Words) int { return compare(s.id, id) })
	if !ok {
		return child{}, false
	}
	return ix.sorted[at].child, true
}

// hash folds both halves of the ID with the secret, in one multiplication.
func (ix *index) hash(id binding.Words) uint64 {
	hi, lo := bits.Mul64(id.High^ix.seed[0], id.Low^ix.seed[1])
	return hi ^ lo
}

func compare(a, b binding.Words) int {
	return cmp.Or(cmp.Compare(a.High, b.High), cmp.Compare(a.Low, b.Low))
}
