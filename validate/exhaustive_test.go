package validate_test

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// What no sample can miss: every ordered set of few bindings over a universe of
// two ports, two interfaces and two IP addresses, in every shape of inventory,
// through every operation, with and without exclusive ports.

// shape says what carries the two addresses of a small host (0 and 1 for the
// interfaces, -1 for none), which interfaces have an address of their own, and
// which of all these addresses are IPv6.
type shape struct {
	carrier     [2]int
	own         [2]bool
	six, ownSix [2]bool
}

func (s shape) String() string {
	return fmt.Sprintf("carriers %d, own addresses %t, IPv6 %t %t", s.carrier, s.own, s.six, s.ownSix)
}

// allShapes returns the shapes there are, and the classes of those that are the
// same but for the names of interfaces, addresses and families.
func allShapes() (all, classes []shape) {
	seen := map[shape]bool{}
	bits := func(n int) [2]bool { return [2]bool{n&1 > 0, n&2 > 0} }
	for n := range 9 * 4 * 4 * 4 {
		s := shape{carrier: [2]int{n%3 - 1, n/3%3 - 1}, own: bits(n / 9), six: bits(n / 36), ownSix: bits(n / 144)}
		if slices.ContainsFunc(s.carrier[:], func(c int) bool { return c >= 0 && s.own[c] }) {
			continue // an interface with an address of its own carries none
		}
		if s.ownSix[0] && !s.own[0] || s.ownSix[1] && !s.own[1] {
			continue
		}
		all = append(all, s)
		if !seen[s] {
			classes = append(classes, s)
		}
		for way := range 8 {
			seen[s.changed(way&1 > 0, way&2 > 0, way&4 > 0)] = true
		}
	}
	return all, classes
}

// changed is a shape in which interfaces, addresses or families change places.
func (s shape) changed(interfaces, addresses, families bool) shape {
	if interfaces {
		s = s.swapInterfaces()
	}
	if addresses {
		s = s.swapAddresses()
	}
	if families {
		for i := range 2 {
			s.six[i], s.ownSix[i] = !s.six[i], s.own[i] && !s.ownSix[i]
		}
	}
	return s
}

func (s shape) swapAddresses() shape {
	s.carrier[0], s.carrier[1] = s.carrier[1], s.carrier[0]
	s.six[0], s.six[1] = s.six[1], s.six[0]
	return s
}

func (s shape) swapInterfaces() shape {
	s.own[0], s.own[1] = s.own[1], s.own[0]
	s.ownSix[0], s.ownSix[1] = s.ownSix[1], s.ownSix[0]
	for i, c := range s.carrier {
		if c >= 0 {
			s.carrier[i] = 1 - c
		}
	}
	return s
}

var smallPool = bindingtest.NewPool(2, 2, 2)

func (s shape) inventory() *host.Inventory {
	var h host.Host
	for i, id := range smallPool.Ports {
		h.Ports = append(h.Ports, host.Port{ID: id, Number: uint16(80 + i), Protocol: host.TCP})
	}
	for i, id := range smallPool.Interfaces {
		f := host.Interface{ID: id, Name: fmt.Sprintf("eth%d", i)}
		if s.own[i] {
			f.Address = smallAddress(1, byte(i), s.ownSix[i])
		}
		h.Interfaces = append(h.Interfaces, f)
	}
	for i, id := range smallPool.IPAddresses {
		a := host.IPAddress{ID: id, Address: smallAddress(0, byte(i), s.six[i])}
		if s.carrier[i] >= 0 {
			a.InterfaceID = smallPool.Interfaces[s.carrier[i]]
		}
		h.IPAddresses = append(h.IPAddresses, a)
	}
	return mustInventory(h)
}

func smallAddress(net, i byte, six bool) netip.Addr {
	if six {
		return netip.AddrFrom16([16]byte{0xfd, net, 15: i})
	}
	return netip.AddrFrom4([4]byte{10, net, 0, i})
}

