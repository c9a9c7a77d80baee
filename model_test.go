package bindset_test

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A model is what the Manager is to do, said once more in plain loops over two
// maps. It takes the rules from validate.Set, which has a brute-force model of
// its own. A use case changes the model and returns "", or a code and leaves the
// model in any state.
//
// The model makes up the IDs that the Manager assigns; learn puts the real ones
// in their place.
type model struct {
	hosts    map[uuid.UUID]host.Host
	services map[uuid.UUID]service.Service
	rules    *validate.Validator
	now      time.Time
	madeUp   uint64
}

// seriesMadeUp is that of the IDs that the model makes up.
const seriesMadeUp = 0xf00d

func (m *model) newID() uuid.UUID {
	m.madeUp++
	var id uuid.UUID
	binary.BigEndian.PutUint32(id[:], seriesMadeUp)
	binary.BigEndian.PutUint64(id[8:], m.madeUp)
	return id
}

func isMadeUp(id uuid.UUID) bool { return binary.BigEndian.Uint32(id[:]) == seriesMadeUp }

// at returns a copy of the model in which it is now.
func (m *model) at(now time.Time) *model {
	next := *m
	next.now = now
	next.hosts, next.services = maps.Clone(m.hosts), maps.Clone(m.services)
	for id, s := range next.services {
		next.services[id] = s.Clone()
	}
	return &next
}

func (m *model) snapshot() snapshot {
	s := snapshot{hosts: m.hosts, services: m.services, bindings: map[uuid.UUID]binding.Binding{}}
	for id, svc := range m.services {
		slices.SortFunc(svc.Bindings, func(a, b binding.Binding) int { return bytes.Compare(a.ID[:], b.ID[:]) })
		m.services[id] = svc.Clone() // what is empty is nil
		for _, b := range svc.Bindings {
			s.bindings[b.ID] = b
		}
	}
	return s
}

// learn replaces the IDs that the model made up by those of what is stored at
// the same place: a service at a position of its host, a binding of a target.
func (m *model) learn(stored snapshot) {
	for id, s := range m.services {
		if !isMadeUp(id) {
			continue
		}
		for realID, real := range stored.services {
			if _, known := m.services[realID]; !known && real.HostID == s.HostID && real.Position == s.Position {
				delete(m.services, id)
				s.ID = realID
				m.services[realID] = s
				break
			}
		}
	}
	for id, s := range m.services {
		for i := range s.Bindings {
			s.Bindings[i].ServiceID = id
			for _, real := range stored.services[id].Bindings {
				if isMadeUp(s.Bindings[i].ID) && real.Target == s.Bindings[i].Target && !m.bindingExists(real.ID) {
					s.Bindings[i].ID = real.ID
				}
			}
		}
	}
}

func (m *model) bindingExists(id uuid.UUID) bool {
	_, ok := m.owner(id)
	return ok
}

func (m *model) owner(bindingID uuid.UUID) (service.Service, bool) {
	for _, s := range m.services {
		for _, b := range s.Bindings {
			if b.ID == bindingID {
				return s, true
			}
		}
	}
	return service.Service{}, false
}

func (m *model) servicesOn(hostID uuid.UUID) []service.Service {
	var on []service.Service
	for _, s := range m.services {
		if s.HostID == hostID {
			on = append(on, s)
		}
	}
	return on
}

func inventory(h host.Host) *host.Inventory {
	inv, err := host.NewInventory(h)
	if err != nil {
		panic(err)
	}
	return inv
}

// set returns what the rules make of a set of a service: those of its bindings
// that they keep, the targets as V0 has them.
func (m *model) set(s service.Service, bindings []binding.Binding) ([]binding.Binding, binding.Code) {
	inv := inventory(m.hosts[s.HostID])
	claims := validate.NewClaims(inv)
	for _, other := range m.servicesOn(s.HostID) {
		claims.Add(other.Info(), other.Bindings)
	}
	var res validate.Result
	err := m.rules.SetInto(&res, validate.Input{
		Inventory: inv, Service: s.Info(), Bindings: bindings,
		Stored: m.services[s.ID].Bindings, Claims: claims,
	})
	return slices.Clone(res.Bindings), bindset.CodeOf(err)
}

