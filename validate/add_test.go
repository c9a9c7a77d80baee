package validate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

// changeCase is what Add or Replace makes of one binding.
type changeCase struct {
	fact      string
	set       []binding.Target
	index     int // of Replace
	target    binding.Target
	opts      []validate.Option
	kept      []binding.Target
	dropped   []validate.Drop
	absorbed  []validate.Drop
	rewritten bool
	refused   []validate.Violation
}

func testChange(t *testing.T, cases []changeCase, change func(*validate.Validator, validate.Input, *changeCase) (validate.Result, error)) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			in := validate.Input{Inventory: office, Service: web, Bindings: setOf(c.set...)}
			res, err := change(validate.New(c.opts...), in, &c)
			require.Equal(t, setOf(c.set...), in.Bindings, "the set given is left alone")
			if c.refused != nil {
				validatetest.RequireViolations(t, office, err, c.refused...)
				return
			}
			require.NoError(t, err)
			validatetest.RequireKept(t, office, res, c.kept...)
			validatetest.RequireDropped(t, office, res, c.dropped...)
			validatetest.RequireAbsorbed(t, office, res, c.absorbed...)
			validatetest.RequireAccounted(t, office, res)
			require.Equal(t, c.rewritten, len(res.Rewritten) == 1)
			for _, r := range res.Rewritten {
				require.Equal(t, c.target, r.From)
				require.Equal(t, r.From, res.Input(r.Index).Target)
				require.Equal(t, office.Canonical(c.target), r.To)
			}
		})
	}
}

func TestAddPutsOneBindingIntoAValidSet(t *testing.T) {
	everywhere, eth0, address := listen("443/tcp", "everywhere"), listen("443/tcp", "eth0"), listen("443/tcp", "10.0.0.5")
	http, dns := listen("80/tcp", "everywhere"), listen("53/udp", "everywhere")
	limit := []validate.Option{validate.WithMaxBindings(2)}
	tooMany := []validate.Violation{violation("V1", validate.ErrInvalid, -1)}
	cases := []changeCase{
		{fact: "into an empty one", target: eth0, kept: []binding.Target{eth0}},
		{fact: "behind the others", set: []binding.Target{http}, target: eth0, kept: []binding.Target{http, eth0}},
		{
			fact: "an equal one absorbs it", set: []binding.Target{http, eth0}, target: eth0,
			kept: []binding.Target{http, eth0}, absorbed: []validate.Drop{{2, 1, validate.Duplicate}},
		},
		{
			fact: "a listener that covers it absorbs it", set: []binding.Target{http, everywhere}, target: address,
			kept: []binding.Target{http, everywhere}, absorbed: []validate.Drop{{2, 1, validate.Superseded}},
		},
		{
			fact: "it drops the listeners that it covers", set: []binding.Target{listen("443/tcp", "eth1"), http, address}, target: everywhere,
			kept: []binding.Target{http, everywhere}, dropped: []validate.Drop{{0, 3, validate.Superseded}, {2, 3, validate.Superseded}},
		},
		{
			fact: "as V0 has it", set: []binding.Target{http}, target: misnamed(address),
			kept: []binding.Target{http, address}, rewritten: true,
		},
		{
			fact: "as V0 has it, also where it is absorbed", set: []binding.Target{eth0}, target: misnamed(address),
			kept: []binding.Target{eth0}, absorbed: []validate.Drop{{1, 0, validate.Superseded}}, rewritten: true,
		},
		{
			fact: "not a malformed one", set: []binding.Target{http}, target: binding.Target{},
			refused: []validate.Violation{violation("V1", validate.ErrInvalid, 1)},
		},
		{
			fact: "not one of another host", set: []binding.Target{http}, target: http.WithScope(in(elsewhere, "eth0")),
			refused: []validate.Violation{crossHost(1)},
		},
		{
			fact: "not one that conflicts, named with the first that it clashes with", set: []binding.Target{dns, http}, target: present("eth0"),
			refused: []validate.Violation{against("V5", validate.ErrConflict, 2, dns)},
		},
		{fact: "not one too many", opts: limit, set: []binding.Target{http, dns}, target: eth0, refused: tooMany},
		{
			fact: "too many, and a conflict", opts: limit, set: []binding.Target{http, dns}, target: present("eth0"),
			refused: append(tooMany, against("V5", validate.ErrConflict, 2, http)),
		},
		{
			fact: "one of another host is not one too many", opts: limit, set: []binding.Target{http, dns}, target: binding.Interface(nginx),
			refused: []validate.Violation{crossHost(2)},
		},
		{
			fact: "into a full set, where it is absorbed", opts: limit, set: []binding.Target{http, everywhere}, target: eth0,
			kept: []binding.Target{http, everywhere}, absorbed: []validate.Drop{{2, 1, validate.Superseded}},
		},
		{
			fact: "into a full set, where it makes room", opts: limit, set: []binding.Target{http, eth0}, target: everywhere,
			kept: []binding.Target{http, everywhere}, dropped: []validate.Drop{{1, 2, validate.Superseded}},
		},
	}
	testChange(t, cases, func(v *validate.Validator, in validate.Input, c *changeCase) (validate.Result, error) {
		return v.Add(in, binding.Binding{Target: c.target, ID: bindingID(50)})
	})
}

