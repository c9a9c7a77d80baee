package record

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// The forms of a target.
const (
	atInterface = iota + 1
	atIPAddress
	onPort
	onPortAtInterface
	onPortAtIPAddress
	onPortIPv4
	onPortIPv6
)

// EncodeBinding returns the record of a binding with a valid target and times as
// binding.Time makes them, on a host whose latest scan is given:
//
//	target             1 byte for its form; the ID of the port, if any; that of the place, if any
//	NetworkID          optional
//	CreatedAt          time
//	UpdatedAt          time
//	ValidFrom          time
//	ValidTo            time
//	LineageID          optional
//	Sightings          sightings
//
// In version 1, LastSeenAt, time, FirstDiscoveryID and LastDiscoveryID, optional,
// stand before ValidFrom in place of the Sightings. Its key is ServiceID and ID.
func EncodeBinding(b *binding.Binding, latest Scan) []byte {
	r := make([]byte, 0, 160)
	r = append(r, version)
	r = appendTarget(r, b.Target)
	r = appendOptional(r, b.NetworkID)
	r = appendTime(r, b.CreatedAt)
	r = appendTime(r, b.UpdatedAt)
	r = appendTime(r, b.ValidFrom)
	r = appendTime(r, b.ValidTo)
	r = appendOptional(r, b.LineageID)
	r = appendSightings(r, &b.Sightings, latest)
	return seal(r, b.ServiceID, b.ID)
}

// DecodeBinding returns the binding with an ID of a service, on a host whose latest
// scan is given.
func DecodeBinding(serviceID, id uuid.UUID, record []byte, latest Scan) (binding.Binding, error) {
	d := open(record, serviceID, id)
	b := binding.Binding{
		ServiceID: serviceID,
		ID:        id,
		Target:    d.target(),
		NetworkID: d.optional(),
		CreatedAt: d.time(),
		UpdatedAt: d.time(),
	}
	if d.version == 1 {
		b.LastSeenAt, b.FirstDiscoveryID, b.LastDiscoveryID = d.time(), d.optional(), d.optional()
	}
	b.ValidFrom, b.ValidTo, b.LineageID = d.time(), d.time(), d.optional()
	if d.version > 1 {
		b.Sightings = d.sightings(latest)
	}
	if err := d.end(); err != nil {
		return binding.Binding{}, corrupt("binding", id, err)
	}
	return b, nil
}

func appendTarget(r []byte, t binding.Target) []byte {
	scope := t.Scope()
	port, listens := t.PortID()
	if !listens {
		if id, ok := scope.InterfaceID(); ok {
			return append(append(r, atInterface), id[:]...)
		}
		id, _ := scope.IPAddressID()
		return append(append(r, atIPAddress), id[:]...)
	}
	onPortWith := func(form byte, place ...byte) []byte { return append(append(append(r, form), port[:]...), place...) }
	switch scope.Kind() {
	case binding.ScopeAllIPv4:
		return onPortWith(onPortIPv4)
	case binding.ScopeAllIPv6:
		return onPortWith(onPortIPv6)
	case binding.ScopeInterface:
		id, _ := scope.InterfaceID()
		return onPortWith(onPortAtInterface, id[:]...)
	case binding.ScopeIPAddress:
		id, _ := scope.IPAddressID()
		return onPortWith(onPortAtIPAddress, id[:]...)
	default:
		return onPortWith(onPort)
	}
}

func (d *decoder) target() binding.Target {
	var t binding.Target
	switch d.byte() {
	case atInterface:
		t = binding.Interface(d.id())
	case atIPAddress:
		t = binding.IPAddress(d.id())
	case onPort:
		t = binding.Port(d.id(), binding.AllInterfaces())
	case onPortIPv4:
		t = binding.Port(d.id(), binding.AllIPv4())
	case onPortIPv6:
		t = binding.Port(d.id(), binding.AllIPv6())
	case onPortAtInterface:
		t = binding.Port(d.id(), binding.OnInterface(d.id()))
	case onPortAtIPAddress:
		t = binding.Port(d.id(), binding.OnIPAddress(d.id()))
	}
	if !t.IsValid() {
		d.fail(errForm)
	}
	return t
}
