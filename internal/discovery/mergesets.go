package discovery

import (
	"cmp"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// merge puts what was seen into the sets (Merge): first all listeners, those of
// identified services before those that may be theirs, then all presences. What
// was seen displaces before the presences go in.
func (s *settling) merge() error {
	claims := s.claims()
	for _, identified := range []bool{true, false} {
		for i := range s.sets {
			t := &s.sets[i]
			if unidentified(&t.Service) == identified {
				continue
			}
			if err := s.mergeListeners(t, claims); err != nil {
				return err
			}
		}
		if identified {
			s.held = s.holding()
		}
	}
	if !s.Scan.Recorded {
		s.displace()
	}
	for i := range s.sets {
		t := &s.sets[i]
		s.giveWay(t)
		if err := s.mergePresences(t, claims); err != nil {
			return err
		}
	}
	return nil
}

// holding returns the listeners of identified services.
func (s *settling) holding() *listeners {
	var all []listener
	for i := range s.sets {
		t := &s.sets[i]
		for k := range t.final {
			if e := &t.final[k]; e.Target.IsListener() {
				all = append(all, listener{at: e.at, set: int32(i), id: e.ID})
			}
		}
	}
	return newListeners(all)
}

// mergeListeners puts the observed listeners into a set, without the presences
// that may have to give way to them. What breaks V1 or V2 is refused here, too.
func (s *settling) mergeListeners(t *set, claims *validate.Claims) error {
	listening := newReach()
	var some []*observed
	for k := range t.observed {
		o := &t.observed[k]
		if o.Target.IsPresence() && o.located || o.held && s.heldElsewhere(o) {
			continue
		}
		if o.located {
			listening.add(o.at, 0)
		}
		some = append(some, o)
	}
	for k := range t.members {
		m := &t.members[k]
		if m.gone {
			continue
		}
		if _, over := listening.over(m.at); over && m.located && m.Target.IsPresence() && !m.Stated() && !s.Scan.Recorded {
			t.yielding = append(t.yielding, int32(k))
		} else {
			t.final = append(t.final, entry{m.Binding, m.at, int32(k)})
		}
	}
	return s.mergeInto(t, some, claims)
}

// mergePresences puts the observed presences into a set.
func (s *settling) mergePresences(t *set, claims *validate.Claims) error {
	var some []*observed
	for k := range t.observed {
		if o := &t.observed[k]; o.Target.IsPresence() && o.located {
			some = append(some, o)
		}
	}
	return s.mergeInto(t, some, claims)
}

// mergeInto puts some observed bindings into a set as it is so far.
func (s *settling) mergeInto(t *set, some []*observed, claims *validate.Claims) error {
	if len(some) == 0 {
		return nil
	}
	in := validate.Input{Inventory: s.Inventory, Service: t.Info(), Claims: claims}
	for k := range t.final {
		in.Bindings = append(in.Bindings, t.final[k].Binding)
	}
	if t.stored != nil {
		in.Stored = t.stored.Bindings
	}
	given := make([]binding.Binding, len(some))
	for i, o := range some {
		if o.ID == noID && !o.known {
			o.ID = s.NewID()
		}
		given[i] = o.Binding
		given[i].Target, given[i].Sightings = o.given, binding.Sightings{}
	}
	result, err := s.Validator.Merge(in, given)
	if err != nil {
		return err
	}
	r := merging{s, t, some, t.final, make(map[uuid.UUID]bool)}
	r.superseded(result.Dropped)
	r.absorbed(result.Absorbed)
	r.skipped(result.Skipped)
	r.kept(result.Bindings)
	return nil
}

// merging takes over what Merge made of a set, and of some observed bindings.
type merging struct {
	*settling
	set    *set
	some   []*observed
	before []entry
	stated map[uuid.UUID]bool // what supersedes a listener that is stated, and is stated from then on
}

func (r *merging) id(index int) uuid.UUID {
	if index < len(r.before) {
		return r.before[index].ID
	}
	return r.observed(index).ID
}

func (r *merging) observed(index int) *observed { return r.some[index-len(r.before)] }

// member returns the stored binding at an index, nil for one that is new.
func (r *merging) member(index int) *member {
	if index >= len(r.before) || r.before[index].member == none {
		return nil
	}
	return &r.set.members[r.before[index].member]
}

// superseded notes what wider listeners drop.
func (r *merging) superseded(dropped []validate.Drop) {
	for _, d := range dropped {
		by := r.id(d.By)
		if m := r.member(d.Index); m != nil {
			r.stated[by] = r.stated[by] || m.Stated()
			r.lose(m, by, superseded)
		} else if d.Index >= len(r.before) {
			r.absorb(r.observed(d.Index), by)
		}
	}
}

// absorbed notes what was seen of the set: of what covers an observed listener, as
// far as it is stated.
func (r *merging) absorbed(absorbed []validate.Drop) {
	for _, d := range absorbed {
		o, by, m := r.observed(d.Index), r.id(d.By), r.member(d.By)
		equal := d.Reason == validate.Duplicate
		if !equal {
			r.absorb(o, by)
		}
		if m == nil {
			continue
		}
		if !r.Scan.Recorded {
			m.sighted = m.sighted || equal || m.Stated()
			continue
		}
		r.stated[by] = r.stated[by] || o.Stated()
		r.became(o, by)
		if equal {
			m.Sightings = either(m.Sightings, o.Sightings)
		}
	}
}

func (s *settling) became(o *observed, id uuid.UUID) {
	if s.Scan.Recorded && o.was != noID && o.was != id {
		s.plan.Became = append(s.plan.Became, Became{o.was, id})
	}
}

// skipped reports what breaks a rule, with its place in the payload.
func (r *merging) skipped(violations []validate.Violation) {
	for _, v := range violations {
		o := r.observed(v.Index)
		o.skipped = true
		v.Index = int(o.path)
		v.Path = path{list: "services", at: int(r.set.path)}.under("bindings", v.Index).String()
		r.plan.Skipped = append(r.plan.Skipped, v)
	}
}

// kept takes over what Merge kept.
func (r *merging) kept(bindings []binding.Binding) {
	before, news := make(map[uuid.UUID]*entry, len(r.before)), make(map[uuid.UUID]*observed, len(r.some))
	for k := range r.before {
		before[r.before[k].ID] = &r.before[k]
	}
	for _, o := range r.some {
		if o.ID != noID {
			news[o.ID] = o
		}
	}
	final := make([]entry, 0, len(bindings))
	for _, b := range bindings {
		e, ok := before[b.ID]
		if !ok {
			e = r.fresh(news[b.ID], b)
		}
		if e.member != none {
			e.Sightings = r.set.members[e.member].Sightings
		}
		if r.stated[e.ID] {
			e.FirstDiscoveryID = noID
		}
		final = append(final, *e)
	}
	r.set.final = final
}

// fresh returns an observed binding as it is stored for the first time.
func (r *merging) fresh(o *observed, b binding.Binding) *entry {
	b.Sightings = r.Scan.sightings(o.Sightings)
	b.CreatedAt, b.UpdatedAt = cmp.Or(b.CreatedAt, r.Now), cmp.Or(b.UpdatedAt, r.Now)
	if o.given != o.Target {
		from := b
		from.Target = o.given
		r.plan.Rewritten = append(r.plan.Rewritten, Pair{from, b})
	}
	r.became(o, b.ID)
	return &entry{b, o.at, none}
}

// heldElsewhere reports whether an identified service holds an observed listener
// of another, and says so unless it does under the same target.
func (s *settling) heldElsewhere(o *observed) bool {
	by := s.holder(o.at)
	o.held = by != nil // else what would hold it was skipped
	if !o.held {
		return false
	}
	if by.at != o.at {
		s.absorb(o, by.id)
	}
	s.became(o, by.id)
	return true
}

// holder returns the listener of an identified service that equals or covers one:
// an equal one, else that of the first service; nil where there is none.
func (s *settling) holder(at host.Location) (best *listener) {
	for e := range s.held.covering(everybody, at) {
		if e.at == at {
			return e
		}
		if best == nil || e.set < best.set {
			best = e
		}
	}
	return best
}

// absorb reports an observed binding that a stored one covers.
func (s *settling) absorb(o *observed, by uuid.UUID) {
	b := o.Binding
	if b.ID = noID; s.Scan.Recorded {
		b.ID = o.was
	}
	s.plan.Absorbed = append(s.plan.Absorbed, Pair{b, binding.Binding{ID: by}})
}

// giveWay takes out the presences that a listener overlaps which was taken over,
// and keeps the others.
func (s *settling) giveWay(t *set) {
	if len(t.yielding) == 0 {
		return
	}
	listening := newReach()
	for k := range t.final {
		if e := &t.final[k]; e.Target.IsListener() {
			listening.add(e.at, int32(k))
		}
	}
	for _, k := range t.yielding {
		m := &t.members[k]
		if by, over := listening.over(m.at); over {
			s.lose(m, t.final[by].ID, displaced)
		} else {
			t.final = append(t.final, entry{m.Binding, m.at, k})
		}
	}
}

// displace removes stale listeners that compete with what was seen (rule V6), and
// listeners of unidentified services that were seen as an identified service's.
func (s *settling) displace() {
	fresh, theirs := s.seenListeners()
	for i := range s.sets {
		t := &s.sets[i]
		kept := t.final[:0]
		for _, e := range t.final {
			if by, ok := s.displacer(t, int32(i), &e, fresh, theirs); ok {
				s.lose(&t.members[e.member], by, displaced)
				t.displaced = true
			} else {
				kept = append(kept, e)
			}
		}
		t.final = kept
	}
}

// seenListeners returns the listeners that were seen and not stored before, and
// those that were seen as an identified service's.
func (s *settling) seenListeners() (fresh, theirs *listeners) {
	var news, identified []listener
	for i := range s.sets {
		t := &s.sets[i]
		for k := range t.final {
			if e := &t.final[k]; e.member == none && e.Target.IsListener() {
				news = append(news, listener{at: e.at, set: int32(i), id: e.ID})
			}
		}
		for k := range t.observed {
			o := &t.observed[k]
			switch {
			case !o.located || o.skipped || !o.Target.IsListener():
			case o.held || !unidentified(&t.Service):
				identified = append(identified, listener{at: o.at})
			}
		}
	}
	return newListeners(news), newListeners(identified)
}

// displacer returns what displaces a stored listener of set i, if anything does.
func (s *settling) displacer(t *set, i int32, e *entry, fresh, theirs *listeners) (by uuid.UUID, ok bool) {
	if e.member == none || !e.Target.IsListener() || e.Stated() {
		return noID, false
	}
	if s.Validator.ExclusivePorts() && t.members[e.member].stale(s.Scan) {
		for other := range fresh.overlapping(everybody, e.at) {
			if other.set != i {
				return other.id, true
			}
		}
	}
	if unidentified(&t.Service) {
		for range theirs.covering(everybody, e.at) {
			return s.holder(e.at).id, true
		}
	}
	return noID, false
}
