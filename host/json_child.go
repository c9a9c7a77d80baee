package host

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/internal/wire"
)

// owner is the host of a child, as every child of a host is written with.
type owner struct{ hostID, networkID uuid.UUID }

func (c *owner) write(w *wire.Writer) {
	if c != nil {
		w.ID("host_id", c.hostID)
		w.ID("network_id", c.networkID)
	}
}

// write writes an interface with an address of its own as API versions 0.13 to 0.15
// have it, any other as 0.16 and later do: only that carries another address.
func (f Interface) write(w *wire.Writer, owner *owner, carried uuid.UUID) {
	w.Fail((*wire.Fault)(checkInterface(&f)))
	w.ID("id", f.ID)
	owner.write(w)
	if f.HasAddress() {
		w.Address("ip_address", f.Address)
		w.NullID("subnet_id", f.SubnetID)
		w.NullText("name", f.Name)
		w.OptionalText("if_descr", f.Description) // not theirs, but ours to keep
		w.NullText("mac_address", f.MAC)
	} else {
		w.NullText("if_name", f.Name)
		w.NullText("if_descr", f.Description)
		w.NullText("mac_address", f.MAC)
		w.NullID("ip_address_id", carried)
	}
	w.Int("position", int64(f.Position))
	w.Sightings(wire.Sightings(f.Sightings))
}

func (a IPAddress) write(w *wire.Writer, owner *owner) {
	w.Fail((*wire.Fault)(checkIPAddress(&a)))
	w.ID("id", a.ID)
	owner.write(w)
	w.Address("ip_address", a.Address)
	w.NullID("subnet_id", a.SubnetID)
	w.NullText("name", a.Name)
	w.NullText("mac_address", a.MAC)
	w.Int("position", int64(a.Position))
	w.NullID("interface_id", a.InterfaceID)
	w.Sightings(wire.Sightings(a.Sightings))
}

func (p Port) write(w *wire.Writer, owner *owner) {
	w.Fail((*wire.Fault)(checkPort(&p)))
	w.ID("id", p.ID)
	owner.write(w)
	w.Int("number", int64(p.Number))
	w.Text("protocol", p.Protocol.wireName())
	w.Text("type", cmp.Or(p.Type, customPort))
	w.Sightings(wire.Sightings(p.Sightings))
}

// readInterface reads an interface of either dialect. The name is in name where
// it has an address of its own and in if_name otherwise, but an interface that
// has only the other one is called so.
func readInterface(o *wire.Object) Interface {
	readOwner(o)
	f := Interface{
		ID:          o.RequiredID("id"),
		Description: o.Text("if_descr"),
		MAC:         o.Text("mac_address"),
		Position:    o.Int32("position"),
		Address:     o.Address("ip_address"),
		SubnetID:    o.ID("subnet_id"),
		Sightings:   binding.Sightings(o.Sightings()),
	}
	name, other := o.Text("if_name"), o.Text("name")
	if f.HasAddress() {
		name, other = other, name
	}
	f.Name = cmp.Or(name, other)
	if o.ID("ip_address_id") != uuid.Nil && f.HasAddress() {
		o.Invalid("ip_address_id", "is given beside ip_address; an interface has an address of its own or carries one, leave one of the two out")
	}
	checkRead(o, &f, checkInterface)
	return f
}

func readIPAddress(o *wire.Object) IPAddress {
	readOwner(o)
	a := IPAddress{
		ID:          o.RequiredID("id"),
		Address:     o.Address("ip_address"),
		SubnetID:    o.ID("subnet_id"),
		Name:        o.Text("name"),
		MAC:         o.Text("mac_address"),
		Position:    o.Int32("position"),
		InterfaceID: o.ID("interface_id"),
		Sightings:   binding.Sightings(o.Sightings()),
	}
	if !o.Has("ip_address") {
		o.Missing("ip_address")
	}
	checkRead(o, &a, checkIPAddress)
	return a
}

