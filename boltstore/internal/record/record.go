package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/google/uuid"
)

// The versions of the records: this package reads all of them, and writes the last.
const (
	firstVersion = 1
	version      = 2
)

// checksumSize is the length of the checksum at the end of a record.
const checksumSize = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum covers the key of a record and all of it but the checksum itself.
func checksum(body []byte, key ...uuid.UUID) uint32 {
	var sum uint32
	for i := range key {
		sum = crc32.Update(sum, castagnoli, key[i][:])
	}
	return crc32.Update(sum, castagnoli, body)
}

// seal puts the checksum behind the body of a record.
func seal(body []byte, key ...uuid.UUID) []byte {
	return binary.BigEndian.AppendUint32(body, checksum(body, key...))
}

// open returns a decoder of the fields of a record, if its checksum and version
// are right. The fields share the record's memory.
func open(record []byte, key ...uuid.UUID) decoder {
	end := len(record) - checksumSize
	if end < 1 {
		return decoder{err: errShort}
	}
	if binary.BigEndian.Uint32(record[end:]) != checksum(record[:end], key...) {
		return decoder{err: errors.New("its checksum is wrong")}
	}
	if v := record[0]; v < firstVersion || v > version {
		return decoder{err: fmt.Errorf("its version is %d; this program knows versions %d to %d", v, firstVersion, version)}
	}
	return decoder{rest: record[1:end], version: record[0]}
}

func corrupt(what string, id uuid.UUID, err error) error {
	return fmt.Errorf("the record of %s %s is corrupt: %w", what, id, err)
}
