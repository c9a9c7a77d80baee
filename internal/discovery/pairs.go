package discovery

import (
	"cmp"
	"net/netip"
	"slices"
)

// Pairs says which stored entry each seen one is: one at most, and none twice.
type Pairs struct {
	Stored []int32 // of each seen entry the stored one, or none
	Seen   []int32 // of each stored entry the seen one, or none

	left int // seen entries, or stored ones where those are fewer, that have no other
	work int // how many pairs were looked at, for tests
}

func newPairs(seen, stored int) *Pairs {
	p := &Pairs{Stored: make([]int32, seen), Seen: make([]int32, stored), left: min(seen, stored)}
	for i := range p.Stored {
		p.Stored[i] = none
	}
	for i := range p.Seen {
		p.Seen[i] = none
	}
	return p
}

func (p *Pairs) join(seen, stored int32) {
	p.Stored[seen], p.Seen[stored] = stored, seen
	p.left--
}

// A key of a seen or stored entry, and whether it has one.
type key[K comparable] func(entry int32) (K, bool)

// step pairs what a key tells apart: one seen and one stored entry that have it,
// and no others do, of those that no earlier step has paired. fits may refuse a
// pair; nil refuses none.
func step[K comparable](p *Pairs, seen, stored key[K], fits func(seen, stored int32) bool) {
	if p.left == 0 {
		return
	}
	const several = -2
	type holders struct{ seen, stored int32 }
	found := make(map[K]holders, p.left)
	only := func(held *int32, entry int32) {
		if *held == none {
			*held = entry
		} else {
			*held = several
		}
	}
	for j := range int32(len(p.Seen)) {
		if k, ok := stored(j); ok && p.Seen[j] == none {
			h, known := found[k]
			if !known {
				h = holders{none, none}
			}
			only(&h.stored, j)
			found[k] = h
		}
	}
	for i := range int32(len(p.Stored)) {
		if k, ok := seen(i); ok && p.Stored[i] == none {
			if h, known := found[k]; known {
				only(&h.seen, i)
				found[k] = h
			}
		}
	}
	for i := range int32(len(p.Stored)) {
		if k, ok := seen(i); ok && p.Stored[i] == none {
			if h, known := found[k]; known && h.seen == i && h.stored >= 0 && (fits == nil || fits(i, h.stored)) {
				p.join(i, h.stored)
			}
			p.work++
		}
	}
}

// traits are what speaks for or against a pair. Only entries of one group may be
// pairs, and of two traits that are known of both none may differ; a trait that is
// unknown is 0.
type traits struct {
	group int32
	known [4]int32
}

// common returns how many traits two entries have in common, of the first ones and
// of all, less those of the others that differ; ok is false where the first ones
// contradict each other.
func (t traits) common(other traits, firm int) (common, likeness int, ok bool) {
	for i, trait := range t.known {
		switch {
		case trait == 0 || other.known[i] == 0:
		case trait == other.known[i]:
			likeness++
			if i < firm {
				common++
			}
		case i < firm:
			return 0, 0, false
		default:
			likeness--
		}
	}
	return common, likeness, true
}

// blank reports whether none of the first traits is known.
func (t traits) blank(firm int) bool { return t.known == [4]int32{} || slices.Max(t.known[:firm]) == 0 }

// A bond is one thing that is bound to an entry, or an address that it carries, as
// far as what was seen and what is stored have it alike.
type bond struct {
	port       int32 // the stored position of the port, or nowhere
	definition string
	carried    netip.Addr
}

// doubt settles which of the entries are pairs that no step has.
type doubt struct {
	*Pairs
	seen, stored []traits
	firm         int  // how many traits count against a pair
	named        bool // whether a pair needs a trait in common, or none at all of both

	ofSeen, ofStored func(entry int32) []bond // what is bound to an entry
	kind             func(seen, stored int32) bool
	position         func(stored int32) int32
}

// crowd bounds how many pairs of entries are looked at for each entry that may be
// one of them.
const crowd = 64

