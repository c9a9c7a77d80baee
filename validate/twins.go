package validate

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// twins finds bindings that have one ID. IDs differ nearly always, so most are
// only hashed to a bit each: those whose bit no other has are done with. The hash
// is keyed with a secret of this run; if that leaked, and all IDs had one bit, the
// work would be that of sorting them.
// Invariant: between calls only seed and hashes mean something, and these from
// reset to the call of find.
type twins struct {
	seed     [2]uint64
	hashes   []uint64 // of the IDs by binding, not 0; 0 for the nil ID
	bits     []uint64
	shift    int // what is left of a hash when it is shifted by this is a bit
	again    []uint64
	suspects []suspect
}

// suspect is a binding whose ID another binding may have.
type suspect struct {
	hash    uint64
	binding int32
}

// reset makes room for the hashes of n bindings, which the caller fills in.
func (t *twins) reset(n int, random func() uint64) {
	t.seed = [2]uint64{random(), random()}
	t.hashes = sized(t.hashes, n)
	if room := n/4 + 16; cap(t.suspects) < room {
		t.again, t.suspects = make([]uint64, 0, room), make([]suspect, 0, room)
	}
}

func (t *twins) hash(id *uuid.UUID) uint64 {
	w := binding.WordsOf(*id)
	if w == (binding.Words{}) {
		return 0
	}
	return fold(w.High^t.seed[0], w.Low^t.seed[1]) | 1
}

// find returns bindings in such an order that those with one ID are beside each
// other; not among them are those whose ID no other binding has, but for a few.
func (t *twins) find(set []binding.Binding) []suspect {
	t.suspects = t.suspects[:0]
	t.clear(16 * len(set))
	t.again = t.again[:0]
	for _, h := range t.hashes {
		if h != 0 && t.seen(h) {
			t.again = append(t.again, h)
		}
	}
	if len(t.again) == 0 {
		return nil
	}
	clear(t.bits)
	for _, h := range t.again {
		t.seen(h)
	}
	for i, h := range t.hashes {
		if bit := h >> t.shift; h != 0 && t.bits[bit/64]>>(bit%64)&1 != 0 {
			t.suspects = append(t.suspects, suspect{h, int32(i)})
		}
	}
	slices.SortFunc(t.suspects, func(a, b suspect) int {
		if a.hash != b.hash {
			return cmp.Compare(a.hash, b.hash)
		}
		return bytes.Compare(set[a.binding].ID[:], set[b.binding].ID[:])
	})
	return t.suspects
}

// clear makes room for n bits or more, none of them set.
func (t *twins) clear(n int) {
	log := max(bits.Len(uint(n-1)), 6)
	t.bits, t.shift = sized(t.bits, 1<<(log-6)), 64-log
	clear(t.bits)
}

// seen sets the bit of a hash, and reports whether it was.
func (t *twins) seen(h uint64) bool {
	bit := h >> t.shift
	word := &t.bits[bit/64]
	before := *word
	*word = before | 1<<(bit%64)
	return before>>(bit%64)&1 != 0
}
