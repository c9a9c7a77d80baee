package validate_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

// setCase is a sentence of a rule and a set that shows it: what Set keeps of it
// and drops, or what it refuses.
type setCase struct {
	fact       string
	set        []binding.Binding
	kept       []binding.Target
	dropped    []validate.Drop
	rewritten  []validate.Rewrite
	violations []validate.Violation
}

func testSet(t *testing.T, v *validate.Validator, cases []setCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			var res validate.Result
			err := v.SetInto(&res, validate.Input{Inventory: office, Service: web, Bindings: c.set})
			if c.violations != nil {
				validatetest.RequireViolations(t, office, err, c.violations...)
				require.Empty(t, res.Bindings)
				return
			}
			require.NoError(t, err)
			validatetest.RequireKept(t, office, res, c.kept...)
			validatetest.RequireDropped(t, office, res, c.dropped...)
			require.True(t, slices.Equal(c.rewritten, res.Rewritten), "rewritten: %v", res.Rewritten)
			validatetest.RequireAccounted(t, office, res)
		})
	}
}

func TestCanonicalReferencesAreRewritten(t *testing.T) { // V0
	onAddress, onTunnel := listen("443/tcp", "10.0.0.5"), listen("443/tcp", "tun0")
	testSet(t, validate.New(), []setCase{
		{
			fact:      "an interface that is an IP address means the address",
			set:       setOf(misnamed(present("10.0.0.5"))),
			kept:      []binding.Target{present("10.0.0.5")},
			rewritten: []validate.Rewrite{{Index: 0, From: misnamed(present("10.0.0.5")), To: present("10.0.0.5")}},
		},
		{
			fact:      "an IP address that is an interface with an own address means the interface",
			set:       setOf(misnamed(present("tun0"))),
			kept:      []binding.Target{present("tun0")},
			rewritten: []validate.Rewrite{{Index: 0, From: misnamed(present("tun0")), To: present("tun0")}},
		},
		{
			fact: "listeners are rewritten, too, both ways",
			set:  setOf(misnamed(onAddress), misnamed(onTunnel)),
			kept: []binding.Target{onAddress, onTunnel},
			rewritten: []validate.Rewrite{
				{Index: 0, From: misnamed(onAddress), To: onAddress},
				{Index: 1, From: misnamed(onTunnel), To: onTunnel},
			},
		},
		{
			fact:       "an IP address that is an interface without an own address is nothing",
			set:        setOf(misnamed(present("eth0"))),
			violations: []validate.Violation{violation("V2", validate.ErrCrossHost, 0)},
		},
		{
			fact:      "later rules read what was meant: a duplicate",
			set:       setOf(onAddress, misnamed(onAddress)),
			kept:      []binding.Target{onAddress},
			dropped:   []validate.Drop{{Index: 1, By: 0, Reason: validate.Duplicate}},
			rewritten: []validate.Rewrite{{Index: 1, From: misnamed(onAddress), To: onAddress}},
		},
		{
			fact:       "later rules read what was meant: a conflict",
			set:        setOf(present("tun0"), misnamed(onTunnel)),
			violations: []validate.Violation{against("V5", validate.ErrConflict, 1, present("tun0"))},
		},
		{
			fact: "one ID with two names of one target is one target",
			set:  []binding.Binding{{ID: bindingID(0), Target: onAddress}, {ID: bindingID(0), Target: misnamed(onAddress)}},
			kept: []binding.Target{onAddress}, dropped: []validate.Drop{{Index: 1, By: 0, Reason: validate.Duplicate}},
			rewritten: []validate.Rewrite{{Index: 1, From: misnamed(onAddress), To: onAddress}},
		},
	})
}

