package validate

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// members are the bindings of a valid set that Merge changes, as numbers into
// all that it was given, and answer what the rules ask of them.
type members interface {
	// add puts a binding into the set whose number is greater than all before.
	add(i int)
	// removeCovered takes out what a target covers (V4), and returns it until the
	// next call.
	removeCovered(t binding.Target) []int32

	// withID returns the one with an ID that is not nil.
	withID(id uuid.UUID) (int, bool)
	// equal returns the one with a target.
	equal(t binding.Target) (int, bool)
	// covering returns the one that is a listener that covers a target (V4).
	covering(t binding.Target) (int, bool)
	// covers reports whether a target covers one (V4).
	covers(t binding.Target) bool
	// clash returns the first that conflicts with a target (V5).
	clash(t binding.Target) (int, bool)
}

// scanned are members that are looked at one by one. That takes time linear in
// the set for every answer, and beats an index where there are few questions.
type scanned struct {
	inv *host.Inventory
	all *[]binding.Binding // by number
	set []int32            // the members, ascending
	out []int32            // what removeCovered returned
}

func (s *scanned) add(i int) { s.set = append(s.set, int32(i)) }

func (s *scanned) removeCovered(t binding.Target) []int32 {
	left := s.set[:0]
	s.out = s.out[:0]
	for _, i := range s.set {
		if covers(s.inv, t, (*s.all)[i].Target) {
			s.out = append(s.out, i)
		} else {
			left = append(left, i)
		}
	}
	s.set = left
	return s.out
}

func (s *scanned) withID(id uuid.UUID) (int, bool) {
	for _, i := range s.set {
		if (*s.all)[i].ID == id {
			return int(i), true
		}
	}
	return 0, false
}

func (s *scanned) equal(t binding.Target) (int, bool) {
	for _, i := range s.set {
		if (*s.all)[i].Target == t {
			return int(i), true
		}
	}
	return 0, false
}

func (s *scanned) covering(t binding.Target) (int, bool) {
	for _, i := range s.set {
		if covers(s.inv, (*s.all)[i].Target, t) {
			return int(i), true
		}
	}
	return 0, false
}

func (s *scanned) covers(t binding.Target) bool {
	for _, i := range s.set {
		if covers(s.inv, t, (*s.all)[i].Target) {
			return true
		}
	}
	return false
}

func (s *scanned) clash(t binding.Target) (int, bool) {
	for _, i := range s.set {
		if conflict(s.inv, t, (*s.all)[i].Target) {
			return int(i), true
		}
	}
	return 0, false
}

// indexed are members in indexes, so that each answer takes constant time on
// average.
type indexed struct {
	inv *host.Inventory
	all *[]binding.Binding // by number

	byTarget  map[binding.Target]int
	byID      map[uuid.UUID]int
	presences *reach
	listeners *reach
	narrower  map[binding.Target]*queue // listeners, by each listener that would supersede them
	out       []int32                   // what removeCovered returned
}

func newIndexed(inv *host.Inventory, all *[]binding.Binding, n int) *indexed {
	return &indexed{
		inv: inv, all: all,
		byTarget: make(map[binding.Target]int, n), byID: make(map[uuid.UUID]int, n),
		presences: newReach(inv), listeners: newReach(inv),
		narrower: make(map[binding.Target]*queue),
	}
}

func (x *indexed) add(i int) {
	b := &(*x.all)[i]
	x.byTarget[b.Target] = i
	if b.ID != uuid.Nil {
		x.byID[b.ID] = i
	}
	if !b.Target.IsListener() {
		x.presences.add(b.Target.Scope(), i)
		return
	}
	x.listeners.add(b.Target.Scope(), i)
	for _, w := range wider(x.inv, b.Target) {
		queueAt(x.narrower, w).push(i)
	}
}

func (x *indexed) removeCovered(t binding.Target) []int32 {
	x.out = x.out[:0]
	for i, ok := x.firstCovered(t); ok; i, ok = x.firstCovered(t) {
		b := &(*x.all)[i]
		x.listeners.remove(i)
		delete(x.byTarget, b.Target)
		delete(x.byID, b.ID)
		x.out = append(x.out, int32(i))
	}
	return x.out
}

func (x *indexed) withID(id uuid.UUID) (int, bool) {
	i, ok := x.byID[id]
	return i, ok
}

func (x *indexed) equal(t binding.Target) (int, bool) {
	i, ok := x.byTarget[t]
	return i, ok
}

func (x *indexed) covering(t binding.Target) (int, bool) {
	for _, w := range wider(x.inv, t) {
		if i, ok := x.byTarget[w]; ok {
			return i, true
		}
	}
	return 0, false
}

func (x *indexed) covers(t binding.Target) bool {
	_, ok := x.firstCovered(t)
	return ok
}

func (x *indexed) firstCovered(t binding.Target) (int, bool) {
	return x.narrower[t].head(x.listeners.gone)
}

func (x *indexed) clash(t binding.Target) (int, bool) {
	if t.IsPresence() {
		return x.listeners.first(t.Scope())
	}
	return x.presences.first(t.Scope())
}
