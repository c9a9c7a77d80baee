package validate

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// Merge puts what a scanner saw into a valid set, in.Bindings: the observed
// bindings go in one by one, in order, each as Add would take it. What the set
// has already refreshes it, and what a listener of the set covers refreshes that
// one: LastSeenAt becomes the later of the two, and LastDiscoveryID follows it.
// Both are reported in Absorbed. What breaks V1, V2, V5, V6 or a rule of the
// user's own is left out and reported in Skipped. Bindings of the set are lost only to precedence (V4).
//
// No rule makes Merge fail. A service in another network than its host is one
// violation in Skipped, with index -1, and nothing is merged; a nil Inventory is
// an *Error. Observed bindings have indexes from len(in.Bindings) on, and the
// paths "bindings[0]", "bindings[1]" and so on in violations. What Add says of
// the set holds here, too. Merge takes time linear in the set, the claims and
// what was observed, and changes none of them.
func (v *Validator) Merge(in Input, observed []binding.Binding) (Result, error) {
	return v.merge(in, observed, len(observed) > fewObserved)
}

func (v *Validator) merge(in Input, observed []binding.Binding, index bool) (Result, error) {
	if in.Inventory == nil {
		return Result{}, &Error{Violations: []Violation{noInventory()}}
	}
	res := Result{input: [2][]binding.Binding{in.Bindings, observed}}
	if mismatch, ok := networkMismatch(in.Inventory, &in.Service); ok {
		res.Bindings, res.Skipped = in.Bindings, []Violation{mismatch}
		return res, nil
	}
	m := newMerger(v, &in, len(observed), index)
	for i := range observed {
		m.observe(&observed[i], i)
	}
	m.into(&res)
	return res, nil
}

// merger is a valid set that observed bindings are added to one by one.
type merger struct {
	v      *Validator
	in     *Input
	inv    *host.Inventory
	claims *claims

	bindings []binding.Binding // what was given and observed, as V0 has it, refreshed
	outcomes []outcome         // of each of them
	set      members           // those that are in the set now
	size     int               // of the set now
	absorbed int               // of the outcomes
	changed  bool              // anything but what was given as it was

	rewritten  []Rewrite
	violations []Violation
}

// outcome is what has become of one binding.
type outcome struct {
	fate           // of one that is not in the set for another's sake
	absorbed, kept bool
}

// fewObserved is up to how many observed bindings the set is looked through for
// each of them.
const fewObserved = 16

func newMerger(v *Validator, in *Input, observed int, index bool) *merger {
	n := len(in.Bindings)
	m := &merger{
		v: v, in: in, inv: in.Inventory, claims: v.claimsOf(in),
		bindings: make([]binding.Binding, 0, n+observed), outcomes: make([]outcome, 0, n+observed),
	}
	if index {
		m.set = newIndexed(m.inv, &m.bindings, n)
	} else {
		m.set = &scanned{inv: m.inv, all: &m.bindings, set: make([]int32, 0, n+observed)}
	}
	m.bindings, m.outcomes = append(m.bindings, in.Bindings...), m.outcomes[:n]
	for i := range n {
		m.keep(i)
	}
	return m
}

// observe takes the k-th observed binding in.
func (m *merger) observe(observed *binding.Binding, k int) {
	i := len(m.bindings)
	m.bindings, m.outcomes = append(m.bindings, *observed), append(m.outcomes, outcome{})
	b, o := &m.bindings[i], &m.outcomes[i]
	if to := m.inv.Canonical(b.Target); to != b.Target {
		m.rewritten = append(m.rewritten, Rewrite{Index: i, From: b.Target, To: to})
		b.Target = to
	}
	if by, reason, ok := m.holder(b); ok {
		m.refresh(by, b)
		*o = outcome{fate: fate{by: int32(by), reason: reason}, absorbed: true}
		m.absorbed++
		return
	}
	if broken, ok := m.breaks(b); ok {
		m.violations = append(m.violations, broken.at(i, k, *b))
		o.broken = true
		return
	}
	m.supersede(b.Target, i)
	m.keep(i)
	m.changed = true
}

// holder returns the binding of the set that says what b says, or more: one with
// the same target (V3), or a listener that covers it (V4). It must not break V1.
func (m *merger) holder(b *binding.Binding) (by int, reason Reason, ok bool) {
	if _, broken := m.twoTargets(b); broken {
		return 0, 0, false
	}
	if by, ok := m.set.equal(b.Target); ok {
		return by, Duplicate, true
	}
	if !m.inv.Has(b.Target) {
		return 0, 0, false
	}
	by, ok = m.set.covering(b.Target)
	return by, Superseded, ok
}

