package validate_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

const errLowPort = binding.Code("low_port")

// noLowPort is a rule about a binding alone.
func noLowPort(c validate.Candidate) *validate.Violation {
	id, listens := c.Binding.Target.PortID()
	port, _ := c.Inventory.Port(id)
	if !listens || port.Number >= 1024 || !slices.Contains(c.Service.Tags, "public") {
		return nil
	}
	return &validate.Violation{Code: errLowPort, Message: port.String() + " is not for a public service"}
}

// oneProtocol is a rule about pairs: a service listens by one protocol only.
func oneProtocol(c validate.Candidate) *validate.Violation {
	id, listens := c.Binding.Target.PortID()
	own, _ := c.Inventory.Port(id)
	for other := range c.Others() {
		id, ok := other.Target.PortID()
		if port, _ := c.Inventory.Port(id); ok && listens && port.Protocol != own.Protocol {
			return &validate.Violation{Code: "one_protocol", Message: "listen by one protocol", Other: other}
		}
	}
	return nil
}

// withCustom is a Validator with the two of them.
func withCustom(opts ...validate.Option) *validate.Validator {
	return validate.New(append(opts, validate.WithRule("low-ports", noLowPort), validate.WithRule("one-protocol", oneProtocol))...)
}

// publicWeb is a service that low-ports is about.
func publicWeb() validate.ServiceInfo {
	service := web
	service.Tags = []string{"public"}
	return service
}

func TestACustomRuleJudgesWhatBrokeNoRuleBefore(t *testing.T) {
	in := validate.Input{Inventory: office, Service: publicWeb(), Claims: claimsOf(listen("80/tcp", "eth0")), Bindings: setOf(
		binding.Target{}, // V1
		listen("443/tcp", "10.0.0.5"),
		listen("443/tcp", "10.0.0.5"), // V3
		listen("80/tcp", "eth0"),      // V6
		present("eth1"),
		listen("443/tcp", "eth1"), // V5
		listen("53/udp", "10.0.0.5"),
		misnamed(listen("53/udp", "192.0.2.1")),
	)}
	var seen []binding.Target
	v := validate.New(validate.WithExclusivePorts(), validate.WithRule("low-ports", func(c validate.Candidate) *validate.Violation {
		require.Equal(t, publicWeb(), c.Service)
		require.Same(t, office, c.Inventory)
		seen = append(seen, c.Binding.Target)
		return noLowPort(c)
	}))
	err := v.SetInto(new(validate.Result), in)
	low := func(index int) validate.Violation { return violation("low-ports", errLowPort, index) }
	validatetest.RequireViolations(t, office, err,
		violation("V1", validate.ErrInvalid, 0),
		against("V5", validate.ErrConflict, 5, present("eth1")),
		claimedBy(3, claimOf(listen("80/tcp", "eth0"))),
		low(1), low(6), low(7),
	)
	require.Equal(t, []binding.Target{
		listen("443/tcp", "10.0.0.5"), present("eth1"), listen("53/udp", "10.0.0.5"), listen("53/udp", "192.0.2.1"),
	}, seen, "as V0 has them, once, in their order")

	found := validatetest.RequireViolation(t, err, errLowPort, 7)
	require.Equal(t, "bindings[7]", found.Path)
	require.Equal(t, "53/udp is not for a public service", found.Message)
	require.Equal(t, listen("53/udp", "192.0.2.1"), found.Binding.Target)
	require.Zero(t, found.Other)
}

func TestEveryOperationAsksCustomRulesOfWhatIsNew(t *testing.T) {
	https, dns := listen("443/tcp", "eth0"), listen("53/udp", "eth0")
	v := withCustom()
	in := validate.Input{Inventory: office, Service: web, Bindings: setOf(https, present("eth1"))}
	clash := func(index int) validate.Violation { return against("one-protocol", "one_protocol", index, https) }

	err := v.SetInto(new(validate.Result), validate.Input{Inventory: office, Service: web, Bindings: setOf(https, dns)})
	validatetest.RequireViolations(t, office, err, against("one-protocol", "one_protocol", 0, dns), clash(1))
	_, err = v.Add(in, binding.Binding{Target: dns})
	validatetest.RequireViolations(t, office, err, clash(2))
	_, err = v.Replace(in, 1, binding.Binding{Target: dns})
	validatetest.RequireViolations(t, office, err, clash(1))
	res, err := v.Replace(in, 0, binding.Binding{Target: dns})
	require.NoError(t, err, "the one that it replaces is no other")
	validatetest.RequireKept(t, office, res, dns, present("eth1"))
	res, err = v.Merge(in, []binding.Binding{{Target: dns}, {Target: listen("80/tcp", "eth0")}})
	require.NoError(t, err)
	validatetest.RequireSkipped(t, office, res, clash(2))
	validatetest.RequireKept(t, office, res, https, present("eth1"), listen("80/tcp", "eth0"))
}

