package discovery

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// SourceDiscovery is the Type of the Source of seen services that say nothing of
// it themselves.
const SourceDiscovery = "Discovery"

// Settling is what Settle works with.
type Settling struct {
	Scan      *Scan
	Merged    *Merged         // with the links that are taken over
	Inventory *host.Inventory // of the merged host
	Validator *validate.Validator
	Stored    []service.Service // on the host, by Position
	Observed  []service.Service // as Scan.Observed returns them
	Matches   []int             // of each seen service the stored one, or -1
	Record    []service.Service // of another record of the host: the services that it was read from
	Now       time.Time
	NewID     func() uuid.UUID
	// Taken returns which of these IDs, of services and of bindings, are those of
	// others in the store.
	Taken func(services, bindings []uuid.UUID) (map[uuid.UUID]bool, error)
}

// settling works out the sets of a host.
type settling struct {
	*Settling
	sets []set
	plan Plan
	held *listeners              // what identified services hold, once they are merged, by set
	gone map[uuid.UUID]uuid.UUID // stored bindings that are no more, and what each gave way to
}

// A set is a service, stored or seen or both, with its bindings.
type set struct {
	service.Service // as it will be, without Bindings
	stored          *service.Service
	moved           *service.Service // of another record, as it is stored there; nil for a service that is none, or is stored here, too
	seen            *Seen            // nil for a service that was not seen
	path            int32            // of the seen service

	members  []member   // what is stored
	observed []observed // what was seen, in content order
	final    []entry    // what will be stored
	yielding []int32    // stored presences that may have to give way

	sighted   bool // by what was seen as another service's
	displaced bool // whether it lost a binding to another service
}

// A member is a stored binding, as rule V0 has it now.
type member struct {
	binding.Binding
	at      host.Location
	located bool
	seenNow bool // it equals, covers or is covered by what was seen
	sighted bool // it was seen itself
	gone    bool
}

// stale reports whether only an earlier scan saw a member.
func (m *member) stale(s *Scan) bool {
	return !m.Stated() && !m.seenNow && m.LastSeenAt.Before(s.At) && m.LastDiscoveryID != s.ID
}

// observed is a seen binding.
type observed struct {
	binding.Binding
	at      host.Location
	located bool
	path    int32
	given   binding.Target // before rule V0
	was     uuid.UUID      // the ID that it came with
	skipped bool           // it breaks a rule
	known   bool           // its service has it
	held    bool           // it is a sighting of an identified service's listener
}

// An entry is a binding of a set as it will be.
type entry struct {
	binding.Binding
	at     host.Location
	member int32 // none for a new one
}

// Settle works out what becomes of the sets of a host.
func Settle(in *Settling) (*Plan, error) {
	s := &settling{Settling: in, gone: make(map[uuid.UUID]uuid.UUID)}
	s.collect()
	s.refit()
	s.markSeen()
	if err := s.assignIDs(); err != nil {
		return nil, err
	}
	if err := s.merge(); err != nil {
		return nil, err
	}
	s.write()
	return &s.plan, nil
}

// collect makes a set of every service, stored ones first, seen ones that are new
// behind them in content order.
func (s *settling) collect() {
	s.sets = make([]set, len(s.Stored), len(s.Stored)+len(s.Matches))
	position := int32(-1)
	for i := range s.Stored {
		stored := &s.Stored[i]
		next := &s.sets[i]
		next.stored, next.Service = stored, *stored
		next.Service.Bindings = nil
		next.members = make([]member, len(stored.Bindings))
		for k, b := range stored.Bindings {
			next.members[k] = s.member(b)
		}
		position = max(position, stored.Position)
	}
	for i, j := range s.Matches {
		seen := &s.Scan.Services[i]
		var to *set
		if j >= 0 {
			to = &s.sets[j]
			s.identify(to, seen)
			if s.Scan.Recorded {
				s.plan.Became = append(s.plan.Became, Became{seen.ID, to.ID})
			}
		} else {
			position = after(position)
			s.sets = append(s.sets, set{Service: s.newService(seen, position)})
			to = &s.sets[len(s.sets)-1]
			if s.Scan.Recorded {
				to.moved = &s.Record[seen.Path]
			}
		}
		to.seen, to.path = seen, seen.Path
		to.observed = make([]observed, len(seen.Bindings))
		for k := range seen.Bindings {
			b := s.Observed[i].Bindings[k]
			b.NetworkID = to.NetworkID
			o := observed{Binding: b, path: seen.Bindings[k].Path, given: b.Target, was: b.ID}
			o.Target = s.Inventory.Canonical(b.Target)
			o.at, o.located = s.Inventory.Locate(&o.Target)
			to.observed[k] = o
		}
	}
}

