package discovery

import (
	"bytes"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// A Plan is what becomes of the services of a host, and what to report of it.
type Plan struct {
	Services []Revision  // those that change
	Seen     []uuid.UUID // stored services and bindings that were seen

	// What is no difference between before and after. Bindings that a scan gave
	// have no ID.
	Rewritten []Pair
	Dropped   []Gone
	Displaced []Pair
	Absorbed  []Pair
	Skipped   []validate.Violation
	Became    []Became

	lost []loss
}

// A Revision is a service with its set before and after: nil where it is new, or
// goes.
type Revision struct{ Before, After *service.Service }

// A Pair is a binding, and the one that it became or that stands instead of it.
type Pair struct{ Binding, By binding.Binding }

// Gone is a stored binding that a rule dropped.
type Gone struct {
	Pair
	Reason validate.Reason
}

// write settles what is to be written and reported.
func (s *settling) write() {
	for i := range s.sets {
		t := &s.sets[i]
		if t.stored == nil && t.moved == nil && len(t.final) == 0 && len(t.observed) > 0 {
			continue // all of it was refused
		}
		s.writeSet(t)
	}
	s.report()
}

func (s *settling) writeSet(t *set) {
	after := t.Service
	changed := t.stored == nil || !sameService(t.stored, &after) || len(t.final) != len(t.stored.Bindings) ||
		after.FirstDiscoveryID != t.stored.FirstDiscoveryID || s.Scan.Recorded && after.Sightings != t.stored.Sightings
	for k := range t.final {
		e := &t.final[k]
		if e.member == none {
			changed = true
		} else {
			changed = s.writeMember(t, e) || changed
		}
		after.Bindings = append(after.Bindings, e.Binding)
	}
	seen := t.seen != nil || t.sighted
	if t.stored != nil && seen {
		s.plan.Seen = append(s.plan.Seen, t.ID)
		after.Sightings = s.Scan.seen(after.Sightings)
	}
	discovered := t.Source.Type != service.SourceManual
	switch {
	case t.displaced && discovered && len(t.final) == 0 && !seen:
		s.plan.Services = append(s.plan.Services, Revision{t.stored, nil})
	case t.moved != nil:
		s.plan.Services = append(s.plan.Services, Revision{t.moved, &after})
	case changed:
		s.plan.Services = append(s.plan.Services, Revision{t.stored, &after})
	}
}

// writeMember reports whether a stored binding changes in more than when it was
// seen.
func (s *settling) writeMember(t *set, e *entry) bool {
	before, seenBefore := t.stored.Bindings[e.member], e.Sightings
	if t.members[e.member].sighted {
		s.plan.Seen = append(s.plan.Seen, e.ID)
		e.Sightings = s.Scan.seen(e.Sightings)
	}
	if before.Target != e.Target {
		s.plan.Rewritten = append(s.plan.Rewritten, Pair{before, e.Binding})
		return true
	}
	return seenBefore != before.Sightings
}

// sameService reports whether two services differ in Sightings and bindings at
// most, of what a scan may change.
func sameService(a, b *service.Service) bool {
	return a.Name == b.Name && a.Definition == b.Definition && bytes.Equal(a.Virtualization, b.Virtualization) &&
		slices.Equal(a.Tags, b.Tags) && a.Source.Type == b.Source.Type
}

// report completes what is reported with the bindings that are stored instead.
func (s *settling) report() {
	if len(s.plan.lost)+len(s.plan.Absorbed) == 0 {
		return
	}
	stored := make(map[uuid.UUID]binding.Binding)
	for i := range s.sets {
		for k := range s.sets[i].final {
			stored[s.sets[i].final[k].ID] = s.sets[i].final[k].Binding
		}
	}
	by := func(id uuid.UUID) binding.Binding {
		for s.gone[id] != noID {
			id = s.gone[id]
		}
		return stored[id]
	}
	for _, l := range s.plan.lost {
		if l.why == displaced {
			s.plan.Displaced = append(s.plan.Displaced, Pair{l.Binding, by(l.by)})
		} else {
			b := by(l.by)
			reason := validate.Superseded
			if b.Target == l.Target {
				reason = validate.Duplicate
			}
			s.plan.Dropped = append(s.plan.Dropped, Gone{Pair{l.Binding, b}, reason})
		}
	}
	for i := range s.plan.Absorbed {
		a := &s.plan.Absorbed[i]
		a.By = by(a.By.ID)
	}
}
