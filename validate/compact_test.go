package validate_test

import (
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// compact is the brute force for one small host and one universe of references,
// with the relations between them looked up in tables of bits that the plain one
// filled: fast enough to try every set there is. TestTheCompactRulesAreThePlain
// holds it to the plain one.
type compact struct {
	plain      brute
	references []binding.Target

	canonical []int8   // of each reference: the one that it means; foreign for what is not on the host
	widerThan []uint64 // of each: those that supersede it
	clashes   []uint64 // of each: those that conflict with it
	samePort  []uint64 // of each: those on its port that overlap it
	turn      []int    // of each: when Merge takes it
}

const foreign = -1

func newCompact(plain brute, references []binding.Target) *compact {
	c := &compact{plain: plain, references: references}
	for _, r := range references {
		to := plain.canonical(r)
		meant := int8(foreign)
		if plain.onHost(to) {
			meant = int8(slices.Index(references, to))
		}
		c.canonical = append(c.canonical, meant)
		c.turn = append(c.turn, plain.turn(to))
		c.widerThan = append(c.widerThan, c.where(func(o binding.Target) bool { return plain.supersedes(o, to) }))
		c.clashes = append(c.clashes, c.where(func(o binding.Target) bool { return plain.conflict(o, to) }))
		c.samePort = append(c.samePort, c.where(func(o binding.Target) bool { return samePort(o, to) && plain.overlap(o.Scope(), to.Scope()) }))
	}
	return c
}

// where returns the bits of the references whose canonical target is so.
func (c *compact) where(is func(binding.Target) bool) (bits uint64) {
	for i, r := range c.references {
		if is(c.plain.canonical(r)) {
			bits |= 1 << i
		}
	}
	return bits
}

// A verdict is what becomes of one binding of an input.
type verdict struct {
	fate   byte // one of the following
	reason byte // of what is dropped or absorbed
	by     int8 // the binding that a dropped one goes for, or that a broken one clashes with; or none
}

const (
	kept = iota
	dropped
	absorbed
	broken5 // V5
	broken6 // V6
	broken2 // V2
)

// beside is what else V6 reads, as references: what another service claims, and
// what the service has stored; none for neither.
type beside struct{ claim, stored int8 }

const none = -1

// claimed is V6 for a canonical target.
func (c *compact) claimed(t int8, o beside) bool {
	if o.claim == none || c.samePort[t]&(1<<o.claim) == 0 {
		return false
	}
	return o.stored == none || c.canonical[o.stored] != t && c.widerThan[t]&(1<<o.stored) == 0
}

// set is the operation Set.
func (c *compact) set(input []int8, o beside, out []verdict) (broken bool) {
	var there uint64
	for _, r := range input {
		if t := c.canonical[r]; t != foreign {
			there |= 1 << t
		}
	}
	for i, r := range input {
		t := c.canonical[r]
		out[i] = verdict{by: none}
		if t == foreign {
			out[i].fate, broken = broken2, true
			continue
		}
		for j, s := range input[:i] {
			if c.canonical[s] == t {
				out[i] = verdict{fate: dropped, reason: byte(validate.Duplicate), by: int8(j)}
				break
			}
		}
		if c.widerThan[t]&there != 0 {
			out[i] = verdict{fate: dropped, reason: byte(validate.Superseded), by: none}
		}
	}
	c.holders(input, out)
	for i, r := range input {
		if out[i].fate != kept {
			continue
		}
		for j, s := range input[:i] {
			if (out[j].fate == kept || out[j].fate == broken5) && c.clashes[c.canonical[r]]&(1<<c.canonical[s]) != 0 {
				out[i], broken = verdict{fate: broken5, by: int8(j)}, true
				break
			}
		}
	}
	for i, r := range input {
		if out[i].fate == kept && c.claimed(c.canonical[r], o) {
			out[i].fate, broken = broken6, true
		}
	}
	return broken
}

// holders finds what each dropped or absorbed binding went for: the first kept
// one that equals it, or else covers it.
func (c *compact) holders(input []int8, out []verdict) {
	for i := range input {
		if out[i].fate != dropped && out[i].fate != absorbed {
			continue
		}
		t := c.canonical[input[i]]
		out[i].by = none
		for j := range input {
			if out[j].fate == kept && c.canonical[input[j]] == t {
				out[i].by, out[i].reason = int8(j), byte(validate.Duplicate)
				break
			}
		}
		for j := range input {
			if out[i].by == none && out[j].fate == kept && c.widerThan[t]&(1<<c.canonical[input[j]]) != 0 {
				out[i].by, out[i].reason = int8(j), byte(validate.Superseded)
				break
			}
		}
	}
}

// merge is the operation Merge, of the bindings from n on into those before.
func (c *compact) merge(input []int8, n int, o beside, out []verdict) {
	var in [maxDepth]bool // the set
	for i := range input {
		out[i], in[i] = verdict{by: none}, i < n
	}
	for turn := range 4 {
		for i := n; i < len(input); i++ {
			if t := c.canonical[input[i]]; t == foreign {
				out[i].fate = broken2
			} else if c.turn[t] == turn {
				out[i], in[i] = c.enter(input, i, o, in[:], out)
			}
		}
	}
	c.holders(input, out)
}

func (c *compact) enter(input []int8, i int, o beside, in []bool, out []verdict) (v verdict, enters bool) {
	t := c.canonical[input[i]]
	for j := range input {
		if s := c.canonical[input[j]]; in[j] && (s == t || c.widerThan[t]&(1<<s) != 0) {
			return verdict{fate: absorbed, by: none}, false
		}
	}
	for j := range input {
		if in[j] && c.clashes[t]&(1<<c.canonical[input[j]]) != 0 {
			return verdict{fate: broken5, by: int8(j)}, false
		}
	}
	if c.claimed(t, o) {
		return verdict{fate: broken6, by: none}, false
	}
	for j := range input {
		if in[j] && c.widerThan[c.canonical[input[j]]]&(1<<t) != 0 {
			in[j], out[j].fate = false, dropped
		}
	}
	return verdict{by: none}, true
}

// The plain brute force in the same terms, to compare.
func (c *compact) plainSet(in validate.Input, out []verdict) (broken bool) {
	set, drops, violations := c.plain.set(in, in.Bindings)
	for i := range in.Bindings {
		out[i] = verdict{by: none}
	}
	for _, d := range drops {
		out[d.Index] = verdict{fate: dropped, reason: byte(d.Reason), by: int8(d.By)}
	}
	for _, v := range violations {
		out[v.index] = verdict{fate: fateOf(v.rule), by: none}
		if v.rule == "V5" {
			at := slices.IndexFunc(set, func(it item) bool { return it.Target == v.other })
			out[v.index].by = int8(set[at].index)
		}
	}
	return len(violations) > 0
}

func (c *compact) plainMerge(in validate.Input, observed []binding.Binding, out []verdict) {
	_, drops, absorbs, violations := c.plain.merge(in, observed)
	all := slices.Concat(in.Bindings, observed)
	for i := range all {
		out[i] = verdict{by: none}
	}
	for _, d := range drops {
		out[d.Index] = verdict{fate: dropped, reason: byte(d.Reason), by: int8(d.By)}
	}
	for _, d := range absorbs {
		out[d.Index] = verdict{fate: absorbed, reason: byte(d.Reason), by: int8(d.By)}
	}
	for _, v := range violations {
		out[v.index] = verdict{fate: fateOf(v.rule), by: none}
		if v.rule == "V5" { // none that something conflicts with ever leaves the set
			for j, b := range all {
				if c.plain.canonical(b.Target) == v.other && out[j].fate == kept && !slices.ContainsFunc(violations, func(w broken) bool { return w.index == j }) {
					out[v.index].by = int8(j)
				}
			}
		}
	}
}

func fateOf(rule string) byte {
	switch rule {
	case "V2":
		return broken2
	case "V5":
		return broken5
	case "V6":
		return broken6
	default:
		panic("no such violation in a small scope: " + rule)
	}
}

// agrees reports whether a Result and an error say what the verdicts do.
func (c *compact) agrees(input []int8, ids []uuid.UUID, out []verdict, res *validate.Result, err error) bool {
	if err != nil {
		rules, ok := err.(*validate.Error)
		return ok && c.sameViolations(input, ids, out, rules.Violations)
	}
	var at, drops, absorbs int
	for i := range input {
		switch v := &out[i]; v.fate {
		case kept:
			if at >= len(res.Bindings) || res.Bindings[at].ID != ids[i] || res.Bindings[at].Target != c.references[c.canonical[input[i]]] {
				return false
			}
			at++
		case dropped:
			if drops >= len(res.Dropped) || res.Dropped[drops] != (validate.Drop{Index: i, By: int(v.by), Reason: validate.Reason(v.reason)}) {
				return false
			}
			drops++
		case absorbed:
			if absorbs >= len(res.Absorbed) || res.Absorbed[absorbs] != (validate.Drop{Index: i, By: int(v.by), Reason: validate.Reason(v.reason)}) {
				return false
			}
			absorbs++
		}
	}
	return at == len(res.Bindings) && drops == len(res.Dropped) && absorbs == len(res.Absorbed) && c.sameViolations(input, ids, out, res.Skipped)
}

// sameViolations compares violations whatever their order: that of the rules is
// in other tests.
func (c *compact) sameViolations(input []int8, ids []uuid.UUID, out []verdict, violations []validate.Violation) bool {
	n := 0
	for i := range input {
		if out[i].fate >= broken5 {
			n++
		}
	}
	if n != len(violations) {
		return false
	}
	for k := range violations {
		v := &violations[k]
		want := &out[v.Index]
		if want.fate < broken5 || fateOf(v.Rule) != want.fate || v.Binding.ID != ids[v.Index] {
			return false
		}
		if want.fate == broken5 && v.Other.ID != ids[want.by] {
			return false
		}
	}
	return true
}