func (s *settling) member(b binding.Binding) member {
	m := member{Binding: b}
	m.Target = s.Inventory.Canonical(b.Target)
	m.at, m.located = s.Inventory.Locate(&m.Target)
	return m
}

// newService returns a seen service as it is stored for the first time.
func (s *settling) newService(seen *Seen, position int32) service.Service {
	next := seen.Service
	next.HostID, next.NetworkID = s.Inventory.HostID(), s.Inventory.NetworkID()
	next.Position, next.Revision = position, 0
	next.Source.Type = cmp.Or(next.Source.Type, SourceDiscovery)
	next.CreatedAt, next.UpdatedAt = cmp.Or(next.CreatedAt, s.Now), cmp.Or(next.UpdatedAt, s.Now)
	next.Sightings = s.Scan.sightings(next.Sightings)
	return next
}

// identify takes over what a scan knows of a stored service: of one that a person
// made, its virtualization alone.
func (s *settling) identify(to *set, seen *Seen) {
	if s.Scan.Recorded {
		to.Definition = cmp.Or(to.Definition, seen.Definition)
		to.Name = cmp.Or(to.Name, seen.Name)
		to.Sightings = either(to.Sightings, seen.Sightings)
		if len(to.Virtualization) == 0 {
			to.Virtualization = seen.Virtualization
		}
		if len(to.Tags) == 0 {
			to.Tags = seen.Tags
		}
		if seen.Source.Type == service.SourceManual {
			to.Source = seen.Source
		}
		return
	}
	if to.Source.Type != service.SourceManual && (!unidentified(&seen.Service) || unidentified(&to.Service)) {
		to.Definition = cmp.Or(seen.Definition, to.Definition)
	}
	if len(seen.Virtualization) > 0 {
		to.Virtualization = seen.Virtualization
	}
}

// refit runs the rules over the stored sets, where the host has changed: what is
// superseded now goes, and so do presences that nobody stated and that a listener
// of their service overlaps now.
func (s *settling) refit() {
	if !s.Merged.Changed() {
		return
	}
	for i := range s.sets {
		t := &s.sets[i]
		if t.stored == nil {
			continue
		}
		listening := newReach()
		for k := range t.members {
			if m := &t.members[k]; m.located && m.Target.IsListener() {
				listening.add(m.at, int32(k))
			}
		}
		for k := range t.members {
			m := &t.members[k]
			if by, ok := listening.over(m.at); ok && m.located && m.Target.IsPresence() && !m.Stated() {
				s.lose(m, t.members[by].ID, displaced)
			}
		}
		s.supersede(t)
	}
}

// supersede drops the stored bindings of a set that equal another, or that another
// covers, on the host as it is now.
func (s *settling) supersede(t *set) {
	var all []listener
	for k := range t.members {
		if m := &t.members[k]; m.located && !m.gone {
			all = append(all, listener{at: m.at, item: int32(k)})
		}
	}
	found := newListeners(all)
	for k := range t.members {
		m := &t.members[k]
		if !m.located || m.gone {
			continue
		}
		for e := range found.covering(everybody, m.at) {
			by := &t.members[e.item]
			equal := e.at == m.at
			if int(e.item) == k || by.gone || equal && e.item > int32(k) || !equal && !m.Target.IsListener() {
				continue
			}
			if m.Stated() {
				by.FirstDiscoveryID = noID
			}
			s.lose(m, by.ID, superseded)
			break
		}
	}
}

// markSeen settles, for the whole scan, which stored bindings were seen now, and
// which observed listeners are sightings of those of identified services.
func (s *settling) markSeen() {
	var own, identified []listener
	for i := range s.sets {
		t := &s.sets[i]
		holds := !unidentified(&t.Service)
		for k := range t.members {
			if m := &t.members[k]; m.located && !m.gone {
				own = append(own, listener{at: m.at, owner: int32(i), set: int32(i), item: int32(k)})
				if holds && m.Target.IsListener() {
					identified = append(identified, listener{at: m.at, set: int32(i), item: int32(k)})
				}
			}
		}
		for k := range t.observed {
			if o := &t.observed[k]; holds && o.located && o.Target.IsListener() {
				identified = append(identified, listener{at: o.at, set: int32(i), item: -1 - int32(k)})
			}
		}
	}
	s.markOwn(newListeners(own))
	s.markIdentified(newListeners(identified))
}

