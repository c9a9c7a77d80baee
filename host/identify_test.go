package host_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

// machine makes a host of interfaces, each with a MAC or none and with addresses.
type machine struct{ host.Host }

func (m *machine) with(name, mac string, addresses ...string) *machine {
	next := func() uuid.UUID {
		return bindingtest.IDs(8, len(m.Interfaces)+len(m.IPAddresses)+1)[len(m.Interfaces)+len(m.IPAddresses)]
	}
	f := host.Interface{ID: next(), Name: name, MAC: mac}
	m.Interfaces = append(m.Interfaces, f)
	for _, a := range addresses {
		m.IPAddresses = append(m.IPAddresses, host.IPAddress{ID: next(), Address: netip.MustParseAddr(a), InterfaceID: f.ID})
	}
	return m
}

func (m *machine) in(subnet uuid.UUID) *machine {
	m.IPAddresses[len(m.IPAddresses)-1].SubnetID = subnet
	return m
}

func eth0(mac string, addresses ...string) *machine {
	return new(machine).with("lo", "00:00:00:00:00:00", "127.0.0.1", "::1").with("eth0", mac, addresses...)
}

func TestEvidenceThatTwoHostsAreOne(t *testing.T) {
	const global, other, local = "00:00:5e:00:53:01", "00:00:5e:00:53:02", "02:00:5e:00:53:01"
	own := func(address string, subnet uuid.UUID) *machine {
		return &machine{host.Host{Interfaces: []host.Interface{{ID: ids[0], Address: netip.MustParseAddr(address), SubnetID: subnet}}}}
	}
	for name, test := range map[string]struct {
		a, b *machine
		same bool
	}{
		"a MAC":                              {eth0(global), eth0(global), true},
		"a MAC written differently":          {eth0(global), eth0("00-00-5E-00-53-01"), true},
		"a MAC on interfaces of two names":   {eth0(global), new(machine).with("lan0", global), true},
		"a MAC, whatever the addresses":      {eth0(global, "192.0.2.5"), eth0(global, "192.0.2.6"), true},
		"other MACs":                         {eth0(global), eth0(other), false},
		"an IP, but other MACs":              {eth0(global, "192.0.2.5"), eth0(other, "192.0.2.5"), false},
		"an IP, and one MAC unknown":         {eth0(global, "192.0.2.5"), eth0("", "192.0.2.5"), true},
		"an IP, and one MAC local":           {eth0(global, "192.0.2.5"), eth0(local, "192.0.2.5"), true},
		"a local MAC":                        {eth0(local), eth0(local), true},
		"a local MAC, but other global ones": {eth0(local).with("eth1", global), eth0(local).with("eth1", other), false},
		"no MAC at all":                      {eth0("none"), eth0("none"), false},
		"the MAC of loopback":                {eth0(""), eth0(""), false},
		"a group's MAC":                      {eth0("01:00:5e:00:00:01"), eth0("01:00:5e:00:00:01"), false},
		"an InfiniBand address": {
			eth0("80:00:00:48:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:00:01"), eth0("80:00:00:48:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:00:01"), false,
		},
		"VRRP":                  {eth0("00:00:5e:00:01:01"), eth0("00:00:5e:00:01:01"), false},
		"VRRP for IPv6":         {eth0("00:00:5e:00:02:ff"), eth0("00:00:5e:00:02:ff"), false},
		"HSRP":                  {eth0("00:00:0c:07:ac:0a"), eth0("00:00:0c:07:ac:0a"), false},
		"HSRP 2":                {eth0("00:00:0c:9f:f1:23"), eth0("00:00:0c:9f:f1:23"), false},
		"HSRP for IPv6":         {eth0("00:05:73:a0:0f:ff"), eth0("00:05:73:a0:0f:ff"), false},
		"GLBP":                  {eth0("00:07:b4:00:01:02"), eth0("00:07:b4:00:01:02"), false},
		"nearly HSRP 2":         {eth0("00:00:0c:9f:e1:23"), eth0("00:00:0c:9f:e1:23"), true},
		"CARP and an IP":        {eth0("00:00:5e:00:01:01", "192.0.2.1"), eth0("00:00:5e:00:01:01", "192.0.2.1"), true},
		"an IP":                 {eth0("", "192.0.2.5"), eth0("", "2001:db8::1", "192.0.2.5"), true},
		"an IP, mapped":         {eth0("", "192.0.2.5"), eth0("", "::ffff:192.0.2.5"), true},
		"an IP in one subnet":   {eth0("", "10.0.0.5").in(ids[1]), eth0("", "10.0.0.5").in(ids[1]), true},
		"an IP in two subnets":  {eth0("", "10.0.0.5").in(ids[1]), eth0("", "10.0.0.5").in(ids[2]), false},
		"a subnet of one alone": {eth0("", "10.0.0.5").in(ids[1]), eth0("", "10.0.0.5"), true},
		"an IP twice, one of them in the subnet": {
			eth0("", "10.0.0.5").in(ids[1]).with("eth1", "", "10.0.0.5").in(ids[2]), eth0("", "10.0.0.5").in(ids[2]), true,
		},
		"an own address":                {own("192.0.2.5", uuid.Nil), eth0("", "192.0.2.5"), true},
		"an own address of another net": {own("10.0.0.5", ids[1]), own("10.0.0.5", ids[2]), false},
		"loopback":                      {eth0(""), eth0(""), false},
		"link-local":                    {eth0("", "fe80::1", "169.254.0.1"), eth0("", "fe80::1", "169.254.0.1"), false},
		"multicast":                     {eth0("", "224.0.0.251", "ff02::fb"), eth0("", "224.0.0.251", "ff02::fb"), false},
		"unspecified":                   {eth0("", "0.0.0.0", "::"), eth0("", "0.0.0.0", "::"), false},
		"the bridge of Docker":          {eth0("").with("docker0", local, "172.17.0.1"), eth0("").with("docker0", local, "172.17.0.1"), false},
		"a network of Docker":           {eth0("").with("br-0123456789ab", "", "172.18.0.1"), eth0("").with("br-ba9876543210", "", "172.18.0.1"), false},
		"Docker in one host's view":     {eth0("").with("docker0", "", "172.17.0.1"), eth0("", "172.17.0.1"), false},
		"the bridge of libvirt":         {eth0("").with("virbr0", "", "192.168.122.1"), eth0("").with("virbr0", "", "192.168.122.1"), false},
		"a bridge of one's own":         {eth0("").with("br-lan", "", "192.168.1.1"), eth0("").with("br-lan", "", "192.168.1.1"), true},
		"nothing":                       {new(machine), new(machine), false},
	} {
		t.Run(name, func(t *testing.T) {
			var want []int
			if test.same {
				want = []int{0}
			}
			require.Equal(t, want, host.Identify(test.a.Host, []host.Host{test.b.Host}))
			require.Equal(t, want, host.Identify(test.b.Host, []host.Host{test.a.Host}))
		})
	}
}

