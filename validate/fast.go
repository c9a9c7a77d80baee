package validate

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// The fast path of Set. It answers the common inputs, those in which no rule is
// broken and nothing is rewritten or claimed, exactly as the rule functions in
// rules.go do, and leaves all others to them. TestFastPathAgreesWithTheRules is
// what allows it to exist.
//
// It reads each binding once, replaces its target by a key of 8 bytes (what the
// target names, as positions on the host) and works on those.

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
		res.scratch = &scratch{}
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

// few is up to how many bindings comparing all pairs beats hashing.
const few = 16

// census counts the bindings of a set by what they name. Most rules have nothing
// to say to most sets: a listener is superseded only where a wider one is, a
// conflict takes a presence and a listener.
type census struct {
	presences  int
	everywhere int // listeners on all interfaces
	carried    int // listeners on an IP address that an interface carries
	others     int // listeners on an interface, or on any other IP address
}

func (c *census) count(k, carrier key) {
	switch {
	case !k.listens():
		c.presences++
	case k.isEverywhere():
		c.everywhere++
	case carrier != noKey:
		c.carried++
	default:
		c.others++
	}
}

// mayConflict reports whether V5 may have something to say.
func (c *census) mayConflict() bool {
	return c.presences > 0 && c.everywhere+c.carried+c.others > 0
}

// maySupersede reports whether V4 may have something to say.
func (c *census) maySupersede() bool {
	return c.everywhere > 0 && c.carried+c.others > 0 || c.carried > 0 && c.others > 0
}

// fewKeys are the keys of a small set.
type fewKeys struct {
	of, carrier [few]key
	n           int
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
		kinds.count(keys.of[i], keys.carrier[i])
	}
	duplicates := false
	for i := 1; i < len(set); i++ {
		k, id := keys.of[i], ids[i]
		for j := range i {
			if keys.of[j] == k {
				duplicates = true
			} else if ids[j] == id && set[i].ID == set[j].ID && set[i].ID != uuid.Nil {
				return false // V1: one ID, two targets
			}
		}
	}
	if kinds.mayConflict() && keys.conflict() {
		return false // V5
	}
	if !duplicates && !(kinds.maySupersede() && keys.supersede()) {
		res.Bindings = set
		return true
	}
	var fates [few]fate
	for i := range set {
		fates[i] = keys.fate(i)
	}
	res.keep(set, fates[:len(set)])
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

// supersede reports whether a listener covers another.
func (f *fewKeys) supersede() bool {
	for i := range f.n {
		for j := range i {
			if f.supersedes(i, j) || f.supersedes(j, i) {
				return true
			}
		}
	}
	return false
}

// supersedes reports whether binding i is a listener that strictly covers
// listener j on the same port.
func (f *fewKeys) supersedes(i, j int) bool {
	return f.of[j].listens() && f.of[i] != f.of[j] && (f.of[i] == f.of[j].everywhere() || f.of[i] == f.carrier[j])
}

// fate finds what binding i is dropped for: the first kept binding that equals
// it, or else the one that covers it.
func (f *fewKeys) fate(i int) fate {
	wide, equal := i, i
	for j := range f.n {
		if f.of[j] == f.of[i] && equal == i && j < i {
			equal = j
		}
		// The widest is kept, and nothing covers everywhere; the first of its
		// duplicates stays.
		if f.supersedes(j, i) && (wide == i || f.of[j] != f.of[wide] && f.of[j].isEverywhere()) {
			wide = j
		}
	}
	switch {
	case wide != i:
		return fate{by: int32(wide), reason: Superseded}
	case equal != i:
		return fate{by: int32(equal), reason: Duplicate}
	default:
		return fate{}
	}
}

// keep writes a set without the bindings that fates drops.
func (r *Result) keep(set []binding.Binding, fates []fate) {
	kept := r.buffer[:0]
	if cap(kept) == 0 || aliases(kept, set) {
		n := 0
		for i := range fates {
			if fates[i].reason == 0 {
				n++
			}
		}
		kept = make([]binding.Binding, 0, n)
	}
	for i := range set {
		if f := fates[i]; f.reason != 0 {
			r.Dropped = append(r.Dropped, Drop{Index: i, By: int(f.by), Reason: f.reason})
		} else {
			kept = append(kept, set[i])
		}
	}
	r.Bindings, r.buffer = kept, kept
}

// aliases reports whether the input is a part of what an earlier call left in
// buffer: to write there would change the input while it is read.
func aliases(buffer, set []binding.Binding) bool {
	buffer = buffer[:cap(buffer)]
	for i := range buffer {
		if len(set) > 0 && &buffer[i] == &set[0] {
			return true
		}
	}
	return false
}

// scratch is the memory that fastMany works in, kept from call to call.
// Invariant: between calls nothing in it means anything.
type scratch struct {
	keys, carriers []key
	fates          []fate
	byKey, byID    table
	present        []uint64 // bits by place: a presence is there, or for an interface at an address it carries
	presentAt      []uint64 // bits by place: a presence is at exactly that place
}

