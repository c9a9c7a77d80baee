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
