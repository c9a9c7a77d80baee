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
	host   host.Host
	limit  int
	places map[binding.Scope][]place // of each scope of the host
}

// A place is an IP address of the host, or an interface with an address of its
// own; or of an interface, or of the host itself (the nil ID), any other address
// of a family.
type place struct {
	id     uuid.UUID
	family string
}

const anyIPv4, anyIPv6 = "any other IPv4", "any other IPv6"

func newBrute(h host.Host, limit int) brute {
	b := brute{host: h, limit: limit, places: make(map[binding.Scope][]place)}
	all, all4, all6 := binding.AllInterfaces(), binding.AllIPv4(), binding.AllIPv6()
	add := func(id uuid.UUID, family string, scopes ...binding.Scope) {
		for _, s := range scopes {
			b.places[s] = append(b.places[s], place{id, family})
		}
	}
	add(uuid.Nil, anyIPv4, all, all4)
	add(uuid.Nil, anyIPv6, all, all6)
	family := map[bool]binding.Scope{true: all4, false: all6}
	for _, f := range h.Interfaces {
		if f.HasAddress() {
			add(f.ID, "", all, family[f.Address.Is4()], binding.OnInterface(f.ID))
			continue
		}
		add(f.ID, anyIPv4, all, all4, binding.OnInterface(f.ID))
		add(f.ID, anyIPv6, all, all6, binding.OnInterface(f.ID))
	}
	for _, a := range h.IPAddresses {
		add(a.ID, "", all, family[a.Address.Is4()], binding.OnIPAddress(a.ID), binding.OnInterface(a.InterfaceID))
	}
	return b
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
	for _, p := range b.places[c] {
		if !slices.Contains(b.places[a], p) {
			return false
		}
	}
	return len(b.places[c]) > 0
}

func (b brute) overlap(a, c binding.Scope) bool {
	return slices.ContainsFunc(b.places[a], func(p place) bool { return slices.Contains(b.places[c], p) })
}

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
	for c := range in.Claims.All() {
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
	n := len(in.Bindings)
	var all []item
	for i, given := range slices.Concat(in.Bindings, observed) {
		given.Target = b.canonical(given.Target)
		all = append(all, item{given, i})
	}
	standing, wrong := b.wellFormed(all)
	for _, w := range wrong {
		if w.index >= n {
			violations = append(violations, w)
		}
	}
	kept = slices.Clone(all[:n])
	entering := slices.DeleteFunc(standing, func(it item) bool { return it.index < n })
	slices.SortStableFunc(entering, func(x, y item) int { return b.turn(x.Target) - b.turn(y.Target) })
	for _, it := range entering {
		set := make([]binding.Binding, 0, len(kept)+1)
		for _, c := range kept {
			set = append(set, c.Binding)
		}
		after, _, wrong := b.set(in, append(set, it.Binding))
		wrong = slices.DeleteFunc(wrong, func(w broken) bool { return w.index != len(kept) })
		tooMany := len(after) > len(kept) && len(after) > max(b.limit, n)
		switch {
		case len(wrong) > 0 && (wrong[0].rule < "V5" || !tooMany):
			wrong[0].index = it.index
			violations = append(violations, wrong[0])
			continue
		case tooMany:
			violations = append(violations, broken{rule: "V1", code: "invalid", index: it.index})
			continue
		}
		if slices.ContainsFunc(kept, func(c item) bool { return c.Target == it.Target || b.supersedes(c.Target, it.Target) }) {
			d, _ := b.drop(kept, it)
			absorbed = append(absorbed, d)
			continue
		}
		for _, c := range kept {
			if b.supersedes(it.Target, c.Target) && c.Stated() {
				it.FirstDiscoveryID = uuid.Nil
			}
		}
		kept = slices.DeleteFunc(kept, func(c item) bool { return b.supersedes(it.Target, c.Target) })
		kept = append(kept, it)
		slices.SortFunc(kept, func(x, y item) int { return x.index - y.index })
	}
	for _, it := range all[:n] {
		if d, gone := b.drop(kept, it); gone {
			drops = append(drops, d)
		}
	}
	slices.SortFunc(absorbed, func(x, y validate.Drop) int { return x.Index - y.Index })
	for _, d := range absorbed {
		for k := range kept {
			if kept[k].index == d.By {
				kept[k].Binding = refreshed(kept[k].Binding, all[d.Index].Binding)
			}
		}
	}
	slices.SortFunc(violations, func(x, y broken) int { return x.index - y.index })
	return kept, drops, absorbed, violations
}

// turn says when a binding goes in: listeners before presences, wide ones before
// narrow ones.
func (b brute) turn(t binding.Target) int {
	if t.IsPresence() {
		return 3
	}
	id, onInterface := t.InterfaceID()
	_, onAddress := t.IPAddressID()
	switch {
	case t.Scope() == binding.AllInterfaces():
		return 0
	case onAddress || onInterface && b.hasOwnAddress(id):
		return 2
	default:
		return 1
	}
}

// refreshed is a binding that holds another one which was seen.
func refreshed(b, seen binding.Binding) binding.Binding {
	if b.Target != seen.Target && !b.Stated() {
		return b
	}
	if !seen.LastSeenAt.Before(b.LastSeenAt) {
		b.LastSeenAt = seen.LastSeenAt
		if seen.LastDiscoveryID != uuid.Nil {
			b.LastDiscoveryID = seen.LastDiscoveryID
		}
	}
	return b
}
