package memstore

import (
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// A bindingRow is a binding as the row of its service has it. There are no pointers
// in it, unlike in a time.Time: bindings are most of what a store holds, and the
// garbage collector need not look into them.
type bindingRow struct {
	id, networkID, lineageID uuid.UUID
	target                   binding.Target
	sighting                 sighting

	seconds [4]int64 // of the times, since the zero time
	micros  [4]int32 // of the times, beside the seconds
}

// newBindingRow returns the row of a binding, with its times as binding.Time makes
// them, on a host with a latest scan.
func newBindingRow(b *binding.Binding, latest sighting) bindingRow {
	r := bindingRow{
		id: b.ID, target: b.Target, networkID: b.NetworkID, lineageID: b.LineageID,
		sighting: newSighting(&b.Sightings, latest),
	}
	for i, at := range times(b) {
		r.seconds[i], r.micros[i] = sinceZero(*at)
	}
	return r
}

// read sets b, which is zero, to the binding, on a host with a latest scan.
func (r *bindingRow) read(b *binding.Binding, serviceID uuid.UUID, latest sighting) {
	b.ID, b.ServiceID, b.NetworkID, b.Target, b.LineageID = r.id, serviceID, r.networkID, r.target, r.lineageID
	b.Sightings = r.sighting.read(latest)
	for i, at := range times(b) {
		*at = afterZero(r.seconds[i], r.micros[i])
	}
}

// times returns the times of a binding that are not of its Sightings.
func times(b *binding.Binding) [4]*time.Time {
	return [4]*time.Time{&b.CreatedAt, &b.UpdatedAt, &b.ValidFrom, &b.ValidTo}
}

// zeroSeconds is when the zero time is, since 1970.
var zeroSeconds = time.Time{}.Unix()

// sinceZero returns the whole seconds from the zero time to another one, and the
// microseconds that are left.
func sinceZero(t time.Time) (seconds int64, micros int32) {
	return t.Unix() - zeroSeconds, int32(t.Nanosecond() / 1000)
}

// afterZero returns the time that is so long after the zero time.
func afterZero(seconds int64, micros int32) time.Time {
	if seconds == 0 && micros == 0 {
		return time.Time{}
	}
	return time.Unix(seconds+zeroSeconds, int64(micros)*1000).UTC()
}
