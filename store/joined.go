package store

// A Joined store takes part in a larger transaction, which somebody else commits
// later or never. A Manager on such a store tells neither its observers nor its
// log of what it did: who commits can, with the Changes that the use cases
// returned.
type Joined interface {
	Store

	// Joined does nothing: it marks the store.
	Joined()
}

// IsJoined reports whether a store is [Joined], or wraps one that is: a store that
// wraps another one (to count, cache or trace what is done with it) has a method
// Unwrap that returns it.
func IsJoined(s Store) bool {
	for s != nil {
		if _, ok := s.(Joined); ok {
			return true
		}
		wrapper, ok := s.(interface{ Unwrap() Store })
		if !ok {
			return false
		}
		s = wrapper.Unwrap()
	}
	return false
}
