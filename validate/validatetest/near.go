package validatetest

import (
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
)

// A NearMiss is an input that every rule lets pass unchanged, exclusive ports
// included, and one that a single change makes of it and that breaks exactly one
// rule, once: a binding more, a claim more or another network.
type NearMiss struct {
	Valid  validate.Input
	Broken validate.Input
	Code   binding.Code // of the one violation
	Index  int          // of the binding that offends, -1 for the whole set

	claims []validate.Claim // of Valid
}

// Codes returns the codes that a NearMiss can have: those of all rules.
func Codes() []binding.Code {
	return []binding.Code{
		validate.ErrInvalid, validate.ErrNetworkMismatch, validate.ErrCrossHost, validate.ErrConflict, validate.ErrPortClaimed,
	}
}

// Breakable reports whether a service of the inventory's host can break a rule
// with this code at all: without ports there are no conflicts.
func Breakable(inv *host.Inventory, code binding.Code) bool {
	pool := hosttest.Pool(inv)
	switch code {
	case validate.ErrInvalid, validate.ErrCrossHost:
		return true
	case validate.ErrNetworkMismatch:
		return inv.NetworkID() != uuid.Nil
	case validate.ErrConflict:
		return len(pool.Ports) > 0 && len(pool.Interfaces)+len(pool.IPAddresses) > 0
	case validate.ErrPortClaimed:
		return len(pool.Ports) > 0
	default:
		return false
	}
}

// Violating generates inputs with exactly one violation, of this code, for a
// Validator with exclusive ports. It panics for what is not Breakable.
func Violating(inv *host.Inventory, code binding.Code) *rapid.Generator[validate.Input] {
	return rapid.Map(Near(inv, code), func(n NearMiss) validate.Input { return n.Broken })
}

// Near generates near misses of the rule with this code. It panics for what is
// not Breakable.
func Near(inv *host.Inventory, code binding.Code) *rapid.Generator[NearMiss] {
	if !Breakable(inv, code) {
		panic("validatetest: nothing on host " + inv.Name() + " can break a rule with the code " + string(code))
	}
	return rapid.Custom(func(t *rapid.T) NearMiss {
		n := NearMiss{Valid: Input(inv).Draw(t, "input"), Code: code, Index: -1}
		n.Valid.Bindings = ValidSet(inv).Draw(t, "valid set")
		if code == validate.ErrPortClaimed {
			n.Valid.Stored = nil // else it would be let alone
		}
		n.claims = slices.DeleteFunc(slices.Collect(n.Valid.Claims.All()), func(c validate.Claim) bool {
			return slices.ContainsFunc(n.Valid.Bindings, func(b binding.Binding) bool { return clash(inv, b, c) })
		})
		n.Valid.Claims = validate.NewClaims(inv, n.claims...)
		switch code {
		case validate.ErrNetworkMismatch:
			n.Broken = n.Valid
			n.Broken.Service.NetworkID = bindingtest.IDs(0xe7, 1)[0]
		case validate.ErrPortClaimed:
			n.claimed(t)
		case validate.ErrConflict:
			n.conflicting(t)
		case validate.ErrCrossHost:
			n.insert(t, binding.Binding{Target: hosttest.Foreign(inv).Draw(t, "foreign")})
		default:
			n.invalid(t)
		}
		return n
	})
}

// clash reports whether a listener and a claim are on one port at one place.
func clash(inv *host.Inventory, b binding.Binding, c validate.Claim) bool {
	own, listens := b.Target.PortID()
	theirs, _ := c.Binding.Target.PortID()
	return listens && own == theirs && inv.Overlap(b.Target.Scope(), c.Binding.Target.Scope())
}

// insert breaks the set with a binding at any place.
func (n *NearMiss) insert(t *rapid.T, b binding.Binding) {
	n.insertAt(rapid.IntRange(0, len(n.Valid.Bindings)).Draw(t, "index"), b)
}

func (n *NearMiss) insertAt(index int, b binding.Binding) {
	if b.ID == uuid.Nil {
		b.ID = bindingtest.IDs(0xbad, 1)[0]
	}
	n.Broken, n.Index = n.Valid, index
	n.Broken.Bindings = slices.Insert(slices.Clone(n.Valid.Bindings), index, b)
}

