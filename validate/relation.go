package validate

import "github.com/bindset/bindset/host"

// The rules compare what targets name on their host: a port, or none, and the
// places it reaches. V3 to V6 follow from whether these places contain each
// other or overlap.

// listens reports whether a target is a listener; else it is a presence.
func listens(a *host.Location) bool { return a.Port != host.None }

// within reports whether a reaches no place that b does not reach.
func within(a, b *host.Location) bool { return b.Contains(*a) }

// equal is V3: equal targets collapse to the first.
func equal(a, b *host.Location) bool {
	return a.Port == b.Port && a.Place == b.Place && a.Families == b.Families
}

// covers is V4: a listener b is dropped when a listener a on the same port has a
// scope that covers its own and differs from it.
func covers(a, b *host.Location) bool {
	return a.Port == b.Port && listens(a) && within(b, a) && !equal(a, b)
}

// conflicts is V5: a presence and a listener of the same service whose scopes
// overlap conflict.
func conflicts(a, b *host.Location) bool { return listens(a) != listens(b) && a.Overlaps(*b) }

// competes is V6: a listener conflicts with a listener of another service of the
// host on the same port with an overlapping scope.
func competes(a, b *host.Location) bool {
	return a.Port == b.Port && listens(a) && a.Overlaps(*b)
}

// nowhere is the Location of what breaks V1 or V2: it has a port that no host
// has and reaches no place, so that no other binding is related to it.
var nowhere = host.Location{Port: host.None - 1, Place: host.Anywhere - 1, Carrier: host.Anywhere - 1}

// allFamilies are those of a scope that is not limited to one.
const allFamilies = host.IPv4 | host.IPv6

// The breadths of bindings. What covers a binding has a lesser breadth than it.
const (
	onAll    = iota // listeners on all interfaces
	onMany          // listeners on all of a family, or on an interface
	onOne           // listeners on one address
	presence        // covers nothing, and nothing covers it
	allBreadths
)

func breadth(a *host.Location) int {
	switch {
	case !listens(a):
		return presence
	case a.Place == host.Anywhere && a.Families == allFamilies:
		return onAll
	case a.Place == host.Anywhere || a.Families == allFamilies:
		return onMany
	default:
		return onOne
	}
}

// A slot is a scope of a host as a small number: all, all of a family, and the
// places of the host behind them.
type slot = int32

const firstPlace slot = 3

func slotOf(a *host.Location) slot {
	if a.Place == host.Anywhere {
		return allOf(a.Families)
	}
	return firstPlace + a.Place
}

// allOf returns the slot of everything that has one of these families.
func allOf(f host.Families) slot { return slot(allFamilies - f) }

// wider returns the slots of all scopes but its own that cover a, or overlap it
// without either covering the other, and none for those that there are not. So of
// two scopes that overlap, they have one slot, or one of them has a slot that is
// wider than the other.
func wider(a *host.Location) [3]slot {
	switch {
	case a.Place == host.Anywhere && a.Families == allFamilies:
		return [3]slot{none, none, none}
	case a.Place == host.Anywhere:
		return [3]slot{allOf(allFamilies), none, none}
	case a.Families == allFamilies:
		return [3]slot{allOf(allFamilies), allOf(host.IPv4), allOf(host.IPv6)}
	case a.Carrier == host.None:
		return [3]slot{allOf(allFamilies), allOf(a.Families), none}
	default:
		return [3]slot{allOf(allFamilies), allOf(a.Families), firstPlace + a.Carrier}
	}
}

// A site is a slot, or everything to which a slot is wider. Of two scopes that
// overlap, one is put at a site where the other looks. Sites below 0 are none.
type site = int32

func exactly(s slot) site      { return 2 * s }
func narrowerThan(s slot) site { return 2*s + 1 }

// putAt returns the sites that a is at.
func putAt(a *host.Location) [4]site {
	w := wider(a)
	return [4]site{exactly(slotOf(a)), narrowerThan(w[0]), narrowerThan(w[1]), narrowerThan(w[2])}
}

// lookAt returns the sites where what overlaps a can be.
func lookAt(a *host.Location) [5]site {
	w, narrower := wider(a), narrowerThan(slotOf(a))
	if breadth(a) == onOne {
		narrower = none
	}
	return [5]site{exactly(slotOf(a)), narrower, exactly(w[0]), exactly(w[1]), exactly(w[2])}
}
