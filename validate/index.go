package validate

import (
	"hash/maphash"
	"iter"
	"math/bits"

	"github.com/bindset/bindset/host"
)

// An index finds bindings among many by what they name. A cell is a port, or no
// port, with a slot that some of them name there.
// Invariant: between calls nothing in it means anything, but no mark has a stamp
// that is yet to come.
type index struct {
	cells    []int32         // of each binding, or none
	wider    [][3]int32      // of each binding: the wider cells on its port, or none
	first    []int32         // of each cell: the binding of the set in it, or none
	narrower []int32         // of each cell: the first link to an old binding in a narrower cell, or none
	next     []int32         // of each link, three for each old binding: the next one, or none
	facing   [2]facing       // listeners, and presences
	numbered []host.Location // what the bindings name, where the numbers of the host are too many; else empty
	slots    int             // how many there are

	seed maphash.Seed
	ids  []uint64 // a hash table of the bindings by ID: half of the hash, and the binding + 1

	ends  []int32 // of each port, where its bindings end in order
	order []int32 // the bindings by port
	marks []mark  // of each slot
	stamp uint32
}

// A mark says that a slot is named on the port with the stamp, and in which cell.
type mark struct {
	stamp uint32
	cell  int32
}

// build numbers the cells of all bindings of an evaluation. The set is empty yet.
func (x *index) build(e *evaluation) {
	at := x.number(e.at)
	x.sort(at)
	x.cells, x.wider = sized(x.cells, len(at)), sized(x.wider, len(at))
	x.marks = sized(x.marks, x.slots)
	if x.stamp > 1<<31 {
		clear(x.marks[:cap(x.marks)])
		x.stamp = 0
	}
	for _, i := range x.order[:x.ends[0]] { // nowhere
		x.cells[i], x.wider[i] = none, [3]int32{none, none, none}
	}
	cells := int32(0)
	for p := 1; p < len(x.ends); p++ {
		x.stamp++
		onPort := x.order[x.ends[p-1]:x.ends[p]]
		for _, i := range onPort {
			m := &x.marks[slotOf(&at[i])]
			if m.stamp != x.stamp {
				*m = mark{x.stamp, cells}
				cells++
			}
			x.cells[i] = m.cell
		}
		for _, i := range onPort {
			x.wider[i] = x.widerCells(&at[i])
		}
	}
	x.first, x.narrower = sized(x.first, int(cells)), sized(x.narrower, int(cells))
	x.next = sized(x.next, 3*len(e.old))
	for c := range x.first {
		x.first[c], x.narrower[c] = none, none
	}
	x.seed = maphash.MakeSeed()
	x.ids = zeros(x.ids, 2<<bits.Len(uint(len(at)-1)))
}

// widerCells returns the cells that are wider, among those marked.
func (x *index) widerCells(at *host.Location) [3]int32 {
	cells := [3]int32{none, none, none}
	if !listens(at) {
		return cells
	}
	var room [3]slot
	for k, s := range wider(at, &room) {
		if m := &x.marks[s]; m.stamp == x.stamp {
			cells[k] = m.cell
		}
	}
	return cells
}

// sort orders the bindings by port, those of one port by their number, in one
// pass that counts and one that places.
func (x *index) sort(at []host.Location) {
	ports := int32(0)
	for i := range at {
		ports = max(ports, at[i].Port+1)
	}
	const before = -int(host.None - 1) // the port of nowhere
	x.ends, x.order = zeros(x.ends, int(ports)+before+1), sized(x.order, len(at))
	for i := range at {
		x.ends[int(at[i].Port)+before+1]++
	}
	for p := 1; p < len(x.ends); p++ {
		x.ends[p] += x.ends[p-1]
	}
	for i := range at {
		end := &x.ends[int(at[i].Port)+before]
		x.order[*end] = int32(i)
		*end++
	}
	x.ends = x.ends[:len(x.ends)-1]
}

// number returns what the bindings name with ports and places in numbers that are
// not many more than the bindings are: those of the host, or new ones.
func (x *index) number(at []host.Location) []host.Location {
	x.numbered = x.numbered[:0]
	ports, places := int32(0), int32(0)
	for i := range at {
		ports, places = max(ports, at[i].Port+1), max(places, at[i].Place+1, at[i].Carrier+1)
	}
	x.slots = int(firstPlace + places)
	if int(ports)+int(places) <= 64*len(at) {
		return at
	}
	x.numbered = append(x.numbered, at...)
	renumber(x.numbered, func(l *host.Location) *int32 { return &l.Port })
	places = renumber(x.numbered, func(l *host.Location) *int32 { return &l.Place }, func(l *host.Location) *int32 { return &l.Carrier })
	x.slots = int(firstPlace + places)
	return x.numbered
}

