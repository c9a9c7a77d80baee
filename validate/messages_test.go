package validate_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

// The whole text of every message, as a person reads it.
func TestMessagesNameThingsAndSayWhatToDo(t *testing.T) {
	https, dns := portOf(office, "443/tcp"), listen("53/udp", "everywhere")
	unknown := bindingtest.IDs(0x404, 1)[0]
	nameless := claimOf(listen("443/tcp", "10.0.0.5"))
	nameless.ServiceName = ""
	otherNetwork := web
	otherNetwork.NetworkID = bindingtest.IDs(0x28, 1)[0]
	exclusive := validate.New(validate.WithExclusivePorts())

	for _, c := range []struct {
		in   validate.Input
		want string
	}{
		{
			validate.Input{Bindings: setOf(dns)},
			"there is no inventory to check against; make one with host.NewInventory",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(binding.Target{})},
			"bindings[0]: the binding has no target; give an interface, an IP address or a port",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(binding.Port(uuid.Nil, binding.AllInterfaces()))},
			"bindings[0]: the ID of the port is nil; give that of a port of the host",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(binding.Port(https, binding.Scope{}))},
			"bindings[0]: the listener on 443/tcp has no scope; give all interfaces, one interface or one IP address",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(binding.Port(unknown, binding.Scope{}))},
			"bindings[0]: the listener on port 00000404-0000-4000-8000-000000000001 has no scope; give all interfaces, one interface or one IP address",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(binding.Port(https, binding.OnInterface(uuid.Nil)))},
			"bindings[0]: the ID of the interface is nil; give that of an interface of the host",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(binding.IPAddress(uuid.Nil))},
			"bindings[0]: the ID of the IP address is nil; give that of an IP address of the host",
		},
		{
			validate.Input{Inventory: office, Bindings: []binding.Binding{
				{ID: unknown, Target: present("tun0")}, {ID: unknown, Target: listen("443/tcp", "192.0.2.1")},
			}},
			"bindings[1]: ID 00000404-0000-4000-8000-000000000001 stands for two targets, " +
				"presence at tun0 (10.9.0.1) and 443/tcp on 192.0.2.1; give every binding an ID of its own",
		},
		{
			validate.Input{Inventory: office, Service: otherNetwork},
			"network_id: the service is in network 00000028-0000-4000-8000-000000000001, its host in network 00000027-0000-4000-8000-000000000001; " +
				"leave the service's network out, or give the host's",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(binding.Port(unknown, binding.OnInterface(unknown)))},
			"bindings[0]: port 00000404-0000-4000-8000-000000000001 is not on the service's host office-1; name its own ports, interfaces and IP addresses",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(binding.Port(https, binding.OnInterface(unknown)))},
			"bindings[0]: interface 00000404-0000-4000-8000-000000000001 is not on the service's host office-1; name its own ports, interfaces and IP addresses",
		},
		{
			validate.Input{Inventory: new(host.Inventory), Bindings: setOf(binding.IPAddress(unknown))},
			"bindings[0]: IP address 00000404-0000-4000-8000-000000000001 is not on the service's host; name its own ports, interfaces and IP addresses",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(listen("443/tcp", "eth0"), present("10.0.0.5"))},
			"bindings[1]: presence at 10.0.0.5 (eth0) conflicts with 443/tcp on eth0 (10.0.0.5, 10.0.0.6) of the same service; " +
				"a service that listens at a place is present there already: remove one of the two",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(dns, listen("443/tcp", "everywhere")), Claims: claimsOf(listen("443/tcp", "10.0.0.5"))},
			"bindings[1]: 443/tcp on all interfaces is claimed by service nginx, which listens on 443/tcp on 10.0.0.5 (eth0); " +
				"free it there first, or listen elsewhere",
		},
		{
			validate.Input{Inventory: office, Bindings: setOf(listen("443/tcp", "eth0")), Claims: validate.NewClaims(office, nameless)},
			"bindings[0]: 443/tcp on eth0 (10.0.0.5, 10.0.0.6) is claimed by service 000000b1-0000-4000-8000-000000000047, " +
				"which listens on 443/tcp on 10.0.0.5 (eth0); free it there first, or listen elsewhere",
		},
	} {
		require.EqualError(t, exclusive.SetInto(new(validate.Result), c.in), c.want)
	}

	_, err := validate.New(validate.WithMaxBindings(1)).Set(office, setOf(dns, listen("443/tcp", "eth0")))
	require.EqualError(t, err, "bindings: the set would have 2 bindings, 1 are allowed; split the service, or raise the limit")
	one := validate.New(validate.WithMaxBindings(1))
	_, err = one.Add(validate.Input{Inventory: office, Bindings: setOf(dns)}, binding.Binding{Target: listen("443/tcp", "eth0")})
	require.EqualError(t, err, "bindings: the set would have 2 bindings, 1 are allowed; split the service, or raise the limit")
	res, err := one.Merge(validate.Input{Inventory: office, Bindings: setOf(dns)}, []binding.Binding{{Target: listen("443/tcp", "eth0")}})
	require.NoError(t, err)
	require.Equal(t, "the set would have 2 bindings, 1 are allowed; split the service, or raise the limit", res.Skipped[0].Message)
	_, err = exclusive.Replace(validate.Input{Inventory: office, Bindings: setOf(dns)}, 1, binding.Binding{})
	require.EqualError(t, err, "there is no binding 1 to replace; the set has 1, counted from 0")
	_, err = exclusive.Add(validate.Input{Inventory: office, Bindings: setOf(dns)}, binding.Binding{Target: present("eth1")})
	require.EqualError(t, err, "presence at eth1 (10.0.1.5) conflicts with 53/udp on all interfaces of the same service; "+
		"a service that listens at a place is present there already: remove one of the two")
}

