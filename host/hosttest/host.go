package hosttest

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
)

// most is how many children of each kind a host may have.
type most struct{ interfaces, ipAddresses, ports int }

// Host generates valid hosts, also empty ones, with up to six children of each
// kind. IDs are never nil, and distinct within a host; the children of two hosts
// may have the same ones. They are as an inventory returns them: addresses
// unmapped, MACs in their one form, link-local addresses without the zone that the
// interface has already.
func Host() *rapid.Generator[host.Host] {
	return rapid.Custom(func(t *rapid.T) host.Host {
		return newSource(t).host("host", 0, most{interfaces: 6, ipAddresses: 6, ports: 6})
	})
}

// Seen generates hosts as [Host] does, and when scanners saw them and what is on
// them.
func Seen() *rapid.Generator[host.Host] {
	return rapid.Custom(func(t *rapid.T) host.Host {
		h := Host().Draw(t, "host")
		see := func(s *binding.Sightings) { *s = bindingtest.Sightings().Draw(t, "sightings") }
		see(&h.Sightings)
		for i := range h.Interfaces {
			see(&h.Interfaces[i].Sightings)
		}
		for i := range h.IPAddresses {
			see(&h.IPAddresses[i].Sightings)
		}
		for i := range h.Ports {
			see(&h.Ports[i].Sightings)
		}
		return h
	})
}

// Inventory generates inventories of small hosts: 1 to 3 ports, up to 3
// interfaces and up to 4 IP addresses.
func Inventory() *rapid.Generator[*host.Inventory] {
	return rapid.Custom(func(t *rapid.T) *host.Inventory {
		return inventory(t, newSource(t).host("host", 1, small))
	})
}

var small = most{interfaces: 3, ipAddresses: 4, ports: 3}

// Pair generates two small inventories of one network, as [Inventory] does. No ID
// of the one host is in the other, but their names, numbers and IP addresses are
// much the same.
func Pair() *rapid.Generator[[2]*host.Inventory] {
	return rapid.Custom(func(t *rapid.T) [2]*host.Inventory {
		ids := newSource(t)
		a, b := ids.host("host", 1, small), ids.host("other", 1, small)
		b.NetworkID = a.NetworkID
		return [2]*host.Inventory{inventory(t, a), inventory(t, b)}
	})
}

func inventory(t *rapid.T, h host.Host) *host.Inventory {
	inv, err := host.NewInventory(h)
	if err != nil {
		t.Fatalf("hosttest: a generated host is refused: %v", err)
	}
	return inv
}

// A source draws hosts whose IDs are all different.
type source struct {
	t    *rapid.T
	seen map[uuid.UUID]bool
}

func newSource(t *rapid.T) *source { return &source{t: t, seen: map[uuid.UUID]bool{}} }

func (s *source) id(label string) uuid.UUID {
	id := bindingtest.ID().Filter(func(id uuid.UUID) bool { return !s.seen[id] }).Draw(s.t, label)
	s.seen[id] = true
	return id
}