// renumber gives the positions in some fields numbers from 0 on, and returns how
// many there are.
func renumber(at []host.Location, fields ...func(*host.Location) *int32) int32 {
	numbers := make(map[int32]int32)
	for i := range at {
		for _, field := range fields {
			position := field(&at[i])
			if *position < 0 {
				continue
			}
			number, ok := numbers[*position]
			if !ok {
				number = int32(len(numbers))
				numbers[*position] = number
			}
			*position = number
		}
	}
	return int32(len(numbers))
}

// located returns what the bindings name, in the numbers that the index has.
func (x *index) located(e *evaluation) []host.Location {
	if len(x.numbered) > 0 {
		return x.numbered
	}
	return e.at
}

// firstWithID returns the first binding with the ID of binding i, among those
// asked about before and itself.
func (x *index) firstWithID(e *evaluation, i int) int {
	id := &e.binding(i).ID
	hash := maphash.Bytes(x.seed, id[:])
	const half = 32
	for at := hash; ; at++ {
		found := &x.ids[at&uint64(len(x.ids)-1)]
		if *found == 0 {
			*found = hash>>half<<half | uint64(i+1)
			return i
		}
		if *found>>half != hash>>half {
			continue
		}
		if first := int(uint32(*found)) - 1; e.binding(first).ID == *id {
			return first
		}
	}
}

// keep takes a binding into the set.
func (x *index) keep(e *evaluation, i int32) {
	cell := x.cells[i]
	if cell != none && x.first[cell] == none {
		x.first[cell] = i
	}
	if int(i) >= len(e.old) {
		return
	}
	for k, wide := range x.wider[i] {
		if wide != none {
			link := 3*i + int32(k)
			x.next[link], x.narrower[wide] = x.narrower[wide], link
		}
	}
}

// remove takes a binding out of the set again.
func (x *index) remove(i int32) {
	if cell := &x.first[x.cells[i]]; *cell == i {
		*cell = none
	}
}

// narrowerThan goes through the old bindings in narrower cells than that of a
// binding, whether they are in the set still or not.
func (x *index) narrowerThan(i int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for link := x.narrower[x.cells[i]]; link != none && yield(link/3); link = x.next[link] {
		}
	}
}

// coversAny reports whether a listener covers anything in the set. It unlinks what
// it passes over, so that to ask again takes no time.
func (x *index) coversAny(e *evaluation, i int32) bool {
	link := &x.narrower[x.cells[i]]
	for *link != none {
		if j := *link / 3; e.verdicts[j].fate == kept && covers(&e.at[i], &e.at[j]) {
			return true
		}
		*link = x.next[*link]
	}
	return false
}

// near returns those of the set that may equal or cover a binding.
func (x *index) near(i int32, room *[4]int32) []int32 {
	found := room[:0]
	if first := x.first[x.cells[i]]; first != none {
		found = append(found, first)
	}
	for _, cell := range x.wider[i] {
		if cell != none && x.first[cell] != none {
			found = append(found, x.first[cell])
		}
	}
	return found
}

// facing holds the listeners or the presences of a set, for V5.
type facing struct {
	at       []int32 // of each slot: the first in it, or none
	touching []int32 // of each slot: the first of those to whom it is wider, or none
}

// face takes in the bindings of the set that are presences, or those that listen,
// for across to find.
func (x *index) face(e *evaluation, listening bool) {
	f := &x.facing[side(listening)]
	f.at, f.touching = sized(f.at, x.slots), sized(f.touching, x.slots)
	for s := range f.at {
		f.at[s], f.touching[s] = none, none
	}
	note := func(first *int32, i int) {
		if *first == none {
			*first = int32(i)
		}
	}
	at := x.located(e)
	var room [3]slot
	for i := range at {
		if e.verdicts[i].fate != kept || listens(&at[i]) != listening || at[i] == nowhere {
			continue
		}
		note(&f.at[slotOf(&at[i])], i)
		for _, s := range wider(&at[i], &room) {
			note(&f.touching[s], i)
		}
	}
}

func side(listening bool) int {
	if listening {
		return 0
	}
	return 1
}

// across returns those of the other side that may conflict with a binding, the
// first of them among these.
func (x *index) across(e *evaluation, i int32, room *[5]int32) []int32 {
	at := &x.located(e)[i]
	f := &x.facing[side(!listens(at))]
	found := room[:0]
	note := func(first int32) {
		if first != none {
			found = append(found, first)
		}
	}
	s := slotOf(at)
	note(f.at[s])
	note(f.touching[s])
	var slots [3]slot
	for _, s := range wider(at, &slots) {
		note(f.at[s])
	}
	return found
}

// sized returns a slice of length n, in the memory of s where that is enough. Its
// elements mean nothing.
func sized[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

// zeros returns n zeros, in the memory of s where that is enough.
func zeros[E any](s []E, n int) []E {
	s = sized(s, n)
	clear(s)
	return s
}