func TestMalformedTargetsAreInvalid(t *testing.T) { // V1
	port := portOf(office, "443/tcp")
	for shape, target := range map[string]binding.Target{
		"zero":                                {},
		"presence at the nil interface":       binding.Interface(uuid.Nil),
		"presence at the nil IP address":      binding.IPAddress(uuid.Nil),
		"listener on the nil port":            binding.Port(uuid.Nil, binding.AllInterfaces()),
		"listener without a scope":            binding.Port(port, binding.Scope{}),
		"listener on the nil interface":       binding.Port(port, binding.OnInterface(uuid.Nil)),
		"listener on the nil IP address":      binding.Port(port, binding.OnIPAddress(uuid.Nil)),
		"listener without a port and a scope": binding.Port(uuid.Nil, binding.Scope{}),
	} {
		t.Run(shape, func(t *testing.T) {
			_, err := validate.New().Set(office, setOf(listen("80/tcp", "everywhere"), target))
			validatetest.RequireViolations(t, office, err, violation("V1", validate.ErrInvalid, 1))
		})
	}
}

func TestOneIDStandsForOneTarget(t *testing.T) { // V1
	a, b, c := listen("443/tcp", "everywhere"), listen("80/tcp", "everywhere"), present("eth0")
	under := func(id int, to binding.Target) binding.Binding { return binding.Binding{ID: bindingID(id), Target: to} }
	anonymous := func(to binding.Target) binding.Binding { return binding.Binding{Target: to} }
	testSet(t, validate.New(), []setCase{
		{
			fact:       "the later of two targets under one ID offends",
			set:        []binding.Binding{under(0, a), under(1, listen("53/udp", "eth0")), under(0, b)},
			violations: []validate.Violation{against("V1", validate.ErrInvalid, 2, a)},
		},
		{
			fact:       "every later one offends, against the first",
			set:        []binding.Binding{under(0, a), under(0, b), under(0, c)},
			violations: []validate.Violation{against("V1", validate.ErrInvalid, 1, a), against("V1", validate.ErrInvalid, 2, a)},
		},
		{
			fact:       "what has the target of the first again does not",
			set:        []binding.Binding{under(0, a), under(0, b), under(0, a)},
			violations: []validate.Violation{against("V1", validate.ErrInvalid, 1, a)},
		},
		{
			fact:    "one ID twice for one target is a duplicate",
			set:     []binding.Binding{under(0, a), under(0, a)},
			kept:    []binding.Target{a},
			dropped: []validate.Drop{{Index: 1, By: 0, Reason: validate.Duplicate}},
		},
		{
			fact: "nil IDs are yet to be assigned",
			set:  []binding.Binding{anonymous(a), anonymous(b)},
			kept: []binding.Target{a, b},
		},
		{
			fact:       "a malformed binding has its ID, too",
			set:        []binding.Binding{under(0, binding.Target{}), under(0, a)},
			violations: []validate.Violation{violation("V1", validate.ErrInvalid, 0), violation("V1", validate.ErrInvalid, 1)},
		},
		{
			fact: "a binding with a taken ID takes no part in later rules",
			set:  []binding.Binding{under(0, a), under(0, c)}, // else they would conflict
			violations: []validate.Violation{
				against("V1", validate.ErrInvalid, 1, a),
			},
		},
	})
}

func TestASetHasAtMostMaxBindings(t *testing.T) { // V1
	a, b, c := listen("443/tcp", "everywhere"), listen("80/tcp", "everywhere"), listen("53/udp", "everywhere")
	testSet(t, validate.New(validate.WithMaxBindings(2)), []setCase{
		{fact: "so many are allowed", set: setOf(a, b), kept: []binding.Target{a, b}},
		{fact: "one more is not", set: setOf(a, b, c), violations: []validate.Violation{violation("V1", validate.ErrInvalid, -1)}},
		{
			fact:       "they are counted before the rules drop any",
			set:        setOf(a, a, a),
			violations: []validate.Violation{violation("V1", validate.ErrInvalid, -1)},
		},
		{
			fact: "the other rules run all the same",
			set:  setOf(a, present("eth0"), binding.Target{}),
			violations: []validate.Violation{
				violation("V1", validate.ErrInvalid, -1), violation("V1", validate.ErrInvalid, 2),
				against("V5", validate.ErrConflict, 1, a),
			},
		},
	})
}