func (s *source) host(label string, minPorts int, n most) host.Host {
	t := s.t
	h := host.Host{
		ID:        s.id(label + " ID"),
		NetworkID: s.id(label + " network ID"),
		Name:      name().Draw(t, label+" name"),
		Revision:  uint64(rapid.IntRange(0, 3).Draw(t, label+" revision")),
	}
	subnets := []uuid.UUID{uuid.Nil, s.id(label + " subnet A"), s.id(label + " subnet B")}

	carriers := []uuid.UUID{uuid.Nil}
	for i := range rapid.IntRange(0, n.interfaces).Draw(t, label+" interfaces") {
		f := host.Interface{
			ID:          s.id(fmt.Sprintf("%s interface %d ID", label, i)),
			Name:        name().Draw(t, "name"),
			Description: name().Draw(t, "description"),
			MAC:         mac().Draw(t, "MAC"),
			Position:    position().Draw(t, "position"),
		}
		if rapid.IntRange(0, 2).Draw(t, "own address") == 2 {
			f.Address = address().Draw(t, "address")
			f.SubnetID = rapid.SampledFrom(subnets).Draw(t, "subnet")
		} else {
			carriers = append(carriers, f.ID)
		}
		h.Interfaces = append(h.Interfaces, f)
	}
	for i := range rapid.IntRange(0, n.ipAddresses).Draw(t, label+" IP addresses") {
		h.IPAddresses = append(h.IPAddresses, host.IPAddress{
			ID:          s.id(fmt.Sprintf("%s IP address %d ID", label, i)),
			Address:     address().Draw(t, "address"),
			SubnetID:    rapid.SampledFrom(subnets).Draw(t, "subnet"),
			Name:        name().Draw(t, "name"),
			MAC:         mac().Draw(t, "MAC"),
			Position:    position().Draw(t, "position"),
			InterfaceID: rapid.SampledFrom(carriers).Draw(t, "carrier"),
		})
	}
	for i, p := range rapid.SliceOfNDistinct(port(), minPorts, n.ports, host.Port.String).Draw(t, label+" ports") {
		p.ID = s.id(fmt.Sprintf("%s port %d ID", label, i))
		h.Ports = append(h.Ports, p)
	}
	return inventory(t, h).Host()
}

func port() *rapid.Generator[host.Port] {
	return rapid.Custom(func(t *rapid.T) host.Port {
		return host.Port{
			Number:   rapid.SampledFrom([]uint16{443, 53, 1, 65535}).Draw(t, "number"),
			Protocol: rapid.SampledFrom([]host.Protocol{host.TCP, host.UDP, host.SCTP}).Draw(t, "protocol"),
			Type:     rapid.SampledFrom([]string{"", "Https", "Büro"}).Draw(t, "type"),
		}
	})
}

func address() *rapid.Generator[netip.Addr] {
	return rapid.SampledFrom([]netip.Addr{
		netip.MustParseAddr("10.0.0.5"),
		netip.MustParseAddr("10.0.0.6"),
		netip.MustParseAddr("127.0.0.1"),
		netip.MustParseAddr("0.0.0.0"),
		netip.MustParseAddr("2001:db8::5"),
		netip.MustParseAddr("::1"),
		netip.MustParseAddr("fe80::1"),
		netip.MustParseAddr("fe80::2"),
		netip.MustParseAddr("169.254.0.1"),
		netip.MustParseAddr("fe80::1%eth0"),
		netip.MustParseAddr("fe80::1%2"),
		netip.MustParseAddr("fe80::1%a\nb\x1b[2J" + strings.Repeat("z", 70)),
	})
}

// name draws what hosts, interfaces and addresses may be called: ordinary names
// that meet, none, and such that would harm a terminal, a query or a page.
func name() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"eth0", "", "eth1", "ETH0", "web-1"}),
		rapid.SampledFrom([]string{
			"10.0.0.5", "fe80::1", "443/tcp", "all", "*", "all interfaces", "ALL IPv6", "eth0 on eth1", "eth0 (10.0.0.5)", "at eth0", `"eth0"`,
			"Büro 3 / Nord", "名前", "e\u0301", "\u202eht0\u202c", "\u200b", " eth0 ", "\x1b[2J\r\n", "\uFFFD",
			"'; DROP TABLE hosts; --", "<script>alert(1)</script>", `{"id":null}`, "%s%n", "../../etc/passwd",
			strings.Repeat("n", 300), strings.Repeat("\U0001F600", 50),
		}),
	)
}

func mac() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{
		"", "no MAC at all",
		"00:00:5e:00:53:01", "00:00:5e:00:53:02", // devices'
		"02:00:5e:00:53:01",       // locally administered
		"00:00:5e:00:01:01",       // a virtual router's
		"02:00:5e:10:00:00:00:01", // of 64 bits
	})
}

func position() *rapid.Generator[int32] {
	return rapid.OneOf(rapid.Int32Range(0, 3), rapid.Int32())
}
