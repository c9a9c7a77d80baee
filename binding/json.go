package binding

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/bindset/bindset/internal/wire"
)

// A DecodeOption changes how DecodeJSON reads.
type DecodeOption int

// Strict makes fields that are not known an error that names them and those that
// are, for files that people write. It is for the types of bindset: DecodeJSON
// returns an error with any other v.
const Strict DecodeOption = 1

// DecodeJSON reads exactly one JSON value into v, as json.Unmarshal does, for
// text from outside: what is not JSON, not UTF-8, more than one value, or of a
// type that v cannot hold, is a *FieldError that is ErrMalformed. Those of syntax
// name line and byte, those of the types of bindset the full path of the field.
//
// The types of bindset refuse text that is not UTF-8, NUL in a text, and names
// that stand twice in one object. They ignore fields that they do not know, unless
// Strict is given, and keep what they held where they return an error.
func DecodeJSON(data []byte, v any, options ...DecodeOption) error {
	strict := slices.Contains(options, Strict)
	if reader, ok := v.(wire.Reader); ok {
		return fieldError(wire.Unmarshal(data, reader, strict))
	}
	if strict {
		return fmt.Errorf("binding.Strict is for the types of bindset, not for %T", v)
	}
	if fault := wire.Check(data); fault != nil {
		return (*FieldError)(fault)
	}
	err := json.Unmarshal(data, v)
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

// fieldError returns a fault as an error, nil for none.
func fieldError(f *wire.Fault) error {
	if f == nil {
		return nil
	}
	return (*FieldError)(f)
}

// MarshalJSON returns the fields of a binding that are the target: type, port_id,
// interface_id, ip_address_id and ip_family. The zero Target is null; any other target that
// is not valid is a *FieldError.
func (t Target) MarshalJSON() ([]byte, error) {
	if t == (Target{}) {
		return []byte("null"), nil
	}
	return marshal(t.writeJSON)
}

func marshal(write func(*wire.Writer)) ([]byte, error) {
	data, fault := wire.Marshal(write)
	return data, fieldError(fault)
}

// writeJSON writes the fields of the target.
func (t Target) writeJSON(w *wire.Writer) {
	w.Fail((*wire.Fault)(t.problem()))
	w.Text("type", t.kind.String())
	if t.kind == KindPort {
		w.ID("port_id", t.port)
	}
	switch t.scope.kind {
	case ScopeInterface:
		w.ID("interface_id", t.scope.place)
	case ScopeIPAddress:
		w.ID("ip_address_id", t.scope.place)
	default:
		w.Null("interface_id") // every API version reads that
	}
	switch t.scope.kind {
	case ScopeAllIPv4:
		w.Text("ip_family", "IPv4")
	case ScopeAllIPv6:
		w.Text("ip_family", "IPv6")
	}
}

// UnmarshalJSON reads the fields of a binding that are the target, see
// [Binding.UnmarshalJSON]; null is the zero Target.
func (t *Target) UnmarshalJSON(data []byte) error { return DecodeJSON(data, t) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (t *Target) ReadJSON(o *wire.Object) {
	if o.IsNull() {
		*t = Target{}
	} else if decoded := readTarget(o); o.Fault() == nil {
		*t = decoded
	}
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

// MarshalJSON returns the binding as the API has it. A nil ID, absent times and
// tracking fields are left out; times are written as [Time] makes them. A target that is
// not valid, and a time outside the years 0 to 9999, is a *FieldError.
func (b Binding) MarshalJSON() ([]byte, error) { return marshal(b.WriteJSON) }

// WriteJSON is MarshalJSON for the packages of bindset.
func (b *Binding) WriteJSON(w *wire.Writer) {
	w.OptionalID("id", b.ID)
	w.ID("service_id", b.ServiceID)
	w.ID("network_id", b.NetworkID)
	b.Target.writeJSON(w)
	w.OptionalTime("created_at", b.CreatedAt)
	w.OptionalTime("updated_at", b.UpdatedAt)
	w.Sightings(wire.Sightings(b.Sightings))
	w.OptionalTime("valid_from", b.ValidFrom)
	w.OptionalTime("valid_to", b.ValidTo)
	w.OptionalID("lineage_id", b.LineageID)
}

// UnmarshalJSON reads a binding of any API version from 0.13 to 0.17. Its type is
// Interface, IPAddress or Port, exactly. The first needs interface_id, the second
// ip_address_id, the third port_id and one of the other two at most: without
// them, or where they are null, it listens on all interfaces, or on all of the
// ip_family where that is IPv4 or IPv6. site_id is read as
// network_id. What else is missing or null is zero, and times are as [Time] makes
// them. What is wrong is a *FieldError that names the field; b is left as it was.
func (b *Binding) UnmarshalJSON(data []byte) error { return DecodeJSON(data, b) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (b *Binding) ReadJSON(o *wire.Object) {
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
	if o.Fault() == nil {
		*b = decoded
	}
}
