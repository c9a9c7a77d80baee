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
	seconds [5]int64 // of the times, since 1970
	id      uuid.UUID
	target  binding.Target

	networkID, firstDiscoveryID, lastDiscoveryID, lineageID uuid.UUID

	micros [5]int32 // of the times, beside the seconds
}

// newBindingRow returns the row of a binding, with its times as binding.Time makes
// them.
func newBindingRow(b *binding.Binding) bindingRow {
	r := bindingRow{
		id: b.ID, target: b.Target, networkID: b.NetworkID,
		firstDiscoveryID: b.FirstDiscoveryID, lastDiscoveryID: b.LastDiscoveryID, lineageID: b.LineageID,
	}
	for i, at := range times(b) {
		r.seconds[i], r.micros[i] = at.Unix(), int32(at.Nanosecond()/1000)
	}
	return r
}

// read sets b, which is zero, to the binding.
func (r *bindingRow) read(b *binding.Binding, serviceID uuid.UUID) {
	b.ID, b.ServiceID, b.NetworkID, b.Target = r.id, serviceID, r.networkID, r.target
	b.FirstDiscoveryID, b.LastDiscoveryID, b.LineageID = r.firstDiscoveryID, r.lastDiscoveryID, r.lineageID
	for i, at := range times(b) {
		if r.seconds[i] != zeroSeconds || r.micros[i] != 0 {
			*at = time.Unix(r.seconds[i], int64(r.micros[i])*1000).UTC()
		}
	}
}

// times returns the times of a binding.
func times(b *binding.Binding) [5]*time.Time {
	return [5]*time.Time{&b.CreatedAt, &b.UpdatedAt, &b.LastSeenAt, &b.ValidFrom, &b.ValidTo}
}

// zeroSeconds is when the zero time is.
var zeroSeconds = time.Time{}.Unix()
