package validate

import (
	"iter"
	"slices"

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
		c.add(indexed{claims[i], none, none}, claims[i].Binding.ServiceID)
	}
	return c
}

// Add adds the listeners among the bindings of a service, in constant time for
// each of them. To nil Claims it adds nothing.
func (c *Claims) Add(of ServiceInfo, bindings []binding.Binding) {
	if c == nil {
		return
	}
	for i := range bindings {
		c.add(indexed{Claim{bindings[i], of.Name}, none, none}, of.ID)
	}
}

func (c *Claims) add(claim indexed, owner uuid.UUID) {
	if claim.Binding.Target.IsListener() {
		_, at, _ := locate(c.inv, &claim.Binding.Target)
		claim.Binding.ServiceID = owner
		c.all = append(c.all, claim)
		c.by.add(at, owner)
	}
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
// stored, or had stored covered. A service without an ID owns no claim.
func (e *evaluation) claim(i int) (int32, bool) {
	var room [10]int32
	at, by, own, first := &e.at[i], &e.in.Claims.by, e.in.Service.ID, int32(none)
	for _, j := range by.near(at, &room) {
		if (own == uuid.Nil || by.owners[j] != own) && competes(&by.at[j], at) && (first == none || j < first) {
			first = j
		}
	}
	return first, first != none && !e.wasStored(at)
}

// wasStored reports whether the service had a binding stored, or had a listener
// stored that covers it.
func (e *evaluation) wasStored(at *host.Location) bool {
	if e.stored == nil {
		e.stored = &listeners{}
		for i := range e.in.Stored {
			_, stored, _ := locate(e.in.Inventory, &e.in.Stored[i].Target)
			e.stored.add(stored, uuid.Nil)
		}
	}
	var room [10]int32
	return slices.ContainsFunc(e.stored.near(at, &room), func(j int32) bool {
		return equal(&e.stored.at[j], at) || covers(&e.stored.at[j], at)
	})
}

// listeners finds listeners by what they name: on a port with few of them all,
// else the first ones at a site.
type listeners struct {
	at     []host.Location
	owners []uuid.UUID
	onPort map[int32][]int32
	firsts map[uint64][2]int32 // by port and site: the first, and the first of another owner, or none
}

func (l *listeners) add(at host.Location, owner uuid.UUID) {
	i := int32(len(l.at))
	l.at, l.owners = append(l.at, at), append(l.owners, owner)
	if at == nowhere || !listens(&at) {
		return
	}
	if l.onPort == nil {
		l.onPort, l.firsts = make(map[int32][]int32), make(map[uint64][2]int32)
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
	at := &l.at[i]
	for _, s := range putAt(at) {
		key := key(at.Port, s)
		switch firsts, ok := l.firsts[key]; {
		case s < 0:
		case !ok:
			l.firsts[key] = [2]int32{i, none}
		case firsts[1] == none && l.owners[i] != l.owners[firsts[0]]:
			l.firsts[key] = [2]int32{firsts[0], i}
		}
	}
}

func key(port int32, s site) uint64 { return uint64(uint32(port))<<32 | uint64(uint32(s)) }

// near returns those that a binding may be related to, among them the first ones
// that it is related to, of each of two owners.
func (l *listeners) near(at *host.Location, room *[10]int32) []int32 {
	onPort := l.onPort[at.Port]
	if len(onPort) <= few {
		return onPort
	}
	found := room[:0]
	for _, s := range lookAt(at) {
		firsts, ok := l.firsts[key(at.Port, s)]
		for _, i := range firsts {
			if ok && i != none {
				found = append(found, i)
			}
		}
	}
	return found
}
