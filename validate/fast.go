package validate

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// The fast path of Set. It answers the common inputs, those in which no rule is
// broken and nothing is rewritten or claimed, exactly as the rule functions in
// rules.go do, and leaves all others to them. TestFastPathAgreesWithTheRules is
// what allows it to exist.
//
// It reads each binding once, replaces its target by what that names, as
// positions on the host, and works on those: all pairs of them in a small set
// (here), bitmaps or a hash table in a large one (scratch.go).

// fast tries to do SetInto. It reports false, with res still empty, where it has
// no answer.
func (v *Validator) fast(res *Result, in *Input) bool {
	n := len(in.Bindings)
	if in.Inventory == nil || n > v.MaxBindings() || v.exclusivePorts && len(in.Claims) > 0 ||
		!sameNetwork(in.Inventory, &in.Service) {
		return false
	}
	if n <= few {
		return fastFew(res, in)
	}
	if res.scratch == nil {
		res.scratch = newScratch()
	}
	return res.scratch.fastMany(res, in)
}

// key is what a canonical target names on its host: the port and the place, so
// that equal targets, and only those, have equal keys. Port 0 is no port: a
// presence. Place 0 is everywhere.
type key uint64

func keyOf(at host.Location) key {
	return key(uint32(at.Port+1))<<32 | key(uint32(at.Place-host.Anywhere))
}

// noKey stands for "no interface carries it" among the keys of carriers.
const noKey key = ^key(0)

// carrierKey returns the key of a target on the interface that carries the place
// of at, on the same port; noKey where there is none.
func carrierKey(at host.Location) key {
	if at.Carrier == host.None {
		return noKey
	}
	return keyOf(host.Location{Port: at.Port, Place: at.Carrier})
}

func (k key) listens() bool      { return k>>32 != 0 }
func (k key) place() uint32      { return uint32(k) }
func (k key) everywhere() key    { return k >> 32 << 32 }
func (k key) isEverywhere() bool { return k.place() == 0 }

// census says which kinds of targets a set has, a bit for each. Most rules have
// nothing to say to most sets: a listener is superseded only where a wider one
// is, a conflict takes a presence and a listener.
type census uint8

// The kinds.
const (
	onWhatever census = 1 << 0      // listeners on an interface, or on an IP address that none carries
	presence   census = 1<<1 | 1<<5 // also at an IP address that an interface carries
	anywhere   census = 1 << 2      // listeners on all interfaces
	onCarried  census = 1 << 4      // listeners on an IP address that an interface carries
	listener          = onWhatever | anywhere | onCarried
)

// note counts one target, without a branch that nobody can predict.
func (c *census) note(at host.Location) {
	const top = 31
	present, everywhere, carried := uint32(at.Port)>>top, uint32(at.Place)>>top, ^uint32(at.Carrier)>>top
	*c |= 1 << (present | everywhere<<1 | carried<<2)
}

func (c census) has(kinds census) bool { return c&kinds != 0 }

// mayConflict reports whether V5 may have something to say.
func (c census) mayConflict() bool { return c.has(presence) && c.has(listener) }

// maySupersede reports whether V4 may have something to say.
func (c census) maySupersede() bool {
	return c.has(anywhere) && c.has(onCarried|onWhatever) || c.has(onCarried) && c.has(onWhatever)
}

// few is up to how many bindings comparing all pairs beats hashing.
const few = 16

// fewKeys are the keys of a small set.
type fewKeys struct {
	n           int
	of, carrier [few]key
	equal       [few]uint8 // the first with the same key, perhaps itself
}

// fastFew compares all pairs.
func fastFew(res *Result, in *Input) bool {
	var keys fewKeys
	var ids [few]uint64
	var kinds census
	set := in.Bindings
	keys.n = len(set)
	for i := range set {
		b := &set[i]
		at, ok := in.Inventory.Locate(&b.Target)
		if !ok {
			return false
		}
		keys.of[i], keys.carrier[i] = keyOf(at), carrierKey(at)
		ids[i] = binary.LittleEndian.Uint64(b.ID[8:])
		kinds.note(at)
	}
	duplicates := false
	for i := range set {
		k, id := keys.of[i], ids[i]
		keys.equal[i] = uint8(i)
		for j := range i {
			if keys.of[j] == k {
				keys.equal[i], duplicates = keys.equal[j], true
			} else if ids[j] == id && set[i].ID == set[j].ID && set[i].ID != uuid.Nil {
				return false // V1: one ID, two targets
			}
		}
	}
	if kinds.mayConflict() && keys.conflict() {
		return false // V5
	}
	if kinds.maySupersede() {
		keys.precede(res, set)
		return true
	}
	if !duplicates {
		res.Bindings = set
		return true
	}
	keep := res.sieve(set, len(set))
	for i := range set {
		if first := int(keys.equal[i]); first != i {
			keep.drop(i, first, Duplicate)
		}
	}
	keep.rest(res)
	return true
}

// conflict reports whether a presence and a listener share a place.
func (f *fewKeys) conflict() bool {
	for i := 1; i < f.n; i++ {
		for j := range i {
			if f.of[i].listens() != f.of[j].listens() && f.overlap(i, j) {
				return true
			}
		}
	}
	return false
}

// overlap reports whether a presence and a listener, or the other way round,
// share a place.
func (f *fewKeys) overlap(i, j int) bool {
	a, b := f.of[i], f.of[j]
	return a.place() == b.place() || a.isEverywhere() || b.isEverywhere() ||
		f.carrier[i] != noKey && f.carrier[i].place() == b.place() ||
		f.carrier[j] != noKey && f.carrier[j].place() == a.place()
}

// precede answers for a set in which listeners may supersede others.
func (f *fewKeys) precede(res *Result, set []binding.Binding) {
	var wide [few]uint8 // the listeners that may cover another, first of their kind
	n := 0
	for i := range f.n {
		if int(f.equal[i]) == i && f.of[i].listens() && f.carrier[i] == noKey {
			wide[n] = uint8(i)
			n++
		}
	}
	keep := res.sieve(set, len(set))
	for i := range f.n {
		by, reason := int(f.equal[i]), Duplicate
		if k := f.of[i]; k.listens() && !k.isEverywhere() {
			for _, w := range wide[:n] {
				if f.of[w] == k.everywhere() {
					by, reason = int(w), Superseded
					break // the widest is kept
				}
				if f.of[w] == f.carrier[i] {
					by, reason = int(w), Superseded
				}
			}
		}
		if by != i {
			keep.drop(i, by, reason)
		}
	}
	keep.rest(res)
}
