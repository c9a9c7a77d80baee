package wire

import (
	"time"

	"github.com/google/uuid"
)

// Sightings are the tracking fields that everything has that scanners see, as
// JSON has them. They have the fields of binding.Sightings, so that one converts
// to the other: package binding reads JSON too, so this package cannot import it.
type Sightings struct {
	LastSeenAt       time.Time `json:"last_seen_at,omitzero"`
	FirstDiscoveryID uuid.UUID `json:"first_discovery_id,omitzero"`
	LastDiscoveryID  uuid.UUID `json:"last_discovery_id,omitzero"`
}

// Sightings returns the tracking fields, zero where they are absent.
func (o *Object) Sightings() Sightings {
	return Sightings{
		LastSeenAt:       o.Time("last_seen_at"),
		FirstDiscoveryID: o.ID("first_discovery_id"),
		LastDiscoveryID:  o.ID("last_discovery_id"),
	}
}

// Written returns the fields as they are written. A time that JSON cannot hold is
// a fault.
func (s Sightings) Written() (Sightings, *Fault) {
	s.LastSeenAt = Time(s.LastSeenAt)
	if problem := BadTime(s.LastSeenAt); problem != "" {
		return Sightings{}, &Fault{Path: "last_seen_at", Problem: problem}
	}
	return s, nil
}
