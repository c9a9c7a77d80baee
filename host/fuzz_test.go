package host_test

import (
	"net/netip"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// FuzzNewInventory builds a host of any shape from bytes. It is refused with the
// place of what is wrong, or else its inventory holds a host that is accepted
// again and the same, with every child in its place.
func FuzzNewInventory(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x03web\x01\x01\x04eth0\x00\x00\x00\x01\x02\x00\x04\x0a\x00\x00\x05\x00\x01\x01\x03\x01\xbb\x01"))
	f.Add([]byte("\x00\x02\x01\x00\x00\x00\x04\x0a\x00\x00\x01\x09\x02\x00\x00\x00\x00\x00\x01\x03\x00\x00\x10\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01z\x00\x02\x02\x04\x00\x35\x02\x05\x00\x35\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rest := decoder(data)
		h := rest.host()
		inv, err := host.NewInventory(h)
		if err != nil {
			var field *binding.FieldError
			require.ErrorAs(t, err, &field)
			require.NotEmpty(t, field.Path)
			require.NotEmpty(t, field.Problem)
			return
		}
		kept := inv.Host()
		again, err := host.NewInventory(kept)
		require.NoError(t, err)
		require.Equal(t, kept, again.Host())

		carried := 0
		for i, f := range kept.Interfaces {
			at, ok := locate(inv, binding.Interface(f.ID))
			require.True(t, ok)
			families := host.IPv4 | host.IPv6
			if f.HasAddress() {
				families = familyOf(f.Address)
			}
			require.Equal(t, host.Location{Port: host.None, Place: int32(i), Carrier: host.None, Families: families}, at)
			carried += len(inv.Carried(f.ID))
		}
		for i, a := range kept.IPAddresses {
			at, ok := locate(inv, binding.IPAddress(a.ID))
			require.True(t, ok)
			require.Equal(t, int32(len(kept.Interfaces)+i), at.Place)
			if _, ok := inv.Carrier(a.ID); ok {
				carried--
			}
		}
		require.Zero(t, carried, "what an interface carries names it as its carrier")
		for i, p := range kept.Ports {
			target := binding.Port(p.ID, binding.AllInterfaces())
			at, ok := inv.Locate(&target)
			require.True(t, ok)
			require.Equal(t, host.Location{Port: int32(i), Place: host.Anywhere, Carrier: host.None, Families: host.IPv4 | host.IPv6}, at)
			requireShortAndPrintable(t, inv.Describe(target))
		}
	})
}

// A decoder takes a host from bytes: counts and lengths from one byte each, IDs
// from one byte, so that they meet. What is missing at the end is zero.
type decoder []byte

func (d *decoder) bytes(n int) []byte {
	n = min(n, len(*d))
	b := (*d)[:n]
	*d = (*d)[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (d *decoder) text() string  { return string(d.bytes(int(d.byte()))) }
func (d *decoder) id() uuid.UUID { return uuid.UUID{15: d.byte()} }

// address takes 4 or 16 bytes, and a zone with the latter; else it is none.
func (d *decoder) address() netip.Addr {
	addr, _ := netip.AddrFromSlice(d.bytes(int(d.byte())))
	if addr.Is6() {
		addr = addr.WithZone(d.text())
	}
	return addr
}

func (d *decoder) host() host.Host {
	h := host.Host{Name: d.text()}
	for range d.byte() {
		h.Interfaces = append(h.Interfaces, host.Interface{
			ID: d.id(), Name: d.text(), Description: d.text(), MAC: d.text(), Address: d.address(), SubnetID: d.id(),
		})
	}
	for range d.byte() {
		h.IPAddresses = append(h.IPAddresses, host.IPAddress{
			ID: d.id(), Name: d.text(), MAC: d.text(), Address: d.address(), SubnetID: d.id(), InterfaceID: d.id(),
		})
	}
	for range d.byte() {
		h.Ports = append(h.Ports, host.Port{
			ID: d.id(), Number: uint16(d.byte())<<8 | uint16(d.byte()), Protocol: host.Protocol(d.byte()),
		})
	}
	return h
}

func locate(inv *host.Inventory, t binding.Target) (host.Location, bool) { return inv.Locate(&t) }