func TestTheDefaultLimitHoldsForEveryNumberBelowOne(t *testing.T) {
	for _, n := range []int{0, -1, -1 << 62} {
		require.Equal(t, validate.DefaultMaxBindings, validate.New(validate.WithMaxBindings(n)).MaxBindings())
	}
	require.Equal(t, validate.DefaultMaxBindings, new(validate.Validator).MaxBindings())
	require.Equal(t, 1, validate.New(validate.WithMaxBindings(1)).MaxBindings())
}

func TestBindingsNameOnlyTheirOwnHost(t *testing.T) { // V2
	foreignPort := binding.Port(portOf(elsewhere, "443/tcp"), binding.AllInterfaces())
	foreignInterface := binding.Interface(uuid.Nil).WithScope(in(elsewhere, "eth0"))
	foreignAddress := binding.IPAddress(uuid.Nil).WithScope(in(elsewhere, "10.0.0.9"))
	https := listen("443/tcp", "everywhere")
	testSet(t, validate.New(), []setCase{
		{
			fact:       "a port, an interface and an IP address of another host",
			set:        setOf(foreignPort, foreignInterface, foreignAddress),
			violations: []validate.Violation{crossHost(0), crossHost(1), crossHost(2)},
		},
		{
			fact: "a listener by its port, its interface or its address",
			set: setOf(
				foreignPort.WithScope(in(office, "eth0")),
				https.WithScope(in(elsewhere, "eth0")),
				https.WithScope(in(elsewhere, "10.0.0.9")),
			),
			violations: []validate.Violation{crossHost(0), crossHost(1), crossHost(2)},
		},
		{
			fact:       "what is on the host, but of another kind",
			set:        setOf(binding.Interface(portOf(office, "443/tcp")), binding.IPAddress(portOf(office, "443/tcp")), misnamed(present("eth0"))),
			violations: []validate.Violation{crossHost(0), crossHost(1), crossHost(2)},
		},
		{
			fact:       "a listener on an interface as if that were a port",
			set:        setOf(binding.Port(office.Host().Interfaces[0].ID, binding.AllInterfaces())),
			violations: []validate.Violation{crossHost(0)},
		},
		{
			fact:       "also what another listener supersedes",
			set:        setOf(https, https.WithScope(in(elsewhere, "eth0"))),
			violations: []validate.Violation{crossHost(1)},
		},
		{
			fact:       "also what a duplicate repeats",
			set:        setOf(foreignPort, foreignPort),
			violations: []validate.Violation{crossHost(0), crossHost(1)},
		},
	})
}

func crossHost(index int) validate.Violation {
	return violation("V2", validate.ErrCrossHost, index)
}

func TestTheNetworkOfAServiceIsItsHosts(t *testing.T) { // V2
	other := bindingtest.IDs(0x28, 1)[0]
	nowhere := mustInventory(hosttest.Sized(1, 1, 1))
	anonymous := nowhere.Host()
	anonymous.NetworkID = uuid.Nil
	set := func(network uuid.UUID) error {
		service := web
		service.NetworkID = network
		return validate.New().SetInto(new(validate.Result), validate.Input{
			Inventory: office, Service: service, Bindings: setOf(binding.Interface(other), listen("443/tcp", "everywhere")),
		})
	}
	validatetest.RequireViolations(t, office, set(other),
		violation("V2", validate.ErrNetworkMismatch, -1), crossHost(0))
	validatetest.RequireViolations(t, office, set(networkID), crossHost(0))
	validatetest.RequireViolations(t, office, set(uuid.Nil), crossHost(0))

	require.NoError(t, validate.New().SetInto(new(validate.Result), validate.Input{
		Inventory: mustInventory(anonymous), Service: web,
	}), "the network of the host is unknown")
}

