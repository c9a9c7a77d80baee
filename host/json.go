package host

import (
	"math"

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
	return marshal(func(w *wire.Writer) {
		h.WriteOwnJSON(w)
		h.WriteListsJSON(w)
	})
}

func marshal(write func(*wire.Writer)) ([]byte, error) {
	data, fault := wire.Marshal(write)
	if fault != nil {
		return nil, (*binding.FieldError)(fault)
	}
	return data, nil
}

// WriteOwnJSON writes what is not in the lists of the host.
func (h *Host) WriteOwnJSON(w *wire.Writer) {
	w.Fail((*wire.Fault)(checkText("name", h.Name)))
	w.ID("id", h.ID)
	w.ID("network_id", h.NetworkID)
	w.Text("name", h.Name)
	w.OptionalUint("revision", h.Revision)
	w.Sightings(wire.Sightings(h.Sightings))
}

// WriteListsJSON writes the lists of the host.
func (h *Host) WriteListsJSON(w *wire.Writer) {
	owner := &owner{h.ID, h.NetworkID}
	carried := firstCarried(h)
	wire.WriteList(w, "interfaces", h.Interfaces, func(w *wire.Writer, f *Interface) { f.write(w, owner, carried[f.ID]) })
	wire.WriteList(w, "ip_addresses", h.IPAddresses, func(w *wire.Writer, a *IPAddress) { a.write(w, owner) })
	wire.WriteList(w, "ports", h.Ports, func(w *wire.Writer, p *Port) { p.write(w, owner) })
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
func (h *Host) UnmarshalJSON(data []byte) error { return binding.DecodeJSON(data, h) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (h *Host) ReadJSON(o *wire.Object) {
	readInto(h, o, func(o *wire.Object) (decoded Host) {
		decoded.ReadOwnJSON(o)
		decoded.ReadListsJSON(o)
		return decoded
	})
}

// ReadOwnJSON reads what is not in the lists of the host.
func (h *Host) ReadOwnJSON(o *wire.Object) {
	h.ID = o.ID("id")
	h.NetworkID = o.NetworkID()
	h.Name = o.Text("name")
	h.Revision = o.Uint64("revision")
	h.Sightings = binding.Sightings(o.Sightings())
	o.Ignore("created_at", "updated_at", "hostname", "description", "hidden", "source", "tags", "virtualization")
}

// ReadListsJSON reads the lists of the host.
func (h *Host) ReadListsJSON(o *wire.Object) {
	var carries []uuid.UUID // for each interface, the address that it says it carries
	most := math.MaxInt
	if o.Mending() {
		most = maxMended
	}
	h.Interfaces = wire.ListUpTo(most, o, "interfaces", wire.From(func(o *wire.Object) Interface {
		carries = append(carries, o.ID("ip_address_id"))
		return readInterface(o)
	}))
	h.IPAddresses = wire.ListUpTo(most, o, "ip_addresses", wire.From(readIPAddress))
	h.Ports = wire.ListUpTo(most, o, "ports", wire.From(readPort))
	if !o.Failed() {
		joinLinks(h, carries, o)
	}
}

// maxMended is how many children of a kind are taken of a document that is mended:
// entries of it may be as short as "{}".
const maxMended = 1 << 18

// MarshalJSON returns the interface as the list interfaces of a host has it, but
// for the link to an address that it carries: only the host knows that.
func (f Interface) MarshalJSON() ([]byte, error) {
	return marshal(func(w *wire.Writer) { f.write(w, nil, uuid.Nil) })
}

// UnmarshalJSON reads an interface as [Host.UnmarshalJSON] does, but for the link
// to an address that it carries: the IP address holds that.
func (f *Interface) UnmarshalJSON(data []byte) error { return binding.DecodeJSON(data, f) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (f *Interface) ReadJSON(o *wire.Object) { readInto(f, o, readInterface) }

// MarshalJSON returns the IP address as the list ip_addresses of a host has it.
func (a IPAddress) MarshalJSON() ([]byte, error) {
	return marshal(func(w *wire.Writer) { a.write(w, nil) })
}

// UnmarshalJSON reads an IP address as [Host.UnmarshalJSON] does.
func (a *IPAddress) UnmarshalJSON(data []byte) error { return binding.DecodeJSON(data, a) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (a *IPAddress) ReadJSON(o *wire.Object) { readInto(a, o, readIPAddress) }

// MarshalJSON returns the port as the list ports of a host has it.
func (p Port) MarshalJSON() ([]byte, error) {
	return marshal(func(w *wire.Writer) { p.write(w, nil) })
}

// UnmarshalJSON reads a port as [Host.UnmarshalJSON] does.
func (p *Port) UnmarshalJSON(data []byte) error { return binding.DecodeJSON(data, p) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (p *Port) ReadJSON(o *wire.Object) { readInto(p, o, readPort) }

func readInto[T any](v *T, o *wire.Object, read func(*wire.Object) T) {
	if decoded := read(o); o.Fault() == nil {
		*v = decoded
	}
}
