// Package words holds IDs as numbers, for what compares and hashes them: the
// compiler keeps numbers in registers, and arrays such as uuid.UUID in memory.
package words

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// An ID is a uuid.UUID as two numbers, which order as IDs do. The zero ID is the
// nil one.
type ID struct{ High, Low uint64 }

// Of returns an ID as two numbers.
func Of(id uuid.UUID) ID {
	return ID{High: binary.BigEndian.Uint64(id[:8]), Low: binary.BigEndian.Uint64(id[8:])}
}

// UUID returns the ID that the numbers are of.
func (w ID) UUID() uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], w.High)
	binary.BigEndian.PutUint64(id[8:], w.Low)
	return id
}
