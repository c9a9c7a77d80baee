package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/wire"
)

// MarshalJSON returns the service with its bindings. Lists are written also where
// they are empty; absent times and a zero revision are left out; a zero Source
// and no Virtualization are null. Times are written as binding.Time makes them.
// What cannot be written, such as a binding without a target or a text that is
// not UTF-8, is a *binding.FieldError with its path.
func (s Service) MarshalJSON() ([]byte, error) {
	w := struct {
		ID             uuid.UUID       `json:"id"`
		HostID         uuid.UUID       `json:"host_id"`
		NetworkID      uuid.UUID       `json:"network_id"`
		Name           string          `json:"name"`
		Definition     string          `json:"service_definition"`
		Source         json.RawMessage `json:"source"`
		Position       int32           `json:"position"`
		Tags           []string        `json:"tags"`
		Virtualization json.RawMessage `json:"virtualization"`
		Bindings       json.RawMessage `json:"bindings"`
		Revision       uint64          `json:"revision,omitempty"`
		CreatedAt      time.Time       `json:"created_at,omitzero"`
		UpdatedAt      time.Time       `json:"updated_at,omitzero"`
		wire.Sightings
	}{
		ID: s.ID, HostID: s.HostID, NetworkID: s.NetworkID, Name: s.Name, Definition: s.Definition,
		Position: s.Position, Tags: append([]string{}, s.Tags...), Revision: s.Revision,
		CreatedAt: binding.Time(s.CreatedAt), UpdatedAt: binding.Time(s.UpdatedAt),
	}
	if err := checkTexts(&s); err != nil {
		return nil, err
	}
	if problem := wire.BadTime(w.CreatedAt); problem != "" {
		return nil, &binding.FieldError{Path: "created_at", Problem: problem}
	}
	if problem := wire.BadTime(w.UpdatedAt); problem != "" {
		return nil, &binding.FieldError{Path: "updated_at", Problem: problem}
	}
	var fault *wire.Fault
	if w.Sightings, fault = wire.Sightings(s.Sightings).Written(); fault != nil {
		return nil, (*binding.FieldError)(fault)
	}
	var err error
	if w.Source, err = s.Source.MarshalJSON(); err != nil {
		return nil, binding.Under(err, "source")
	}
	if w.Virtualization, err = canonical(s.Virtualization); err != nil {
		return nil, binding.Under(err, "virtualization")
	}
	if w.Bindings, err = marshalAll("bindings", s.Bindings); err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads a service with its bindings. site_id is read as network_id.
// What is missing or null is zero or empty. Source.Rest and Virtualization are as
// json.Marshal writes them: without blanks, and escaped for HTML. What is wrong is
// a *binding.FieldError with its full path, such as "bindings[0].port_id"; s is
// left as it was. How long a name may be is for the Manager to say.
func (s *Service) UnmarshalJSON(data []byte) error {
	o := wire.Open(data)
	decoded := readService(o)
	if fault := o.Fault(); fault != nil {
		return (*binding.FieldError)(fault)
	}
	*s = decoded
	return nil
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
		Bindings:       wire.List(o, "bindings", read[binding.Binding]),
		Revision:       o.Uint64("revision"),
		CreatedAt:      binding.Time(o.Time("created_at")),
		UpdatedAt:      binding.Time(o.Time("updated_at")),
		Sightings:      binding.Sightings(o.Sightings()),
	}
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
	object, err := json.Marshal(struct {
		Type string `json:"type"`
	}{s.Type})
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
func (s *Source) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*s = Source{}
		return nil
	}
	o := wire.Open(data)
	decoded := readSource(o)
	if fault := o.Fault(); fault != nil {
		return (*binding.FieldError)(fault)
	}
	*s = decoded
	return nil
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

// marshalAll returns a list as JSON. Its name goes before the path of an error.
func marshalAll[T json.Marshaler](name string, list []T) (json.RawMessage, error) {
	all := []byte{'['}
	for i, v := range list {
		data, err := v.MarshalJSON()
		if err != nil {
			return nil, binding.Under(err, fmt.Sprintf("%s[%d]", name, i))
		}
		if i > 0 {
			all = append(all, ',')
		}
		all = append(all, data...)
	}
	return append(all, ']'), nil
}

// read reads a value of a type that has a codec of its own.
func read[T any, P interface {
	*T
	json.Unmarshaler
}](data []byte) (T, *wire.Fault) {
	var v T
	err := P(&v).UnmarshalJSON(data)
	return v, faultOf(err)
}

// faultOf returns the fault that an error of one of our codecs is.
func faultOf(err error) *wire.Fault {
	var field *binding.FieldError
	if errors.As(err, &field) {
		return (*wire.Fault)(field)
	}
	return nil
}