func TestWhatWasAcceptedBeforeIsNotJudgedAgain(t *testing.T) {
	in := validate.Input{Inventory: office, Service: publicWeb(), Bindings: setOf(listen("443/tcp", "eth0"))}
	v := withCustom()
	res, err := v.Add(in, binding.Binding{Target: present("eth1")})
	require.NoError(t, err)
	validatetest.RequireKept(t, office, res, in.Bindings[0].Target, present("eth1"))
	_, err = v.Add(in, in.Bindings[0])
	require.NoError(t, err, "absorbed, it does not go into the set")
	_, err = v.Add(in, binding.Binding{Target: listen("443/tcp", "10.0.0.5")})
	require.NoError(t, err, "absorbed, it does not go into the set")
	_, err = v.Replace(in, 0, in.Bindings[0])
	require.ErrorIs(t, err, errLowPort, "it goes into the set again")
}

func TestOthersAreTheSetThatWouldResult(t *testing.T) {
	var others []binding.Target
	v := validate.New(validate.WithRule("look", func(c validate.Candidate) *validate.Violation {
		others = nil
		for b := range c.Others() {
			others = append(others, b.Target)
		}
		return nil
	}))
	everywhere, eth0, http := listen("443/tcp", "everywhere"), listen("443/tcp", "eth0"), listen("80/tcp", "everywhere")
	address := listen("443/tcp", "10.0.1.5")
	in := validate.Input{Inventory: office, Bindings: setOf(eth0, http, address)}

	_, err := v.Add(in, binding.Binding{Target: everywhere})
	require.NoError(t, err)
	require.Equal(t, []binding.Target{http}, others, "without what the new one supersedes")
	_, err = v.Replace(in, 2, binding.Binding{Target: listen("443/tcp", "eth1")})
	require.NoError(t, err)
	require.Equal(t, []binding.Target{eth0, http}, others, "without what it replaces")
	_, err = v.Replace(in, 2, binding.Binding{Target: eth0})
	require.NoError(t, err)
	require.Equal(t, []binding.Target{http}, others, "without the equal one that it drops")
	_, err = v.Merge(in, []binding.Binding{{Target: listen("443/tcp", "192.0.2.1")}, {Target: everywhere}})
	require.NoError(t, err)
	require.Equal(t, []binding.Target{http}, others, "without what it supersedes, observed or not")
	_, err = v.Set(office, setOf(address, listen("443/tcp", "eth1"), http))
	require.NoError(t, err)
	require.Equal(t, []binding.Target{listen("443/tcp", "eth1")}, others, "without what V4 drops")
}

func TestACustomRuleSeesTheSameSetForAllBindings(t *testing.T) {
	// Refused are all that see another one, so all of two: also the second, when
	// the first is refused already.
	alone := func(c validate.Candidate) *validate.Violation {
		for range c.Others() {
			return &validate.Violation{Code: "alone"}
		}
		return nil
	}
	seen := 0
	v := validate.New(validate.WithRule("alone", alone), validate.WithRule("count", func(validate.Candidate) *validate.Violation {
		seen++
		return nil
	}))
	_, err := v.Set(office, setOf(present("eth0"), present("eth1")))
	validatetest.RequireViolations(t, office, err, violation("alone", "alone", 0), violation("alone", "alone", 1))
	require.Zero(t, seen, "the next rule does not see them")
}

func TestACustomRuleSeesTheClaimsOfOtherServices(t *testing.T) {
	own := claimOf(listen("443/tcp", "eth1"))
	own.Binding.ServiceID = web.ID
	claims := []validate.Claim{claimOf(listen("443/tcp", "eth0")), own, claimOf(listen("80/tcp", "eth0"))}
	var seen []validate.Claim
	first := false
	v := validate.New(validate.WithRule("look", func(c validate.Candidate) *validate.Violation {
		seen = nil
		for claim := range c.Claims() {
			seen = append(seen, claim)
			if first {
				break
			}
		}
		return nil
	}))
	require.True(t, v.ReadsClaims())
	in := validate.Input{Inventory: office, Service: web, Bindings: setOf(listen("443/tcp", "eth0")), Claims: validate.NewClaims(office, claims...)}
	require.NoError(t, v.SetInto(new(validate.Result), in))
	require.Equal(t, []validate.Claim{claims[0], claims[2]}, seen)
	first = true
	require.NoError(t, v.SetInto(new(validate.Result), in))
	require.Equal(t, claims[:1], seen)
	in.Claims = nil
	require.NoError(t, v.SetInto(new(validate.Result), in))
	require.Empty(t, seen)
}

