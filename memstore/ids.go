package memstore

import (
	"bytes"
	"cmp"
	"encoding/binary"

	"github.com/google/uuid"
)

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// An orderedID is a uuid.UUID as two words, in the same order: sets compare IDs
// often.
type orderedID struct{ high, low uint64 }

func ordered(id uuid.UUID) orderedID {
	return orderedID{binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])}
}

func (o orderedID) uuid() (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], o.high)
	binary.BigEndian.PutUint64(id[8:], o.low)
	return id
}

// Compare makes an orderedID a sorted.Key.
func (o orderedID) Compare(other orderedID) int {
	if o.high != other.high {
		return cmp.Compare(o.high, other.high)
	}
	return cmp.Compare(o.low, other.low)
}
