package discovery

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// MatchServices says which stored service each seen one is, as an index, or -1 for
// a new one. Both have targets of the host. It pairs by ID; by definition and name,
// where one stored and one seen service have them; by definition and a binding
// that they share; by name and such a binding. What shares no binding and has
// none on one side is paired by definition and name in order. It takes near-linear time.
func MatchServices(inv *host.Inventory, stored, seen []service.Service) []int {
	p := matchServices(inv, stored, seen)
	matches := make([]int, len(seen))
	for i, j := range p.Stored {
		matches[i] = int(j)
	}
	return matches
}

func matchServices(inv *host.Inventory, stored, seen []service.Service) *Pairs {
	p := newPairs(len(seen), len(stored))
	ids := func(all []service.Service) key[uuid.UUID] {
		return func(i int32) (uuid.UUID, bool) { return all[i].ID, all[i].ID != noID }
	}
	step(p, ids(seen), ids(stored), nil)
	step(p, kinds(seen), kinds(stored), nil)
	if p.left == 0 {
		return p
	}
	m := &serviceMatch{Pairs: p, seen: seen, stored: stored, seenSets: locate(inv, seen), storedSets: locate(inv, stored)}
	m.leaveToIdentified()
	m.pairSharing(m.likenesses(definition))
	m.pairCrowds(definition)
	m.pairSharing(m.likenesses(nameOfUnknown))
	m.pairSharing(m.likenesses(name))
	m.pairCrowds(name)
	m.pairInOrder()
	return p
}

// definition returns what software a service is. What nobody knows of two services
// says that they are alike, unless a person made one of them.
func definition(s *service.Service) (string, bool) {
	return s.Definition, s.Definition != "" || unidentified(s)
}

func nameOfUnknown(s *service.Service) (string, bool) { return s.Name, s.Definition == "" }

func name(s *service.Service) (string, bool) { return s.Name, s.Name != "" }

// kind is what people call a service.
type kind struct{ definition, name string }

func kinds(all []service.Service) key[kind] {
	return func(i int32) (kind, bool) { return kind{all[i].Definition, all[i].Name}, true }
}

// serviceMatch pairs services by what they share.
type serviceMatch struct {
	*Pairs
	seen, stored         []service.Service
	seenSets, storedSets [][]host.Location // of the bindings, in order
	seenOwn, storedOwn   [][]host.Location // the same, of unidentified services without what identified ones hold

	crowds bool // whether so many share something that not all pairs were looked at
}

func locate(inv *host.Inventory, all []service.Service) [][]host.Location {
	sets := make([][]host.Location, len(all))
	for i := range all {
		sets[i] = make([]host.Location, 0, len(all[i].Bindings))
		for k := range all[i].Bindings {
			t := inv.Canonical(all[i].Bindings[k].Target)
			if at, ok := inv.Locate(&t); ok {
				sets[i] = append(sets[i], at)
			}
		}
		slices.SortFunc(sets[i], compareLocations)
		sets[i] = slices.Compact(sets[i])
	}
	return sets
}

// leaveToIdentified makes the sets of unidentified services without the listeners
// that identified ones hold: these do not tell unidentified ones apart.
func (m *serviceMatch) leaveToIdentified() {
	var all []listener
	add := func(services []service.Service, sets [][]host.Location) {
		for i := range services {
			for _, at := range sets[i] {
				if at.Port != host.None && !unidentified(&services[i]) {
					all = append(all, listener{at: at})
				}
			}
		}
	}
	add(m.seen, m.seenSets)
	add(m.stored, m.storedSets)
	held := newListeners(all)
	isHeld := func(at host.Location) bool {
		for range held.covering(everybody, at) {
			return at.Port != host.None
		}
		return false
	}
	own := func(services []service.Service, sets [][]host.Location) [][]host.Location {
		all := slices.Clone(sets)
		for i := range services {
			if unidentified(&services[i]) && slices.ContainsFunc(sets[i], isHeld) {
				all[i] = slices.DeleteFunc(slices.Clone(sets[i]), isHeld)
			}
		}
		return all
	}
	m.seenOwn, m.storedOwn = own(m.seen, m.seenSets), own(m.stored, m.storedSets)
}