func TestDedupKeepsTheFirst(t *testing.T) { // V3
	a, b, p := listen("443/tcp", "eth0"), listen("443/tcp", "eth1"), present("192.0.2.1")
	testSet(t, validate.New(), []setCase{
		{
			fact:    "of listeners and of presences",
			set:     setOf(a, p, a, p, a),
			kept:    []binding.Target{a, p},
			dropped: []validate.Drop{{2, 0, validate.Duplicate}, {3, 1, validate.Duplicate}, {4, 0, validate.Duplicate}},
		},
		{
			fact: "what differs in port, place or kind alone stays",
			set:  setOf(a, b, listen("80/tcp", "eth0"), p),
			kept: []binding.Target{a, b, listen("80/tcp", "eth0"), p},
		},
		{fact: "the empty set has none", set: nil, kept: nil},
	})
}

func TestPrecedenceDropsWhatAnotherListenerCovers(t *testing.T) { // V4
	everywhere, eth0, eth1 := listen("443/tcp", "everywhere"), listen("443/tcp", "eth0"), listen("443/tcp", "eth1")
	address, loose := listen("443/tcp", "10.0.0.5"), listen("443/tcp", "192.0.2.1")
	superseded := func(index, by int) validate.Drop {
		return validate.Drop{Index: index, By: by, Reason: validate.Superseded}
	}
	testSet(t, validate.New(), []setCase{
		{
			fact:    "everywhere over an interface and an address, before it and behind it",
			set:     setOf(eth0, everywhere, loose),
			kept:    []binding.Target{everywhere},
			dropped: []validate.Drop{superseded(0, 1), superseded(2, 1)},
		},
		{
			fact:    "an interface over an address that it carries",
			set:     setOf(address, eth0),
			kept:    []binding.Target{eth0},
			dropped: []validate.Drop{superseded(0, 1)},
		},
		{
			fact: "not over an address that another interface carries, or none",
			set:  setOf(eth1, address, loose),
			kept: []binding.Target{eth1, address, loose},
		},
		{
			fact: "not over another interface, and not an address over its interface",
			set:  setOf(eth0, eth1),
			kept: []binding.Target{eth0, eth1},
		},
		{
			fact: "not on another port",
			set:  setOf(everywhere, listen("80/tcp", "eth0"), listen("53/udp", "10.0.0.5")),
			kept: []binding.Target{everywhere, listen("80/tcp", "eth0"), listen("53/udp", "10.0.0.5")},
		},
		{
			fact:    "by what is kept: everywhere, not the interface that it drops",
			set:     setOf(address, eth0, everywhere),
			kept:    []binding.Target{everywhere},
			dropped: []validate.Drop{superseded(0, 2), superseded(1, 2)},
		},
		{
			fact:    "by the first of the duplicates that cover it",
			set:     setOf(address, eth0, eth0),
			kept:    []binding.Target{eth0},
			dropped: []validate.Drop{superseded(0, 1), {2, 1, validate.Duplicate}},
		},
		{
			fact:    "duplicates of what is superseded are superseded: the equal one is not kept",
			set:     setOf(address, address, eth0),
			kept:    []binding.Target{eth0},
			dropped: []validate.Drop{superseded(0, 2), superseded(1, 2)},
		},
		{
			fact: "presences have no precedence",
			set:  setOf(present("eth0"), present("10.0.0.5")),
			kept: []binding.Target{present("eth0"), present("10.0.0.5")},
		},
	})
}

