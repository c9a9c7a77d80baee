package discovery

import (
	"cmp"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
)

// A listener is one of many that are looked through: that of an owner, a service
// or everybody.
type listener struct {
	at    host.Location
	owner int32
	set   int32 // the service that has it
	item  int32 // its position there
	id    uuid.UUID
}

const everybody int32 = 0

// listeners finds listeners by owner, port and place.
type listeners struct {
	all       []listener // by owner, port and place
	byCarrier []int32    // those on addresses that an interface carries, by owner, port and carrier
}

func newListeners(all []listener) *listeners {
	l := &listeners{all: all}
	slices.SortStableFunc(all, func(a, b listener) int {
		return cmp.Or(cmp.Compare(a.owner, b.owner), compareLocations(a.at, b.at))
	})
	for i := range all {
		if all[i].at.Carrier != host.None {
			l.byCarrier = append(l.byCarrier, int32(i))
		}
	}
	slices.SortStableFunc(l.byCarrier, func(a, b int32) int {
		return cmp.Or(cmp.Compare(all[a].owner, all[b].owner), cmp.Compare(all[a].at.Port, all[b].at.Port), cmp.Compare(all[a].at.Carrier, all[b].at.Carrier))
	})
	return l
}

// on returns the listeners of an owner on a port, at one place.
func (l *listeners) on(owner, port, place int32) iter.Seq[*listener] {
	return func(yield func(*listener) bool) {
		from, _ := slices.BinarySearchFunc(l.all, place, func(e listener, place int32) int {
			return cmp.Or(cmp.Compare(e.owner, owner), cmp.Compare(e.at.Port, port), cmp.Compare(e.at.Place, place))
		})
		for i := from; i < len(l.all); i++ {
			e := &l.all[i]
			if e.owner != owner || e.at.Port != port || e.at.Place != place || !yield(e) {
				return
			}
		}
	}
}

// carried returns those at addresses that an interface carries.
func (l *listeners) carried(owner, port, carrier int32) iter.Seq[*listener] {
	return func(yield func(*listener) bool) {
		from, _ := slices.BinarySearchFunc(l.byCarrier, carrier, func(i, carrier int32) int {
			e := &l.all[i]
			return cmp.Or(cmp.Compare(e.owner, owner), cmp.Compare(e.at.Port, port), cmp.Compare(e.at.Carrier, carrier))
		})
		for _, i := range l.byCarrier[from:] {
			e := &l.all[i]
			if e.owner != owner || e.at.Port != port || e.at.Carrier != carrier || !yield(e) {
				return
			}
		}
	}
}

// onPort returns all on a port.
func (l *listeners) onPort(owner, port int32) iter.Seq[*listener] {
	return func(yield func(*listener) bool) {
		from, _ := slices.BinarySearchFunc(l.all, port, func(e listener, port int32) int {
			return cmp.Or(cmp.Compare(e.owner, owner), cmp.Compare(e.at.Port, port), 1)
		})
		for i := from; i < len(l.all); i++ {
			e := &l.all[i]
			if e.owner != owner || e.at.Port != port || !yield(e) {
				return
			}
		}
	}
}

// covering returns the listeners of an owner that equal or cover one.
func (l *listeners) covering(owner int32, at host.Location) iter.Seq[*listener] {
	return func(yield func(*listener) bool) {
		places := []int32{at.Place, host.Anywhere, at.Carrier}
		switch {
		case at.Place == host.Anywhere:
			places = places[:1]
		case at.Carrier == host.None:
			places = places[:2]
		}
		for _, place := range places {
			for e := range l.on(owner, at.Port, place) {
				if e.at.Contains(at) && !yield(e) {
					return
				}
			}
		}
	}
}

// overlapping returns the listeners of an owner that overlap one.
func (l *listeners) overlapping(owner int32, at host.Location) iter.Seq[*listener] {
	if at.Place == host.Anywhere {
		return matching(at, l.onPort(owner, at.Port))
	}
	near := []iter.Seq[*listener]{
		l.on(owner, at.Port, at.Place), l.on(owner, at.Port, host.Anywhere), l.carried(owner, at.Port, at.Place),
	}
	if at.Carrier != host.None {
		near = append(near, l.on(owner, at.Port, at.Carrier))
	}
	return matching(at, near...)
}

func matching(at host.Location, near ...iter.Seq[*listener]) iter.Seq[*listener] {
	return func(yield func(*listener) bool) {
		for _, some := range near {
			for e := range some {
				if e.at.Overlaps(at) && !yield(e) {
					return
				}
			}
		}
	}
}

// reach finds which of the listeners of one service overlaps a presence.
type reach struct {
	anywhere map[host.Families]int32 // the first one everywhere, for each family
	at       map[int32]int32         // the first one at a place
	carried  map[int32]int32         // the first one at an address that an interface carries
}

func newReach() *reach {
	return &reach{make(map[host.Families]int32), make(map[int32]int32), make(map[int32]int32)}
}

func (r *reach) add(at host.Location, item int32) {
	note := func(m map[int32]int32, place int32) {
		if _, ok := m[place]; !ok {
			m[place] = item
		}
	}
	switch {
	case at.Place == host.Anywhere:
		for _, family := range []host.Families{host.IPv4, host.IPv6} {
			if _, ok := r.anywhere[family]; !ok && at.Families&family != 0 {
				r.anywhere[family] = item
			}
		}
	default:
		note(r.at, at.Place)
		if at.Carrier != host.None {
			note(r.carried, at.Carrier)
		}
	}
}

// over returns the listener that overlaps a presence.
func (r *reach) over(presence host.Location) (item int32, ok bool) {
	for _, family := range []host.Families{host.IPv4, host.IPv6} {
		if item, ok := r.anywhere[family]; ok && presence.Families&family != 0 {
			return item, true
		}
	}
	if item, ok := r.at[presence.Place]; ok {
		return item, true
	}
	if item, ok := r.at[presence.Carrier]; ok && presence.Carrier != host.None {
		return item, true
	}
	item, ok = r.carried[presence.Place]
	return item, ok
}
