package validate

import (
	"github.com/bindset/bindset/host"
)

// claims are what rule V6 reads: the listeners of other services, and what the
// service itself had stored.
type claims struct {
	ports  map[int32][]int32 // the claims on each port
	firsts map[site]int32    // of ports with many claims
	at     []host.Location   // of each claim
	stored *claims
}

// A site is a slot on a port, or all that it is wider than.
type site struct {
	port     int32
	slot     slot
	touching bool
}

// claimsOf indexes the claims of an input; nil where V6 is off or nothing is
// claimed.
func (v *Validator) claimsOf(in *Input) *claims {
	if !v.exclusivePorts || len(in.Claims) == 0 {
		return nil
	}
	c := &claims{ports: make(map[int32][]int32)}
	for i := range in.Claims {
		b := &in.Claims[i].Binding
		at := nowhere
		if b.ServiceID != in.Service.ID {
			_, at, _ = locate(in.Inventory, &b.Target)
		}
		c.add(at)
	}
	c.stored = &claims{ports: make(map[int32][]int32)}
	for i := range in.Stored {
		_, at, _ := locate(in.Inventory, &in.Stored[i].Target)
		c.stored.add(at)
	}
	return c
}

func (c *claims) add(at host.Location) {
	i := int32(len(c.at))
	c.at = append(c.at, at)
	if !listens(&at) || at == nowhere {
		return
	}
	c.ports[at.Port] = append(c.ports[at.Port], i)
	switch onPort := c.ports[at.Port]; {
	case len(onPort) == few+1:
		if c.firsts == nil {
			c.firsts = make(map[site]int32)
		}
		for _, i := range onPort {
			c.index(i)
		}
	case len(onPort) > few+1:
		c.index(i)
	}
}

func (c *claims) index(i int32) {
	at := &c.at[i]
	note := func(s site) {
		if _, ok := c.firsts[s]; !ok {
			c.firsts[s] = i
		}
	}
	note(site{at.Port, slotOf(at), false})
	var room [3]slot
	for _, s := range wider(at, &room) {
		note(site{at.Port, s, true})
	}
}

// against returns the first claim that a binding breaks: none for a presence, and
// none for a listener that the service had stored, or had stored covered.
func (c *claims) against(at *host.Location) (int32, bool) {
	var room [5]int32
	first := int32(none)
	for _, i := range c.near(at, &room) {
		if competes(&c.at[i], at) && (first == none || i < first) {
			first = i
		}
	}
	return first, first != none && !c.stored.holds(at)
}

func (c *claims) holds(at *host.Location) bool {
	var room [5]int32
	for _, i := range c.near(at, &room) {
		if equal(&c.at[i], at) || covers(&c.at[i], at) {
			return true
		}
	}
	return false
}

func (c *claims) near(at *host.Location, room *[5]int32) []int32 {
	onPort := c.ports[at.Port]
	if len(onPort) <= few {
		return onPort
	}
	found := room[:0]
	note := func(s site) {
		if i, ok := c.firsts[s]; ok {
			found = append(found, i)
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