func tooLong(name string) bool { return utf8.RuneCountInString(name) > service.MaxNameLength }

func (m *model) createService(d service.Draft, position int32) binding.Code {
	h, ok := m.hosts[d.HostID]
	switch {
	case tooLong(d.Name) || d.HostID == uuid.Nil:
		return binding.ErrInvalid
	case !ok:
		return store.ErrNotFound
	case m.taken(d):
		return store.ErrExists
	}
	s := service.Service{
		ID: d.ID, HostID: h.ID, NetworkID: d.NetworkID, Name: d.Name, Source: service.Source{Type: "Manual"},
		Position: position, Revision: 1, CreatedAt: m.now, UpdatedAt: m.now,
	}
	if s.ID == uuid.Nil {
		s.ID = m.newID()
	}
	set, code := m.set(s, d.Bindings)
	if code != "" {
		return code
	}
	s.NetworkID = h.NetworkID
	for _, b := range set {
		s.Bindings = append(s.Bindings, m.fresh(s, b))
	}
	m.services[s.ID] = s
	return ""
}

// taken reports whether something has an ID of a draft.
func (m *model) taken(d service.Draft) bool {
	_, taken := m.services[d.ID]
	return taken || slices.ContainsFunc(d.Bindings, func(b binding.Binding) bool { return m.bindingExists(b.ID) })
}

// fresh returns a binding that is new in a service.
func (m *model) fresh(s service.Service, b binding.Binding) binding.Binding {
	if b.ID == uuid.Nil {
		b.ID = m.newID()
	}
	b.ServiceID, b.NetworkID, b.CreatedAt, b.UpdatedAt = s.ID, s.NetworkID, m.now, m.now
	return b
}

func (m *model) nextPosition(hostID uuid.UUID) int32 {
	next := int32(0)
	for i, s := range m.servicesOn(hostID) {
		if i == 0 || s.Position >= next {
			next = s.Position + 1
		}
	}
	return next
}

// stale reports whether a precondition does not hold for a stored revision: 0 is
// none.
func stale(stored uint64, asked ...uint64) bool {
	return slices.ContainsFunc(asked, func(revision uint64) bool { return revision != 0 && revision != stored })
}

func (m *model) updateService(given service.Service, ifRevision uint64) binding.Code {
	stored, ok := m.services[given.ID]
	moved := given.HostID != uuid.Nil && given.HostID != stored.HostID
	_, hostExists := m.hosts[given.HostID]
	switch {
	case tooLong(given.Name) || given.ID == uuid.Nil:
		return binding.ErrInvalid
	case !ok || moved && !hostExists:
		return store.ErrNotFound
	case stale(stored.Revision, ifRevision, given.Revision):
		return store.ErrStale
	case moved:
		return binding.ErrInvalid
	}
	inv := inventory(m.hosts[stored.HostID])
	matched := map[int]binding.Binding{} // by index in given
	for i, b := range given.Bindings {
		for _, was := range stored.Bindings {
			retargeted := slices.ContainsFunc(given.Bindings, func(b binding.Binding) bool {
				return b.ID == was.ID && inv.Canonical(b.Target) != was.Target
			})
			if b.ID == was.ID {
				matched[i] = was
				break
			}
			if inv.Canonical(b.Target) == was.Target && !retargeted {
				matched[i] = was // unless a later one has the ID
			}
		}
		if _, ok := matched[i]; !ok && m.bindingExists(b.ID) {
			return store.ErrExists
		}
	}
	given.HostID = stored.HostID
	var marked []binding.Binding // with their index where their origin is to be known
	for i, b := range given.Bindings {
		b.LineageID = indexID(i)
		marked = append(marked, b)
	}
	set, code := m.set(given, marked)
	if code != "" {
		return code
	}
	next := stored
	next.Name, next.Position, next.Bindings = given.Name, given.Position, nil
	for _, b := range set {
		was, ok := matched[indexOf(b.LineageID)]
		b.LineageID = uuid.Nil
		if ok {
			next.Bindings = append(next.Bindings, m.changed(was, b))
		} else {
			next.Bindings = append(next.Bindings, m.fresh(stored, b))
		}
	}
	m.put(next)
	return ""
}

