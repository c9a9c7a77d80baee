package validate

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"math/rand/v2"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
)

// An index finds bindings among many by what they name. A cell is a port, or no
// port, with a slot there: every port that is named has three cells for the wide
// slots, and one for each place that is named on it.
// Invariant: between calls nothing in it means anything, but no mark has a stamp
// that is yet to come.
type index struct {
	sites                []cells         // of each binding
	meet                 bool            // whether any two may be equal, or one cover the other
	first                []int32         // of each cell: the binding of the set in it, or none
	narrower             []int32         // of each cell: the first link to an old binding in a narrower cell, or none
	next                 []int32         // of each link, four for each old binding: the next one, or none
	listeners, presences []int32         // of each site: the first at it, or none
	numbered             []host.Location // what the bindings name, where the numbers of the host are too many; else empty
	ports                int             // how many numbers they have
	slots                int

	seed [2]uint64 // of this run: IDs come from outside
	ids  []uint64  // a hash table of the bindings by ID: half of the hash, and the binding + 1

	ends  []int32 // of each port, where its bindings end in order
	order []int32 // the bindings by port
	marks []mark  // of each slot
	stamp uint32
}

// cells are where a binding is, and where what covers it can be.
type cells struct {
	own     int32
	wide    int32 // the first of the three wide ones of the port
	carrier int32 // or own
}

// A mark says that a slot is named on the port with the stamp, and in which cell.
type mark struct {
	stamp uint32
	cell  int32
}

// reset makes room for the IDs of n bindings.
func (x *index) reset(n int) {
	x.seed = [2]uint64{rand.Uint64(), rand.Uint64()}
	x.ids = zeros(x.ids, 2<<bits.Len(uint(n)))
}

// build numbers the cells of all bindings of an evaluation. The set is empty yet.
func (x *index) build(e *evaluation) {
	at := x.number(e.at)
	x.sort(at)
	x.sites, x.marks = sized(x.sites, len(at)), sized(x.marks, x.slots)
	if x.stamp > 1<<31 {
		clear(x.marks[:cap(x.marks)])
		x.stamp = 0
	}
	n, start := int32(0), int32(0)
	x.meet = false
	for _, end := range x.ends {
		onPort, wide := x.order[start:end], n
		if start = end; len(onPort) == 0 {
			continue
		}
		x.stamp++
		n += int32(firstPlace)
		for _, i := range onPort {
			s := slotOf(&at[i])
			if s < firstPlace {
				x.sites[i] = cells{wide + s, wide, wide + s}
				x.meet = x.meet || len(onPort) > 1
				continue
			}
			m := &x.marks[s]
			if m.stamp == x.stamp {
				x.meet = true
			} else {
				*m = mark{x.stamp, n}
				n++
			}
			x.sites[i] = cells{m.cell, wide, m.cell}
		}
		for _, i := range onPort {
			if carrier := at[i].Carrier; carrier >= 0 {
				if m := &x.marks[firstPlace+carrier]; m.stamp == x.stamp {
					x.sites[i].carrier = m.cell
					x.meet = true
				}
			}
		}
	}
	x.first, x.narrower = sized(x.first, int(n)), sized(x.narrower, int(n))
	x.next = sized(x.next, 4*len(e.old))
	for c := range x.first {
		x.first[c], x.narrower[c] = none, none
	}
}

// sort orders the bindings by port, those of one port by their number, in one
// pass that counts and one that places.
func (x *index) sort(at []host.Location) {
	const before = -int(host.None - 1) // the port of nowhere
	x.ends, x.order = zeros(x.ends, x.ports+before+1), sized(x.order, len(at))
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
	x.ports, x.slots = int(ports), int(firstPlace+places)
	if x.ports+x.slots <= 64*len(at) {
		return at
	}
	x.numbered = append(x.numbered, at...)
	byPort, byPlace := make(map[int32]int32), make(map[int32]int32)
	renumber := func(numbers map[int32]int32, position *int32) {
		if *position < 0 {
			return
		}
		if _, ok := numbers[*position]; !ok {
			numbers[*position] = int32(len(numbers))
		}
		*position = numbers[*position]
	}
	for i := range x.numbered {
		l := &x.numbered[i]
		renumber(byPort, &l.Port)
		renumber(byPlace, &l.Place)
		renumber(byPlace, &l.Carrier)
	}
	x.ports, x.slots = len(byPort), int(firstPlace)+len(byPlace)
	return x.numbered
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
func (x *index) firstWithID(e *evaluation, i int, id *uuid.UUID) int {
	high, low := bits.Mul64(binary.BigEndian.Uint64(id[:8])^x.seed[0], binary.BigEndian.Uint64(id[8:])^x.seed[1])
	hash := high ^ low
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
	site := x.sites[i]
	if x.first[site.own] == none {
		x.first[site.own] = i
	}
	if int(i) >= len(e.old) {
		return
	}
	for k, cell := range [...]int32{site.wide, site.wide + 1, site.wide + 2, site.carrier} {
		if cell != site.own {
			link := 4*i + int32(k)
			x.next[link], x.narrower[cell] = x.narrower[cell], link
		}
	}
}

// remove takes a binding out of the set again.
func (x *index) remove(i int32) {
	if first := &x.first[x.sites[i].own]; *first == i {
		*first = none
	}
}

// narrowerThan goes through the old bindings in cells that may be narrower than
// that of a binding, whether they are in the set still or not.
func (x *index) narrowerThan(i int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for link := x.narrower[x.sites[i].own]; link != none && yield(link/4); link = x.next[link] {
		}
	}
}

// coversAny reports whether a listener covers anything in the set. It unlinks what
// it passes over, so that to ask again takes no time.
func (x *index) coversAny(e *evaluation, i int32) bool {
	link := &x.narrower[x.sites[i].own]
	for *link != none {
		if j := *link / 4; e.verdicts[j].fate == kept && covers(&e.at[i], &e.at[j]) {
			return true
		}
		*link = x.next[*link]
	}
	return false
}

// near returns those of the set that may equal or cover a binding.
func (x *index) near(i int32, room *[5]int32) []int32 {
	site, found := x.sites[i], room[:0]
	for _, cell := range [...]int32{site.own, site.wide, site.wide + 1, site.wide + 2, site.carrier} {
		if first := x.first[cell]; first != none {
			found = append(found, first)
		}
	}
	return found
}

// face takes in the bindings of the set that listen, or those that are presences,
// for across to find: the first at each site.
func (x *index) face(e *evaluation, listening bool) {
	facing := &x.presences
	if listening {
		facing = &x.listeners
	}
	*facing = sized(*facing, 2*x.slots)
	first, at := *facing, x.located(e)
	for s := range first {
		first[s] = none
	}
	for i := range at {
		if e.verdicts[i].fate != kept || listens(&at[i]) != listening || at[i] == nowhere {
			continue
		}
		for _, s := range putAt(&at[i]) {
			if s >= 0 && first[s] == none {
				first[s] = int32(i)
			}
		}
	}
}

// across returns those of the other side that may conflict with a binding, the
// first of them among these.
func (x *index) across(e *evaluation, i int32, room *[5]int32) []int32 {
	at, found := &x.located(e)[i], room[:0]
	facing := x.listeners
	if listens(at) {
		facing = x.presences
	}
	for _, s := range lookAt(at) {
		if s >= 0 && facing[s] != none {
			found = append(found, facing[s])
		}
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
