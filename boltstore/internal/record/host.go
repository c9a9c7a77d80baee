package record

import (
	"encoding/binary"
	"math"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
)

// EncodeHost returns the record of a host whose latest scan is given. The generation tells this record of
// the host from every other one the store ever had, also where both have one
// Revision:
//
//	generation    8 bytes, big-endian
//	NetworkID     optional
//	Name          text
//	Revision      number
//	Interfaces    list of: ID; Name, Description and MAC, texts; Position, signed number;
//	              Address; SubnetID, optional; Sightings
//	IPAddresses   list of: ID; Address; SubnetID, optional; Name and MAC, texts;
//	              Position, signed number; InterfaceID, optional; Sightings
//	Ports         list of: ID; Number, number; Protocol, 1 byte: 1 TCP, 2 UDP, 3 SCTP;
//	              Type, text; Sightings
//	Sightings     sightings
//
// Version 1 has no Sightings and no Type. An address is 0 for none, or 1 and the 4 bytes of an IPv4 address, or 2 and the
// 16 of an IPv6 address, or 3, those 16, and the zone as a text. Its key is ID.
func EncodeHost(h *host.Host, generation uint64, latest Scan) []byte {
	r := make([]byte, 0, 64+len(h.Name)+64*len(h.Interfaces)+64*len(h.IPAddresses)+24*len(h.Ports))
	r = append(r, version)
	r = binary.BigEndian.AppendUint64(r, generation)
	r = appendOptional(r, h.NetworkID)
	r = appendText(r, h.Name)
	r = binary.AppendUvarint(r, h.Revision)

	r = binary.AppendUvarint(r, uint64(len(h.Interfaces)))
	for i := range h.Interfaces {
		r = appendInterface(r, &h.Interfaces[i], latest)
	}
	r = binary.AppendUvarint(r, uint64(len(h.IPAddresses)))
	for i := range h.IPAddresses {
		r = appendIPAddress(r, &h.IPAddresses[i], latest)
	}
	r = binary.AppendUvarint(r, uint64(len(h.Ports)))
	for i := range h.Ports {
		r = appendPort(r, &h.Ports[i], latest)
	}
	return seal(appendSightings(r, &h.Sightings, latest), h.ID)
}

// Generation returns the generation that a record of a host was encoded with. It
// does not look at the rest.
func Generation(record []byte) uint64 {
	if len(record) < 9 {
		return 0
	}
	return binary.BigEndian.Uint64(record[1:])
}

// DecodeHost returns the host with an ID, whose latest scan is given.
func DecodeHost(id uuid.UUID, record []byte, latest Scan) (host.Host, error) {
	d := open(record, id)
	d.take(8) // the generation
	h := host.Host{ID: id, NetworkID: d.optional(), Name: d.text(), Revision: d.uvarint()}
	h.Interfaces = list(&d, d.uvarint(), 22, func() host.Interface { return d.iface(latest) })
	h.IPAddresses = list(&d, d.uvarint(), 22, func() host.IPAddress { return d.ipAddress(latest) })
	h.Ports = list(&d, d.uvarint(), 18, func() host.Port { return d.port(latest) })
	h.Sightings = d.sightings(latest)
	if err := d.end(); err != nil {
		return host.Host{}, corrupt("host", id, err)
	}
	return h, nil
}

func appendInterface(r []byte, f *host.Interface, latest Scan) []byte {
	r = append(r, f.ID[:]...)
	r = appendText(r, f.Name)
	r = appendText(r, f.Description)
	r = appendText(r, f.MAC)
	r = binary.AppendVarint(r, int64(f.Position))
	r = appendAddress(r, f.Address)
	r = appendOptional(r, f.SubnetID)
	return appendSightings(r, &f.Sightings, latest)
}

func (d *decoder) iface(latest Scan) host.Interface {
	return host.Interface{
		ID: d.id(), Name: d.text(), Description: d.text(), MAC: d.text(),
		Position: d.int32(), Address: d.address(), SubnetID: d.optional(), Sightings: d.sightings(latest),
	}
}

func appendIPAddress(r []byte, a *host.IPAddress, latest Scan) []byte {
	r = append(r, a.ID[:]...)
	r = appendAddress(r, a.Address)
	r = appendOptional(r, a.SubnetID)
	r = appendText(r, a.Name)
	r = appendText(r, a.MAC)
	r = binary.AppendVarint(r, int64(a.Position))
	r = appendOptional(r, a.InterfaceID)
	return appendSightings(r, &a.Sightings, latest)
}

func (d *decoder) ipAddress(latest Scan) host.IPAddress {
	return host.IPAddress{
		ID: d.id(), Address: d.address(), SubnetID: d.optional(), Name: d.text(), MAC: d.text(),
		Position: d.int32(), InterfaceID: d.optional(), Sightings: d.sightings(latest),
	}
}

func appendPort(r []byte, p *host.Port, latest Scan) []byte {
	r = append(r, p.ID[:]...)
	r = binary.AppendUvarint(r, uint64(p.Number))
	r = append(r, byte(p.Protocol))
	r = appendText(r, p.Type)
	return appendSightings(r, &p.Sightings, latest)
}

func (d *decoder) port(latest Scan) host.Port {
	p := host.Port{ID: d.id()}
	number := d.uvarint()
	p.Protocol = host.Protocol(d.byte())
	if number > math.MaxUint16 || !p.Protocol.IsValid() {
		d.fail(errForm)
	}
	p.Number = uint16(number)
	if d.version > 1 {
		p.Type, p.Sightings = d.text(), d.sightings(latest)
	}
	return p
}
