package binding

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// Words is an ID as two machine words, for the index structures of this module
// and of others: an array, such as a uuid.UUID is, goes through memory every time
// it is passed on. Words order as the IDs do. The zero Words is the nil ID.
type Words struct{ High, Low uint64 }

// WordsOf returns an ID as Words.
func WordsOf(id uuid.UUID) Words {
	return Words{High: binary.BigEndian.Uint64(id[:8]), Low: binary.BigEndian.Uint64(id[8:])}
}

// Words takes the target apart without copying it: its port (zero for a
// presence), the interface or IP address (zero for none), and what they are.
func (t *Target) Words() (port, place Words, kind Kind, scope ScopeKind) {
	return WordsOf(t.port), WordsOf(t.scope.place), t.kind, t.scope.kind
}

// ID returns the ID that the words are of.
func (w Words) ID() uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], w.High)
	binary.BigEndian.PutUint64(id[8:], w.Low)
	return id
}
