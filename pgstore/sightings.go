package pgstore

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bindset/bindset/binding"
)

// A scan is the latest one of a host: what it saw is in_latest_scan. It is zero
// where there was none.
type scan struct {
	at time.Time
	id uuid.UUID
}

// A seenRow is the columns with the Sightings of a thing.
type seenRow struct {
	first pgtype.UUID
	at    pgtype.Timestamptz
	last  pgtype.UUID
}

func (r *seenRow) columns() []any { return []any{&r.first, &r.at, &r.last} }

func (r *seenRow) sightings() binding.Sightings {
	return binding.Sightings{LastSeenAt: timeOf(r.at), FirstDiscoveryID: r.first.Bytes, LastDiscoveryID: r.last.Bytes}
}

// A seenValues is what is written into the seenColumns of some rows.
type seenValues struct {
	firsts []pgtype.UUID
	inScan []bool
	at     []pgtype.Timestamptz
	lasts  []pgtype.UUID
}

func newSeenValues(rows int) seenValues {
	return seenValues{uuids(rows), make([]bool, rows), times(rows), uuids(rows)}
}

// put sets the values of a row: what the latest scan of the host saw has no time
// and ID of its own.
func (v *seenValues) put(row int, s binding.Sightings, latest scan) {
	v.firsts[row] = id(s.FirstDiscoveryID)
	seen := scan{binding.Time(s.LastSeenAt), s.LastDiscoveryID}
	if v.inScan[row] = seen == latest && !latest.at.IsZero(); !v.inScan[row] {
		v.at[row], v.lasts[row] = instant(seen.at), id(seen.id)
	}
}

// columns returns the values as arrays.
func (v *seenValues) columns() []any { return []any{v.firsts, v.inScan, v.at, v.lasts} }

// seenValuesOf returns the values of one row.
func seenValuesOf(s binding.Sightings, latest scan) []any {
	v := newSeenValues(1)
	v.put(0, s, latest)
	return []any{v.firsts[0], v.inScan[0], v.at[0], v.lasts[0]}
}
