package validate

import "math/bits"

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
func (t *table) clear(n int, random func() uint64) {
	t.slots = sized(t.slots, 2<<bits.Len(uint(n-1)))
	clear(t.slots)
	t.seed = [2]uint64{random(), random()}
	t.probes = 16*n + 1024
}

// hash mixes twice: the keys of a host differ in few bits, which one
// multiplication by a secret leaves together for one secret in thirty.
func (t *table) hash(k key) uint64 {
	h := fold(uint64(k)^t.seed[0], t.seed[1])
	h = (h ^ h>>32) * 0x9e3779b97f4a7c15 // 2^64 by the golden ratio
	return h ^ h>>32
}

// fold returns the two halves of a product, one upon the other.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// slow reports that the table was given up: what it answered since is void.
func (t *table) slow() bool { return t.probes < 0 }

// add adds number i, which has a key, unless one with that key is there.
func (t *table) add(k key, i int, keys []key) (added bool) {
	at, found := t.seek(k, keys)
	if found || t.slow() {
		return false
	}
	t.slots[at] = t.hash(k)&^(1<<32-1) | uint64(i+1)
	return true
}

// find returns the number that was added with a key.
func (t *table) find(k key, keys []key) (int, bool) {
	at, found := t.seek(k, keys)
	return int(uint32(t.slots[at]) - 1), found
}

// seek returns the slot of the number with a key, or the empty one where it would
// be. What the keys of the numbers are, keys says.
func (t *table) seek(k key, keys []key) (at uint64, found bool) {
	hash, mask := t.hash(k), uint64(len(t.slots)-1)
	tag := hash &^ (1<<32 - 1)
	for at = hash & mask; t.probes >= 0; at = (at + 1) & mask {
		s := t.slots[at]
		if s == 0 {
			return at, false
		}
		if s&^(1<<32-1) == tag && keys[uint32(s)-1] == k {
			return at, true
		}
		t.probes--
	}
	return 0, false
}