// canonicalTargets are the 18 targets of a small host by their right names:
// presences first, then the listeners on each port.
func canonicalTargets() (targets []binding.Target) {
	var scopes []binding.Scope
	for _, id := range smallPool.Interfaces {
		scopes = append(scopes, binding.OnInterface(id))
	}
	for _, id := range smallPool.IPAddresses {
		scopes = append(scopes, binding.OnIPAddress(id))
	}
	for _, s := range scopes {
		targets = append(targets, binding.Interface(uuid.Nil).WithScope(s))
	}
	for _, port := range smallPool.Ports {
		for _, s := range append(scopes, binding.AllInterfaces(), binding.AllIPv4(), binding.AllIPv6()) {
			targets = append(targets, binding.Port(port, s))
		}
	}
	return targets
}

// allReferences are the 30 ways to name a target of a small host, or to try: every
// place by either kind.
func allReferences() []binding.Target {
	references := canonicalTargets()
	for _, to := range canonicalTargets() {
		if isPlace(to.Scope()) {
			references = append(references, misnamed(to))
		}
	}
	return references
}

func isPlace(s binding.Scope) bool {
	return s.Kind() == binding.ScopeInterface || s.Kind() == binding.ScopeIPAddress
}

// symmetries returns how the references change places when ports, interfaces,
// addresses or families change theirs, in every way that leaves the shape as it is.
func (s shape) symmetries(references []binding.Target) (all [][]int8) {
	swapped := func(swap bool, ids []uuid.UUID, id uuid.UUID) uuid.UUID {
		if i := slices.Index(ids, id); swap && i >= 0 {
			return ids[1-i]
		}
		return id
	}
	for way := 1; way < 16; way++ {
		ports, interfaces, addresses, families := way&1 > 0, way&2 > 0, way&4 > 0, way&8 > 0
		if s.changed(interfaces, addresses, families) != s {
			continue
		}
		var to []int8
		for _, r := range references {
			moved := r
			place := func(id uuid.UUID) uuid.UUID {
				return swapped(addresses, smallPool.IPAddresses, swapped(interfaces, smallPool.Interfaces, id))
			}
			if id, ok := r.InterfaceID(); ok {
				moved = moved.WithScope(binding.OnInterface(place(id)))
			} else if id, ok := r.IPAddressID(); ok {
				moved = moved.WithScope(binding.OnIPAddress(place(id)))
			} else if families && r.Scope() == binding.AllIPv4() {
				moved = moved.WithScope(binding.AllIPv6())
			} else if families && r.Scope() == binding.AllIPv6() {
				moved = moved.WithScope(binding.AllIPv4())
			}
			if id, ok := r.PortID(); ok {
				moved = binding.Port(swapped(ports, smallPool.Ports, id), moved.Scope())
			}
			to = append(to, int8(slices.Index(references, moved)))
		}
		all = append(all, to)
	}
	return all
}

// maxDepth is how many bindings a set has at most.
const maxDepth = 5

// scope is how many bindings sets have at most: all of them; those that are tried
// with every single claim, and with every pair of a claim and a stored binding;
// those whose merges are tried as if they were of many.
type scope struct{ depth, claimed, stored, indexed int }

// small tries every set over one universe on one small host.
type small struct {
	*testing.T
	*compact
	within   scope
	inv      *host.Inventory
	same     [][]int8 // ways to exchange references that change nothing
	cases    int
	plain    *validate.Validator
	exclude  *validate.Validator // with exclusive ports
	service  validate.ServiceInfo
	bindings [maxDepth][]binding.Binding // by position and reference
	ids      []uuid.UUID                 // by position
	claims   []*validate.Claims          // of one each, by reference

	input [maxDepth]int8
	valid [maxDepth + 1]bool // whether the first n of the input are a valid set
	turn  int                // goes round the claims and the stored bindings
	res   validate.Result
}

