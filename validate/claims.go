package validate

import (
	"iter"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// A Claim is a listener of some service of the host, and that service's name.
// Its Binding.ServiceID says which service it is.
type Claim struct {
	Binding     binding.Binding
	ServiceName string
}

// Claims are listeners of the services of one host, indexed for rule V6. Any
// number of goroutines may read them at once, as long as none adds to them. The
// nil Claims are none.
type Claims struct {
	inv *host.Inventory
	all []indexed
	by  listeners
}

// An indexed claim knows where in an input it comes from.
type indexed struct {
	Claim
	set, index int // as in Violation; -1 for one that is not from the input
}

// NewClaims indexes listeners of services of a host. Presences among them claim
// nothing, nor does a listener on a port or at a place that the host does not
// have: it shares no place with any other. It takes time linear in the claims.
func NewClaims(inv *host.Inventory, claims ...Claim) *Claims {
	c := &Claims{inv: inv}
	for i := range claims {
		c.add(indexed{claims[i], -1, -1})
	}
	return c
}

// Add adds the listeners among the bindings of a service, in constant time for
// each of them. To nil Claims it adds nothing.
func (c *Claims) Add(of ServiceInfo, bindings []binding.Binding) {
	if c == nil {
		return
	}
	for _, b := range bindings {
		b.ServiceID = of.ID
		c.add(indexed{Claim{b, of.Name}, -1, -1})
	}
}

func (c *Claims) add(claim indexed) {
	b := &claim.Binding
	if !b.Target.IsListener() {
		return
	}
	_, at, _ := locate(c.inv, &b.Target)
	c.all = append(c.all, claim)
	c.by.add(at, b.ServiceID)
}

// All returns the claims, in the order in which they were added.
func (c *Claims) All() iter.Seq[Claim] {
	return func(yield func(Claim) bool) {
		if c == nil {
			return
		}
		for i := range c.all {
			if !yield(c.all[i].Claim) {
				return
			}
		}
	}
}

// claim returns the first listener of another service that a binding competes
// with (V6): none for a presence, and none for a listener that the service had
// stored, or had stored covered.
func (e *evaluation) claim(i int) (int32, bool) {
	var room [10]int32
	at, by, first := &e.at[i], &e.in.Claims.by, int32(none)
	for _, j := range by.near(at, &room) {
		if by.isAnothers(j, e.in.Service.ID) && competes(&by.at[j], at) && (first == none || j < first) {
			first = j
		}
	}
	return first, first != none && !e.wasStored(at)
}

// wasStored reports whether the service had a binding stored, or had a listener
// stored that covers it.
func (e *evaluation) wasStored(at *host.Location) bool {
	if e.stored == nil {
		e.stored = locateAll(e.in.Inventory, e.in.Stored)
	}
	var room [10]int32
	for _, j := range e.stored.near(at, &room) {
		if other := &e.stored.at[j]; equal(other, at) || covers(other, at) {
			return true
		}
	}
	return false
}

func locateAll(inv *host.Inventory, set []binding.Binding) *listeners {
	l := &listeners{}
	for i := range set {
		_, at, _ := locate(inv, &set[i].Target)
		l.add(at, uuid.Nil)
	}
	return l
}

// listeners finds listeners by what they name: on a port with few of them all,
// else the first ones at a site.
type listeners struct {
	at     []host.Location
	owners []uuid.UUID
	onPort map[int32][]int32
	firsts map[site][2]int32 // the first, and the first of another owner, or none
}

// A site is a slot on a port, or with touching all to which that slot is wider.
type site struct {
	port     int32
	slot     slot
	touching bool
}

func (l *listeners) add(at host.Location, owner uuid.UUID) {
	i := int32(len(l.at))
	l.at, l.owners = append(l.at, at), append(l.owners, owner)
	if at == nowhere || !listens(&at) {
		return
	}
	if l.onPort == nil {
		l.onPort, l.firsts = make(map[int32][]int32), make(map[site][2]int32)
	}
	onPort := append(l.onPort[at.Port], i)
	l.onPort[at.Port] = onPort
	switch {
	case len(onPort) == few+1:
		for _, i := range onPort {
			l.index(i)
		}
	case len(onPort) > few+1:
		l.index(i)
	}
}

func (l *listeners) index(i int32) {
	note := func(s site) {
		switch firsts, ok := l.firsts[s]; {
		case !ok:
			l.firsts[s] = [2]int32{i, none}
		case firsts[1] == none && l.owners[i] != l.owners[firsts[0]]:
			l.firsts[s] = [2]int32{firsts[0], i}
		}
	}
	at := &l.at[i]
	note(site{at.Port, slotOf(at), false})
	var room [3]slot
	for _, s := range wider(at, &room) {
		note(site{at.Port, s, true})
	}
}

// near returns those that a binding may be related to, among them the first ones
// that it is related to, of each of two owners.
func (l *listeners) near(at *host.Location, room *[10]int32) []int32 {
	onPort := l.onPort[at.Port]
	if len(onPort) <= few {
		return onPort
	}
	found := room[:0]
	note := func(s site) {
		firsts, ok := l.firsts[s]
		if ok {
			found = append(found, firsts[0])
		}
		if ok && firsts[1] != none {
			found = append(found, firsts[1])
		}
	}
	note(site{at.Port, slotOf(at), false})
	note(site{at.Port, slotOf(at), true})
	var slots [3]slot
	for _, s := range wider(at, &slots) {
		note(site{at.Port, s, false})
	}
	return found
}

// isAnothers reports whether a listener is not of this owner. One that is not
// known owns nothing.
func (l *listeners) isAnothers(i int32, owner uuid.UUID) bool {
	return owner == uuid.Nil || l.owners[i] != owner
}
