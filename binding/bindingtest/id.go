package bindingtest

import (
	"encoding/binary"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// ID generates any ID but the nil one.
func ID() *rapid.Generator[uuid.UUID] {
	return rapid.Custom(func(t *rapid.T) uuid.UUID {
		var id uuid.UUID
		binary.BigEndian.PutUint64(id[:8], rapid.Uint64().Draw(t, "high half"))
		binary.BigEndian.PutUint64(id[8:], rapid.Uint64().Draw(t, "low half"))
		if id == uuid.Nil {
			id[15] = 1
		}
		return id
	})
}

// OptionalID generates the nil ID, and any other one, about equally often.
func OptionalID() *rapid.Generator[uuid.UUID] {
	return rapid.OneOf(rapid.Just(uuid.Nil), ID())
}

// IDs returns n fixed IDs, distinct from each other and from those of every
// other series: draw from them with rapid.SampledFrom, or name them in tables.
// The third one of series 7 is 00000007-0000-4000-8000-000000000003.
func IDs(series uint32, n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		binary.BigEndian.PutUint32(ids[i][:4], series)
		binary.BigEndian.PutUint64(ids[i][8:], uint64(i)+1)
		ids[i][6], ids[i][8] = 0x40, 0x80
	}
	return ids
}
