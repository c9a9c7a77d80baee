// Package limit has less work than any checker of sets can do: it looks at every
// binding once, and decides nothing.
package limit

import (
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/words"
)

// Insert puts the key of each binding, its target, into a new map made for as
// many, and returns how many there are.
func Insert(set []binding.Binding) uint64 {
	keys := make(map[binding.Target]struct{}, len(set))
	for i := range set {
		keys[set[i].Target] = struct{}{}
	}
	return uint64(len(keys))
}

// Pass reads the bytes of each binding that the rules read, its target and ID,
// once, and returns them folded into a word.
func Pass(set []binding.Binding) uint64 {
	var all uint64
	for i := range set {
		port, place, kind, scope := set[i].Target.Words()
		id := words.Of(set[i].ID)
		all ^= port.High ^ port.Low ^ place.High ^ place.Low ^ id.High ^ id.Low ^ uint64(kind)<<32 ^ uint64(scope)
	}
	return all
}
