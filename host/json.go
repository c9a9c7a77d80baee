package host

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/wire"
)

// MarshalJSON returns the host with everything on it, in the lists interfaces,
// ip_addresses and ports. An interface with an address of its own is written as
// API versions 0.13 to 0.15 have it, any other as 0.16 and later do. Links are
// written on both sides; an interface that carries several addresses names the
// first. The revision is left out where it is 0, tracking fields where they are
// absent; times are written as [binding.Time] makes them. What a child must not be, such
// as without an ID, is a *binding.FieldError with its path.
func (h Host) MarshalJSON() ([]byte, error) {
	if err := checkOwn(&h); err != nil {
		return nil, err
	}
	owner := &jsonOwner{h.ID, h.NetworkID}
	carried := firstCarried(&h)
	w := struct {
		ID        uuid.UUID `json:"id"`
		NetworkID uuid.UUID `json:"network_id"`
		Name      string    `json:"name"`
		Revision  uint64    `json:"revision,omitempty"`
		wire.Sightings
		Interfaces  []any           `json:"interfaces"`
		IPAddresses []jsonIPAddress `json:"ip_addresses"`
		Ports       []jsonPort      `json:"ports"`
	}{
		h.ID, h.NetworkID, h.Name, h.Revision, wire.Sightings(h.Sightings),
		make([]any, len(h.Interfaces)),
		make([]jsonIPAddress, len(h.IPAddresses)),
		make([]jsonPort, len(h.Ports)),
	}
	for i, f := range h.Interfaces {
		if err := checkInterface(&f); err != nil {
			return nil, err.Under(element("interfaces", i))
		}
		w.Interfaces[i] = f.wire(owner, carried[f.ID])
	}
	for i, a := range h.IPAddresses {
		if err := checkIPAddress(&a); err != nil {
			return nil, err.Under(element("ip_addresses", i))
		}
		w.IPAddresses[i] = a.wire(owner)
	}
	for i, p := range h.Ports {
		if err := checkPort(&p); err != nil {
			return nil, err.Under(element("ports", i))
		}
		w.Ports[i] = p.wire(owner)
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads a host of any API version from 0.13 to 0.17: an interface
// that has an ip_address is one with an address of its own, any other may name
// the address that it carries. That link may be stated by either side, but both
// must agree, and it must lead somewhere; of children with one ID the first is
// meant. site_id is read as network_id. Every child needs an ID; which hosts and
// networks children name is ignored. What else is missing or null is empty.
//
// What is wrong is a *binding.FieldError with its full path; h is left as it was.
// Whether IDs and ports are unique is for [NewInventory] to say.
func (h *Host) UnmarshalJSON(data []byte) error {
	o := wire.Open(data)
	var carries []uuid.UUID // for each interface, the address that it says it carries
	decoded := Host{
		ID:        o.ID("id"),
		NetworkID: o.NetworkID(),
		Name:      o.Text("name"),
		Revision:  o.Uint64("revision"),
		Sightings: binding.Sightings(o.Sightings()),
		Interfaces: wire.List(o, "interfaces", wire.From(func(o *wire.Object) Interface {
			carries = append(carries, o.ID("ip_address_id"))
			return readInterface(o)
		})),
		IPAddresses: wire.List(o, "ip_addresses", wire.From(readIPAddress)),
		Ports:       wire.List(o, "ports", wire.From(readPort)),
	}
	if fault := o.Fault(); fault != nil {
		return (*binding.FieldError)(fault)
	}
	if err := joinLinks(&decoded, carries); err != nil {
		return err
	}
	*h = decoded
	return nil
}

// MarshalJSON returns the interface as the list interfaces of a host has it, but
// for the link to an address that it carries: only the host knows that.
func (f Interface) MarshalJSON() ([]byte, error) {
	if err := checkInterface(&f); err != nil {
		return nil, err
	}
	return json.Marshal(f.wire(nil, uuid.Nil))
}

// UnmarshalJSON reads an interface as [Host.UnmarshalJSON] does, but for the link
// to an address that it carries: the IP address holds that.
func (f *Interface) UnmarshalJSON(data []byte) error { return unmarshal(f, data, readInterface) }

// MarshalJSON returns the IP address as the list ip_addresses of a host has it.
func (a IPAddress) MarshalJSON() ([]byte, error) {
	if err := checkIPAddress(&a); err != nil {
		return nil, err
	}
	return json.Marshal(a.wire(nil))
}

// UnmarshalJSON reads an IP address as [Host.UnmarshalJSON] does.
func (a *IPAddress) UnmarshalJSON(data []byte) error { return unmarshal(a, data, readIPAddress) }

// MarshalJSON returns the port as the list ports of a host has it.
func (p Port) MarshalJSON() ([]byte, error) {
	if err := checkPort(&p); err != nil {
		return nil, err
	}
	return json.Marshal(p.wire(nil))
}

// UnmarshalJSON reads a port as [Host.UnmarshalJSON] does.
func (p *Port) UnmarshalJSON(data []byte) error { return unmarshal(p, data, readPort) }

func unmarshal[T any](v *T, data []byte, read func(*wire.Object) T) error {
	o := wire.Open(data)
	decoded := read(o)
	if fault := o.Fault(); fault != nil {
		return (*binding.FieldError)(fault)
	}
	*v = decoded
	return nil
}
