package validate

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// claims is what rule V6 reads: the listeners of other services by port, and
// what the service itself had stored.
type claims struct {
	inv    *host.Inventory
	claims []Claim
	byPort map[uuid.UUID]*reach
	stored map[binding.Target]struct{} // as V0 has them now
}

// claimsOf indexes the claims of an input; nil where V6 is off or nothing is
// claimed.
func (v *Validator) claimsOf(in *Input) *claims {
	if !v.exclusivePorts || len(in.Claims) == 0 {
		return nil
	}
	c := &claims{
		inv: in.Inventory, claims: in.Claims,
		byPort: make(map[uuid.UUID]*reach), stored: make(map[binding.Target]struct{}),
	}
	for i := range in.Claims {
		b := &in.Claims[i].Binding
		portID, ok := b.Target.PortID()
		if !ok || b.ServiceID == in.Service.ID {
			continue
		}
		if c.byPort[portID] == nil {
			c.byPort[portID] = newReach(in.Inventory)
		}
		c.byPort[portID].add(in.Inventory.Canonical(b.Target).Scope(), i)
	}
	for i := range in.Stored {
		c.stored[in.Inventory.Canonical(in.Stored[i].Target)] = struct{}{}
	}
	return c
}

// against returns the first claim that a canonical target breaks: none for a
// presence, and none for a listener that the service had stored, or had stored
// covered.
func (c *claims) against(t binding.Target) (*Claim, bool) {
	portID, ok := t.PortID()
	if !ok || c.byPort[portID] == nil || c.held(t) {
		return nil, false
	}
	i, ok := c.byPort[portID].first(t.Scope())
	if !ok {
		return nil, false
	}
	return &c.claims[i], true
}

func (c *claims) held(t binding.Target) bool {
	if _, ok := c.stored[t]; ok {
		return true
	}
	for _, w := range wider(c.inv, t) {
		if _, ok := c.stored[w]; ok {
			return true
		}
	}
	return false
}
