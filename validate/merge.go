package validate

import (
	"iter"

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
	if in.Inventory == nil {
		return Result{}, &Error{Violations: []Violation{noInventory()}}
	}
	res := Result{input: [2][]binding.Binding{in.Bindings, observed}}
	if mismatch, ok := networkMismatch(in.Inventory, &in.Service); ok {
		res.Bindings, res.Skipped = in.Bindings, []Violation{mismatch}
		return res, nil
	}
	m := newMerger(v, &in, len(observed))
	for i := range observed {
		m.observe(observed[i], i)
	}
	m.into(&res)
	return res, nil
}

// merger is a valid set that observed bindings are added to one by one. All it
// looks up it has in indexes, so that each takes constant time on average.
type merger struct {
	v      *Validator
	in     *Input
	inv    *host.Inventory
	claims *claims

	bindings []binding.Binding // what was given and observed, as V0 has it, refreshed
	outcomes []outcome         // of each of them
	size     int               // of the set now
	changed  bool              // anything but what was given as it was

	byTarget   map[binding.Target]int // the set, by target
	byID       map[uuid.UUID]int      // the set, by ID
	presences  *reach
	listeners  *reach
	narrower   map[binding.Target][]int // listeners of the set, by each listener that would supersede them
	rewritten  []Rewrite
	violations []Violation
}

// outcome is what has become of one binding.
type outcome struct {
	fate           // of one that is not in the set for another's sake
	absorbed, kept bool
}

func newMerger(v *Validator, in *Input, observed int) *merger {
	n := len(in.Bindings)
	m := &merger{
		v: v, in: in, inv: in.Inventory, claims: v.claimsOf(in),
		bindings: make([]binding.Binding, 0, n+observed), outcomes: make([]outcome, 0, n+observed),
		byTarget: make(map[binding.Target]int, n), byID: make(map[uuid.UUID]int, n),
		presences: newReach(in.Inventory), listeners: newReach(in.Inventory),
		narrower: make(map[binding.Target][]int),
	}
	for i := range in.Bindings {
		m.keep(in.Bindings[i])
	}
	return m
}

// observe takes the k-th observed binding in.
func (m *merger) observe(b binding.Binding, k int) {
	i := len(m.bindings)
	if to := m.inv.Canonical(b.Target); to != b.Target {
		m.rewritten = append(m.rewritten, Rewrite{Index: i, From: b.Target, To: to})
		b.Target = to
	}
	if by, reason, ok := m.holder(b); ok {
		m.refresh(by, &b)
		m.bindings = append(m.bindings, b)
		m.outcomes = append(m.outcomes, outcome{fate: fate{by: int32(by), reason: reason}, absorbed: true})
		return
	}
	if broken, ok := m.breaks(b); ok {
		m.violations = append(m.violations, broken.at(i, k, b))
		m.bindings = append(m.bindings, b)
		m.outcomes = append(m.outcomes, outcome{fate: fate{broken: true}})
		return
	}
	m.supersede(b.Target, i)
	m.keep(b)
	m.changed = true
}

// holder returns the binding of the set that says what b says, or more: one with
// the same target (V3), or a listener that covers it (V4). It must not break V1.
func (m *merger) holder(b binding.Binding) (by int, reason Reason, ok bool) {
	if _, broken := m.twoTargets(b); broken {
		return 0, 0, false
	}
	if by, ok := m.byTarget[b.Target]; ok {
		return by, Duplicate, true
	}
	if !m.inv.Has(b.Target) {
		return 0, 0, false
	}
	for _, w := range wider(m.inv, b.Target) {
		if by, ok := m.byTarget[w]; ok {
			return by, Superseded, true
		}
	}
	return 0, 0, false
}

// breaks returns the first rule that a new binding breaks.
func (m *merger) breaks(b binding.Binding) (Violation, bool) {
	if !b.Target.IsValid() {
		return malformedTarget(m.inv, b.Target), true // V1
	}
	if first, ok := m.twoTargets(b); ok {
		return twoTargets(m.inv, b.ID, b.Target, m.bindings[first]), true // V1
	}
	if !m.inv.Has(b.Target) {
		return crossHost(m.inv, b.Target), true // V2
	}
	if m.size >= m.v.MaxBindings() && !m.supersedesAny(b.Target) {
		return m.v.tooMany(m.size + 1), true // V1, on what would be the result
	}
	other := m.presences
	if b.Target.IsPresence() {
		other = m.listeners
	}
	if clash, ok := other.first(b.Target.Scope()); ok {
		return conflicting(m.inv, b.Target, m.bindings[clash]), true // V5
	}
	if m.claims != nil {
		if claim, ok := m.claims.against(b.Target); ok {
			return portClaimed(m.inv, b.Target, claim), true // V6
		}
	}
	for r := range m.v.rules {
		if found, ok := m.v.rules[r].ask(m.in, b, m.others(b.Target)); ok {
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
func (m *merger) twoTargets(b binding.Binding) (int, bool) {
	if b.ID == uuid.Nil {
		return 0, false
	}
	first, ok := m.byID[b.ID]
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

// keep appends a binding to the set.
func (m *merger) keep(b binding.Binding) {
	i := len(m.bindings)
	m.bindings, m.outcomes = append(m.bindings, b), append(m.outcomes, outcome{kept: true})
	m.size++
	m.byTarget[b.Target] = i
	if b.ID != uuid.Nil {
		m.byID[b.ID] = i
	}
	if !b.Target.IsListener() {
		m.presences.add(b.Target.Scope(), i)
		return
	}
	m.listeners.add(b.Target.Scope(), i)
	for _, w := range wider(m.inv, b.Target) {
		m.narrower[w] = append(m.narrower[w], i)
	}
}

// supersedesAny reports whether the set has a listener that one with target t
// would supersede.
func (m *merger) supersedesAny(t binding.Target) bool {
	covered := m.narrower[t]
	for len(covered) > 0 && !m.outcomes[covered[0]].kept {
		covered = covered[1:]
	}
	if len(covered) < len(m.narrower[t]) {
		m.narrower[t] = covered
	}
	return len(covered) > 0
}

// supersede drops the listeners that new binding by covers (V4).
func (m *merger) supersede(t binding.Target, by int) {
	for _, i := range m.narrower[t] {
		if !m.outcomes[i].kept {
			continue
		}
		m.outcomes[i] = outcome{fate: fate{by: int32(by), reason: Superseded}}
		m.size--
		m.listeners.remove(i)
		delete(m.byTarget, m.bindings[i].Target)
		delete(m.byID, m.bindings[i].ID)
	}
	delete(m.narrower, t)
}

// into writes the outcome.
func (m *merger) into(res *Result) {
	res.Rewritten, res.Skipped = m.rewritten, m.violations
	if m.changed {
		res.Bindings = make([]binding.Binding, 0, m.size)
	} else {
		res.Bindings = m.in.Bindings
	}
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
