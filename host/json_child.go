package host

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/internal/wire"
)

// jsonOwner is the host of a child, as every child of a host is written with.
type jsonOwner struct {
	HostID    uuid.UUID `json:"host_id"`
	NetworkID uuid.UUID `json:"network_id"`
}

// jsonAddressed is an interface as API versions 0.13 to 0.15 have it.
type jsonAddressed struct {
	ID uuid.UUID `json:"id"`
	*jsonOwner
	Address     netip.Addr `json:"ip_address"`
	SubnetID    nullID     `json:"subnet_id"`
	Name        nullText   `json:"name"`
	Description string     `json:"if_descr,omitempty"` // not theirs, but ours to keep
	MAC         nullText   `json:"mac_address"`
	Position    int32      `json:"position"`
	wire.Sightings
}

// jsonInterface is an interface as API versions 0.16 and later have it.
type jsonInterface struct {
	ID uuid.UUID `json:"id"`
	*jsonOwner
	Name        nullText `json:"if_name"`
	Description nullText `json:"if_descr"`
	MAC         nullText `json:"mac_address"`
	IPAddressID nullID   `json:"ip_address_id"`
	Position    int32    `json:"position"`
	wire.Sightings
}

type jsonIPAddress struct {
	ID uuid.UUID `json:"id"`
	*jsonOwner
	Address     netip.Addr `json:"ip_address"`
	SubnetID    nullID     `json:"subnet_id"`
	Name        nullText   `json:"name"`
	MAC         nullText   `json:"mac_address"`
	Position    int32      `json:"position"`
	InterfaceID nullID     `json:"interface_id"`
	wire.Sightings
}

type jsonPort struct {
	ID uuid.UUID `json:"id"`
	*jsonOwner
	Number   uint16   `json:"number"`
	Protocol Protocol `json:"protocol"`
	Type     string   `json:"type"`
	wire.Sightings
}

// nullID and nullText are null where they are zero.
type (
	nullID   uuid.UUID
	nullText string
)

func (id nullID) MarshalJSON() ([]byte, error) {
	if uuid.UUID(id) == uuid.Nil {
		return []byte("null"), nil
	}
	return json.Marshal(uuid.UUID(id))
}

func (text nullText) MarshalJSON() ([]byte, error) {
	if text == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(text))
}

// wire returns what the interface is written as. Only one without an address of
// its own carries another.
func (f Interface) wire(owner *jsonOwner, carried uuid.UUID) any {
	if f.HasAddress() {
		return jsonAddressed{
			f.ID, owner, f.Address, nullID(f.SubnetID), nullText(f.Name), f.Description, nullText(f.MAC), f.Position,
			wire.Sightings(f.Sightings),
		}
	}
	return jsonInterface{
		f.ID, owner, nullText(f.Name), nullText(f.Description), nullText(f.MAC), nullID(carried), f.Position,
		wire.Sightings(f.Sightings),
	}
}

func (a IPAddress) wire(owner *jsonOwner) jsonIPAddress {
	return jsonIPAddress{
		a.ID, owner, a.Address, nullID(a.SubnetID), nullText(a.Name), nullText(a.MAC), a.Position, nullID(a.InterfaceID),
		wire.Sightings(a.Sightings),
	}
}

func (p Port) wire(owner *jsonOwner) jsonPort {
	return jsonPort{p.ID, owner, p.Number, p.Protocol, cmp.Or(p.Type, customPort), wire.Sightings(p.Sightings)}
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
	name, other := "if_name", "name"
	if f.HasAddress() {
		name, other = other, name
	}
	if f.Name = o.Text(name); f.Name == "" {
		f.Name = o.Text(other)
	}
	if f.HasAddress() && o.ID("ip_address_id") != uuid.Nil {
		o.Invalid("ip_address_id", "is given beside ip_address; an interface has an address of its own or carries one, leave one of the two out")
	}
	o.Fail((*wire.Fault)(checkInterface(&f)))
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
	o.Fail((*wire.Fault)(checkIPAddress(&a)))
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
	o.Fail((*wire.Fault)(checkPort(&p)))
	return p
}

// readOwner reads what a child says of its host, which nobody needs, for the
// mistakes that may be in it.
func readOwner(o *wire.Object) {
	o.ID("host_id")
	o.NetworkID()
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
// address that it names, or nil. Of children with one ID the first is meant.
func joinLinks(h *Host, carries []uuid.UUID) error {
	interfaces := make(map[uuid.UUID]*Interface, len(h.Interfaces))
	for i := len(h.Interfaces) - 1; i >= 0; i-- {
		interfaces[h.Interfaces[i].ID] = &h.Interfaces[i]
	}
	addresses := make(map[uuid.UUID]*IPAddress, len(h.IPAddresses))
	for i := len(h.IPAddresses) - 1; i >= 0; i-- {
		addresses[h.IPAddresses[i].ID] = &h.IPAddresses[i]
	}
	for i, id := range carries {
		if id == uuid.Nil {
			continue
		}
		address, ok := addresses[id]
		if !ok {
			return wrong("interfaces", i, "ip_address_id",
				"no IP address of this host has the ID "+id.String()+"; name the address that the interface carries, or none")
		}
		carrier := h.Interfaces[i].ID
		if address.InterfaceID != uuid.Nil && address.InterfaceID != carrier {
			return wrong("interfaces", i, "ip_address_id",
				"IP address "+label.Of(address.Address.String())+" is carried by another interface already; an address has one interface at most")
		}
		address.InterfaceID, address.Address = carrier, withoutZone(address.Address)
	}
	for i := range h.IPAddresses {
		id := h.IPAddresses[i].InterfaceID
		if id == uuid.Nil {
			continue
		}
		if err := checkCarrier(i, id, interfaces[id]); err != nil {
			return err
		}
	}
	return nil
}
