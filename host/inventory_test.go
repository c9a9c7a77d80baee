package host_test

import (
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

// scan answers what an Inventory does by looking at every child of the host.
type scan struct{ host.Host }

func (s scan) iface(id uuid.UUID) int {
	return slices.IndexFunc(s.Interfaces, func(f host.Interface) bool { return f.ID == id })
}

func (s scan) address(id uuid.UUID) int {
	return slices.IndexFunc(s.IPAddresses, func(a host.IPAddress) bool { return a.ID == id })
}

func (s scan) port(id uuid.UUID) int {
	return slices.IndexFunc(s.Ports, func(p host.Port) bool { return p.ID == id })
}

func (s scan) carried(interfaceID uuid.UUID) []host.IPAddress {
	var carried []host.IPAddress
	for _, a := range s.IPAddresses {
		if s.iface(interfaceID) >= 0 && a.InterfaceID == interfaceID {
			carried = append(carried, a)
		}
	}
	return carried
}

func (s scan) canonical(t binding.Target) binding.Target {
	interfaceID, _ := t.InterfaceID()
	if s.address(interfaceID) >= 0 {
		return t.WithScope(binding.OnIPAddress(interfaceID))
	}
	ipAddressID, _ := t.IPAddressID()
	if at := s.iface(ipAddressID); at >= 0 && s.Interfaces[at].HasAddress() {
		return t.WithScope(binding.OnInterface(ipAddressID))
	}
	return t
}

func (s scan) locate(t binding.Target) (host.Location, bool) {
	at := host.Location{Port: host.None, Place: host.Anywhere, Carrier: host.None, Families: host.IPv4 | host.IPv6}
	switch t.Scope().Kind() {
	case binding.ScopeAllIPv4:
		at.Families = host.IPv4
	case binding.ScopeAllIPv6:
		at.Families = host.IPv6
	}
	if id, ok := t.PortID(); ok {
		at.Port = int32(s.port(id))
		if at.Port < 0 {
			return host.Location{}, false
		}
	}
	if id, ok := t.InterfaceID(); ok {
		at.Place = int32(s.iface(id))
		if at.Place < 0 {
			return host.Location{}, false
		}
		if own := s.Interfaces[at.Place]; own.HasAddress() {
			at.Families = familyOf(own.Address)
		}
	}
	if id, ok := t.IPAddressID(); ok {
		i := s.address(id)
		if i < 0 {
			return host.Location{}, false
		}
		at.Place = int32(len(s.Interfaces) + i)
		at.Carrier = int32(s.iface(s.IPAddresses[i].InterfaceID))
		at.Families = familyOf(s.IPAddresses[i].Address)
	}
	if t.Scope().Kind() == binding.ScopeInvalid {
		return host.Location{}, false
	}
	return at, true
}

// A place is one of those that DESIGN section 2 gives a host: an IP address, or any
// other address of a family, on one interface or (the nil ID) on none that is known.
type place struct {
	id    uuid.UUID
	other host.Families // 0 for an address
}

// places returns what is in a scope.
func (s scan) places(scope binding.Scope) map[place]bool {
	in := make(map[place]bool)
	reaches := func(interfaceID, addressID uuid.UUID, family host.Families) bool {
		switch scope.Kind() {
		case binding.ScopeAll:
			return true
		case binding.ScopeAllIPv4:
			return family == host.IPv4
		case binding.ScopeAllIPv6:
			return family == host.IPv6
		case binding.ScopeInterface:
			id, _ := scope.InterfaceID()
			return id == interfaceID && id != uuid.Nil
		case binding.ScopeIPAddress:
			id, _ := scope.IPAddressID()
			return id == addressID && id != uuid.Nil
		default:
			return false
		}
	}
	others := func(interfaceID uuid.UUID) {
		for _, family := range []host.Families{host.IPv4, host.IPv6} {
			if reaches(interfaceID, uuid.Nil, family) {
				in[place{interfaceID, family}] = true
			}
		}
	}
	others(uuid.Nil)
	for _, f := range s.Interfaces {
		switch {
		case !f.HasAddress():
			others(f.ID)
		case reaches(f.ID, uuid.Nil, familyOf(f.Address)):
			in[place{id: f.ID}] = true
		}
	}
	for _, a := range s.IPAddresses {
		if reaches(a.InterfaceID, a.ID, familyOf(a.Address)) {
			in[place{id: a.ID}] = true
		}
	}
	return in
}

func familyOf(a netip.Addr) host.Families {
	if a.Is4() {
		return host.IPv4
	}
	return host.IPv6
}

func (s scan) covers(a, b binding.Scope) bool {
	in, within := s.places(a), s.places(b)
	for p := range within {
		if !in[p] {
			return false
		}
	}
	return len(within) > 0
}

func (s scan) overlap(a, b binding.Scope) bool {
	in := s.places(a)
	for p := range s.places(b) {
		if in[p] {
			return true
		}
	}
	return false
}

// reference draws a target that may name anything, by any kind. It asks the
// inventory nothing, unlike hosttest.Foreign, since that is under test here.
func reference(inv *host.Inventory) *rapid.Generator[binding.Target] {
	own := hosttest.Pool(inv)
	ids := slices.Concat(own.Ports, own.Interfaces, own.IPAddresses, bindingtest.IDs(2, 1), []uuid.UUID{uuid.Nil})
	byAnyKind := bindingtest.Pool{Ports: ids, Interfaces: ids, IPAddresses: ids}
	return rapid.OneOf(own.Target(), byAnyKind.Target(), bindingtest.Target(),
		rapid.SampledFrom([]binding.Target{{}, binding.Port(own.Ports[0], binding.Scope{})}))
}

func TestTargetsAreFoundAsAScanOfTheHostFindsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		scan := scan{inv.Host()}
		for range 10 {
			target := reference(inv).Draw(t, "target")
			require.Equal(t, scan.canonical(target), inv.Canonical(target))
			wantAt, want := scan.locate(target)
			at, ok := inv.Locate(&target)
			require.Equal(t, want, ok)
			require.Equal(t, wantAt, at)
			require.Equal(t, want, inv.Has(target))
			if ok {
				require.Less(t, int(at.Place), len(scan.Interfaces)+len(scan.IPAddresses))
			}
		}
	})
}