func TestACustomRuleCanSpareWhatIsStored(t *testing.T) {
	v := validate.New(validate.WithRule("low-ports", func(c validate.Candidate) *validate.Violation {
		if c.Stored() {
			return nil
		}
		return noLowPort(c)
	}))
	stored := setOf(misnamed(listen("443/tcp", "10.0.0.5")), listen("80/tcp", "eth0"), present("tun0"))
	refused := func(to binding.Target) bool {
		err := v.SetInto(new(validate.Result), validate.Input{Inventory: office, Service: publicWeb(), Bindings: setOf(to), Stored: stored})
		require.True(t, err == nil || validatetest.RequireViolation(t, err, errLowPort, 0).Rule == "low-ports")
		return err != nil
	}
	require.False(t, refused(listen("443/tcp", "10.0.0.5")), "stored, as V0 has it now")
	require.False(t, refused(listen("80/tcp", "10.0.0.6")), "covered by what is stored")
	require.True(t, refused(listen("80/tcp", "everywhere")), "more than what is stored")
	require.True(t, refused(listen("443/tcp", "10.0.0.6")))
	require.True(t, refused(listen("443/tcp", "tun0")), "only a presence is stored there")
}

func TestACustomViolationIsCompletedAndPlaced(t *testing.T) {
	shared := &validate.Violation{Rule: "V5", Index: 7, Path: "elsewhere", Binding: binding.Binding{ID: uuid.UUID{1}}}
	v := validate.New(validate.WithRule("never", func(validate.Candidate) *validate.Violation { return shared }))
	before := *shared
	_, err := v.Set(office, setOf(present("eth1"), present("eth0")))
	require.EqualError(t, err, "bindings[0]: presence at eth1 (10.0.1.5) breaks the rule never\n"+
		"bindings[1]: presence at eth0 (10.0.0.5, 10.0.0.6) breaks the rule never")
	validatetest.RequireViolations(t, office, err,
		violation("never", validate.ErrInvalid, 0), violation("never", validate.ErrInvalid, 1))
	require.Equal(t, before, *shared, "what the rule returned is left alone")
	require.Equal(t, bindingID(1), validatetest.RequireViolation(t, err, validate.ErrInvalid, 1).Binding.ID)
}

func TestAPanicOfACustomRuleGoesThrough(t *testing.T) {
	v := validate.New(validate.WithRule("broken", func(c validate.Candidate) *validate.Violation {
		if c.Binding.Target == present("eth0") {
			panic("out of order")
		}
		return nil
	}))
	in := validate.Input{Inventory: office}
	require.PanicsWithValue(t, "out of order", func() { _, _ = v.Set(office, setOf(present("eth0"))) })
	require.PanicsWithValue(t, "out of order", func() { _, _ = v.Add(in, setOf(present("eth0"))[0]) })
	require.PanicsWithValue(t, "out of order", func() { _, _ = v.Merge(in, setOf(present("eth0"))) })
	_, err := v.Set(office, setOf(present("eth1")))
	require.NoError(t, err, "the Validator can be used as before")
}

func TestCustomRulesNeedANameOfTheirOwnAndAFunction(t *testing.T) {
	fine := func(validate.Candidate) *validate.Violation { return nil }
	require.PanicsWithValue(t, "validate.WithRule: a rule needs a name", func() { validate.WithRule("", fine) })
	require.PanicsWithValue(t, "validate.WithRule: rule mine has no function", func() { validate.WithRule("mine", nil) })
	require.PanicsWithValue(t, "validate.WithRule: there is a built-in rule V5", func() { validate.WithRule("V5", fine) })
	require.PanicsWithValue(t, "validate.WithRule: there are two rules mine", func() {
		validate.New(validate.WithRule("mine", fine), validate.WithRule("mine", fine))
	})
	require.Equal(t, []string{"low-ports", "one-protocol"}, withCustom().CustomRules())
	require.Empty(t, validate.New().CustomRules())
}

func TestCustomRulesKeepTheLaws(t *testing.T) {
	world := validatetest.World{Inventory: inventory(), Service: func(*host.Inventory) *rapid.Generator[validate.ServiceInfo] {
		return rapid.SampledFrom([]validate.ServiceInfo{{Name: "internal"}, {Name: "public", Tags: []string{"public"}}})
	}}
	validatetest.Laws(t, withCustom(), world)
	validatetest.Laws(t, withCustom(validate.WithExclusivePorts()), world)
}