// markOwn marks what equals, covers or is covered by an observed binding of its
// service.
func (s *settling) markOwn(own *listeners) {
	for i := range s.sets {
		t := &s.sets[i]
		for k := range t.observed {
			o := &t.observed[k]
			if !o.located || k > 0 && t.observed[k-1].at == o.at {
				continue
			}
			for e := range own.overlapping(int32(i), o.at) {
				o.known = o.known || e.at == o.at
				if e.at == o.at || o.Target.IsListener() && (e.at.Contains(o.at) || o.at.Contains(e.at)) {
					t.members[e.item].seenNow = true
				}
			}
		}
	}
}

// markIdentified makes what was seen as listeners of unidentified services
// sightings of the listeners of identified ones that overlap them: nothing else
// where one of those equals or covers them.
func (s *settling) markIdentified(identified *listeners) {
	held := make(map[host.Location]bool)
	for i := range s.sets {
		t := &s.sets[i]
		if !unidentified(&t.Service) {
			continue
		}
		for k := range t.observed {
			o := &t.observed[k]
			if !o.located || !o.Target.IsListener() {
				continue
			}
			var done bool
			if o.held, done = held[o.at]; done {
				continue
			}
			for e := range identified.covering(everybody, o.at) {
				o.held = true
				s.sight(e, e.at == o.at)
			}
			if !o.held {
				for e := range identified.overlapping(everybody, o.at) {
					s.sight(e, true)
				}
			}
			held[o.at] = o.held
		}
	}
}

// sight notes that a listener of an identified service was seen: itself, or where
// it covers what was seen, as far as it is stated.
func (s *settling) sight(e *listener, itself bool) {
	t := &s.sets[e.set]
	t.sighted = true
	if e.item < 0 {
		return
	}
	m := &t.members[e.item]
	m.seenNow = true
	m.sighted = m.sighted || itself || m.Stated()
}

// assignIDs gives new services and bindings their IDs: their own where these are
// free.
func (s *settling) assignIDs() error {
	var services, bindings []uuid.UUID
	for i := range s.sets {
		t := &s.sets[i]
		if t.stored == nil && t.ID != noID {
			services = append(services, t.ID)
		}
		for k := range t.observed {
			if o := &t.observed[k]; o.known || o.held {
				o.ID = noID
			} else if o.ID != noID {
				bindings = append(bindings, o.ID)
			}
		}
	}
	var taken map[uuid.UUID]bool
	if len(services)+len(bindings) > 0 {
		var err error
		if taken, err = s.Taken(services, bindings); err != nil {
			return err
		}
	}
	used := make(map[uuid.UUID]bool)
	free := func(id uuid.UUID) uuid.UUID {
		for id == noID || taken[id] || used[id] {
			id = s.NewID()
		}
		used[id] = true
		return id
	}
	for i := range s.sets {
		t := &s.sets[i]
		if t.stored == nil {
			t.ID = free(t.ID)
		}
	}
	clear(used)
	for i := range s.sets {
		t := &s.sets[i]
		for k := range t.observed {
			o := &t.observed[k]
			if o.ServiceID = t.ID; !o.known && !o.held {
				o.ID = free(o.ID)
			}
		}
	}
	return nil
}

// claims returns the listeners that nobody else may claim (rule V6): those that
// were not seen now and are stated, or were seen by a later scan.
func (s *settling) claims() *validate.Claims {
	if !s.Validator.ReadsClaims() {
		return nil
	}
	claims := validate.NewClaims(s.Inventory)
	for i := range s.sets {
		t := &s.sets[i]
		var claimed []binding.Binding
		for k := range t.members {
			m := &t.members[k]
			if m.gone || !m.Target.IsListener() || m.seenNow && !s.Scan.Recorded {
				continue
			}
			later := !unidentified(&t.Service) && m.LastDiscoveryID != s.Scan.ID && !m.LastSeenAt.Before(s.Scan.At)
			if m.Stated() || later || s.Scan.Recorded && !unidentified(&t.Service) {
				claimed = append(claimed, m.Binding)
			}
		}
		claims.Add(t.Info(), claimed)
	}
	return claims
}

// lose notes that a stored binding is no more, and why.
func (s *settling) lose(m *member, by uuid.UUID, why cause) {
	m.gone = true
	s.gone[m.ID] = by
	s.plan.lost = append(s.plan.lost, loss{m.Binding, by, why})
}

type cause uint8

const (
	superseded cause = iota
	displaced
)

// loss is a stored binding that is no more.
type loss struct {
	binding.Binding
	by  uuid.UUID
	why cause
}