func readPort(o *wire.Object) Port {
	readOwner(o)
	p := Port{
		ID: o.RequiredID("id"), Number: o.Uint16("number"), Type: o.Text("type"), Sightings: binding.Sightings(o.Sightings()),
	}
	protocol := o.Text("protocol")
	if err := p.Protocol.UnmarshalText([]byte(protocol)); err != nil && o.Has("protocol") {
		o.Invalid("protocol", fmt.Sprintf("is %.20q; want Tcp, Udp or Sctp", protocol))
	}
	for _, name := range []string{"number", "protocol"} {
		if !o.Has(name) {
			o.Missing(name)
		}
	}
	checkRead(o, &p, checkPort)
	return p
}

// checkRead checks a child that was read. Where the document is mended, the child
// may be one that cannot be: a zero value says what could not be read.
func checkRead[T interface{ normalize() }](o *wire.Object, child T, check func(T) *binding.FieldError) {
	if o.Mending() {
		child.normalize()
	} else {
		o.Fail((*wire.Fault)(check(child)))
	}
}

// readOwner reads what a child says of its host, which nobody needs, for the
// mistakes that may be in it.
func readOwner(o *wire.Object) {
	o.ID("host_id")
	o.NetworkID()
	o.Ignore("created_at", "updated_at")
}

// firstCarried returns, by the ID of the interface, the first address that it
// carries, if that ID means this address.
func firstCarried(h *Host) map[uuid.UUID]uuid.UUID {
	carried := make(map[uuid.UUID]uuid.UUID, len(h.Interfaces))
	seen := make(map[uuid.UUID]struct{}, len(h.IPAddresses))
	for _, a := range h.IPAddresses {
		if _, twice := seen[a.ID]; twice {
			continue
		}
		seen[a.ID] = struct{}{}
		if _, has := carried[a.InterfaceID]; !has && a.InterfaceID != uuid.Nil {
			carried[a.InterfaceID] = a.ID
		}
	}
	return carried
}

// joinLinks gives every IP address the interface that says it carries it, and
// checks that all links lead somewhere. carries holds for each interface the
// address that it names, or nil. Of children with one ID the first is meant. Where
// the document is mended, a link that cannot be is none.
func joinLinks(h *Host, carries []uuid.UUID, o *wire.Object) {
	interfaces := make(map[uuid.UUID]*Interface, len(h.Interfaces))
	for i := range slices.Backward(h.Interfaces) {
		interfaces[h.Interfaces[i].ID] = &h.Interfaces[i]
	}
	addresses := make(map[uuid.UUID]*IPAddress, len(h.IPAddresses))
	for i := range slices.Backward(h.IPAddresses) {
		addresses[h.IPAddresses[i].ID] = &h.IPAddresses[i]
	}
	var disputed []*IPAddress
	for i, id := range carries {
		if id == uuid.Nil || o.Failed() {
			continue
		}
		address, ok := addresses[id]
		switch carrier := h.Interfaces[i].ID; {
		case !ok:
			o.Fail((*wire.Fault)(wrong("interfaces", i, "ip_address_id",
				"no IP address of this host has the ID "+id.String()+"; name the address that the interface carries, or none")))
		case address.InterfaceID != uuid.Nil && address.InterfaceID != carrier:
			disputed = append(disputed, address)
			o.Fail((*wire.Fault)(wrong("interfaces", i, "ip_address_id",
				"IP address "+label.Of(address.Address.String())+" is carried by another interface already; an address has one interface at most")))
		default:
			address.InterfaceID, address.Address = carrier, withoutZone(address.Address)
		}
	}
	for _, address := range disputed {
		address.InterfaceID = uuid.Nil
	}
	for i := range h.IPAddresses {
		a := &h.IPAddresses[i]
		if a.InterfaceID == uuid.Nil || o.Failed() {
			continue
		}
		if err := checkCarrier(i, a.InterfaceID, interfaces[a.InterfaceID]); err != nil {
			o.Fail((*wire.Fault)(err))
			a.InterfaceID = uuid.Nil
		}
	}
}
