package input

import (
	"math/rand/v2"

	"github.com/google/uuid"

	"github.com/bindset/bindset/internal/words"
)

// IDs is a way to choose IDs.
type IDs int

// All but the first collide in some hash table that people write.
const (
	Random     IDs = iota
	Sequential     // 1, 2, 3: for a hash that takes some bytes of the ID
	FewBits        // differ in the two highest bits of each byte: for a hash that multiplies and takes low bits
	ZeroHigh       // the first 8 bytes are zero: for a product of the halves, which is zero
	SameLow        // the last 8 bytes are the same: for a hash, or a comparison, of one half
	Folded         // the halves differ by a constant: for a hash of one half xor the other
)

// String returns the name of the way in benchmarks.
func (w IDs) String() string {
	return [...]string{"random", "sequential", "fewbits", "zerohigh", "samelow", "folded"}[w]
}

// generator returns a function that returns IDs unlike each other, none nil.
func (w IDs) generator() func() uuid.UUID {
	random := rand.NewChaCha8([32]byte{1})
	const some = 0x243f6a8885a308d3
	count := uint64(0)
	return func() uuid.UUID {
		count++
		switch w {
		case Sequential:
			return words.ID{Low: count}.UUID()
		case FewBits:
			return words.ID{High: spread(count >> 16), Low: spread(count)}.UUID()
		case ZeroHigh:
			return words.ID{Low: random.Uint64()}.UUID()
		case SameLow:
			return words.ID{High: random.Uint64(), Low: some}.UUID()
		case Folded:
			half := random.Uint64()
			return words.ID{High: half, Low: half ^ some}.UUID()
		default:
			return words.ID{High: random.Uint64(), Low: random.Uint64()}.UUID()
		}
	}
}

// spread puts the lowest 16 bits into the two highest bits of each byte.
func spread(bits uint64) (spread uint64) {
	for i := range 8 {
		spread |= (bits >> (2 * i) & 3) << (8*i + 6)
	}
	return spread
}
