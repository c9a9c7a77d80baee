package validate

import (
	"math/bits"

	"github.com/bindset/bindset/host"
)

// firsts knows which targets are in a set, and the first binding that has each:
// by a bitmap of all places on all ports between those that the set names, where
// that has few enough bits for the set, and by a hash table otherwise.
// Invariant: between calls nothing in it means anything; within a set, mark or
// tabulate comes first, then has, then index, then first.
type firsts struct {
	extent extent
	bits   []uint64 // nil where the table is used
	before []int32  // by word, how many bits are set in those before it
	firsts []int32  // by how many bits are set before that of the target

	distinct int // targets, once indexed

	room  []uint64 // for bits
	keys  []key
	table table
}

// extent is how far a set reaches over its host.
type extent struct {
	places          int32 // those of presences are below
	port, endOfPort int32 // those of listeners are from port on, and below endOfPort
	endOfPlace      int32 // those of listeners are below
}

var noExtent = extent{port: 1<<31 - 1}

func (e *extent) include(at host.Location) {
	if at.Port == host.None {
		e.places = max(e.places, at.Place+1)
		return
	}
	e.port, e.endOfPort = min(e.port, at.Port), max(e.endOfPort, at.Port+1)
	e.endOfPlace = max(e.endOfPlace, at.Place+1)
}

// width is how many places a listener may be at, and more.
func (e *extent) width() uint64 { return uint64(e.endOfPlace - host.Anywhere) }

// size is how many bits the extent has.
func (e *extent) size() uint64 {
	return uint64(e.places) + uint64(max(e.endOfPort-e.port, 0))*e.width()
}

// bit returns the bit of a target within the extent.
func (e *extent) bit(port, place int32) uint64 {
	if port == host.None {
		return uint64(place)
	}
	return uint64(e.places) + uint64(port-e.port)*e.width() + uint64(place-host.Anywhere)
}

// mark adds all bindings of a set to a bitmap of its extent. It reports whether
// two have one target.
func (f *firsts) mark(at []host.Location, e extent) (twice bool) {
	f.room = sized(f.room, int(e.size()/64)+1)
	f.extent, f.bits = e, f.room
	clear(f.bits)
	seen := uint64(0)
	for i := range at {
		bit := e.bit(at[i].Port, at[i].Place)
		word := &f.bits[bit/64]
		seen |= *word >> (bit % 64) & 1
		*word |= 1 << (bit % 64)
	}
	return seen != 0
}

// tabulate is mark with a hash table. It may give up: see slow.
func (f *firsts) tabulate(at []host.Location, random func() uint64) (twice bool) {
	f.bits, f.distinct = nil, 0
	f.keys = sized(f.keys, len(at))
	f.table.clear(len(at), random)
	for i := range at {
		f.keys[i] = keyOf(at[i])
		if f.table.add(f.keys[i], i, f.keys) {
			f.distinct++
		}
	}
	return f.distinct < len(at)
}

// slow reports that the table was given up: what was found since is void.
func (f *firsts) slow() bool { return f.bits == nil && f.table.slow() }

// has reports whether a target is in the set: one that is, on another place.
func (f *firsts) has(port, place int32) bool {
	if f.bits == nil {
		_, found := f.table.find(keyOf(host.Location{Port: port, Place: place}), f.keys)
		return found
	}
	bit := f.extent.bit(port, place)
	return f.bits[bit/64]>>(bit%64)&1 != 0
}

// index finds the first of each target.
func (f *firsts) index(at []host.Location) {
	if f.bits == nil {
		return // the table did
	}
	f.before = sized(f.before, len(f.bits))
	n := 0
	for i, word := range f.bits {
		f.before[i] = int32(n)
		n += bits.OnesCount64(word)
	}
	f.firsts, f.distinct = sized(f.firsts, n), n
	for i := len(at) - 1; i >= 0; i-- {
		f.firsts[f.rank(f.extent.bit(at[i].Port, at[i].Place))] = int32(i)
	}
}

// rank returns how many bits are set before one that is.
func (f *firsts) rank(bit uint64) int {
	return int(f.before[bit/64]) + bits.OnesCount64(f.bits[bit/64]&(1<<(bit%64)-1))
}

// first returns the first binding that has a target of the set.
func (f *firsts) first(port, place int32) int {
	if f.bits == nil {
		i, _ := f.table.find(keyOf(host.Location{Port: port, Place: place}), f.keys)
		return i
	}
	return int(f.firsts[f.rank(f.extent.bit(port, place))])
}