func TestAnErrorShowsAtMostEightViolations(t *testing.T) {
	bad := func(n int) string {
		_, err := validate.New().Set(office, make([]binding.Binding, n))
		return err.Error()
	}
	require.Equal(t, 7, strings.Count(bad(8), "\n"))
	require.NotContains(t, bad(8), "more")
	require.Equal(t, 8, strings.Count(bad(9), "\n"))
	require.Contains(t, bad(9), "bindings[7]: the binding has no target")
	require.True(t, strings.HasSuffix(bad(9), "\n... and 1 more violations"))
	require.True(t, strings.HasSuffix(bad(10), "\n... and 2 more violations"))
}

func TestMessagesAreShortAndPrintableWhateverTheNames(t *testing.T) {
	v := validate.New(validate.WithExclusivePorts())
	worst := 0
	rapid.Check(t, func(t *rapid.T) {
		inv := hosttest.Inventory().Draw(t, "inventory")
		code := rapid.SampledFrom(validatetest.Codes()).Filter(func(c binding.Code) bool { return validatetest.Breakable(inv, c) }).Draw(t, "code")
		in := validatetest.Violating(inv, code).Draw(t, "input")
		in.Claims = renamed(inv, in.Claims, strings.Repeat("\x1b[2J\u202e", 1000))
		var rules *validate.Error
		require.ErrorAs(t, v.SetInto(new(validate.Result), in), &rules)
		for _, violation := range rules.Violations {
			message := violation.Message
			worst = max(worst, utf8.RuneCountInString(message))
			require.True(t, utf8.ValidString(message))
			require.False(t, strings.ContainsFunc(message, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", message)
		}
	})
	require.Less(t, worst, 700)

	// The worst there can be: long names wherever names can stand.
	long := strings.Repeat("名", 300)
	h := host.Host{Name: long, Interfaces: []host.Interface{{ID: bindingID(1), Name: long}}, Ports: []host.Port{{ID: bindingID(2), Number: 65535, Protocol: host.SCTP}}}
	for i := range 10 {
		h.IPAddresses = append(h.IPAddresses, host.IPAddress{
			ID: bindingtest.IDs(0xad, 10)[i], InterfaceID: bindingID(1), Address: netip.MustParseAddr("fe80::1%" + strings.Repeat("z", 1000)),
		})
	}
	_, err := v.Set(mustInventory(h), setOf(binding.Interface(bindingID(1)), binding.Port(bindingID(2), binding.OnInterface(bindingID(1)))))
	require.ErrorIs(t, err, validate.ErrConflict)
	require.Less(t, utf8.RuneCountInString(err.Error()), 700)
}

func TestUnderPutsPathsUnderTheirParent(t *testing.T) {
	service := web
	service.NetworkID = bindingtest.IDs(0x28, 1)[0]
	v := validate.New(validate.WithMaxBindings(1))
	err := v.SetInto(new(validate.Result), validate.Input{Inventory: office, Service: service, Bindings: make([]binding.Binding, 2)})
	var rules *validate.Error
	require.ErrorAs(t, err, &rules)
	paths := func(e *validate.Error) (all []string) {
		for _, v := range e.Violations {
			all = append(all, v.Path)
		}
		return all
	}
	own := []string{"bindings", "bindings[0]", "bindings[1]", "network_id"}
	require.Equal(t, own, paths(rules))
	require.Equal(t, []string{
		"services[3].bindings", "services[3].bindings[0]", "services[3].bindings[1]", "services[3].network_id",
	}, paths(rules.Under("services[3]")))
	require.Equal(t, own, paths(rules), "the error itself stays as it is")
	require.Equal(t, own, paths(rules.Under("")))

	err = v.SetInto(new(validate.Result), validate.Input{})
	require.ErrorAs(t, err, &rules)
	require.Equal(t, []string{"services[3]"}, paths(rules.Under("services[3]")))
}

func TestAnErrorIsTheCodesOfItsViolationsAndNoOthers(t *testing.T) {
	_, err := validate.New().Set(office, setOf(binding.Target{}, present("eth0"), listen("443/tcp", "eth0")))
	require.ErrorIs(t, err, validate.ErrInvalid)
	require.ErrorIs(t, err, validate.ErrConflict)
	require.NotErrorIs(t, err, validate.ErrCrossHost)
	require.NotErrorIs(t, err, errors.New("conflict"))
}

func TestReasonsHaveNames(t *testing.T) {
	require.Equal(t, "duplicate", validate.Duplicate.String())
	require.Equal(t, "superseded", validate.Superseded.String())
	require.Equal(t, "invalid", validate.Reason(0).String())
}

func TestAnIDCalledByTheWrongKindIsToldByName(t *testing.T) {
	eth0 := host.Interface{ID: uuid.UUID{1}, Name: "eth0"}
	addr := host.IPAddress{ID: uuid.UUID{2}, Address: netip.MustParseAddr("10.0.0.5"), InterfaceID: eth0.ID}
	https := host.Port{ID: uuid.UUID{3}, Number: 443, Protocol: host.TCP}
	inv, err := host.NewInventory(host.Host{Interfaces: []host.Interface{eth0}, IPAddresses: []host.IPAddress{addr}, Ports: []host.Port{https}})
	require.NoError(t, err)
	for want, target := range map[string]binding.Target{
		"that is the ID of interface eth0 (10.0.0.5)":                                       binding.Port(eth0.ID, binding.AllInterfaces()),
		"that is the ID of IP address 10.0.0.5 (eth0)":                                      binding.Port(addr.ID, binding.AllInterfaces()),
		"that is the ID of port 443/tcp":                                                    binding.Interface(https.ID),
		"IP address 01000000-0000-0000-0000-000000000000 (that is the ID of interface eth0": binding.IPAddress(eth0.ID),
	} {
		_, err := validate.New().Set(inv, []binding.Binding{{Target: target}})
		require.ErrorContains(t, err, want)
	}
}
