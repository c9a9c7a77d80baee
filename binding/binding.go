package binding

import (
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/internal/wire"
)

// A Binding says that a service is present at, or listens on, a Target of its
// host. Bindings are comparable with ==; times must then be as [Time] makes
// them, as those that bindset stores and decodes are.
//
// The rules read the Target, and the ID to tell bindings apart. IDs may be nil
// where they are yet to be assigned, and are unique over all bindings
// otherwise. A zero time or a nil ID means "absent".
type Binding struct {
	Target    Target
	ID        uuid.UUID
	ServiceID uuid.UUID
	NetworkID uuid.UUID
	CreatedAt time.Time
	UpdatedAt time.Time
	Sightings

	// The other tracking fields of API version 0.17. No rule reads them.
	ValidFrom time.Time
	ValidTo   time.Time
	LineageID uuid.UUID
}

// Sightings say when scanners saw a thing: a binding, a service, a host, or an
// interface, IP address or port of one. What has no FirstDiscoveryID was stated
// by a person: scanners may see it, and that sets the other two fields.
type Sightings struct {
	LastSeenAt       time.Time // when a scanner last saw it
	FirstDiscoveryID uuid.UUID // the scan that found it; nil for what a person stated
	LastDiscoveryID  uuid.UUID // the scan that last saw it
}

// Stated reports whether a person stated the thing: no scanner found it first.
func (s Sightings) Stated() bool { return s.FirstDiscoveryID == uuid.Nil }

// Seen returns the Sightings of the thing after a scan saw it at a time: its
// LastSeenAt is that time, unless it is later already; then nothing changes. Its
// LastDiscoveryID is that of the scan, unless that is nil.
func (s Sightings) Seen(at time.Time, discoveryID uuid.UUID) Sightings {
	at = Time(at)
	if at.Before(s.LastSeenAt) {
		return s
	}
	s.LastSeenAt = at
	if discoveryID != uuid.Nil {
		s.LastDiscoveryID = discoveryID
	}
	return s
}

// Time returns t as every time in bindset is: UTC, whole microseconds (rounded
// down towards the zero time), no monotonic clock reading. So times compare
// with ==, and survive JSON and databases unchanged. The zero time stays zero.
func Time(t time.Time) time.Time { return wire.Time(t) }

// WithTimes returns the binding with every time in it as [Time] makes it.
func (b Binding) WithTimes() Binding {
	b.CreatedAt, b.UpdatedAt = Time(b.CreatedAt), Time(b.UpdatedAt)
	b.LastSeenAt = Time(b.LastSeenAt)
	b.ValidFrom, b.ValidTo = Time(b.ValidFrom), Time(b.ValidTo)
	return b
}

// Checked returns what WithTimes does. A time that JSON cannot hold, one outside
// the years 0 to 9999, is a *FieldError.
func (b Binding) Checked() (Binding, error) {
	b = b.WithTimes()
	for _, at := range [...]struct {
		field string
		time  time.Time
	}{
		{"created_at", b.CreatedAt},
		{"updated_at", b.UpdatedAt},
		{"last_seen_at", b.LastSeenAt},
		{"valid_from", b.ValidFrom},
		{"valid_to", b.ValidTo},
	} {
		if problem := wire.BadTime(at.time); problem != "" {
			return Binding{}, &FieldError{Path: at.field, Problem: problem}
		}
	}
	return b, nil
}
