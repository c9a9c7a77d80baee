package validate_test

import (
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// The rules once more, as plainly as they can be written: pairwise loops over
// the lists of a host, no index, no shortcut. It shares no code with the
// Validator, and every operation of that must agree with it.

// brute is the rules on one host.
type brute struct {
	host  host.Host
	limit int
}

// item is a binding with its index in the input.
type item struct {
	binding.Binding
	index int
}

// broken is what the brute force says of a violation.
type broken struct {
	rule  string
	code  binding.Code
	index int
	other binding.Target // zero for none
	owner uuid.UUID
}

func (b brute) isInterface(id uuid.UUID) bool {
	return slices.ContainsFunc(b.host.Interfaces, func(f host.Interface) bool { return f.ID == id })
}

func (b brute) hasOwnAddress(id uuid.UUID) bool {
	return slices.ContainsFunc(b.host.Interfaces, func(f host.Interface) bool { return f.ID == id && f.HasAddress() })
}

func (b brute) isIPAddress(id uuid.UUID) bool {
	return slices.ContainsFunc(b.host.IPAddresses, func(a host.IPAddress) bool { return a.ID == id })
}

func (b brute) isPort(id uuid.UUID) bool {
	return slices.ContainsFunc(b.host.Ports, func(p host.Port) bool { return p.ID == id })
}

func (b brute) carries(interfaceID, ipAddressID uuid.UUID) bool {
	return slices.ContainsFunc(b.host.IPAddresses, func(a host.IPAddress) bool {
		return a.ID == ipAddressID && a.InterfaceID == interfaceID
	})
}

// canonical is V0.
func (b brute) canonical(t binding.Target) binding.Target {
	portID, listens := t.PortID()
	at := func(s binding.Scope, presence binding.Target) binding.Target {
		if listens {
			return binding.Port(portID, s)
		}
		return presence
	}
	if id, ok := t.InterfaceID(); ok && b.isIPAddress(id) {
		return at(binding.OnIPAddress(id), binding.IPAddress(id))
	}
	if id, ok := t.IPAddressID(); ok && b.hasOwnAddress(id) {
		return at(binding.OnInterface(id), binding.Interface(id))
	}
	return t
}

func (b brute) onHost(t binding.Target) bool {
	if id, ok := t.PortID(); ok && !b.isPort(id) {
		return false
	}
	if id, ok := t.InterfaceID(); ok && !b.isInterface(id) {
		return false
	}
	if id, ok := t.IPAddressID(); ok && !b.isIPAddress(id) {
		return false
	}
	return true
}

func (b brute) covers(a, c binding.Scope) bool {
	if a == c || a == binding.AllInterfaces() {
		return true
	}
	interfaceID, isInterface := a.InterfaceID()
	ipAddressID, isIPAddress := c.IPAddressID()
	return isInterface && isIPAddress && b.carries(interfaceID, ipAddressID)
}

func (b brute) overlap(a, c binding.Scope) bool { return b.covers(a, c) || b.covers(c, a) }

func samePort(a, b binding.Target) bool {
	p, ok := a.PortID()
	q, both := b.PortID()
	return ok && both && p == q
}

func (b brute) supersedes(a, c binding.Target) bool {
	return samePort(a, c) && a != c && b.covers(a.Scope(), c.Scope())
}

func (b brute) conflict(a, c binding.Target) bool {
	return a.IsListener() != c.IsListener() && b.overlap(a.Scope(), c.Scope())
}

// claimed is V6 for one listener. Claims are nil where the rule is off.
func (b brute) claimed(in validate.Input, t binding.Target) (validate.Claim, bool) {
	for _, s := range in.Stored {
		if stored := b.canonical(s.Target); stored == t || b.supersedes(stored, t) {
			return validate.Claim{}, false
		}
	}
	for _, c := range in.Claims {
		to := b.canonical(c.Binding.Target)
		if c.Binding.ServiceID != in.Service.ID && samePort(to, t) && b.overlap(to.Scope(), t.Scope()) {
			return c, true
		}
	}
	return validate.Claim{}, false
}

// set is the operation Set without its limit: what is kept, what is dropped and
// what is broken.
func (b brute) set(in validate.Input, input []binding.Binding) (kept []item, drops []validate.Drop, violations []broken) {
	items := make([]item, len(input))
	for i := range input {
		items[i] = item{input[i], i}
		items[i].Target = b.canonical(input[i].Target)
	}
	standing, wrong := b.wellFormed(items)
	violations = append(violations, wrong...)
	if in.Service.NetworkID != uuid.Nil && b.host.NetworkID != uuid.Nil && in.Service.NetworkID != b.host.NetworkID {
		violations = append(violations, broken{rule: "V2", code: "network_mismatch", index: -1})
	}
	var here []item
	for _, it := range standing {
		if b.onHost(it.Target) {
			here = append(here, it)
		} else {
			violations = append(violations, broken{rule: "V2", code: "cross_host", index: it.index})
		}
	}
	kept = b.normal(here)
	for _, it := range here {
		if d, gone := b.drop(kept, it); gone {
			drops = append(drops, d)
		}
	}
	var peaceful []item
	for j, it := range kept {
		clash := slices.IndexFunc(kept[:j], func(c item) bool { return b.conflict(c.Target, it.Target) })
		if clash < 0 {
			peaceful = append(peaceful, it)
			continue
		}
		violations = append(violations, broken{rule: "V5", code: "conflict", index: it.index, other: kept[clash].Target})
	}
	for _, it := range peaceful {
		if c, ok := b.claimed(in, it.Target); ok && it.Target.IsListener() {
			violations = append(violations, broken{
				rule: "V6", code: "port_claimed", index: it.index, other: c.Binding.Target, owner: c.Binding.ServiceID,
			})
		}
	}
	return kept, drops, violations
}

// wellFormed is V1 for each binding.
func (b brute) wellFormed(items []item) (standing []item, violations []broken) {
	for j, it := range items {
		portID, listens := it.Target.PortID()
		interfaceID, onInterface := it.Target.InterfaceID()
		ipAddressID, onIPAddress := it.Target.IPAddressID()
		first := slices.IndexFunc(items[:j], func(c item) bool { return c.ID == it.ID && it.ID != uuid.Nil })
		switch {
		case it.Target == binding.Target{},
			listens && portID == uuid.Nil,
			onInterface && interfaceID == uuid.Nil,
			onIPAddress && ipAddressID == uuid.Nil,
			it.Target.Scope() == binding.Scope{}:
			violations = append(violations, broken{rule: "V1", code: "invalid", index: it.index})
		case first >= 0 && items[first].Target != it.Target:
			violations = append(violations, broken{rule: "V1", code: "invalid", index: it.index, other: items[first].Target})
		default:
			standing = append(standing, it)
		}
	}
	return standing, violations
}

// normal is V3 and V4: those with no equal before them and nothing that covers
// them.
func (b brute) normal(items []item) (kept []item) {
	for j, it := range items {
		equal := slices.ContainsFunc(items[:j], func(c item) bool { return c.Target == it.Target })
		covered := slices.ContainsFunc(items, func(c item) bool { return b.supersedes(c.Target, it.Target) })
		if !equal && !covered {
			kept = append(kept, it)
		}
	}
	return kept
}

// drop says why a binding that is not kept is not.
func (b brute) drop(kept []item, it item) (validate.Drop, bool) {
	for _, k := range kept {
		if k.index == it.index {
			return validate.Drop{}, false
		}
	}
	for _, k := range kept {
		if k.Target == it.Target {
			return validate.Drop{Index: it.index, By: k.index, Reason: validate.Duplicate}, true
		}
	}
	for _, k := range kept {
		if b.supersedes(k.Target, it.Target) {
			return validate.Drop{Index: it.index, By: k.index, Reason: validate.Superseded}, true
		}
	}
	panic("what is not kept equals or is covered by something kept")
}

// merge is the operation Merge: one by one, each against all that is there.
func (b brute) merge(in validate.Input, observed []binding.Binding) (kept []item, drops, absorbed []validate.Drop, violations []broken) {
	var items []item // all that ever stood
	for i, given := range in.Bindings {
		kept = append(kept, item{given, i})
	}
	items = slices.Clone(kept)
	entered := make(map[int]bool) // by index: was in the set at some time
	for _, it := range kept {
		entered[it.index] = true
	}
	for k := range observed {
		it := item{observed[k], len(in.Bindings) + k}
		it.Target = b.canonical(it.Target)
		set := make([]binding.Binding, 0, len(kept)+1)
		for _, c := range kept {
			set = append(set, c.Binding)
		}
		after, _, wrong := b.set(in, append(set, it.Binding))
		wrong = slices.DeleteFunc(wrong, func(w broken) bool { return w.index != len(kept) })
		tooMany := len(after) > len(kept) && len(after) > b.limit
		switch {
		case len(wrong) > 0 && (wrong[0].rule < "V5" || !tooMany):
			wrong[0].index = it.index
			violations = append(violations, wrong[0])
			continue
		case tooMany:
			violations = append(violations, broken{rule: "V1", code: "invalid", index: it.index})
			continue
		}
		items = append(items, it)
		if holder := slices.IndexFunc(kept, func(c item) bool {
			return c.Target == it.Target || b.supersedes(c.Target, it.Target)
		}); holder >= 0 {
			kept[holder].Binding = refreshed(kept[holder].Binding, it.Binding)
			continue
		}
		kept = slices.DeleteFunc(kept, func(c item) bool { return b.supersedes(it.Target, c.Target) })
		kept = append(kept, it)
		entered[it.index] = true
	}
	for _, it := range items {
		if d, gone := b.drop(kept, it); gone && entered[it.index] {
			drops = append(drops, d)
		} else if gone {
			absorbed = append(absorbed, d)
		}
	}
	return kept, drops, absorbed, violations
}

func refreshed(b, seen binding.Binding) binding.Binding {
	if !seen.LastSeenAt.Before(b.LastSeenAt) {
		b.LastSeenAt = seen.LastSeenAt
		if seen.LastDiscoveryID != uuid.Nil {
			b.LastDiscoveryID = seen.LastDiscoveryID
		}
	}
	return b
}
