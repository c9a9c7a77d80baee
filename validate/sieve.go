package validate

import (
	"slices"

	"github.com/bindset/bindset/binding"
)

// sieve writes a Result in which bindings are dropped: in one pass over the set,
// what is kept in runs as long as they come. Invariant: everything before next is
// in kept or dropped; where nothing was dropped yet, writing is false.
type sieve struct {
	set     []binding.Binding
	most    int // will be kept
	next    int
	writing bool
	kept    []binding.Binding
	dropped []Drop
}

// sieve returns a sieve for a set of which most bindings are kept at most. It
// writes into the memory of the Result.
func (r *Result) sieve(set []binding.Binding, most int) sieve {
	return sieve{set: set, most: most, kept: r.buffer, dropped: r.Dropped}
}

// drop drops binding i, which comes behind all dropped before.
func (s *sieve) drop(i, by int, reason Reason) {
	if !s.writing {
		s.begin()
	}
	s.kept = append(s.kept, s.set[s.next:i]...)
	s.dropped = append(s.dropped, Drop{Index: i, By: by, Reason: reason})
	s.next = i + 1
}

// rest keeps what is left, and puts all into the Result. Where nothing was
// dropped that is the set itself.
func (s *sieve) rest(r *Result) {
	if !s.writing {
		r.Bindings = s.set
		return
	}
	s.kept = append(s.kept, s.set[s.next:]...)
	r.Bindings, r.buffer, r.Dropped = s.kept, s.kept, s.dropped
}

// begin finds the memory to write to: that of an earlier Result, or new one, for
// a small set in one piece.
func (s *sieve) begin() {
	s.writing = true
	n := len(s.set)
	switch fresh := cap(s.dropped) == 0; {
	case cap(s.kept) > 0 && !aliases(s.kept, s.set):
		s.kept = s.kept[:0]
	case n <= 4 && fresh:
		room := new(struct {
			kept    [3]binding.Binding
			dropped [3]Drop
		})
		s.kept, s.dropped = room.kept[:0], room.dropped[:0]
	case n <= few && fresh:
		room := new(struct {
			kept    [few - 1]binding.Binding
			dropped [few - 1]Drop
		})
		s.kept, s.dropped = room.kept[:0], room.dropped[:0]
	default:
		s.kept = make([]binding.Binding, 0, s.most)
		s.dropped = slices.Grow(s.dropped, n-s.most)
	}
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