func indexID(i int) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:], uint64(i))
	return id
}

func indexOf(id uuid.UUID) int { return int(binary.BigEndian.Uint64(id[:])) }

// changed returns a stored binding that gets what is new in another.
func (m *model) changed(was, given binding.Binding) binding.Binding {
	next := was
	next.Target = given.Target
	if !given.LastSeenAt.IsZero() {
		next.LastSeenAt = given.LastSeenAt
	}
	if next.Target != was.Target {
		next.UpdatedAt = m.now
	}
	return next
}

// put stores a service that is there already, as its next revision where it
// differs in more than when its bindings were last seen.
func (m *model) put(next service.Service) {
	stored := m.services[next.ID]
	same := stored.Name == next.Name && stored.Position == next.Position && len(stored.Bindings) == len(next.Bindings)
	for _, b := range next.Bindings {
		same = same && slices.ContainsFunc(stored.Bindings, func(was binding.Binding) bool { return sameButSeen(b, was) })
	}
	if !same {
		next.Revision++
		next.UpdatedAt = m.now
	}
	m.services[next.ID] = next
}

func (m *model) deleteService(id uuid.UUID, ifRevision uint64) binding.Code {
	s, ok := m.services[id]
	switch {
	case !ok:
		return store.ErrNotFound
	case stale(s.Revision, ifRevision):
		return store.ErrStale
	}
	delete(m.services, id)
	return ""
}

func (m *model) createBinding(b binding.Binding, ifRevision uint64) binding.Code {
	s, ok := m.services[b.ServiceID]
	switch {
	case b.ServiceID == uuid.Nil:
		return binding.ErrInvalid
	case !ok:
		return store.ErrNotFound
	case m.bindingExists(b.ID):
		return store.ErrExists
	case stale(s.Revision, ifRevision):
		return store.ErrStale
	case b.Target.IsValid() && b.NetworkID != uuid.Nil && b.NetworkID != s.NetworkID:
		return validate.ErrNetworkMismatch
	}
	b = m.fresh(s, b)
	set, code := m.set(s, append(slices.Clone(s.Bindings), b))
	if code != "" {
		return code
	}
	s.Bindings = set
	m.put(s)
	return ""
}

func (m *model) updateBinding(b binding.Binding, ifRevision uint64) binding.Code {
	s, ok := m.owner(b.ID)
	_, serviceExists := m.services[b.ServiceID]
	moved := b.ServiceID != uuid.Nil && b.ServiceID != s.ID
	switch {
	case b.ID == uuid.Nil:
		return binding.ErrInvalid
	case !ok || moved && !serviceExists:
		return store.ErrNotFound
	case stale(s.Revision, ifRevision):
		return store.ErrStale
	case moved:
		return binding.ErrInvalid
	case b.Target.IsValid() && b.NetworkID != uuid.Nil && b.NetworkID != s.NetworkID:
		return validate.ErrNetworkMismatch
	}
	var others []binding.Binding
	var was binding.Binding
	for _, other := range s.Bindings {
		if other.ID == b.ID {
			was = other
		} else {
			others = append(others, other)
		}
	}
	b.ServiceID = s.ID
	set, code := m.set(s, append([]binding.Binding{b}, others...)) // first, so that it stays where another one is equal
	if code != "" {
		return code
	}
	for i := range set {
		if set[i].ID == b.ID {
			set[i] = m.changed(was, set[i])
		}
	}
	s.Bindings = set
	m.put(s)
	return ""
}

