package boltstore

import (
	"encoding/binary"
	"math"

	"github.com/google/uuid"
)

// A table is a bucket of the file. Its number is its place in tableNames.
type table int

// The tables: three of records, and four that index them. Keys are made of
// IDs, and order as they do, byte by byte. Positions stand in them so that the
// highest comes first: a cursor of bbolt only goes forward safely, backward it can
// hang on pages that the transaction has emptied.
const (
	hosts     table = iota // host: record
	networks               // network, host: nothing
	services               // service: record
	positions              // host, position (descending), service: nothing
	bindings               // service, binding: record
	owners                 // binding: service
	listeners              // host, port, binding: service

	tableCount
)

// tableNames are in the file.
var tableNames = [tableCount]string{
	"hosts", "networks", "services", "positions", "bindings", "owners", "listeners",
}

const idSize = len(uuid.Nil)

// key returns the key, or the start of the keys, that the IDs make.
func key(ids ...uuid.UUID) []byte {
	k := make([]byte, 0, len(ids)*idSize)
	for i := range ids {
		k = append(k, ids[i][:]...)
	}
	return k
}

// idAt returns the n-th ID of a key that is made of IDs.
func idAt(k []byte, n int) uuid.UUID { return uuid.UUID(k[n*idSize:]) }

func positionKey(hostID uuid.UUID, position int32, serviceID uuid.UUID) []byte {
	k := append(make([]byte, 0, 2*idSize+4), hostID[:]...)
	k = binary.BigEndian.AppendUint32(k, descending(position))
	return append(k, serviceID[:]...)
}

// positionOf and serviceOf take a key of positionKey apart.
func positionOf(k []byte) int32    { return int32(descending(int32(binary.BigEndian.Uint32(k[idSize:])))) }
func serviceOf(k []byte) uuid.UUID { return uuid.UUID(k[idSize+4:]) }

// descending maps positions to numbers that order the other way round, and those
// back.
func descending(position int32) uint32 { return uint32(position) ^ math.MaxInt32 }
