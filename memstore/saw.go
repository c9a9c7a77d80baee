package memstore

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

// A sighting is Sightings as a row has them. What the latest scan of the host saw has
// its time and ID, so that a scan that sees what the one before it saw changes nothing
// else. The latest scan of a host is a sighting too, zero where there is none.
type sighting struct {
	firstDiscoveryID, lastDiscoveryID uuid.UUID

	seconds  int64 // of LastSeenAt, since the zero time
	micros   int32 // of LastSeenAt, beside the seconds
	byLatest bool  // LastSeenAt and LastDiscoveryID are those of the latest scan, and zero here
}

// newSighting returns the Sightings of something on a host with a latest scan as its
// row has them.
func newSighting(s *binding.Sightings, latest sighting) sighting {
	last := newScan(s.LastSeenAt, s.LastDiscoveryID)
	if last == latest && latest != (sighting{}) {
		last = sighting{byLatest: true}
	}
	last.firstDiscoveryID = s.FirstDiscoveryID
	return last
}

func newScan(at time.Time, id uuid.UUID) sighting {
	scan := sighting{lastDiscoveryID: id}
	scan.seconds, scan.micros = sinceZero(at)
	return scan
}

func (s *sighting) read(latest sighting) binding.Sightings {
	last := s
	if s.byLatest {
		last = &latest
	}
	return binding.Sightings{
		LastSeenAt:       afterZero(last.seconds, last.micros),
		FirstDiscoveryID: s.firstDiscoveryID, LastDiscoveryID: last.lastDiscoveryID,
	}
}

// A saw is a call of Saw.
type saw struct {
	at          time.Time
	discoveryID uuid.UUID
	ids         map[uuid.UUID]struct{}
	was         sighting // the latest scan before it
}

// after returns the Sightings of something after the call.
func (s *saw) after(id uuid.UUID, was *sighting) binding.Sightings {
	if _, seen := s.ids[id]; !seen {
		return was.read(s.was)
	}
	return was.read(s.was).Seen(s.at, s.discoveryID)
}

// Saw makes the scan the latest one of the host, and changes the sightings of what
// does not follow it as it followed the one before; or it leaves that one, and changes
// those of what was seen: whichever are fewer. Of two scans that see the same, the
// second one changes the host alone.
func (w *writer) Saw(ctx context.Context, hostID uuid.UUID, at time.Time, discoveryID uuid.UUID, ids []uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	if err := store.CheckSaw(at); err != nil {
		return err
	}
	h := w.host(hostID)
	if h == nil {
		return notFound(store.EntityHost, hostID)
	}
	s := saw{at, discoveryID, make(map[uuid.UUID]struct{}, len(ids)), h.latest}
	for _, id := range ids {
		s.ids[id] = struct{}{}
	}
	next := newScan(binding.Time(at), discoveryID)
	if discoveryID == uuid.Nil {
		next.lastDiscoveryID = h.latest.lastDiscoveryID
	}
	changed, changedUnderNext := 0, 0
	for id, was := range w.sightings(h) {
		now := s.after(id, was)
		if newSighting(&now, h.latest) != *was {
			changed++
		}
		if newSighting(&now, next) != *was {
			changedUnderNext++
		}
	}
	switch {
	case changed == 0:
	case changedUnderNext == 0:
		row := *h
		row.latest = next
		w.tables.hosts.Put(w.tx, hostID, row)
	case changedUnderNext <= changed:
		w.see(hostID, &s, next)
	default:
		w.see(hostID, &s, h.latest)
	}
	return nil
}

// sightings yields those of a host, of everything on it, and of its services and
// their bindings.
func (r *reader) sightings(h *hostRow) iter.Seq2[uuid.UUID, *sighting] {
	return func(yield func(uuid.UUID, *sighting) bool) {
		for i := range h.sightings {
			if !yield(h.sightings[i].id, &h.sightings[i].sighting) {
				return
			}
		}
		for key := range h.services.All() {
			id := key.service.uuid()
			s := r.service(id)
			if !yield(id, &s.sighting) {
				return
			}
			for i := range s.bindings {
				if b := &s.bindings[i]; !yield(b.id, &b.sighting) {
					return
				}
			}
		}
	}
}

// see puts what a call of Saw changes where a scan is the latest one of the host.
func (w *writer) see(hostID uuid.UUID, s *saw, latest sighting) {
	h := *w.host(hostID)
	h.latest, h.sightings = latest, slices.Clone(h.sightings)
	for i := range h.sightings {
		now := s.after(h.sightings[i].id, &h.sightings[i].sighting)
		h.sightings[i].sighting = newSighting(&now, latest)
	}
	w.tables.hosts.Put(w.tx, hostID, h)
	for key := range h.services.All() {
		id := key.service.uuid()
		old := w.service(id)
		row := *old
		now := s.after(id, &old.sighting)
		row.sighting = newSighting(&now, latest)
		changed := row.sighting != old.sighting
		for i := range old.bindings {
			b := &old.bindings[i]
			now := s.after(b.id, &b.sighting)
			after := newSighting(&now, latest)
			if after == b.sighting {
				continue
			}
			if &row.bindings[0] == &old.bindings[0] {
				row.bindings = slices.Clone(old.bindings)
			}
			row.bindings[i].sighting = after
			changed = true
		}
		if changed {
			w.tables.services.Put(w.tx, id, row)
		}
	}
}
