package boltstore

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"net/netip"

	"github.com/google/uuid"
)

// A table is a bucket of the file. Its number is its place in tableNames.
type table int

// The tables: four of records, and five that index them. Keys are made of
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
	scans                  // host: record of the latest scan, if there is one
	evidence               // network, address or MAC, host: nothing

	tableCount
	tablesOfFormat1 = scans // those before it
)

// tableNames are in the file.
var tableNames = [tableCount]string{
	"hosts", "networks", "services", "positions", "bindings", "owners", "listeners", "scans", "evidence",
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

// evidenceOf returns the keys, but for the network and the host, under which hosts
// with addresses or MACs stand in the table of evidence. An address is its own key.
// Any text can be a MAC, so its key is a hash, which others may have too.
func evidenceOf(addrs []netip.Addr, macs []string) []uuid.UUID {
	keys := make([]uuid.UUID, 0, len(addrs)+len(macs))
	for _, a := range addrs {
		keys = append(keys, a.As16())
	}
	for _, m := range macs {
		sum := sha256.Sum256([]byte(m))
		keys = append(keys, uuid.UUID(sum[:idSize]))
	}
	return keys
}
