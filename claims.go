package bindset

import (
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// portClaims holds listeners of the services of one host while a call changes
// many of them, and finds for a listener those that rule V6 needs: a few at most,
// however many there are, so that many services on one port take linear time.
// The nil portClaims is that of rule V6 switched off.
type portClaims struct {
	inv    *host.Inventory
	at     map[binding.Target][]validate.Claim // those with a target
	within map[binding.Target][]validate.Claim // those with a target, or with one that this covers
}

func newPortClaims(inv *host.Inventory) *portClaims {
	return &portClaims{
		inv: inv, at: make(map[binding.Target][]validate.Claim), within: make(map[binding.Target][]validate.Claim),
	}
}

// against returns claims among which are, for each of the bindings, some that
// overlap it if any do.
func (p *portClaims) against(bindings []binding.Binding) []validate.Claim {
	if p == nil {
		return nil
	}
	claims := []validate.Claim{} // nil would turn V6 off
	for i := range bindings {
		t := p.inv.Canonical(bindings[i].Target)
		claims = append(claims, p.at[t]...)
		for _, wider := range p.wider(t) {
			claims = append(claims, p.at[wider]...)
		}
		claims = append(claims, p.within[t]...)
	}
	return claims
}

// add takes in the listeners among the bindings of a service.
func (p *portClaims) add(serviceName string, bindings []binding.Binding) {
	if p == nil {
		return
	}
	for _, b := range bindings {
		b.Target = p.inv.Canonical(b.Target)
		if !b.Target.IsListener() {
			continue
		}
		claim := validate.Claim{Binding: b, ServiceName: serviceName}
		put(p.at, b.Target, claim)
		put(p.within, b.Target, claim)
		for _, wider := range p.wider(b.Target) {
			put(p.within, wider, claim)
		}
	}
}

// wider returns the targets that cover a listener and are not it.
func (p *portClaims) wider(t binding.Target) []binding.Target {
	all := t.WithScope(binding.AllInterfaces())
	if t == all {
		return nil
	}
	if id, ok := t.IPAddressID(); ok {
		if carrier, ok := p.inv.Carrier(id); ok {
			return []binding.Target{all, t.WithScope(binding.OnInterface(carrier.ID))}
		}
	}
	return []binding.Target{all}
}

// put keeps the first claim, and the first of another service: whichever service
// asks, one of the two is not its own.
func put(claims map[binding.Target][]validate.Claim, t binding.Target, claim validate.Claim) {
	switch kept := claims[t]; {
	case len(kept) == 0, len(kept) == 1 && kept[0].Binding.ServiceID != claim.Binding.ServiceID:
		claims[t] = append(kept, claim)
	}
}
