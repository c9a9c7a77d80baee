package validate_test

import (
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// V6 is about sockets. This test opens real ones: the second of two sockets on
// one port can be opened exactly if V6 has nothing against the second listener.

// A kernelSocket is where a socket can listen: what the rules call it, and how it is
// opened.
type kernelSocket struct {
	name   string
	scope  binding.Scope
	bind   string // an IP address
	zone   string // the interface of a link-local one
	tied   string // the interface of SO_BINDTODEVICE
	v6only bool
}

var (
	left, right         = uuid.UUID{1, 1}, uuid.UUID{1, 2}
	left4, right4       = uuid.UUID{2, 1}, uuid.UUID{2, 2}
	left6, right6       = uuid.UUID{3, 1}, uuid.UUID{3, 2}
	leftTwin, rightTwin = uuid.UUID{4, 1}, uuid.UUID{4, 2}
	leftLink, rightLink = uuid.UUID{5, 1}, uuid.UUID{5, 2}
	kernelPort          = map[host.Protocol]uuid.UUID{host.TCP: {6, 1}, host.UDP: {6, 2}}
)

// kernelHost has two interfaces. Two of their addresses are on both.
var kernelHost = host.Host{
	ID: uuid.UUID{9, 1}, NetworkID: uuid.UUID{9, 2}, Name: "kernel",
	Interfaces: []host.Interface{{ID: left, Name: "left"}, {ID: right, Name: "right"}},
	IPAddresses: []host.IPAddress{
		{ID: left4, Address: netip.MustParseAddr("192.0.2.1"), InterfaceID: left},
		{ID: left6, Address: netip.MustParseAddr("2001:db8::1"), InterfaceID: left},
		{ID: leftTwin, Address: netip.MustParseAddr("198.51.100.7"), InterfaceID: left},
		{ID: leftLink, Address: netip.MustParseAddr("fe80::7%left"), InterfaceID: left},
		{ID: right4, Address: netip.MustParseAddr("192.0.2.2"), InterfaceID: right},
		{ID: right6, Address: netip.MustParseAddr("2001:db8::2"), InterfaceID: right},
		{ID: rightTwin, Address: netip.MustParseAddr("198.51.100.7"), InterfaceID: right},
		{ID: rightLink, Address: netip.MustParseAddr("fe80::7%right"), InterfaceID: right},
	},
	Ports: []host.Port{
		{ID: kernelPort[host.TCP], Number: 7000, Protocol: host.TCP},
		{ID: kernelPort[host.UDP], Number: 7000, Protocol: host.UDP},
	},
}

var kernelSockets = []kernelSocket{
	{name: "[::] for both families", scope: binding.AllInterfaces(), bind: "::"},
	{name: "0.0.0.0", scope: binding.AllIPv4(), bind: "0.0.0.0"},
	{name: "[::] for IPv6 alone", scope: binding.AllIPv6(), bind: "::", v6only: true},
	{name: "left", scope: binding.OnInterface(left), bind: "::", tied: "left"},
	{name: "right", scope: binding.OnInterface(right), bind: "::", tied: "right"},
	{name: "left for IPv4 alone", scope: binding.OnInterface(left), bind: "0.0.0.0", tied: "left"},
	{name: "192.0.2.1 of left", scope: binding.OnIPAddress(left4), bind: "192.0.2.1"},
	{name: "2001:db8::1 of left", scope: binding.OnIPAddress(left6), bind: "2001:db8::1"},
	{name: "192.0.2.2 of right", scope: binding.OnIPAddress(right4), bind: "192.0.2.2"},
	{name: "2001:db8::2 of right", scope: binding.OnIPAddress(right6), bind: "2001:db8::2"},
	{name: "198.51.100.7 tied to left", scope: binding.OnIPAddress(leftTwin), bind: "198.51.100.7", tied: "left"},
	{name: "198.51.100.7 tied to right", scope: binding.OnIPAddress(rightTwin), bind: "198.51.100.7", tied: "right"},
	{name: "fe80::7 of left", scope: binding.OnIPAddress(leftLink), bind: "fe80::7", zone: "left"},
	{name: "fe80::7 of right", scope: binding.OnIPAddress(rightLink), bind: "fe80::7", zone: "right"},
}

// kernelDiffers lists the pairs of which Linux thinks otherwise than V6, and why
// V6 is right not to follow.
var kernelDiffers = []struct {
	one    string
	others []string
	reason string
}{
	{"left", []string{"192.0.2.2 of right", "2001:db8::2 of right"}, tiedToOne},
	{"right", []string{"192.0.2.1 of left", "2001:db8::1 of left"}, tiedToOne},
	{"left for IPv4 alone", []string{"192.0.2.2 of right"}, tiedToOne},
	{"left for IPv4 alone", []string{"[::] for IPv6 alone", "2001:db8::1 of left", "fe80::7 of left"}, noFamilyOfAnInterface},
}

const (
	tiedToOne             = "Linux compares addresses alone unless both sockets are tied to an interface; no packet reaches both"
	noFamilyOfAnInterface = "an interface is one scope, there is none for one family of it: V6 sees a clash where there is none"
)

func TestV6AgreesWithTheKernel(t *testing.T) {
	if !inNetworkOfItsOwn(t) {
		return
	}
	for _, command := range []string{
		"link set lo up",
		"link add left type veth peer name right",
		"link set left up",
		"link set right up",
		"addr add 192.0.2.1/32 dev left",
		"addr add 198.51.100.7/32 dev left",
		"addr add 2001:db8::1/128 dev left nodad",
		"addr add fe80::7/64 dev left nodad",
		"addr add 192.0.2.2/32 dev right",
		"addr add 198.51.100.7/32 dev right",
		"addr add 2001:db8::2/128 dev right nodad",
		"addr add fe80::7/64 dev right nodad",
	} {
		out, err := exec.CommandContext(t.Context(), "ip", strings.Fields(command)...).CombinedOutput()
		require.NoError(t, err, "ip %s: %s", command, out)
	}
	inv, err := host.NewInventory(kernelHost)
	require.NoError(t, err)
	differs := map[[2]string]string{}
	for _, d := range kernelDiffers {
		for _, other := range d.others {
			differs[[2]string{d.one, other}] = d.reason
			differs[[2]string{other, d.one}] = d.reason
		}
	}
	var wrong []string
	for _, protocol := range []host.Protocol{host.TCP, host.UDP} {
		for _, first := range kernelSockets {
			for _, second := range kernelSockets {
				clash := clashes(t, inv, kernelPort[protocol], first.scope, second.scope)
				refused := refuses(t, protocol, first, second)
				if _, listed := differs[[2]string{first.name, second.name}]; listed != (clash != refused) {
					wrong = append(wrong, fmt.Sprintf("%s: %s, then %s: V6 finds a clash: %t; Linux: %t; listed as different: %t",
						protocol, first.name, second.name, clash, refused, listed))
				}
			}
		}
	}
	require.Empty(t, wrong)
}

// clashes reports whether V6 refuses a listener because of another service's.
func clashes(t *testing.T, inv *host.Inventory, port uuid.UUID, first, second binding.Scope) bool {
	t.Helper()
	err := validate.New(validate.WithExclusivePorts()).SetInto(new(validate.Result), validate.Input{
		Inventory: inv,
		Service:   validate.ServiceInfo{ID: uuid.UUID{8, 2}},
		Bindings:  []binding.Binding{{Target: binding.Port(port, second)}},
		Claims: validate.NewClaims(inv, validate.Claim{
			Binding: binding.Binding{Target: binding.Port(port, first), ID: uuid.UUID{7, 1}, ServiceID: uuid.UUID{8, 1}}, ServiceName: "first",
		}),
	})
	if err != nil {
		require.ErrorIs(t, err, validate.ErrPortClaimed)
	}
	return err != nil
}

// refuses reports whether the kernel refuses a socket because of another one.
func refuses(t *testing.T, protocol host.Protocol, first, second kernelSocket) bool {
	t.Helper()
	closeFirst, err := first.open(protocol)
	require.NoError(t, err, "%s %s", protocol, first.name)
	defer closeFirst()
	closeSecond, err := second.open(protocol)
	defer closeSecond()
	if err != nil {
		require.ErrorIs(t, err, syscall.EADDRINUSE, "%s %s, then %s", protocol, first.name, second.name)
	}
	return err != nil
}