func newSmall(t *testing.T, s shape, references []binding.Target, within scope) *small {
	inv := s.inventory()
	all := &small{
		T: t, within: within, inv: inv,
		compact: newCompact(newBrute(inv.Host(), validate.DefaultMaxBindings), references),
		plain:   validate.New(), exclude: validate.New(validate.WithExclusivePorts()),
		service: validate.ServiceInfo{ID: uuid.UUID{1}}, ids: bindingtest.IDs(0x1d, maxDepth),
	}
	for _, to := range references {
		all.claims = append(all.claims, validate.NewClaims(inv, validate.Claim{Binding: binding.Binding{Target: to, ServiceID: uuid.UUID{2}}}))
		for i := range all.bindings {
			all.bindings[i] = append(all.bindings[i], binding.Binding{Target: to, ID: all.ids[i]})
		}
	}
	return all
}

// sets tries every set that goes on from the first n bindings of the input.
func (s *small) sets(n int) {
	s.operations(n)
	if n == s.within.depth || s.Failed() {
		return
	}
	for r := range s.references {
		s.input[n] = int8(r)
		if s.isFirst(s.input[:n+1]) {
			s.sets(n + 1)
		}
	}
}

// isFirst reports whether an input comes before all that are the same but for an
// exchange. If it does not, none that goes on from it does.
func (s *small) isFirst(input []int8) bool {
	for _, to := range s.same {
		for _, r := range input {
			if to[r] > r {
				break
			}
			if to[r] < r {
				return false
			}
		}
	}
	return true
}

// operations tries one input through every operation, for every split of it:
// without exclusive ports, and with them beside a claim and what is stored.
func (s *small) operations(n int) {
	s.try(n, s.plain, beside{none, none})
	references := len(s.references)
	rounds := 1
	switch {
	case n <= s.within.stored:
		rounds = references * (references + 1)
	case n <= s.within.claimed:
		rounds = references
	}
	// The claims come round before what is stored comes round once.
	for range rounds {
		s.turn++
		s.try(n, s.exclude, beside{claim: int8(s.turn % references), stored: int8(s.turn/references%(references+1)) - 1})
	}
}

func (s *small) try(n int, v *validate.Validator, o beside) {
	s.trySet(n, v, o)
	s.tryChanges(n, v, o)
}

// given returns the bindings of the input from one position to another.
func (s *small) given(from, to int) []binding.Binding {
	set := make([]binding.Binding, 0, maxDepth)
	for i := from; i < to; i++ {
		set = append(set, s.bindings[i][s.input[i]])
	}
	return set
}

func (s *small) in(set []binding.Binding, o beside) validate.Input {
	in := validate.Input{Inventory: s.inv, Service: s.service, Bindings: set}
	if o.claim != none {
		in.Claims = s.claims[o.claim]
	}
	if o.stored != none {
		in.Stored = s.bindings[0][o.stored : o.stored+1]
	}
	return in
}

func (s *small) trySet(n int, v *validate.Validator, o beside) {
	var out [maxDepth]verdict
	broken := s.set(s.input[:n], o, out[:])
	in := s.in(s.given(0, n), o)
	s.check("Set", out[:n], s.input[:n], s.ids, broken, &s.res, v.SetInto(&s.res, in), o)
	if o.claim != none {
		return
	}
	s.valid[n] = !broken
	for i, r := range s.input[:n] {
		s.valid[n] = s.valid[n] && out[i].fate == kept && s.canonical[r] == r
	}
	s.check("Set of many", out[:n], s.input[:n], s.ids, broken, &s.res, v.SetOfMany(&s.res, in), o)
}