func TestReplaceChangesOneBindingOfAValidSet(t *testing.T) {
	everywhere, eth0, address := listen("443/tcp", "everywhere"), listen("443/tcp", "eth0"), listen("443/tcp", "10.0.0.5")
	http, dns := listen("80/tcp", "everywhere"), listen("53/udp", "everywhere")
	noSuch := []validate.Violation{violation("V1", validate.ErrInvalid, -1)}
	cases := []changeCase{
		{fact: "in its place", set: []binding.Target{http, eth0, dns}, index: 1, target: address, kept: []binding.Target{http, address, dns}},
		{fact: "by itself", set: []binding.Target{http, eth0}, index: 1, target: eth0, kept: []binding.Target{http, eth0}},
		{
			fact: "checked without the one that it replaces", set: []binding.Target{everywhere}, index: 0, target: present("eth0"),
			kept: []binding.Target{present("eth0")},
		},
		{
			fact: "equal to one behind it, that one goes", set: []binding.Target{http, eth0, dns}, index: 0, target: dns,
			kept: []binding.Target{dns, eth0}, dropped: []validate.Drop{{2, 0, validate.Duplicate}},
		},
		{
			fact: "equal to one before it, that one goes", set: []binding.Target{http, eth0, dns}, index: 2, target: http,
			kept: []binding.Target{eth0, http}, dropped: []validate.Drop{{0, 2, validate.Duplicate}},
		},
		{
			fact: "covered by another, it is absorbed", set: []binding.Target{http, everywhere, dns}, index: 0, target: address,
			kept: []binding.Target{everywhere, dns}, absorbed: []validate.Drop{{0, 1, validate.Superseded}},
		},
		{
			fact: "it drops the listeners that it covers, on both sides", set: []binding.Target{address, http, listen("443/tcp", "eth1")}, index: 1, target: everywhere,
			kept: []binding.Target{everywhere}, dropped: []validate.Drop{{0, 1, validate.Superseded}, {2, 1, validate.Superseded}},
		},
		{
			fact: "as V0 has it", set: []binding.Target{http, dns}, index: 1, target: misnamed(address),
			kept: []binding.Target{http, address}, rewritten: true,
		},
		{
			fact: "not by one that conflicts with the others", set: []binding.Target{http, eth0}, index: 1, target: present("eth0"),
			refused: []validate.Violation{against("V5", validate.ErrConflict, 1, http)},
		},
		{
			fact: "not by one of another host", set: []binding.Target{http, eth0}, index: 0, target: binding.IPAddress(nginx),
			refused: []validate.Violation{crossHost(0)},
		},
		{
			fact: "also in a set that is full", opts: []validate.Option{validate.WithMaxBindings(1)}, set: []binding.Target{http, eth0}, index: 1, target: dns,
			kept: []binding.Target{http, dns},
		},
		{fact: "not behind the set", set: []binding.Target{http}, index: 1, target: eth0, refused: noSuch},
		{fact: "not before the set", set: []binding.Target{http}, index: -1, target: eth0, refused: noSuch},
		{fact: "not in an empty set", index: 0, target: eth0, refused: noSuch},
	}
	testChange(t, cases, func(v *validate.Validator, in validate.Input, c *changeCase) (validate.Result, error) {
		return v.Replace(in, c.index, binding.Binding{Target: c.target, ID: bindingID(50)})
	})
}

