package record

import (
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// A Scan is the latest scan of a host, as far as it is kept for all that it saw: its
// time and ID. Things that were last seen by it have no time and ID of their own in
// their records. The zero Scan is none.
type Scan struct {
	At          time.Time
	DiscoveryID uuid.UUID
}

// saw reports whether it is the scan that last saw something.
func (s Scan) saw(seen *binding.Sightings) bool {
	return !s.At.IsZero() && seen.LastSeenAt == s.At && seen.LastDiscoveryID == s.DiscoveryID
}

// EncodeScan returns the record of the latest scan of a host, which is not zero:
//
//	At            time
//	DiscoveryID   optional
//
// Its key is the host's ID.
func EncodeScan(hostID uuid.UUID, s Scan) []byte {
	r := appendTime([]byte{version}, s.At)
	return seal(appendOptional(r, s.DiscoveryID), hostID)
}

// DecodeScan returns the latest scan of a host.
func DecodeScan(hostID uuid.UUID, record []byte) (Scan, error) {
	d := open(record, hostID)
	s := Scan{At: d.time(), DiscoveryID: d.optional()}
	if s.At.IsZero() {
		d.fail(errForm)
	}
	if err := d.end(); err != nil {
		return Scan{}, corrupt("the latest scan of host", hostID, err)
	}
	return s, nil
}

// The forms of Sightings.
const (
	byItself = iota // with a time and an ID of its own
	byLatest        // with those of the latest scan of the host
)

func appendSightings(r []byte, s *binding.Sightings, latest Scan) []byte {
	r = appendOptional(r, s.FirstDiscoveryID)
	if latest.saw(s) {
		return append(r, byLatest)
	}
	r = appendTime(append(r, byItself), s.LastSeenAt)
	return appendOptional(r, s.LastDiscoveryID)
}

// sightings takes off Sightings. Those of hosts and services came with version 2.
func (d *decoder) sightings(latest Scan) binding.Sightings {
	if d.version < 2 {
		return binding.Sightings{}
	}
	s := binding.Sightings{FirstDiscoveryID: d.optional()}
	switch d.byte() {
	case byItself:
		s.LastSeenAt, s.LastDiscoveryID = d.time(), d.optional()
	case byLatest:
		s.LastSeenAt, s.LastDiscoveryID = latest.At, latest.DiscoveryID
	default:
		d.fail(errForm)
	}
	return s
}