func (s *small) tryChanges(n int, v *validate.Validator, o beside) {
	var out [maxDepth]verdict
	for k := range n + 1 {
		if !s.valid[k] {
			break // of a set that is not valid, no larger one is
		}
		s.merge(s.input[:n], k, o, out[:])
		in := s.in(s.given(0, k), o)
		res, err := v.Merge(in, s.given(k, n))
		s.check("Merge", out[:n], s.input[:n], s.ids, false, &res, err, o)
		if n <= s.within.indexed {
			res, err = v.MergeOfMany(in, s.given(k, n))
			s.check("Merge of many", out[:n], s.input[:n], s.ids, false, &res, err, o)
		}
		if k != n-1 {
			continue
		}
		b := s.bindings[k][s.input[k]]
		res, err = v.Add(in, b)
		s.check("Add", out[:n], s.input[:n], s.ids, out[k].fate >= broken5, &res, err, o)
		for index := range k {
			s.tryReplace(v, in, index, b, o)
		}
	}
}

// tryReplace replaces a binding of a set by the next of the input. What that
// does is what Merge does to the others, but for two things: the new one stands
// in the place of the old one, and stays where another equals it.
func (s *small) tryReplace(v *validate.Validator, in validate.Input, index int, b binding.Binding, o beside) {
	n := len(in.Bindings)
	rest := slices.Concat(s.input[:index], s.input[index+1:n+1])
	var merged, out [maxDepth]verdict
	s.merge(rest, n-1, o, merged[:])
	place := func(i int8) int8 { // of one of the rest in the changed list
		switch {
		case i == int8(n-1):
			return int8(index)
		case i >= int8(index):
			return i + 1
		default:
			return i
		}
	}
	for i, m := range merged[:n] {
		if m.by != none {
			m.by = place(m.by)
		}
		out[place(int8(i))] = m
	}
	if own := &out[index]; own.fate == absorbed && own.reason == byte(validate.Duplicate) {
		if s.claimed(s.canonical[s.input[n]], o) {
			*own = verdict{fate: broken6, by: none}
		} else {
			out[own.by], *own = verdict{fate: dropped, reason: own.reason, by: int8(index)}, verdict{by: none}
		}
	}
	changed, ids := slices.Clone(s.input[:n]), slices.Clone(s.ids)
	changed[index], ids[index] = s.input[n], b.ID
	res, err := v.Replace(in, index, b)
	s.check(fmt.Sprintf("Replace of binding %d", index), out[:n], changed, ids, out[index].fate >= broken5, &res, err, o)
}

// check counts a case and compares. broken says that an error is wanted.
func (s *small) check(operation string, want []verdict, input []int8, ids []uuid.UUID, broken bool, res *validate.Result, err error, o beside) {
	s.cases++
	if broken == (err != nil) && s.agrees(input, ids, want, res, err) {
		return
	}
	text := fmt.Sprintf("%s of", operation)
	for i, r := range input {
		text += fmt.Sprintf("\n  %d %s: want %+v", i, s.inv.Describe(s.references[r]), want[i])
	}
	if o.claim != none {
		text += "\nclaimed " + s.inv.Describe(s.references[o.claim])
	}
	if o.stored != none {
		text += "\nstored " + s.inv.Describe(s.references[o.stored])
	}
	s.Fatalf("%s\ngot %+v %+v %+v %v", text, res.Dropped, res.Absorbed, res.Skipped, err)
}

// exhaust tries every set of at most so many bindings on every shape, side by
// side, and reports the number of cases. Of the deepest sets that differ only in
// which port is which, which interface and which address, it tries the first.
func exhaust(t *testing.T, shapes []shape, references []binding.Target, within scope) {
	var cases atomic.Int64
	t.Run(fmt.Sprintf("up to %d of %d targets", within.depth, len(references)), func(t *testing.T) {
		for _, shape := range shapes {
			t.Run(shape.String(), func(t *testing.T) {
				t.Parallel()
				s := newSmall(t, shape, references, within)
				if within.depth >= 4 {
					s.same = shape.symmetries(references)
				}
				s.sets(0)
				cases.Add(int64(s.cases))
			})
		}
	})
	t.Logf("%d cases agree", cases.Load())
}

