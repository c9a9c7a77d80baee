package pgstore

import (
	"encoding/json"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bindset/bindset/binding"
)

// id returns an ID as the database has it, NULL for the nil one.
func id(u uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: u, Valid: u != uuid.Nil} }

// required returns an ID that the database must have, be it nil.
func required(u uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: u, Valid: true} }

func ids(us []uuid.UUID) []pgtype.UUID {
	out := make([]pgtype.UUID, len(us))
	for i, u := range us {
		out[i] = required(u)
	}
	return out
}

// instant returns a time as the database has it, NULL for the zero time.
func instant(t time.Time) pgtype.Timestamptz {
	t = binding.Time(t)
	return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()}
}

// timeOf returns the time that instant made.
func timeOf(t pgtype.Timestamptz) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return binding.Time(t.Time)
}

// raw returns JSON as the database has it, NULL for none.
func raw(j json.RawMessage) pgtype.Text { return pgtype.Text{String: string(j), Valid: len(j) > 0} }

// rawOf returns the JSON that raw made.
func rawOf(t pgtype.Text) json.RawMessage {
	if !t.Valid {
		return nil
	}
	return json.RawMessage(t.String)
}

// address splits an address into what an inet holds and the zone, which it does
// not; NULL for the zero Addr.
func address(a netip.Addr) (*netip.Addr, string) {
	if !a.IsValid() {
		return nil, ""
	}
	plain := a.WithZone("")
	return &plain, a.Zone()
}

// addressOf puts together what address split.
func addressOf(a *netip.Addr, zone string) netip.Addr {
	if a == nil {
		return netip.Addr{}
	}
	return a.WithZone(zone)
}

// maybe returns an ID that is there or not, NULL where it is not.
func maybe(u uuid.UUID, ok bool) pgtype.UUID { return pgtype.UUID{Bytes: u, Valid: ok} }

// The times that a timestamptz holds.
var (
	firstTime = time.Date(-4712, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(294276, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
)

// checkTime refuses a time that the database cannot hold.
func checkTime(field string, t time.Time) *binding.FieldError {
	if t.Before(firstTime) || t.After(lastTime) {
		return &binding.FieldError{Path: field, Problem: "is outside the years -4712 to 294276, which PostgreSQL can hold"}
	}
	return nil
}
