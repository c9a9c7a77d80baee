package sorted

import "slices"

// nodeSize is how many keys or branches a node has at most.
const nodeSize = 16

func (s *Set[K]) asBranch() branch[K] {
	if s.branches != nil {
		return branch[K]{s.branches[0].least, *s}
	}
	return branch[K]{s.keys[0], *s}
}

// seek returns where a key is in a leaf, or would be, and whether it is there.
func (s *Set[K]) seek(key K) (at int, ok bool) {
	low, high := 0, len(s.keys)
	for low < high {
		middle := (low + high) / 2
		switch order := s.keys[middle].Compare(key); {
		case order == 0:
			return middle, true
		case order < 0:
			low = middle + 1
		default:
			high = middle
		}
	}
	return low, false
}

// branch returns which branch of an inner node a key is below, or would be.
func (s *Set[K]) branch(key K) int {
	low, high := 0, len(s.branches)-1
	for low < high {
		if middle := (low + high + 1) / 2; s.branches[middle].least.Compare(key) <= 0 {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// with returns the node with a key, or the two that it is split into.
func (s *Set[K]) with(key K) (low, high Set[K]) {
	if s.branches == nil {
		at, has := s.seek(key)
		if has {
			return *s, high
		}
		keys := inserted(s.keys, at, key)
		if len(keys) <= nodeSize {
			return Set[K]{keys: keys}, high
		}
		return Set[K]{keys: slices.Clone(keys[:nodeSize/2])}, Set[K]{keys: slices.Clone(keys[nodeSize/2:])}
	}
	at := s.branch(key)
	low, high = s.branches[at].below.with(key)
	if high.IsEmpty() {
		return s.replace(at, &low), high
	}
	branches := inserted(s.branches, at+1, high.asBranch())
	branches[at] = low.asBranch()
	if len(branches) <= nodeSize {
		return Set[K]{branches: branches}, Set[K]{}
	}
	return Set[K]{branches: slices.Clone(branches[:nodeSize/2])}, Set[K]{branches: slices.Clone(branches[nodeSize/2:])}
}

// replace returns the inner node with another node below one of its branches.
func (s *Set[K]) replace(at int, below *Set[K]) Set[K] {
	branches := slices.Clone(s.branches)
	branches[at] = below.asBranch()
	return Set[K]{branches: branches}
}

// without returns the node without a key, and whether it had it.
func (s *Set[K]) without(key K) (_ Set[K], had bool) {
	if s.branches == nil {
		at, has := s.seek(key)
		if !has {
			return *s, false
		}
		return Set[K]{keys: removed(s.keys, at)}, true
	}
	at := s.branch(key)
	below, had := s.branches[at].below.without(key)
	switch {
	case !had:
		return *s, false
	case !below.IsEmpty():
		return s.replace(at, &below), true
	case len(s.branches) == 2:
		return s.branches[1-at].below, true
	}
	return Set[K]{branches: removed(s.branches, at)}, true
}

// all yields all keys, in order, until yield returns false; then it does so too.
func (s *Set[K]) all(yield func(K) bool) bool {
	for _, key := range s.keys {
		if !yield(key) {
			return false
		}
	}
	for i := range s.branches {
		if !s.branches[i].below.all(yield) {
			return false
		}
	}
	return true
}

// from yields the keys that do not come before start as all does.
func (s *Set[K]) from(start K, yield func(K) bool) bool {
	if s.branches == nil {
		at, _ := s.seek(start)
		return (&Set[K]{keys: s.keys[at:]}).all(yield)
	}
	at := s.branch(start)
	return s.branches[at].below.from(start, yield) && (&Set[K]{branches: s.branches[at+1:]}).all(yield)
}

// inserted returns a copy of s with an element more.
func inserted[E any](s []E, at int, e E) []E {
	c := make([]E, len(s)+1)
	copy(c, s[:at])
	c[at] = e
	copy(c[at+1:], s[at:])
	return c
}

// removed returns a copy of s with an element less.
func removed[E any](s []E, at int) []E {
	c := make([]E, len(s)-1)
	copy(c, s[:at])
	copy(c[at:], s[at+1:])
	return c
}