func TestAnIDOfTheSetStandsForItsOwnTargetOnly(t *testing.T) {
	http, dns := listen("80/tcp", "everywhere"), listen("53/udp", "everywhere")
	in := validate.Input{Inventory: office, Bindings: setOf(http, dns)}
	v := validate.New()
	taken := binding.Binding{ID: bindingID(1), Target: listen("443/tcp", "eth0")}

	_, err := v.Add(in, taken)
	validatetest.RequireViolations(t, office, err, against("V1", validate.ErrInvalid, 2, dns))
	_, err = v.Replace(in, 0, taken)
	validatetest.RequireViolations(t, office, err, against("V1", validate.ErrInvalid, 0, dns))
	_, err = v.Replace(in, 1, taken)
	require.NoError(t, err, "its own ID it may keep")
	res, err := v.Add(in, in.Bindings[1])
	require.NoError(t, err)
	validatetest.RequireAbsorbed(t, office, res, validate.Drop{Index: 2, By: 1, Reason: validate.Duplicate})
	_, err = v.Add(validate.Input{Inventory: office, Bindings: []binding.Binding{{Target: http}}}, binding.Binding{Target: dns})
	require.NoError(t, err, "the nil ID stands for nothing")
}

func TestReplaceKeepsEverythingOfTheNewBinding(t *testing.T) {
	http := listen("80/tcp", "everywhere")
	b := binding.Binding{ID: bindingID(5), Target: http, Sightings: binding.Sightings{LastSeenAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, LineageID: bindingID(6)}
	res, err := validate.New().Replace(validate.Input{Inventory: office, Bindings: setOf(http, present("eth0"))[:1]}, 0, b)
	require.NoError(t, err)
	require.Equal(t, []binding.Binding{b}, res.Bindings)
}

func TestANetworkMismatchComesBehindV1AndBeforeTheRest(t *testing.T) {
	service := web
	service.NetworkID = bindingtest.IDs(0x28, 1)[0]
	in := validate.Input{Inventory: office, Service: service, Bindings: setOf(listen("80/tcp", "everywhere"))}
	mismatch := violation("V2", validate.ErrNetworkMismatch, -1)
	v := validate.New(validate.WithMaxBindings(1))

	_, err := v.Add(in, binding.Binding{})
	validatetest.RequireViolations(t, office, err, violation("V1", validate.ErrInvalid, 1), mismatch)
	_, err = v.Add(in, binding.Binding{Target: binding.Interface(nginx)})
	validatetest.RequireViolations(t, office, err, mismatch, crossHost(1))
	_, err = v.Add(in, binding.Binding{Target: present("eth0")})
	validatetest.RequireViolations(t, office, err,
		violation("V1", validate.ErrInvalid, -1), mismatch, against("V5", validate.ErrConflict, 1, in.Bindings[0].Target))
	_, err = v.Replace(in, 0, binding.Binding{Target: present("eth0")})
	validatetest.RequireViolations(t, office, err, mismatch)
}
