package sorted

import "iter"

// A Key orders a [Set]. Compare returns a negative number if the key comes before
// the other one, a positive number if it comes after it, and 0 if they are the
// same.
type Key[K any] interface{ Compare(other K) int }

// A Set is an ordered set that never changes. With and Without return another set,
// in time and memory that grow with the logarithm of how many keys there are. The
// zero Set is empty. Safe for concurrent use.
//
// A Set is a node of a B+ tree, which shares all nodes but those on the path to a
// key with the sets that it is made from. Nodes may have few keys; one that has
// none is removed.
type Set[K Key[K]] struct {
	keys     []K         // ascending; none in an inner node
	branches []branch[K] // ascending; none in a leaf
}

type branch[K Key[K]] struct {
	least K // of the keys below
	below Set[K]
}

// IsEmpty reports whether the set has no keys.
func (s Set[K]) IsEmpty() bool { return len(s.keys)+len(s.branches) == 0 }

// Len returns how many keys the set has. It takes time in the number of nodes.
func (s Set[K]) Len() int {
	n := len(s.keys)
	for i := range s.branches {
		n += s.branches[i].below.Len()
	}
	return n
}

// Last returns the greatest key, and whether there is one.
func (s Set[K]) Last() (last K, ok bool) {
	for s.branches != nil {
		s = s.branches[len(s.branches)-1].below
	}
	if len(s.keys) == 0 {
		return last, false
	}
	return s.keys[len(s.keys)-1], true
}

// All yields all keys in order.
func (s Set[K]) All() iter.Seq[K] { return func(yield func(K) bool) { s.all(yield) } }

// From yields the keys that do not come before start, in order.
func (s Set[K]) From(start K) iter.Seq[K] {
	return func(yield func(K) bool) { s.from(start, yield) }
}

// With returns the set with a key.
func (s Set[K]) With(key K) Set[K] {
	low, high := s.with(key)
	if high.IsEmpty() {
		return low
	}
	return Set[K]{branches: []branch[K]{low.asBranch(), high.asBranch()}}
}

// Without returns the set without a key.
func (s Set[K]) Without(key K) Set[K] {
	s, _ = s.without(key)
	return s
}