// onOnePort returns the 11 targets that are not on the second port.
func onOnePort(targets []binding.Target) []binding.Target {
	return slices.DeleteFunc(slices.Clone(targets), func(to binding.Target) bool {
		port, _ := to.PortID()
		return port == smallPool.Ports[1]
	})
}

// ofOneFamily returns the shapes with IPv4 addresses alone.
func ofOneFamily(shapes []shape) []shape {
	return slices.DeleteFunc(slices.Clone(shapes), func(s shape) bool {
		return s.six != [2]bool{} || s.ownSix != [2]bool{}
	})
}

// withoutFamilies returns the 14 targets that are not all of a family.
func withoutFamilies(targets []binding.Target) []binding.Target {
	return slices.DeleteFunc(slices.Clone(targets), func(to binding.Target) bool {
		return to.Scope() == binding.AllIPv4() || to.Scope() == binding.AllIPv6()
	})
}

// fullScope is the environment variable that has the tests below try all there
// is, which takes minutes.
const fullScope = "BINDSET_FULL_SCOPE"

func TestEverySmallSetAgreesWithTheBruteForce(t *testing.T) {
	all, classes := allShapes()
	require.Len(t, all, 116)
	require.Len(t, classes, 23)
	exhaust(t, all, canonicalTargets(), scope{depth: 2, claimed: 1, indexed: 2})
	if testing.Short() {
		return
	}
	exhaust(t, classes, onOnePort(canonicalTargets()), scope{depth: 3, claimed: 1, indexed: 3})
	if os.Getenv(fullScope) != "" {
		exhaust(t, classes, canonicalTargets(), scope{depth: 4, claimed: 3, stored: 2, indexed: 4})
		exhaust(t, ofOneFamily(classes), withoutFamilies(canonicalTargets()), scope{depth: maxDepth, claimed: 3, stored: 2, indexed: 4})
	}
}

func TestEverySmallSetOfReferencesAgreesWithTheBruteForce(t *testing.T) {
	_, classes := allShapes()
	exhaust(t, classes, allReferences(), scope{depth: 2, indexed: 2})
	if os.Getenv(fullScope) != "" {
		exhaust(t, classes, allReferences(), scope{depth: 3, claimed: 2, indexed: 3})
	}
}

func TestTheCompactRulesAreThePlain(t *testing.T) {
	_, classes := allShapes()
	for _, shape := range classes {
		s := newSmall(t, shape, allReferences(), scope{depth: 2})
		compare := func(n int, o beside) {
			var want, got [maxDepth]verdict
			in := s.in(s.given(0, n), o)
			wantBroken, broken := s.plainSet(in, want[:]), s.set(s.input[:n], o, got[:])
			require.Equal(t, wantBroken, broken)
			require.Equal(t, want, got, "%s, Set of %v, %v", shape, s.input[:n], o)
			for k := range n {
				if set := s.in(s.given(0, k), o); s.valid[k] {
					want, got = [maxDepth]verdict{}, [maxDepth]verdict{}
					s.plainMerge(set, s.given(k, n), want[:])
					s.merge(s.input[:n], k, o, got[:])
					require.Equal(t, want, got, "%s, Merge of %v from %d, %v", shape, s.input[:n], k, o)
				}
			}
		}
		var walk func(n int)
		walk = func(n int) {
			s.trySet(n, s.plain, beside{none, none})
			compare(n, beside{none, none})
			s.turn++
			compare(n, beside{int8(s.turn % len(s.references)), int8(s.turn/7%len(s.references)) - 1})
			for r := range s.references {
				if n < s.within.depth || n < 2*s.within.depth && s.turn%97 == r%97 { // all pairs, and some longer ones
					s.input[n] = int8(r)
					walk(n + 1)
				}
			}
		}
		walk(0)
	}
}