func TestChildrenAreFoundAsAScanOfTheHostFindsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		scan, pool := scan{inv.Host()}, hosttest.Pool(inv)
		for _, id := range slices.Concat(pool.Ports, pool.Interfaces, pool.IPAddresses, bindingtest.IDs(2, 1), []uuid.UUID{uuid.Nil}) {
			port, ok := inv.Port(id)
			require.Equal(t, scan.port(id) >= 0, ok)
			require.Equal(t, childAt(scan.Ports, scan.port(id)), port)

			iface, ok := inv.Interface(id)
			require.Equal(t, scan.iface(id) >= 0, ok)
			require.Equal(t, childAt(scan.Interfaces, scan.iface(id)), iface)

			address, ok := inv.IPAddress(id)
			require.Equal(t, scan.address(id) >= 0, ok)
			require.Equal(t, childAt(scan.IPAddresses, scan.address(id)), address)

			carrier, ok := inv.Carrier(id)
			require.Equal(t, scan.iface(address.InterfaceID) >= 0, ok)
			require.Equal(t, childAt(scan.Interfaces, scan.iface(address.InterfaceID)), carrier)

			require.ElementsMatch(t, scan.carried(id), inv.Carried(id))
			require.True(t, slices.IsSortedFunc(inv.Carried(id), func(a, b host.IPAddress) int {
				return scan.address(a.ID) - scan.address(b.ID)
			}), "in the host's order")
		}
	})
}

// childAt returns a child by its position, or the zero child for -1.
func childAt[C any](children []C, pos int) (child C) {
	if pos >= 0 {
		child = children[pos]
	}
	return child
}

func TestTwoTargetsAreTheSameExactlyIfTheirLocationsAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		a := hosttest.Target(inv).Draw(t, "a")
		b := hosttest.Target(inv).Draw(t, "b")
		atA, okA := inv.Locate(&a)
		atB, okB := inv.Locate(&b)
		require.True(t, okA && okB)
		require.Equal(t, a == b, atA == atB)
	})
}

func TestCanonicalIsIdempotentAndLeavesCanonicalTargetsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		target := reference(inv).Draw(t, "target")
		require.Equal(t, inv.Canonical(target), inv.Canonical(inv.Canonical(target)))
		require.Equal(t, target.IsListener(), inv.Canonical(target).IsListener())
		canonical := hosttest.Target(inv).Draw(t, "canonical")
		require.Equal(t, canonical, inv.Canonical(canonical))
	})
}

func TestScopesOfAHostAreOrderedByContainment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		scan := scan{inv.Host()}
		for range 10 {
			a, b, c := anyScope(inv).Draw(t, "a"), anyScope(inv).Draw(t, "b"), anyScope(inv).Draw(t, "c")

			require.Equal(t, scan.covers(a, b), inv.Covers(a, b))
			require.True(t, inv.Covers(a, a), "reflexive")
			require.False(t, a != b && inv.Covers(a, b) && inv.Covers(b, a), "antisymmetric")
			require.False(t, inv.Covers(a, b) && inv.Covers(b, c) && !inv.Covers(a, c), "transitive")
			require.True(t, inv.Covers(binding.AllInterfaces(), a), "all covers everything")
			require.Equal(t, a.Kind() == binding.ScopeAll, inv.Covers(a, binding.AllInterfaces()), "only all covers all")
		}
	})
}

