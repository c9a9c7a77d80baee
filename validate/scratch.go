package validate

import (
	"math/rand/v2"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// scratch is the memory that fastMany works in, kept from call to call.
// Invariant: between calls nothing in it means anything.
type scratch struct {
	at     []host.Location // of the bindings
	kinds  census
	extent extent
	twins  twins
	firsts firsts

	present   []uint64 // bits by place: a presence is there, or for an interface at an address it carries
	presentAt []uint64 // bits by place: a presence is at exactly that place

	random         func() uint64 // secrets to hash with
	bitsPerBinding int           // how large a bitmap may be for its set
}

// A bitmap of 32 bytes for each binding is still faster than the hash table.
func newScratch() *scratch { return &scratch{random: rand.Uint64, bitsPerBinding: 256} }

// fastMany is the fast path for large sets: one pass over the bindings, and then
// several over what they name.
func (s *scratch) fastMany(res *Result, in *Input) bool {
	set := in.Bindings
	s.twins.reset(len(set), s.random)
	if !s.locate(in) || s.twoTargets(set) {
		return false // V1, V2
	}
	if s.kinds.mayConflict() && (s.kinds.has(anywhere) || s.mayConflict()) {
		return false // V5
	}
	var duplicates bool
	if s.extent.size() <= uint64(s.bitsPerBinding)*uint64(len(set)) {
		duplicates = s.firsts.mark(s.at, s.extent)
	} else {
		duplicates = s.firsts.tabulate(s.at, s.random)
	}
	superseded := s.precedence()
	if s.firsts.slow() {
		return false
	}
	if !duplicates && !superseded {
		res.Bindings = set
		return true
	}
	s.firsts.index(s.at)
	s.drop(res, set)
	if s.firsts.slow() {
		res.reset(set, nil)
		return false
	}
	return true
}

// locate replaces the targets by what they name.
func (s *scratch) locate(in *Input) bool {
	s.at = sized(s.at, len(in.Bindings))
	kinds, reach := census(0), noExtent
	for i := range in.Bindings {
		b := &in.Bindings[i]
		at, ok := in.Inventory.Locate(&b.Target)
		if !ok {
			return false
		}
		s.at[i] = at
		s.twins.hashes[i] = s.twins.hash(&b.ID)
		kinds.note(at)
		reach.include(at)
	}
	s.kinds, s.extent = kinds, reach
	return true
}

// twoTargets is V1 on what targets name: one ID has two of them.
func (s *scratch) twoTargets(set []binding.Binding) bool {
	suspects := s.twins.find(set)
	for k := 1; k < len(suspects); k++ {
		i, j := suspects[k-1].binding, suspects[k].binding
		if set[i].ID == set[j].ID && s.at[i] != s.at[j] {
			return true
		}
	}
	return false
}

// mayConflict is V5 where no listener is everywhere. It also reports true where
// the host has so many more places than the set has bindings that looking would
// not be linear in the set.
func (s *scratch) mayConflict() bool {
	words := int(max(s.extent.places, s.extent.endOfPlace))/64 + 1
	if words > 64*len(s.at) {
		return true
	}
	s.present, s.presentAt = sized(s.present, words), sized(s.presentAt, words)
	clear(s.present)
	clear(s.presentAt)
	for i := range s.at {
		at := &s.at[i]
		if at.Port != host.None {
			continue
		}
		setBit(s.present, at.Place)
		setBit(s.presentAt, at.Place)
		if at.Carrier != host.None {
			setBit(s.present, at.Carrier)
		}
	}
	for i := range s.at {
		at := &s.at[i]
		if at.Port == host.None {
			continue
		}
		if hasBit(s.present, at.Place) || at.Carrier != host.None && hasBit(s.presentAt, at.Carrier) {
			return true
		}
	}
	return false
}

func setBit(bits []uint64, i int32)      { bits[i/64] |= 1 << (i % 64) }
func hasBit(bits []uint64, i int32) bool { return bits[i/64]&(1<<(i%64)) != 0 }

// precedence reports whether V4 drops a listener.
func (s *scratch) precedence() bool {
	if !s.kinds.maySupersede() {
		return false
	}
	for i := range s.at {
		if _, ok := s.wider(&s.at[i]); ok {
			return true
		}
	}
	return false
}

// wider returns the place of the widest listener that supersedes the target.
func (s *scratch) wider(at *host.Location) (place int32, ok bool) {
	switch {
	case at.Port == host.None || at.Place == host.Anywhere:
		return 0, false
	case s.kinds.has(anywhere) && s.firsts.has(at.Port, host.Anywhere):
		return host.Anywhere, true
	case at.Carrier != host.None && s.firsts.has(at.Port, at.Carrier):
		return at.Carrier, true
	default:
		return 0, false
	}
}

// drop writes a Result from which V3 and V4 dropped something.
func (s *scratch) drop(res *Result, set []binding.Binding) {
	keep := res.sieve(set, s.firsts.distinct)
	supersede := s.kinds.maySupersede()
	for i := range s.at {
		at := &s.at[i]
		if supersede {
			if place, ok := s.wider(at); ok {
				keep.drop(i, s.firsts.first(at.Port, place), Superseded)
				continue
			}
		}
		if first := s.firsts.first(at.Port, at.Place); first != i {
			keep.drop(i, first, Duplicate)
		}
	}
	keep.rest(res)
}

// sized returns a slice of length n, in the memory of s where that is enough.
// Its elements mean nothing.
func sized[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}