// sets returns the sets of two services, as far as they can share what is in them.
func (m *serviceMatch) sets(i, j int32) (seen, stored []host.Location) {
	if unidentified(&m.seen[i]) && unidentified(&m.stored[j]) {
		return m.seenOwn[i], m.storedOwn[j]
	}
	return m.seenSets[i], m.storedSets[j]
}

func compareLocations(a, b host.Location) int {
	return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Families, b.Families))
}

// likeness is how much a seen and a stored service share.
type likeness struct {
	seen, stored          int32
	equal, shared, unlike int
	sameName              bool
	position              int32
}

func compareLikeness(a, b likeness) int {
	named := func(l likeness) int {
		if l.sameName {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(b.equal, a.equal), cmp.Compare(b.shared, a.shared), cmp.Compare(a.unlike, b.unlike),
		cmp.Compare(named(a), named(b)), cmp.Compare(a.position, b.position),
		cmp.Compare(a.stored, b.stored), cmp.Compare(a.seen, b.seen),
	)
}

// likenesses returns the unpaired services of one word, a definition or a name,
// that share a binding.
func (m *serviceMatch) likenesses(word func(s *service.Service) (string, bool)) (all []likeness) {
	if m.left == 0 {
		return nil
	}
	m.sharing(word, func(i, j int32) {
		equal, shared := m.shared(m.sets(i, j))
		if shared == 0 {
			return
		}
		all = append(all, likeness{
			seen: i, stored: j, equal: equal, shared: shared,
			unlike:   len(m.seenSets[i]) + len(m.storedSets[j]) - 2*shared,
			sameName: m.seen[i].Name == m.stored[j].Name, position: m.stored[j].Position,
		})
	})
	return all
}

// pairSharing pairs services that share a binding: those with most equal bindings
// first, then most shared, then fewest not shared, then the same name, then stored
// Position.
func (m *serviceMatch) pairSharing(all []likeness) {
	slices.SortFunc(all, compareLikeness)
	for _, l := range all {
		if m.Stored[l.seen] == none && m.Seen[l.stored] == none {
			m.join(l.seen, l.stored)
		}
	}
}

// mark is what services of one word have in common: a target, or a port alone.
type mark struct {
	word string
	at   host.Location
}

// marks calls do for what a service has in common with others: its targets, and
// its ports.
func marks(word string, set []host.Location, do func(mark)) {
	for k, at := range set {
		do(mark{word, at})
		if at.Port != host.None && (k == 0 || set[k-1].Port != at.Port) {
			do(mark{word, host.Location{Port: at.Port, Place: math.MinInt32}})
		}
	}
}

// sharing calls do for all pairs of unpaired services that may share a binding,
// but for those that have nothing in common but what a crowd has.
func (m *serviceMatch) sharing(word func(s *service.Service) (string, bool), do func(i, j int32)) {
	having := make(map[mark][]int32)
	for j := range m.stored {
		if w, ok := word(&m.stored[j]); ok && m.Seen[j] == none {
			marks(w, m.storedSets[j], func(k mark) { having[k] = append(having[k], int32(j)) })
		}
	}
	wanting := make(map[mark]int)
	for i := range m.seen {
		if w, ok := word(&m.seen[i]); ok && m.Stored[i] == none {
			marks(w, m.seenSets[i], func(k mark) {
				if len(having[k]) > 0 {
					wanting[k]++
				}
			})
		}
	}
	met := make([]int32, len(m.stored)) // 1 + the seen service that last met a stored one
	for i := range m.seen {
		w, ok := word(&m.seen[i])
		if !ok || m.Stored[i] != none {
			continue
		}
		marks(w, m.seenSets[i], func(k mark) {
			n, others := wanting[k], having[k]
			if n*len(others) > crowd*(n+len(others)) {
				m.crowds = true
				return
			}
			m.work += len(others)
			for _, j := range others {
				if met[j] != int32(i)+1 {
					met[j] = int32(i) + 1
					do(int32(i), j)
				}
			}
		})
	}
}

// shared counts the bindings that two sets share: equal presences and listeners,
// and listeners on one port that overlap; each binding shares with one, an equal
// before an overlapping.
func (m *serviceMatch) shared(seen, stored []host.Location) (equal, shared int) {
	m.work += len(seen) + len(stored)
	var restSeen, restStored []host.Location // on one port, without the equal ones
	overlapping := func() {
		if len(restSeen)*len(restStored) <= crowd*crowd*(len(restSeen)+len(restStored)) {
			for _, a := range restSeen {
				k := slices.IndexFunc(restStored, a.Overlaps)
				if k >= 0 {
					restStored = slices.Delete(restStored, k, k+1)
					shared++
				}
			}
		}
		restSeen, restStored = restSeen[:0], restStored[:0]
	}
	port := host.None
	for len(seen) > 0 || len(stored) > 0 {
		order := -1
		switch {
		case len(seen) == 0:
			order = 1
		case len(stored) > 0:
			order = compareLocations(seen[0], stored[0])
		}
		var at host.Location
		if order <= 0 {
			at = seen[0]
		} else {
			at = stored[0]
		}
		if at.Port != port {
			overlapping()
			port = at.Port
		}
		switch {
		case order == 0:
			equal++
			shared++
		case port == host.None:
		case order < 0:
			restSeen = append(restSeen, at)
		default:
			restStored = append(restStored, at)
		}
		if order <= 0 {
			seen = seen[1:]
		}
		if order >= 0 {
			stored = stored[1:]
		}
	}
	overlapping()
	return equal, shared
}

// pairCrowds pairs, in order, services that have a target in common with so many
// others that it tells none of them apart.
func (m *serviceMatch) pairCrowds(word func(s *service.Service) (string, bool)) {
	if m.left == 0 || !m.crowds {
		return
	}
	waiting := make(map[mark][]int32)
	for _, j := range m.byPosition() {
		if w, ok := word(&m.stored[j]); ok && m.Seen[j] == none {
			for _, at := range m.storedOwn[j] {
				waiting[mark{w, at}] = append(waiting[mark{w, at}], j)
			}
		}
	}
	for i := range m.seen {
		w, ok := word(&m.seen[i])
		if !ok {
			continue
		}
		for _, at := range m.seenOwn[i] {
			if m.Stored[i] != none {
				break
			}
			k := mark{w, at}
			for len(waiting[k]) > 0 && m.Seen[waiting[k][0]] != none {
				waiting[k] = waiting[k][1:]
			}
			if len(waiting[k]) > 0 {
				m.join(int32(i), waiting[k][0])
			}
		}
	}
}

func (m *serviceMatch) byPosition() []int32 {
	order := make([]int32, len(m.stored))
	for j := range order {
		order[j] = int32(j)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(m.stored[a].Position, m.stored[b].Position) })
	return order
}

// pairInOrder pairs, in order, services of one definition and name that do not
// contradict each other: one of the two has no bindings.
func (m *serviceMatch) pairInOrder() {
	if m.left == 0 {
		return
	}
	for _, both := range [][2]bool{{false, false}, {false, true}, {true, false}} {
		waiting := make(map[kind][]int32)
		for _, j := range m.byPosition() {
			if m.Seen[j] == none && (len(m.storedOwn[j]) > 0) == both[1] {
				k, _ := kinds(m.stored)(j)
				waiting[k] = append(waiting[k], j)
			}
		}
		for i := range int32(len(m.seen)) {
			k, _ := kinds(m.seen)(i)
			if m.Stored[i] == none && (len(m.seenOwn[i]) > 0) == both[0] && len(waiting[k]) > 0 {
				m.join(i, waiting[k][0])
				waiting[k] = waiting[k][1:]
			}
		}
	}
}
