package record

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
)

// EncodeHost returns the record of a host. The generation tells this record of
// the host from every other one the store ever had, also where both have one
// Revision:
//
//	generation    8 bytes, big-endian
//	NetworkID     optional
//	Name          text
//	Revision      number
//	Interfaces    list of: ID; Name, Description and MAC, texts; Position, signed number;
//	              Address; SubnetID, optional
//	IPAddresses   list of: ID; Address; SubnetID, optional; Name and MAC, texts;
//	              Position, signed number; InterfaceID, optional
//	Ports         list of: ID; Number, number; Protocol, 1 byte: 1 TCP, 2 UDP, 3 SCTP
//
// An address is 0 for none, or 1 and the 4 bytes of an IPv4 address, or 2 and the
// 16 of an IPv6 address, or 3, those 16, and the zone as a text. Its key is ID.
func EncodeHost(h *host.Host, generation uint64) []byte {
	r := make([]byte, 0, 64+len(h.Name)+64*len(h.Interfaces)+64*len(h.IPAddresses)+20*len(h.Ports))
	r = append(r, version)
	r = binary.BigEndian.AppendUint64(r, generation)
	r = appendOptional(r, h.NetworkID)
	r = appendText(r, h.Name)
	r = binary.AppendUvarint(r, h.Revision)

	r = binary.AppendUvarint(r, uint64(len(h.Interfaces)))
	for i := range h.Interfaces {
		r = appendInterface(r, &h.Interfaces[i])
	}
	r = binary.AppendUvarint(r, uint64(len(h.IPAddresses)))
	for i := range h.IPAddresses {
		r = appendIPAddress(r, &h.IPAddresses[i])
	}
	r = binary.AppendUvarint(r, uint64(len(h.Ports)))
	for _, p := range h.Ports {
		r = append(r, p.ID[:]...)
		r = binary.AppendUvarint(r, uint64(p.Number))
		r = append(r, byte(p.Protocol))
	}
	return seal(r, h.ID)
}

// Generation returns the generation that a record of a host was encoded with. It
// does not look at the rest.
func Generation(record []byte) uint64 {
	if len(record) < 9 {
		return 0
	}
	return binary.BigEndian.Uint64(record[1:])
}

// DecodeHost returns the host with an ID.
func DecodeHost(id uuid.UUID, record []byte) (host.Host, error) {
	d := open(record, id)
	d.take(8) // the generation
	h := host.Host{ID: id, NetworkID: d.optional(), Name: d.text(), Revision: d.uvarint()}
	h.Interfaces = list(&d, d.uvarint(), 22, d.iface)
	h.IPAddresses = list(&d, d.uvarint(), 22, d.ipAddress)
	h.Ports = list(&d, d.uvarint(), 18, d.port)
	if err := d.end(); err != nil {
		return host.Host{}, fmt.Errorf("the record of host %s is corrupt: %w", id, err)
	}
	return h, nil
}

func appendInterface(r []byte, f *host.Interface) []byte {
	r = append(r, f.ID[:]...)
	r = appendText(r, f.Name)
	r = appendText(r, f.Description)
	r = appendText(r, f.MAC)
	r = binary.AppendVarint(r, int64(f.Position))
	r = appendAddress(r, f.Address)
	return appendOptional(r, f.SubnetID)
}

func (d *decoder) iface() host.Interface {
	return host.Interface{
		ID: d.id(), Name: d.text(), Description: d.text(), MAC: d.text(),
		Position: d.int32(), Address: d.address(), SubnetID: d.optional(),
	}
}

func appendIPAddress(r []byte, a *host.IPAddress) []byte {
	r = append(r, a.ID[:]...)
	r = appendAddress(r, a.Address)
	r = appendOptional(r, a.SubnetID)
	r = appendText(r, a.Name)
	r = appendText(r, a.MAC)
	r = binary.AppendVarint(r, int64(a.Position))
	return appendOptional(r, a.InterfaceID)
}

func (d *decoder) ipAddress() host.IPAddress {
	return host.IPAddress{
		ID: d.id(), Address: d.address(), SubnetID: d.optional(), Name: d.text(), MAC: d.text(),
		Position: d.int32(), InterfaceID: d.optional(),
	}
}

func (d *decoder) port() host.Port {
	p := host.Port{ID: d.id()}
	number := d.uvarint()
	p.Protocol = host.Protocol(d.byte())
	if number > math.MaxUint16 || !p.Protocol.IsValid() {
		d.fail(errForm)
	}
	p.Number = uint16(number)
	return p
}
