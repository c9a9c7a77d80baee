package wire

import (
	"time"

	"github.com/google/uuid"
)

// Sightings are the tracking fields that everything has that scanners see. They have
// the fields of binding.Sightings, so that one converts to the other: package binding
// reads JSON too, so this package cannot import it.
type Sightings struct {
	LastSeenAt       time.Time
	FirstDiscoveryID uuid.UUID
	LastDiscoveryID  uuid.UUID
}

// Sightings returns the tracking fields, zero where they are absent.
func (o *Object) Sightings() Sightings {
	return Sightings{
		LastSeenAt:       o.Time("last_seen_at"),
		FirstDiscoveryID: o.ID("first_discovery_id"),
		LastDiscoveryID:  o.ID("last_discovery_id"),
	}
}

// Sightings writes the tracking fields that are set.
func (w *Writer) Sightings(s Sightings) {
	w.OptionalTime("last_seen_at", s.LastSeenAt)
	w.OptionalID("first_discovery_id", s.FirstDiscoveryID)
	w.OptionalID("last_discovery_id", s.LastDiscoveryID)
}

// Written returns the fields with their time as [Time] makes it. A time that JSON
// cannot hold is a fault.
func (s Sightings) Written() (Sightings, *Fault) {
	s.LastSeenAt = Time(s.LastSeenAt)
	if problem := BadTime(s.LastSeenAt); problem != "" {
		return Sightings{}, &Fault{Path: "last_seen_at", Problem: problem}
	}
	return s, nil
}
