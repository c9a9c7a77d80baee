package memstore

import (
	"bytes"
	"iter"
	"sort"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

type serviceVersion = version[serviceRow]

// A hostRow is a host, and what its services need to be found by.
type hostRow struct {
	inventory *host.Inventory // and the host in it
	services  tree            // by position and ID
	listeners tree            // of all services, by port and binding, to the row of the service
}

// list and unlist add a binding to, and remove it from, the listeners, if it is
// one.

func (r *hostRow) list(b *stored, service rowID) {
	if port, ok := b.port(); ok {
		r.listeners = r.listeners.with(key{port, binding.WordsOf(b.id), service})
	}
}

func (r *hostRow) unlist(b *stored) {
	if port, ok := b.port(); ok {
		r.listeners = r.listeners.without(key{first: port, second: binding.WordsOf(b.id)})
	}
}

// A networkRow has the hosts of a network.
type networkRow struct {
	hosts tree // by ID
}

// A serviceRow is a service with its bindings.
type serviceRow struct {
	service  service.Service // its Bindings are nil
	bindings []stored        // by ID
}

// read returns a deep copy of the service with its bindings.
func (r *serviceRow) read() service.Service {
	s := r.service.Clone()
	if len(r.bindings) > 0 {
		s.Bindings = make([]binding.Binding, len(r.bindings))
		for i := range r.bindings {
			r.bindings[i].read(&s.Bindings[i], s.ID)
		}
	}
	return s
}

// find returns the binding with an ID, nil where the service has none.
func (r *serviceRow) find(id uuid.UUID) *stored {
	at := sort.Search(len(r.bindings), func(i int) bool { return compareIDs(r.bindings[i].id, id) >= 0 })
	if at == len(r.bindings) || r.bindings[at].id != id {
		return nil
	}
	return &r.bindings[at]
}

// someHas reports whether a version of a service, or one before it, has the
// binding with an ID.
func someHas(v *serviceVersion, id uuid.UUID) bool {
	for ; v != nil; v = v.before.Load() {
		if v.row.find(id) != nil {
			return true
		}
	}
	return false
}

// disown removes bindings, which a service had, from the index, except for those
// that the newest version of the service has, or one before it.
func (t *tables) disown(row rowID, bindings []stored, newest *serviceVersion) {
	var kept []stored
	if newest != nil {
		kept = newest.row.bindings
	}
	for was, is := range changed(bindings, kept) {
		if is == nil && !someHas(newest, was.id) {
			t.bindings.remove(was.tag, row)
		}
	}
}

// changed pairs the bindings of two sets by ID: old and new, with nil where there
// is none.
func changed(from, to []stored) iter.Seq2[*stored, *stored] {
	return func(yield func(was, is *stored) bool) {
		for len(from) > 0 || len(to) > 0 {
			var was, is *stored
			switch order := firstID(from, to); {
			case order < 0:
				was, from = &from[0], from[1:]
			case order > 0:
				is, to = &to[0], to[1:]
			default:
				was, is, from, to = &from[0], &to[0], from[1:], to[1:]
			}
			if !yield(was, is) {
				return
			}
		}
	}
}

// firstID compares the first IDs of two sets of which one has some bindings; that
// which has none comes last.
func firstID(a, b []stored) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return compareIDs(a[0].id, b[0].id)
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// A stored binding is one as the tables hold it, but for the service it is of.
// There is no pointer in it, as there is in a time.Time: bindings are most of
// what a store holds, and the garbage collector need not look into them.
type stored struct {
	seconds [5]int64 // of the times, since 1970
	id      uuid.UUID
	target  binding.Target

	networkID, firstDiscoveryID, lastDiscoveryID, lineageID uuid.UUID

	micros [5]int32 // of the times, beside the seconds
	tag    tag      // of the ID
}

// port returns the port that the binding listens on, and whether it does. The
// nil binding does not.
func (s *stored) port() (binding.Words, bool) {
	if s == nil {
		return binding.Words{}, false
	}
	port, _, kind, _ := s.target.Words()
	return port, kind == binding.KindPort
}

// newStored returns a binding as the tables hold it, its times as binding.Time
// makes them.
func newStored(b *binding.Binding, t tag) stored {
	s := stored{
		id: b.ID, tag: t, target: b.Target, networkID: b.NetworkID,
		firstDiscoveryID: b.FirstDiscoveryID, lastDiscoveryID: b.LastDiscoveryID, lineageID: b.LineageID,
	}
	for i, at := range times(b) {
		s.seconds[i], s.micros[i] = at.Unix(), int32(at.Nanosecond()/1000)
	}
	return s
}

// read sets b, which is zero, to the binding.
func (s *stored) read(b *binding.Binding, serviceID uuid.UUID) {
	b.ID, b.ServiceID, b.NetworkID, b.Target = s.id, serviceID, s.networkID, s.target
	b.FirstDiscoveryID, b.LastDiscoveryID, b.LineageID = s.firstDiscoveryID, s.lastDiscoveryID, s.lineageID
	for i, at := range times(b) {
		if s.seconds[i] != zeroSeconds || s.micros[i] != 0 {
			*at = time.Unix(s.seconds[i], int64(s.micros[i])*1000).UTC()
		}
	}
}

// times returns the times of a binding.
func times(b *binding.Binding) [5]*time.Time {
	return [5]*time.Time{&b.CreatedAt, &b.UpdatedAt, &b.LastSeenAt, &b.ValidFrom, &b.ValidTo}
}

// zeroSeconds is when the zero time is.
var zeroSeconds = time.Time{}.Unix()
