package validate

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// evaluation is one run of the rules over a whole set. Each rule is one method,
// and they run in their order; each sees only bindings that broke none before.
// It takes linear time and memory. What the fast path of Set answers, this
// answers the same; it alone explains violations.
type evaluation struct {
	v   *Validator
	in  Input
	inv *host.Inventory

	targets    []binding.Target // of the bindings, as V0 has them
	fates      []fate
	rewritten  []Rewrite
	violations []Violation
	dropped    int
}

// fate is what has become of one binding.
type fate struct {
	by     int32 // what it was dropped for, where reason is set
	reason Reason
	broken bool // it has a violation
}

// stands reports whether binding i broke no rule and was not dropped, so far.
func (e *evaluation) stands(i int) bool { return !e.fates[i].broken && e.fates[i].reason == 0 }

// evaluate runs every rule over the input of Set.
func (v *Validator) evaluate(in Input) *evaluation {
	e := &evaluation{v: v, in: in, inv: in.Inventory, fates: make([]fate, len(in.Bindings))}
	if e.inv == nil {
		e.violations = append(e.violations, noInventory())
		return e
	}
	e.canonical()
	e.wellFormed()
	e.crossHost()
	e.dedup()
	e.precedence()
	e.conflict()
	e.exclusivePorts()
	e.customRules()
	return e
}

// canonical is rule V0: a reference to an interface of the host that is really
// one of its IP addresses means that address; a reference to an IP address that
// is really an interface with an own address means that interface; rewrite it.
func (e *evaluation) canonical() {
	e.targets = make([]binding.Target, len(e.in.Bindings))
	for i := range e.in.Bindings {
		from := e.in.Bindings[i].Target
		to := e.inv.Canonical(from)
		if to != from {
			e.rewritten = append(e.rewritten, Rewrite{Index: i, From: from, To: to})
		}
		e.targets[i] = to
	}
}

// wellFormed is rule V1: no target is zero or has a nil ID in it, no two bindings
// have one non-nil ID and different targets, and there are at most MaxBindings.
func (e *evaluation) wellFormed() {
	if len(e.in.Bindings) > e.v.MaxBindings() {
		e.violations = append(e.violations, e.v.tooMany(len(e.in.Bindings)))
	}
	firstWith := make(map[uuid.UUID]int)
	for i, t := range e.targets {
		id := e.in.Bindings[i].ID
		first, seen := i, false
		if id != uuid.Nil {
			if first, seen = firstWith[id]; !seen {
				firstWith[id] = i
			}
		}
		switch {
		case !t.IsValid():
			e.violate(i, malformedTarget(e.inv, t))
		case seen && e.targets[first] != t:
			e.violate(i, twoTargets(e.inv, id, t, e.binding(first)))
		}
	}
}

// crossHost is rule V2: every port, interface and IP address that any binding
// names belongs to the service's host; the service's network is the host's.
func (e *evaluation) crossHost() {
	if v, ok := networkMismatch(e.inv, &e.in.Service); ok {
		e.violations = append(e.violations, v)
	}
	for i, t := range e.targets {
		if e.stands(i) && !e.inv.Has(t) {
			e.violate(i, crossHost(e.inv, t))
		}
	}
}

// dedup is rule V3: equal targets collapse to the first.
func (e *evaluation) dedup() {
	first := make(map[binding.Target]int)
	for i, t := range e.targets {
		if !e.stands(i) {
			continue
		}
		if j, seen := first[t]; seen {
			e.drop(i, j, Duplicate)
		} else {
			first[t] = i
		}
	}
}

// precedence is rule V4: a listener is dropped when another listener on the same
// port has a scope that strictly covers its own. What a dropped listener was
// dropped for is in the set itself, so the duplicates of a listener that goes
// here are superseded too.
func (e *evaluation) precedence() {
	listeners := make(map[binding.Target]int)
	for i, t := range e.targets {
		if e.stands(i) && t.IsListener() {
			listeners[t] = i
		}
	}
	for i, t := range e.targets {
		if !e.stands(i) {
			continue
		}
		for _, w := range wider(e.inv, t) {
			if j, ok := listeners[w]; ok {
				e.drop(i, j, Superseded)
				break
			}
		}
	}
	for i := range e.fates {
		if f := &e.fates[i]; f.reason == Duplicate && e.fates[f.by].reason == Superseded {
			*f = e.fates[f.by]
		}
	}
}

// wider returns the listeners that would supersede a target, the widest first:
// on the same port everywhere, and for an IP address on the interface that
// carries it. Nothing supersedes a presence.
func wider(inv *host.Inventory, t binding.Target) []binding.Target {
	scope := t.Scope()
	if !t.IsListener() || scope == binding.AllInterfaces() {
		return nil
	}
	targets := []binding.Target{t.WithScope(binding.AllInterfaces())}
	if ipAddressID, ok := scope.IPAddressID(); ok {
		if carrier, ok := inv.Carrier(ipAddressID); ok {
			targets = append(targets, t.WithScope(binding.OnInterface(carrier.ID)))
		}
	}
	return targets
}

// conflict is rule V5: a presence and a listener of the same service whose scopes
// overlap conflict. Of a pair the later in input order offends, paired with the
// first it clashes with.
func (e *evaluation) conflict() {
	presences, listeners := newReach(e.inv), newReach(e.inv)
	for i, t := range e.targets {
		if !e.stands(i) {
			continue
		}
		same, other := presences, listeners
		if t.IsListener() {
			same, other = listeners, presences
		}
		same.add(t.Scope(), i)
		if clash, ok := other.first(t.Scope()); ok {
			e.violate(i, conflicting(e.inv, t, e.binding(clash)))
		}
	}
}

// exclusivePorts is rule V6: a listener conflicts with a listener of another
// service of the host on the same port with an overlapping scope. A listener
// equal to, or covered by, one that the service had stored is left alone.
func (e *evaluation) exclusivePorts() {
	claims := e.v.claimsOf(&e.in)
	if claims == nil {
		return
	}
	for i, t := range e.targets {
		if !e.stands(i) {
			continue
		}
		if claim, ok := claims.against(t); ok {
			e.violate(i, portClaimed(e.inv, t, claim))
		}
	}
}

// binding returns binding i as V0 has it.
func (e *evaluation) binding(i int) binding.Binding {
	b := e.in.Bindings[i]
	b.Target = e.targets[i]
	return b
}

func (e *evaluation) drop(i, by int, reason Reason) {
	e.fates[i] = fate{by: int32(by), reason: reason}
	e.dropped++
}

func (e *evaluation) violate(i int, v Violation) {
	e.fates[i].broken = true
	e.violations = append(e.violations, v.at(i, i, e.binding(i)))
}
