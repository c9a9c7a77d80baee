package service

import (
	"encoding/json"
	"errors"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/wire"
)

// MarshalJSON returns the service with its bindings. Lists are written also where
// they are empty; absent times and a zero revision are left out; a zero Source
// and no Virtualization are null. Times are written as binding.Time makes them.
// What cannot be written, such as a binding without a target or a text that is
// not UTF-8, is a *binding.FieldError with its path.
func (s Service) MarshalJSON() ([]byte, error) { return marshal(s.write) }

// marshal returns an object with the fields that write writes.
func marshal(write func(*wire.Writer)) ([]byte, error) {
	data, fault := wire.Marshal(write)
	if fault != nil {
		return nil, (*binding.FieldError)(fault)
	}
	return data, nil
}

func (s *Service) write(w *wire.Writer) {
	w.Fail(faultOf(checkTexts(s)))
	w.ID("id", s.ID)
	w.ID("host_id", s.HostID)
	w.ID("network_id", s.NetworkID)
	w.Text("name", s.Name)
	w.Text("service_definition", s.Definition)
	source, err := s.Source.MarshalJSON()
	w.Fail(faultOf(binding.Under(err, "source")))
	w.Raw("source", source)
	w.Int("position", int64(s.Position))
	w.Texts("tags", s.Tags)
	virtualization, err := canonical(s.Virtualization)
	w.Fail(faultOf(binding.Under(err, "virtualization")))
	w.Raw("virtualization", virtualization)
	wire.WriteList(w, "bindings", s.Bindings, func(w *wire.Writer, b *binding.Binding) { b.WriteJSON(w) })
	w.OptionalUint("revision", s.Revision)
	w.OptionalTime("created_at", s.CreatedAt)
	w.OptionalTime("updated_at", s.UpdatedAt)
	w.Sightings(wire.Sightings(s.Sightings))
}

// UnmarshalJSON reads a service with its bindings. site_id is read as network_id.
// What is missing or null is zero or empty. Source.Rest and Virtualization are as
// json.Marshal writes them: without blanks, and escaped for HTML. What is wrong is
// a *binding.FieldError with its full path, such as "bindings[0].port_id"; s is
// left as it was. How long a name may be is for the Manager to say.
func (s *Service) UnmarshalJSON(data []byte) error { return binding.DecodeJSON(data, s) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (s *Service) ReadJSON(o *wire.Object) {
	if decoded := readService(o); o.Fault() == nil {
		*s = decoded
	}
}

func readService(o *wire.Object) Service {
	return Service{
		ID:             o.ID("id"),
		HostID:         o.ID("host_id"),
		NetworkID:      o.NetworkID(),
		Name:           o.Text("name"),
		Definition:     o.Text("service_definition"),
		Source:         wire.One(o, "source", wire.From(readSource)),
		Position:       o.Int32("position"),
		Tags:           wire.List(o, "tags", wire.Text),
		Virtualization: o.Raw("virtualization"),
		Bindings:       readBindings(o),
		Revision:       o.Uint64("revision"),
		CreatedAt:      o.Time("created_at"),
		UpdatedAt:      o.Time("updated_at"),
		Sightings:      binding.Sightings(o.Sightings()),
	}
}

// readBindings leaves out what has no target, where the document is mended.
func readBindings(o *wire.Object) []binding.Binding {
	read := wire.From(func(o *wire.Object) (b binding.Binding) {
		b.ReadJSON(o)
		return b
	})
	return wire.List(o, "bindings", func(value wire.Value) (binding.Binding, *wire.Fault) {
		b, fault := read(value)
		if fault == nil && !b.Target.IsValid() {
			fault = wire.Skip
		}
		return b, fault
	})
}

// MarshalJSON returns one object of the type and the fields of Rest; null for the
// zero Source. A Rest that is no JSON object, or has a type too, is a
// *binding.FieldError.
func (s Source) MarshalJSON() ([]byte, error) {
	rest, err := s.canonicalRest()
	if err != nil {
		return nil, err
	}
	if s.Type == "" && rest == nil {
		return []byte("null"), nil
	}
	if err := checkText("type", s.Type); err != nil {
		return nil, err
	}
	object, err := marshal(func(w *wire.Writer) { w.Text("type", s.Type) })
	if err != nil || rest == nil {
		return object, err
	}
	object[len(object)-1] = ','
	return append(object, rest[1:]...), nil
}

// canonicalRest returns Rest as UnmarshalJSON makes it.
func (s *Source) canonicalRest() (json.RawMessage, error) {
	rest, err := canonical(s.Rest)
	if rest == nil || string(rest) == "{}" {
		return nil, err
	}
	o := wire.Open(rest)
	if o.Select(isType) != nil {
		o.Invalid("type", "stands in Rest, too; set Type alone")
	}
	if fault := o.Fault(); fault != nil {
		return nil, &binding.FieldError{Path: fault.Path, Problem: fault.Problem}
	}
	return rest, nil
}

// UnmarshalJSON reads an object that has a type, and keeps its other fields, in
// their order, as Rest; null is the zero Source.
func (s *Source) UnmarshalJSON(data []byte) error { return binding.DecodeJSON(data, s) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (s *Source) ReadJSON(o *wire.Object) {
	if o.IsNull() {
		*s = Source{}
	} else if decoded := readSource(o); o.Fault() == nil {
		*s = decoded
	}
}

func readSource(o *wire.Object) Source {
	s := Source{Type: o.Text("type")}
	if fields := o.Select(func(name string) bool { return !isType(name) }); fields != nil {
		rest, fault := wire.Canonical(fields)
		o.Fail(fault)
		s.Rest = rest
	}
	return s
}

func isType(name string) bool { return name == "type" }

// faultOf returns the fault that an error of one of our codecs is.
func faultOf(err error) *wire.Fault {
	var field *binding.FieldError
	if errors.As(err, &field) {
		return (*wire.Fault)(field)
	}
	return nil
}