func TestStrongEvidenceGoesBeforeWeak(t *testing.T) {
	const mac, localMAC = "00:00:5e:00:53:01", "02:00:5e:00:53:01"
	seen := eth0(mac, "192.0.2.5").with("eth1", localMAC)
	strong, weak, other := eth0(mac).Host, eth0("", "192.0.2.5").Host, eth0("", "192.0.2.6").Host
	alsoWeak := eth0(localMAC).Host
	for _, test := range []struct {
		candidates []host.Host
		want       []int
	}{
		{nil, nil},
		{[]host.Host{other}, nil},
		{[]host.Host{other, weak}, []int{1}},
		{[]host.Host{weak, alsoWeak, other}, []int{0, 1}},
		{[]host.Host{weak, strong, alsoWeak}, []int{1}},
		{[]host.Host{strong, weak, strong}, []int{0, 2}},
	} {
		require.Equal(t, test.want, host.Identify(seen.Host, test.candidates))
	}
}

func TestIdentifyingDependsOnNeitherOrderNorSide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := hosttest.Host().Draw(t, "seen")
		candidates := rapid.SliceOfN(hosttest.Host(), 0, 4).Draw(t, "candidates")
		found := host.Identify(seen, candidates)
		require.True(t, slices.IsSorted(found))

		reversed := slices.Clone(candidates)
		slices.Reverse(reversed)
		want := slices.Clone(found)
		for i := range want {
			want[i] = len(candidates) - 1 - want[i]
		}
		slices.Reverse(want)
		require.Equal(t, want, host.Identify(seen, reversed))

		addresses, macs := host.Evidence(seen)
		for i, c := range candidates {
			alone := host.Identify(seen, []host.Host{c})
			require.Equal(t, alone, host.Identify(c, []host.Host{seen}), "evidence is mutual")
			if slices.Contains(found, i) {
				require.NotEmpty(t, alone)
				require.True(t, sharesAny(&c, addresses, macs))
			}
		}
		if len(addresses)+len(macs) > 0 {
			require.Contains(t, host.Identify(seen, append(candidates, seen)), len(candidates), "a host with any evidence is itself")
		}
	})
}

func sharesAny(h *host.Host, addresses []netip.Addr, macs []string) bool {
	of, ofMACs := host.Evidence(*h)
	return slices.ContainsFunc(of, func(a netip.Addr) bool { return slices.Contains(addresses, a) }) ||
		slices.ContainsFunc(ofMACs, func(mac string) bool { return slices.Contains(macs, mac) })
}
