package hosttest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
)

// Sized returns a valid host of a given size, for benchmarks: every call with the
// same numbers returns the same one. The interfaces carry the IP addresses in
// turn, of which every third is an IPv4 address. IDs are spread as random ones are. There can be 196,605 ports at most.
func Sized(interfaces, ipAddresses, ports int) host.Host {
	random := rand.NewChaCha8([32]byte{})
	id := func() uuid.UUID { return uuid.Must(uuid.NewRandomFromReader(random)) }

	h := host.Host{ID: id(), NetworkID: id(), Name: "sized"}
	for i := range interfaces {
		h.Interfaces = append(h.Interfaces, host.Interface{ID: id(), Name: fmt.Sprintf("eth%d", i), Position: int32(i)})
	}
	addresses := [3]netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db9::1"), netip.MustParseAddr("10.0.0.1")}
	for i := range ipAddresses {
		address := &addresses[i%3]
		a := host.IPAddress{ID: id(), Address: *address, Position: int32(i)}
		if interfaces > 0 {
			a.InterfaceID = h.Interfaces[i%interfaces].ID
		}
		h.IPAddresses = append(h.IPAddresses, a)
		*address = address.Next()
	}
	for i := range ports {
		h.Ports = append(h.Ports, host.Port{ID: id(), Number: uint16(i%65535 + 1), Protocol: host.TCP + host.Protocol(i/65535)})
	}
	return h
}