func TestScopesOverlapExactlyIfTheyShareAPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		scan := scan{inv.Host()}
		for range 10 {
			a, b := anyScope(inv).Draw(t, "a"), anyScope(inv).Draw(t, "b")
			require.Equal(t, scan.overlap(a, b), inv.Overlap(a, b))
			require.Equal(t, inv.Overlap(b, a), inv.Overlap(a, b), "symmetric")
			require.False(t, inv.Covers(a, b) && !inv.Overlap(a, b), "what covers overlaps")
		}
	})
}

// anyScope generates the scopes of a host, families among them.
func anyScope(inv *host.Inventory) *rapid.Generator[binding.Scope] {
	return rapid.OneOf(hosttest.Scope(inv), rapid.SampledFrom([]binding.Scope{binding.AllIPv4(), binding.AllIPv6()}))
}

func TestScopesOfTheWholeHost(t *testing.T) {
	inv, err := host.NewInventory(whole())
	require.NoError(t, err)
	all := binding.AllInterfaces()
	eth0, own, bare := binding.OnInterface(ids[2]), binding.OnInterface(ids[3]), binding.OnInterface(ids[4])
	carried, carriedToo, free := binding.OnIPAddress(ids[5]), binding.OnIPAddress(ids[6]), binding.OnIPAddress(ids[7])

	ipv4, ipv6 := binding.AllIPv4(), binding.AllIPv6()

	tests := map[string]struct {
		a, b             binding.Scope
		covers, isWithin bool
	}{
		"all and all of a family":                {all, ipv4, true, false},
		"both families":                          {ipv4, ipv6, false, false},
		"all and an interface":                   {all, eth0, true, false},
		"all and an address":                     {all, free, true, false},
		"all and all":                            {all, all, true, true},
		"an interface and an address it has":     {eth0, carried, true, false},
		"an interface and another it has":        {eth0, carriedToo, true, false},
		"an interface and an address it has not": {eth0, free, false, false},
		"another interface and that address":     {bare, carried, false, false},
		"two interfaces":                         {eth0, own, false, false},
		"two addresses of one interface":         {carried, carriedToo, false, false},
		"one IP under two IDs":                   {carried, free, false, false},
		"an address and itself":                  {carried, carried, true, true},
		"an interface and a port called address": {eth0, binding.OnIPAddress(ids[10]), false, false},
		"zero scopes":                            {binding.Scope{}, binding.Scope{}, false, false},
		"all and the zero scope":                 {all, binding.Scope{}, false, false},
		"all and a nil interface":                {all, binding.OnInterface(uuid.Nil), false, false},
		"a nil address and itself":               {binding.OnIPAddress(uuid.Nil), binding.OnIPAddress(uuid.Nil), false, false},
		"a nil interface and a free address":     {binding.OnInterface(uuid.Nil), free, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.covers, inv.Covers(test.a, test.b))
			require.Equal(t, test.isWithin, inv.Covers(test.b, test.a))
			require.Equal(t, test.covers || test.isWithin, inv.Overlap(test.a, test.b))
			require.Equal(t, test.covers || test.isWithin, inv.Overlap(test.b, test.a))
		})
	}
}

func TestNothingThatCallersHoldChangesAnInventory(t *testing.T) {
	scramble := func(h host.Host) {
		for i := range h.Interfaces {
			h.Interfaces[i] = host.Interface{Name: "changed"}
		}
		for i := range h.IPAddresses {
			h.IPAddresses[i] = host.IPAddress{Name: "changed"}
		}
		for i := range h.Ports {
			h.Ports[i] = host.Port{Number: 9}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		want := hosttest.Host().Draw(t, "host")
		given := want
		given.Interfaces = slices.Clone(want.Interfaces)
		given.IPAddresses = slices.Clone(want.IPAddresses)
		given.Ports = slices.Clone(want.Ports)
		inv, err := host.NewInventory(given)
		require.NoError(t, err)
		scramble(given)
		require.Equal(t, want, inv.Host())
		scramble(inv.Host())
		require.Equal(t, want, inv.Host())
		for _, f := range want.Interfaces {
			scramble(host.Host{IPAddresses: inv.Carried(f.ID)})
			require.Equal(t, want, inv.Host())
		}
	})
}

func TestAnInventoryMayBeSharedBetweenGoroutines(t *testing.T) {
	inv, err := host.NewInventory(whole())
	require.NoError(t, err)
	askEverything := func() (answers []any) {
		for _, id := range ids {
			for _, target := range []binding.Target{
				binding.Interface(id), binding.Port(id, binding.OnInterface(ids[2])), binding.Port(ids[10], binding.OnIPAddress(id)),
			} {
				at, ok := locate(inv, inv.Canonical(target))
				answers = append(answers, at, ok, inv.Describe(target), inv.Overlap(target.Scope(), binding.OnInterface(ids[2])))
			}
			answers = append(answers, inv.Carried(id), inv.Host())
		}
		return answers
	}
	want := askEverything()
	got := make([][]any, 4)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = askEverything() })
	}
	wg.Wait()
	for i := range got {
		require.Equal(t, want, got[i])
	}
}