// settle pairs what is left, group by group.
func (d *doubt) settle() {
	if d.left == 0 {
		return
	}
	type both struct{ seen, stored []int32 }
	groups := make(map[int32]*both)
	for j := range d.stored {
		if d.Seen[j] == none {
			g := groups[d.stored[j].group]
			if g == nil {
				g = &both{}
				groups[d.stored[j].group] = g
			}
			g.stored = append(g.stored, int32(j))
		}
	}
	var inOrder []*both
	for i := range d.seen {
		if g := groups[d.seen[i].group]; g != nil && d.Stored[i] == none {
			if g.seen == nil {
				inOrder = append(inOrder, g)
			}
			g.seen = append(g.seen, int32(i))
		}
	}
	for _, g := range inOrder {
		d.choose(g.seen, g.stored)
	}
}

// choose pairs entries of one group: those with most alike bound to them first,
// then those with most in common, then those of one kind, then the stored ones with
// anything bound, then by Position.
func (d *doubt) choose(seen, stored []int32) {
	if len(seen)*len(stored) > crowd*(len(seen)+len(stored)) {
		d.inOrder(seen, stored)
		return
	}
	var all []candidate
	for _, i := range seen {
		for _, j := range stored {
			d.work++
			if c, ok := d.candidate(i, j); ok {
				all = append(all, c)
			}
		}
	}
	slices.SortFunc(all, compareCandidates)
	for _, c := range all {
		if d.Stored[c.seen] == none && d.Seen[c.stored] == none {
			d.join(c.seen, c.stored)
		}
	}
}

type candidate struct {
	seen, stored, position  int32
	kind, bound             bool
	common, alike, likeness int
}

func compareCandidates(a, b candidate) int {
	first := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return -1
		default:
			return 1
		}
	}
	return cmp.Or(
		cmp.Compare(b.alike, a.alike), cmp.Compare(b.common, a.common), cmp.Compare(b.likeness, a.likeness),
		first(a.kind, b.kind), first(a.bound, b.bound), cmp.Compare(a.position, b.position),
		cmp.Compare(a.stored, b.stored), cmp.Compare(a.seen, b.seen),
	)
}

// candidate weighs two entries; ok is false where they cannot be a pair.
func (d *doubt) candidate(i, j int32) (c candidate, ok bool) {
	a, b := d.seen[i], d.stored[j]
	common, likeness, ok := a.common(b, d.firm)
	if !ok || d.named && common == 0 && (!a.blank(d.firm) || !b.blank(d.firm)) {
		return candidate{}, false
	}
	ofSeen, ofStored := d.ofSeen(i), d.ofStored(j)
	return candidate{
		seen: i, stored: j, position: d.position(j), kind: d.kind(i, j), bound: len(ofStored) > 0,
		common: common, alike: d.alike(ofSeen, ofStored), likeness: likeness,
	}, true
}

// alike counts what two entries have bound alike: twice where it is of services of
// one definition.
func (d *doubt) alike(seen, stored []bond) (n int) {
	if len(seen) == 0 || len(stored) == 0 {
		return 0
	}
	d.work += len(seen) + len(stored)
	left := make(map[bond]int, len(stored))
	for _, b := range stored {
		left[b]++
		b.definition = anyDefinition
		left[b]++
	}
	take := func(b bond) {
		if left[b] > 0 {
			left[b]--
			n++
		}
	}
	for _, b := range seen {
		take(b)
		b.definition = anyDefinition
		take(b)
	}
	return n
}

// anyDefinition is no text, so no service has it.
const anyDefinition = "\xff"

// inOrder pairs entries of a group that has too many for all pairs to be looked
// at: those that are the same in all traits, in order.
func (d *doubt) inOrder(seen, stored []int32) {
	waiting := make(map[traits][]int32)
	slices.SortStableFunc(stored, func(a, b int32) int { return cmp.Compare(d.position(a), d.position(b)) })
	for _, j := range stored {
		waiting[d.stored[j]] = append(waiting[d.stored[j]], j)
	}
	for _, i := range seen {
		if same := waiting[d.seen[i]]; len(same) > 0 {
			d.join(i, same[0])
			waiting[d.seen[i]] = same[1:]
		}
	}
}