// breaks returns the first rule that a new binding breaks.
func (m *merger) breaks(b *binding.Binding) (Violation, bool) {
	if !b.Target.IsValid() {
		return malformedTarget(m.inv, b.Target), true // V1
	}
	if first, ok := m.twoTargets(b); ok {
		return twoTargets(m.inv, b.ID, b.Target, m.bindings[first]), true // V1
	}
	if !m.inv.Has(b.Target) {
		return crossHost(m.inv, b.Target), true // V2
	}
	if m.size >= m.v.MaxBindings() && !m.set.covers(b.Target) {
		return m.v.tooMany(m.size + 1), true // V1, on what would be the result
	}
	if clash, ok := m.set.clash(b.Target); ok {
		return conflicting(m.inv, b.Target, m.bindings[clash]), true // V5
	}
	if m.claims != nil {
		if claim, ok := m.claims.against(b.Target); ok {
			return portClaimed(m.inv, b.Target, claim), true // V6
		}
	}
	for r := range m.v.rules {
		if found, ok := m.v.rules[r].ask(m.in, *b, m.others(b.Target)); ok {
			return found, true
		}
	}
	return Violation{}, false
}

// others returns the set without what a new binding with target t supersedes.
func (m *merger) others(t binding.Target) iter.Seq[binding.Binding] {
	return func(yield func(binding.Binding) bool) {
		for i := range m.bindings {
			if m.outcomes[i].kept && !covers(m.inv, t, m.bindings[i].Target) && !yield(m.bindings[i]) {
				return
			}
		}
	}
}

// twoTargets returns the binding of the set that has b's ID and another target.
func (m *merger) twoTargets(b *binding.Binding) (int, bool) {
	if b.ID == uuid.Nil {
		return 0, false
	}
	first, ok := m.set.withID(b.ID)
	return first, ok && m.bindings[first].Target != b.Target
}

// refresh takes over when and by what scan a binding was seen.
func (m *merger) refresh(i int, seen *binding.Binding) {
	b := &m.bindings[i]
	if seen.LastSeenAt.Before(b.LastSeenAt) {
		return
	}
	before := *b
	b.LastSeenAt = seen.LastSeenAt
	if seen.LastDiscoveryID != uuid.Nil {
		b.LastDiscoveryID = seen.LastDiscoveryID
	}
	m.changed = m.changed || *b != before
}

// keep takes a binding into the set.
func (m *merger) keep(i int) {
	m.outcomes[i].kept = true
	m.set.add(i)
	m.size++
}

// supersede drops the listeners that new binding by covers (V4).
func (m *merger) supersede(t binding.Target, by int) {
	dropped := m.set.removeCovered(t)
	for _, i := range dropped {
		m.outcomes[i] = outcome{fate: fate{by: int32(by), reason: Superseded}}
	}
	m.size -= len(dropped)
}

// into writes the outcome.
func (m *merger) into(res *Result) {
	res.Rewritten, res.Skipped = m.rewritten, m.violations
	if m.changed {
		res.Bindings = make([]binding.Binding, 0, m.size)
	} else {
		res.Bindings = m.in.Bindings
	}
	res.Absorbed = slices.Grow(res.Absorbed, m.absorbed)
	for i := range m.outcomes {
		o := m.resolve(i)
		switch {
		case o.kept:
			if m.changed {
				res.Bindings = append(res.Bindings, m.bindings[i])
			}
		case o.absorbed:
			res.Absorbed = append(res.Absorbed, Drop{Index: i, By: int(o.by), Reason: o.reason})
		case !o.broken:
			res.Dropped = append(res.Dropped, Drop{Index: i, By: int(o.by), Reason: o.reason})
		}
	}
}

// resolve follows an outcome to what is in the set at the end: what absorbed or
// superseded a binding may itself have been superseded later, by an interface
// and then by everything.
func (m *merger) resolve(i int) outcome {
	o := m.outcomes[i]
	if o.kept || o.broken {
		return o
	}
	for !m.outcomes[o.by].kept {
		o.by, o.reason = m.outcomes[o.by].by, Superseded
	}
	return o
}
