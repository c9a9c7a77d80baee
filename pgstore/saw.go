package pgstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

// Saw makes the scan the latest one of the host and writes in what it differs from
// the one before, or it writes of each thing that it was seen: whichever is fewer
// rows. It takes two round trips.
func (t *tx) Saw(ctx context.Context, hostID uuid.UUID, at time.Time, discoveryID uuid.UUID, seen []uuid.UUID) error {
	if err := store.CheckSaw(at); err != nil {
		return err
	}
	if err := checkTime("at", at); err != nil {
		return err
	}
	if err := t.touch(hostID); err != nil {
		return err
	}
	what := "write what was seen on host " + hostID.String()
	batch := t.batch()
	found := queueHosts(batch, t.sql.host, required(hostID))
	s := sighting{scan: scan{binding.Time(at), discoveryID}, seen: seen}
	s.queueComparison(batch, &t.sql, hostID)
	if err := t.send(ctx, what, batch); err != nil {
		return err
	}
	if len(*found) == 0 {
		return notFound(store.EntityHost, hostID)
	}
	s.latest = (*found)[0].latest
	batch = t.batch()
	s.queueWrites(batch, &t.sql, hostID)
	return t.send(ctx, what, batch)
}

// A sighting is what a scan saw on a host, compared with the latest scan of it.
type sighting struct {
	latest, scan scan
	seen         []uuid.UUID
	missed       idsIn // what the latest scan saw, and this one did not
	joining      idsIn // what this one saw, and the latest did not
	settled      idsIn // of those, what has this time already or a later one
}

// idsIn has IDs of things by their tables.
type idsIn [tables][]uuid.UUID

func (in *idsIn) count() (n int) {
	for _, list := range in {
		n += len(list)
	}
	return n
}

func (s *sighting) queueComparison(batch *pgx.Batch, sql *statements, hostID uuid.UUID) {
	var in table
	var thing pgtype.UUID
	var inLatest bool
	var row seenRow
	queueRows(batch, sql.notAsLatest, []any{required(hostID), ids(s.seen)},
		append([]any{&in, &thing, &inLatest}, row.columns()...),
		func() error {
			list := &s.joining[in]
			if had := row.sightings(); inLatest {
				list = &s.missed[in]
			} else if had.Seen(s.scan.at, s.scan.id) == had {
				list = &s.settled[in]
			}
			*list = append(*list, thing.Bytes)
			return nil
		})
}

// queueWrites queues what is to be written. A scan without an ID is never the
// latest: what it sees keeps the ID that it has.
func (s *sighting) queueWrites(batch *pgx.Batch, sql *statements, hostID uuid.UUID) {
	later := !s.scan.at.Before(s.latest.at)
	seenByBoth := len(s.seen) - s.joining.count() - s.settled.count()
	asLatest := later && s.scan.id != uuid.Nil && s.missed.count() <= seenByBoth
	if asLatest {
		batch.Queue(sql.putScan, required(hostID), instant(s.scan.at), id(s.scan.id))
	}
	for in := range tables {
		write := func(things []uuid.UUID, inLatest bool, own scan) {
			if len(things) > 0 {
				batch.Queue(sql.saw[in], required(hostID), inLatest, instant(own.at), id(own.id), ids(things))
			}
		}
		switch {
		case asLatest:
			write(s.missed[in], false, s.latest)
			write(s.joining[in], true, scan{})
		default:
			write(s.joining[in], false, s.scan)
			if later {
				write(without(s.seen, s.joining[in], s.settled[in]), false, scan{s.scan.at, cmp.Or(s.scan.id, s.latest.id)})
			}
		}
	}
}

// without returns the IDs that are in no other list.
func without(all []uuid.UUID, lists ...[]uuid.UUID) []uuid.UUID {
	out := make(map[uuid.UUID]bool)
	for _, list := range lists {
		for _, one := range list {
			out[one] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(one uuid.UUID) bool { return out[one] })
}
