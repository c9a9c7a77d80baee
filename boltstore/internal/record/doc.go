// Package record turns hosts, services, bindings and scans into the bytes that boltstore
// keeps, and back.
//
// A record is
//
//	version   1 byte: 2 in what this package writes, 1 in what its first version wrote
//	fields    in a fixed order, see host.go, service.go, binding.go and sightings.go
//	checksum  4 bytes, big-endian: CRC-32C of the record's key and all before
//
// and its fields are
//
//	ID        16 bytes
//	optional  0 for none, or 1 and the ID
//	number    a varint as in encoding/binary, as short as can be
//	text      its length as a number, and its bytes
//	time      0 for none, or the microseconds of its second plus one, and its Unix second
//	list      its length as a number, and its elements
//	sightings FirstDiscoveryID, optional; 1 byte: 0 and LastSeenAt, time, and LastDiscoveryID,
//	          optional; or 1, and both are those of the latest scan of the host
//
// A value has one form in each version: what a Decode function takes of the last
// one, Encode gives back byte by byte; but Sightings by the latest scan may also be
// written out. The key is in the checksum and not among the fields, so a record
// that stands under another key is as corrupt as one with a flipped bit. The
// decoders take any input: work and memory are linear in its length.
//
// Whoever changes what is written adds a version, keeps reading the old ones, and
// adds to the golden files in testdata, which pin each version.
package record