// fastMany finds duplicates with hash tables.
func (s *scratch) fastMany(res *Result, in *Input) bool {
	set := in.Bindings
	s.keys, s.carriers = sized(s.keys, len(set)), sized(s.carriers, len(set))
	s.fates = sized(s.fates, len(set))
	s.byKey.clear(len(set))
	s.byID.clear(len(set))
	var kinds census
	drops := false
	for i := range set {
		b := &set[i]
		at, ok := in.Inventory.Locate(&b.Target)
		if !ok {
			return false
		}
		k := keyOf(at)
		s.keys[i], s.carriers[i] = k, carrierKey(at)
		s.fates[i] = fate{}
		kinds.count(k, s.carriers[i])
		if first, seen := s.byKey.add(s.byKey.hash(uint64(k), 0), i, func(j int) bool { return s.keys[j] == k }); seen {
			s.fates[i] = fate{by: int32(first), reason: Duplicate}
			drops = true
		}
		if b.ID == uuid.Nil {
			continue
		}
		low, high := binary.LittleEndian.Uint64(b.ID[:8]), binary.LittleEndian.Uint64(b.ID[8:])
		if first, seen := s.byID.add(s.byID.hash(low, high), i, func(j int) bool { return set[j].ID == b.ID }); seen && s.keys[first] != k {
			return false // V1: one ID, two targets
		}
	}
	if s.byKey.slow() || s.byID.slow() {
		return false
	}
	if kinds.mayConflict() && (kinds.everywhere > 0 || s.mayConflict(in.Inventory.Places())) {
		return false // V5
	}
	if kinds.maySupersede() {
		drops = s.precedence() || drops
		if s.byKey.slow() {
			return false
		}
	}
	if !drops {
		res.Bindings = set
		return true
	}
	res.keep(set, s.fates)
	return true
}

// precedence is V4 on keys. It reports whether it dropped anything.
func (s *scratch) precedence() (drops bool) {
	for i, k := range s.keys {
		if !k.listens() || k.isEverywhere() || s.fates[i].reason != 0 {
			continue
		}
		wide, ok := s.find(k.everywhere())
		if !ok && s.carriers[i] != noKey {
			wide, ok = s.find(s.carriers[i])
		}
		if ok {
			s.fates[i] = fate{by: int32(wide), reason: Superseded}
			drops = true
		}
	}
	for i := range s.fates {
		if f := &s.fates[i]; f.reason == Duplicate && s.fates[f.by].reason == Superseded {
			*f = s.fates[f.by]
		}
	}
	return drops
}

func (s *scratch) find(k key) (int, bool) {
	return s.byKey.find(s.byKey.hash(uint64(k), 0), func(j int) bool { return s.keys[j] == k })
}

// mayConflict is V5 on keys, where no listener is everywhere. It also reports
// true where the host has so many more places than the set has bindings that
// looking would not be linear in the set.
func (s *scratch) mayConflict(places int) bool {
	words := (places-int(host.Anywhere))/64 + 1
	if words > 64*len(s.keys) {
		return true
	}
	s.present, s.presentAt = sized(s.present, words), sized(s.presentAt, words)
	clear(s.present)
	clear(s.presentAt)
	for i, k := range s.keys {
		if k.listens() {
			continue
		}
		setBit(s.present, k.place())
		setBit(s.presentAt, k.place())
		if c := s.carriers[i]; c != noKey {
			setBit(s.present, c.place())
		}
	}
	for i, k := range s.keys {
		if !k.listens() {
			continue
		}
		if c := s.carriers[i]; hasBit(s.present, k.place()) || c != noKey && hasBit(s.presentAt, c.place()) {
			return true
		}
	}
	return false
}

func setBit(bits []uint64, i uint32)      { bits[i/64] |= 1 << (i % 64) }
func hasBit(bits []uint64, i uint32) bool { return bits[i/64]&(1<<(i%64)) != 0 }

// sized returns a slice of length n, in the memory of s where that is enough.
// Its elements mean nothing.
func sized[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

// table is an open-addressed hash table of numbers, at most half full: 32 bits
// of the hash and the number + 1 in a slot of 8 bytes. The hash is keyed with a
// secret of this run. The inputs may be hostile, and even the secret may leak:
// what takes more probes than chance would is not finished but given up, so that
// the work stays linear.
type table struct {
	slots  []uint64
	seed   [2]uint64
	probes int // left
}

// clear empties the table for n numbers.
func (t *table) clear(n int) {
	t.slots = sized(t.slots, 2<<bits.Len(uint(n-1)))
	clear(t.slots)
	t.seed = [2]uint64{rand.Uint64(), rand.Uint64()}
	t.probes = 16*n + 1024
}

// hash mixes twice: the keys of a host differ in few bits, which one
// multiplication by a secret leaves together for one secret in thirty.
func (t *table) hash(low, high uint64) uint64 {
	h, l := bits.Mul64(low^t.seed[0], high^t.seed[1])
	h ^= l
	h = (h ^ h>>32) * 0x9e3779b97f4a7c15 // 2^64 by the golden ratio
	return h ^ h>>32
}

// slow reports that the table was given up: what it answered since is void.
func (t *table) slow() bool { return t.probes < 0 }

// add adds number i, unless an equal one is there: then it returns that.
func (t *table) add(hash uint64, i int, equal func(j int) bool) (first int, seen bool) {
	mask := uint64(len(t.slots) - 1)
	tag := hash &^ (1<<32 - 1)
	for at := hash & mask; t.probes >= 0; at = (at + 1) & mask {
		s := t.slots[at]
		if s == 0 {
			t.slots[at] = tag | uint64(i+1)
			return 0, false
		}
		if s&^(1<<32-1) == tag && equal(int(uint32(s)-1)) {
			return int(uint32(s) - 1), true
		}
		t.probes--
	}
	return 0, false
}

// find returns the number that is equal.
func (t *table) find(hash uint64, equal func(j int) bool) (int, bool) {
	mask := uint64(len(t.slots) - 1)
	tag := hash &^ (1<<32 - 1)
	for at := hash & mask; t.probes >= 0; at = (at + 1) & mask {
		s := t.slots[at]
		if s == 0 {
			return 0, false
		}
		if s&^(1<<32-1) == tag && equal(int(uint32(s)-1)) {
			return int(uint32(s) - 1), true
		}
		t.probes--
	}
	return 0, false
}