func TestPresenceAndListenerConflictWhereTheyMeet(t *testing.T) { // V5
	everywhere, eth0, address := listen("443/tcp", "everywhere"), listen("443/tcp", "eth0"), listen("443/tcp", "10.0.0.5")
	conflict := func(index int, with binding.Target) []validate.Violation {
		return []validate.Violation{against("V5", validate.ErrConflict, index, with)}
	}
	var cases []setCase
	for _, pair := range []struct {
		what               string
		presence, listener binding.Target
	}{
		{"at one interface", present("eth0"), eth0},
		{"at one interface with an own address", present("tun0"), listen("443/tcp", "tun0")},
		{"at one address", present("10.0.0.5"), address},
		{"at one address of no known interface", present("192.0.2.1"), listen("53/udp", "192.0.2.1")},
		{"at an interface, listening on an address that it carries", present("eth0"), address},
		{"at an address, listening on the interface that carries it", present("10.0.0.5"), eth0},
		{"at an interface, listening everywhere", present("eth1"), everywhere},
		{"at an address, listening everywhere", present("192.0.2.1"), everywhere},
	} {
		cases = append(cases,
			setCase{fact: pair.what, set: setOf(pair.presence, pair.listener), violations: conflict(1, pair.presence)},
			setCase{fact: pair.what + ", the other way round", set: setOf(pair.listener, pair.presence), violations: conflict(1, pair.listener)},
		)
	}
	testSet(t, validate.New(), append(cases, []setCase{
		{
			fact: "not at different places",
			set:  setOf(present("eth1"), eth0, present("192.0.2.1"), listen("443/tcp", "tun0")),
			kept: []binding.Target{present("eth1"), eth0, present("192.0.2.1"), listen("443/tcp", "tun0")},
		},
		{
			fact: "not at two addresses of one interface",
			set:  setOf(present("10.0.0.6"), address),
			kept: []binding.Target{present("10.0.0.6"), address},
		},
		{
			fact: "every later one offends, against the first that it clashes with",
			set:  setOf(present("eth0"), present("10.0.0.5"), address, eth0.WithScope(in(office, "10.0.0.6")), present("10.0.0.6")),
			violations: []validate.Violation{
				against("V5", validate.ErrConflict, 2, present("eth0")),
				against("V5", validate.ErrConflict, 3, present("eth0")),
				against("V5", validate.ErrConflict, 4, listen("443/tcp", "10.0.0.6")),
			},
		},
		{
			fact:       "what V3 and V4 drop does not offend",
			set:        setOf(present("eth0"), eth0, everywhere, eth0),
			violations: conflict(2, present("eth0")),
		},
		{
			fact:       "what V4 drops is no reason either",
			set:        setOf(eth0, present("eth0"), everywhere),
			violations: conflict(2, present("eth0")),
		},
	}...))
}

func TestAllViolationsComeAtOnce(t *testing.T) {
	service := web
	service.NetworkID = bindingtest.IDs(0x28, 1)[0]
	set := setOf(
		present("eth0"),
		listen("443/tcp", "eth0"),                       // V5
		binding.Interface(bindingtest.IDs(0x404, 1)[0]), // V2
		binding.Target{},                                // V1
		listen("80/tcp", "10.0.1.5"),                    // V6
		listen("80/tcp", "eth1"),
	)
	claims := []validate.Claim{{Binding: binding.Binding{Target: listen("80/tcp", "everywhere"), ServiceID: bindingID(7)}, ServiceName: "nginx"}}
	v := validate.New(validate.WithMaxBindings(5), validate.WithExclusivePorts())
	var res validate.Result
	err := v.SetInto(&res, validate.Input{Inventory: office, Service: service, Bindings: set, Claims: validate.NewClaims(office, claims...)})

	claimed := against("V6", validate.ErrPortClaimed, 5, claims[0].Binding.Target)
	claimed.Service.ID = bindingID(7)
	validatetest.RequireViolations(t, office, err,
		violation("V1", validate.ErrInvalid, -1),
		violation("V1", validate.ErrInvalid, 3),
		violation("V2", validate.ErrNetworkMismatch, -1),
		crossHost(2),
		against("V5", validate.ErrConflict, 1, present("eth0")),
		claimed,
	)
	for _, code := range validatetest.Codes() {
		require.ErrorIs(t, err, code)
	}
	var rules *validate.Error
	require.ErrorAs(t, err, &rules)
	require.Equal(t, validate.ErrInvalid, rules.Code(), "the first broken rule leads")
	for _, v := range rules.Violations {
		if v.Index >= 0 {
			require.Equal(t, set[v.Index], v.Binding)
		} else {
			require.Zero(t, v.Binding)
		}
	}
}

func TestTheZeroValidatorIsReadyForUse(t *testing.T) {
	var v validate.Validator
	res, err := v.Set(office, setOf(listen("443/tcp", "eth0"), listen("443/tcp", "everywhere")))
	require.NoError(t, err)
	validatetest.RequireKept(t, office, res, listen("443/tcp", "everywhere"))
	require.False(t, v.ReadsClaims())
}