func (m *model) deleteBinding(id uuid.UUID, ifRevision uint64) binding.Code {
	s, ok := m.owner(id)
	switch {
	case !ok:
		return store.ErrNotFound
	case stale(s.Revision, ifRevision):
		return store.ErrStale
	}
	s.Bindings = slices.DeleteFunc(slices.Clone(s.Bindings), func(b binding.Binding) bool { return b.ID == id })
	m.put(s)
	return ""
}

func (m *model) createHost(h host.Host, drafts []service.Draft) binding.Code {
	if h.NetworkID == uuid.Nil || slices.ContainsFunc(drafts, func(d service.Draft) bool { return tooLong(d.Name) }) {
		return binding.ErrInvalid
	}
	if _, taken := m.hosts[h.ID]; taken {
		return store.ErrExists
	}
	services, bindings := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	for _, d := range drafts {
		if m.taken(d) || services[d.ID] || slices.ContainsFunc(d.Bindings, func(b binding.Binding) bool { return bindings[b.ID] }) {
			return store.ErrExists
		}
		services[d.ID] = d.ID != uuid.Nil
		for _, b := range d.Bindings {
			bindings[b.ID] = b.ID != uuid.Nil
		}
	}
	h.Revision = 1
	m.hosts[h.ID] = h
	var broken []binding.Code
	for i, d := range drafts {
		d.HostID = h.ID
		if code := m.createService(d, int32(i)); code != "" {
			broken = append(broken, code)
		}
	}
	return first(broken)
}

// first returns the code of the rule that comes first.
func first(broken []binding.Code) binding.Code {
	for _, code := range []binding.Code{
		binding.ErrInvalid, validate.ErrNetworkMismatch, validate.ErrCrossHost, validate.ErrConflict, validate.ErrPortClaimed,
	} {
		if slices.Contains(broken, code) {
			return code
		}
	}
	return ""
}

func (m *model) putHost(h host.Host, cascade, ifExists bool, ifRevision uint64) binding.Code {
	stored, ok := m.hosts[h.ID]
	switch {
	case h.ID == uuid.Nil || h.NetworkID == uuid.Nil:
		return binding.ErrInvalid
	case !ok && (ifExists || ifRevision != 0 || h.Revision != 0):
		return store.ErrNotFound
	case !ok:
		h.Revision = 1
		m.hosts[h.ID] = h
		return ""
	case stale(stored.Revision, ifRevision, h.Revision):
		return store.ErrStale
	case h.NetworkID != stored.NetworkID:
		return validate.ErrNetworkMismatch
	case sameHost(h, stored):
		return ""
	}
	h.Revision = stored.Revision + 1
	m.hosts[h.ID] = h
	inv := inventory(h)
	var broken []binding.Code
	var inUse bool
	for _, s := range m.servicesOn(h.ID) {
		was := s.Bindings
		s.Bindings = nil
		for _, b := range was {
			if inv.Has(inv.Canonical(b.Target)) {
				s.Bindings = append(s.Bindings, b)
			} else {
				inUse = true
			}
		}
		set, code := m.set(s, s.Bindings)
		broken = append(broken, code)
		s.Bindings = nil
		for _, b := range set {
			at := slices.IndexFunc(was, func(w binding.Binding) bool { return w.ID == b.ID })
			s.Bindings = append(s.Bindings, m.changed(was[at], b))
		}
		m.put(s)
	}
	if inUse && !cascade {
		return store.ErrInUse
	}
	return first(broken)
}

func (m *model) deleteHost(id uuid.UUID, cascade bool, ifRevision uint64) binding.Code {
	h, ok := m.hosts[id]
	switch {
	case !ok:
		return store.ErrNotFound
	case stale(h.Revision, ifRevision, 0):
		return store.ErrStale
	case len(m.servicesOn(id)) > 0 && !cascade:
		return store.ErrInUse
	}
	for _, s := range m.servicesOn(id) {
		delete(m.services, s.ID)
	}
	delete(m.hosts, id)
	return ""
}