// invalid adds a malformed target, or one that stands under the ID of another.
func (n *NearMiss) invalid(t *rapid.T) {
	inv, set := n.Valid.Inventory, n.Valid.Bindings
	if len(set) > 0 && rapid.Bool().Draw(t, "an ID twice") {
		taken := rapid.SampledFrom(set).Draw(t, "taken")
		other := rapid.OneOf(hosttest.Target(inv), hosttest.Foreign(inv)).Filter(func(to binding.Target) bool { return to != taken.Target })
		// Behind the one that has the ID: the later of the two offends.
		n.insertAt(len(set), binding.Binding{ID: taken.ID, Target: other.Draw(t, "other target")})
		return
	}
	n.insert(t, binding.Binding{Target: Malformed().Draw(t, "malformed")})
}

// Malformed generates every shape of target that rule V1 refuses by itself.
func Malformed() *rapid.Generator[binding.Target] {
	id := bindingtest.IDs(0xbad, 2)[1]
	return rapid.SampledFrom([]binding.Target{
		{},
		binding.Interface(uuid.Nil),
		binding.IPAddress(uuid.Nil),
		binding.Port(uuid.Nil, binding.AllInterfaces()),
		binding.Port(uuid.Nil, binding.OnInterface(id)),
		binding.Port(id, binding.Scope{}),
		binding.Port(id, binding.OnInterface(uuid.Nil)),
		binding.Port(id, binding.OnIPAddress(uuid.Nil)),
		binding.Port(uuid.Nil, binding.Scope{}),
	})
}

// conflicting adds the counterpart of a binding of the set, behind it.
func (n *NearMiss) conflicting(t *rapid.T) {
	inv := n.Valid.Inventory
	pool := hosttest.Pool(inv)
	at := n.oneOf(t, pool.Presence(), func(b binding.Binding) bool { return len(overlapping(pool, inv, b.Target)) > 0 }).Target
	places := overlapping(pool, inv, at)
	if at.IsListener() {
		place := rapid.SampledFrom(places).Draw(t, "presence")
		n.insertAt(len(n.Valid.Bindings), binding.Binding{Target: binding.Interface(uuid.Nil).WithScope(place)})
		return
	}
	scope := rapid.SampledFrom(append(places, binding.AllInterfaces())).Draw(t, "scope")
	n.insertAt(len(n.Valid.Bindings), binding.Binding{
		Target: binding.Port(rapid.SampledFrom(pool.Ports).Draw(t, "port"), scope),
	})
}

// overlapping returns the interfaces and IP addresses that a target overlaps.
func overlapping(pool bindingtest.Pool, inv *host.Inventory, t binding.Target) (places []binding.Scope) {
	for _, id := range pool.Interfaces {
		places = append(places, binding.OnInterface(id))
	}
	for _, id := range pool.IPAddresses {
		places = append(places, binding.OnIPAddress(id))
	}
	return slices.DeleteFunc(places, func(s binding.Scope) bool { return !inv.Overlap(s, t.Scope()) })
}

// oneOf draws a binding of the set that will do. Where there is none, it makes one
// the set, and leaves nothing claimed.
func (n *NearMiss) oneOf(t *rapid.T, other *rapid.Generator[binding.Target], will func(binding.Binding) bool) binding.Binding {
	set := slices.DeleteFunc(slices.Clone(n.Valid.Bindings), func(b binding.Binding) bool { return !will(b) })
	if len(set) == 0 {
		set = []binding.Binding{{ID: bindingtest.IDs(0xbad, 3)[2], Target: other.Draw(t, "only target")}}
		n.Valid.Bindings, n.Valid.Claims, n.claims = set, validate.NewClaims(n.Valid.Inventory), nil
	}
	return rapid.SampledFrom(set).Draw(t, "one of the set")
}

// claimed adds a claim on just what a listener of the set listens on, where no
// other one does.
func (n *NearMiss) claimed(t *rapid.T) {
	inv := n.Valid.Inventory
	taken := n.oneOf(t, hosttest.Pool(inv).Listener(), func(b binding.Binding) bool {
		return b.Target.IsListener() && !slices.ContainsFunc(n.Valid.Bindings, func(other binding.Binding) bool {
			return other != b && clash(inv, other, validate.Claim{Binding: b})
		})
	})
	n.Broken = n.Valid
	n.Broken.Claims = validate.NewClaims(inv, append(n.claims, validate.Claim{
		Binding:     binding.Binding{ID: bindingtest.IDs(0xbad, 5)[4], ServiceID: bindingtest.IDs(seriesOwner, 1)[0], Target: taken.Target},
		ServiceName: owners[0],
	})...)
	n.Index = slices.IndexFunc(n.Valid.Bindings, func(b binding.Binding) bool { return b.Target == taken.Target })
}
