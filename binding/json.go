package binding

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/internal/wire"
)

// DecodeJSON reads exactly one JSON value into v, as json.Unmarshal does, for
// text from outside: what is not JSON, not UTF-8, more than one value, or of a
// type that v cannot hold, is a *FieldError that is ErrMalformed. Those of syntax
// name line and byte, those of the types of bindset the full path of the field.
//
// The types of bindset refuse text that is not UTF-8, NUL in a text, and names
// that stand twice in one object. They ignore fields that they do not know, and
// keep what they held where they return an error.
func DecodeJSON(data []byte, v any) error {
	if fault := wire.Check(data); fault != nil {
		return (*FieldError)(fault)
	}
	err := unmarshal(data, v)
	var field *FieldError
	var misuse *json.InvalidUnmarshalError
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil || errors.As(err, &field) || errors.As(err, &misuse):
		return err
	case errors.As(err, &wrongType):
		return &FieldError{Path: wrongType.Field, Problem: "cannot be a JSON " + wrongType.Value, Malformed: true}
	default:
		return malformed(err.Error())
	}
}

// unmarshal is json.Unmarshal of checked text. It does not have the text checked
// and searched for its end, twice more, where v reads it by itself.
func unmarshal(data []byte, v any) error {
	if reader, ok := v.(json.Unmarshaler); ok {
		return reader.UnmarshalJSON(bytes.TrimSpace(data))
	}
	return json.Unmarshal(data, v)
}

// jsonTarget is a Target as it is written, within a binding or alone. An ID that
// is nil is left out, one that holds a JSON null is written so.
type jsonTarget struct {
	Type        string `json:"type"`
	PortID      any    `json:"port_id,omitempty"`
	InterfaceID any    `json:"interface_id,omitempty"`
	IPAddressID any    `json:"ip_address_id,omitempty"`
	Family      string `json:"ip_family,omitempty"`
}

func (t Target) wire() (jsonTarget, error) {
	if problem := t.problem(); problem != nil {
		return jsonTarget{}, problem
	}
	w := jsonTarget{Type: t.kind.String()}
	if t.kind == KindPort {
		w.PortID = t.port
	}
	switch t.scope.kind {
	case ScopeInterface:
		w.InterfaceID = t.scope.place
	case ScopeIPAddress:
		w.IPAddressID = t.scope.place
	default:
		w.InterfaceID = json.RawMessage("null") // every API version reads that
	}
	switch t.scope.kind {
	case ScopeAllIPv4:
		w.Family = "IPv4"
	case ScopeAllIPv6:
		w.Family = "IPv6"
	}
	return w, nil
}

// MarshalJSON returns the fields of a binding that are the target: type, port_id,
// interface_id, ip_address_id and ip_family. The zero Target is null; any other target that
// is not valid is a *FieldError.
func (t Target) MarshalJSON() ([]byte, error) {
	if t == (Target{}) {
		return []byte("null"), nil
	}
	w, err := t.wire()
	if err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads the fields of a binding that are the target, see
// [Binding.UnmarshalJSON]; null is the zero Target.
func (t *Target) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*t = Target{}
		return nil
	}
	o := wire.Open(data)
	decoded := readTarget(o)
	if fault := o.Fault(); fault != nil {
		return (*FieldError)(fault)
	}
	*t = decoded
	return nil
}

// readTarget reads the fields type, port_id, interface_id, ip_address_id and
// ip_family.
func readTarget(o *wire.Object) Target {
	onInterface, onIPAddress := o.Has("interface_id"), o.Has("ip_address_id")
	switch kind, family := o.Text("type"), o.Text("ip_family"); {
	case !o.Has("type"):
		o.Missing("type")
	case kind != "Interface" && kind != "IPAddress" && kind != "Port":
		o.Invalid("type", fmt.Sprintf("is %.40q; want Interface, IPAddress or Port", kind))
	case onInterface && onIPAddress:
		o.Invalid("ip_address_id", "is given beside interface_id; leave one of the two out")
	case kind != "Port" && o.Has("port_id"):
		o.Invalid("port_id", "is given, but a binding of type "+kind+" has no port; leave it out, or make the type Port")
	case o.Has("ip_family") && (kind != "Port" || onInterface || onIPAddress):
		o.Invalid("ip_family", "is given beside a place; a family is for a listener on all interfaces, leave one of the two out")
	case o.Has("ip_family") && family != "IPv4" && family != "IPv6":
		o.Invalid("ip_family", fmt.Sprintf("is %.40q; want IPv4 or IPv6", family))
	case kind == "Interface":
		return Interface(o.RequiredID("interface_id"))
	case kind == "IPAddress":
		return IPAddress(o.RequiredID("ip_address_id"))
	case onInterface:
		return Port(o.RequiredID("port_id"), OnInterface(o.RequiredID("interface_id")))
	case onIPAddress:
		return Port(o.RequiredID("port_id"), OnIPAddress(o.RequiredID("ip_address_id")))
	case family == "IPv4":
		return Port(o.RequiredID("port_id"), AllIPv4())
	case family == "IPv6":
		return Port(o.RequiredID("port_id"), AllIPv6())
	default:
		return Port(o.RequiredID("port_id"), AllInterfaces())
	}
	return Target{}
}

// MarshalJSON returns the binding as the API has it. Absent times and tracking
// fields are left out; times are written as [Time] makes them. A target that is
// not valid, and a time outside the years 0 to 9999, is a *FieldError.
func (b Binding) MarshalJSON() ([]byte, error) {
	target, err := b.Target.wire()
	if err != nil {
		return nil, err
	}
	if b, err = b.Checked(); err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		ID        uuid.UUID `json:"id"`
		ServiceID uuid.UUID `json:"service_id"`
		NetworkID uuid.UUID `json:"network_id"`
		jsonTarget
		CreatedAt time.Time `json:"created_at,omitzero"`
		UpdatedAt time.Time `json:"updated_at,omitzero"`
		wire.Sightings
		ValidFrom time.Time `json:"valid_from,omitzero"`
		ValidTo   time.Time `json:"valid_to,omitzero"`
		LineageID uuid.UUID `json:"lineage_id,omitzero"`
	}{
		b.ID, b.ServiceID, b.NetworkID, target,
		b.CreatedAt, b.UpdatedAt, wire.Sightings(b.Sightings),
		b.ValidFrom, b.ValidTo, b.LineageID,
	})
}

// UnmarshalJSON reads a binding of any API version from 0.13 to 0.17. Its type is
// Interface, IPAddress or Port, exactly. The first needs interface_id, the second
// ip_address_id, the third port_id and one of the other two at most: without
// them, or where they are null, it listens on all interfaces, or on all of the
// ip_family where that is IPv4 or IPv6. site_id is read as
// network_id. What else is missing or null is zero, and times are as [Time] makes
// them. What is wrong is a *FieldError that names the field; b is left as it was.
func (b *Binding) UnmarshalJSON(data []byte) error {
	o := wire.Open(data)
	decoded := Binding{
		Target:    readTarget(o),
		ID:        o.ID("id"),
		ServiceID: o.ID("service_id"),
		NetworkID: o.NetworkID(),
		CreatedAt: o.Time("created_at"),
		UpdatedAt: o.Time("updated_at"),
		Sightings: Sightings(o.Sightings()),
		ValidFrom: o.Time("valid_from"),
		ValidTo:   o.Time("valid_to"),
		LineageID: o.ID("lineage_id"),
	}
	if fault := o.Fault(); fault != nil {
		return (*FieldError)(fault)
	}
	*b = decoded
	return nil
}
