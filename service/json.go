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
		ID             uuid.UUID         `json:"id"`
		HostID         uuid.UUID         `json:"host_id"`
		NetworkID      uuid.UUID         `json:"network_id"`
		Name           string            `json:"name"`
		Definition     string            `json:"service_definition"`
		Source         json.RawMessage   `json:"source"`
		Position       int32             `json:"position"`
		Tags           []string          `json:"tags"`
		Virtualization json.RawMessage   `json:"virtualization"`
		Bindings       []json.RawMessage `json:"bindings"`
		Revision       uint64            `json:"revision,omitempty"`
		CreatedAt      time.Time         `json:"created_at,omitzero"`
		UpdatedAt      time.Time         `json:"updated_at,omitzero"`
	}{
		ID: s.ID, HostID: s.HostID, NetworkID: s.NetworkID, Name: s.Name, Definition: s.Definition,
		Position: s.Position, Tags: append([]string{}, s.Tags...), Revision: s.Revision,
		CreatedAt: binding.Time(s.CreatedAt), UpdatedAt: binding.Time(s.UpdatedAt),
	}
	if err := checkWritable(&s); err != nil {
		return nil, err
	}
	var err error
	if w.Source, err = s.Source.MarshalJSON(); err != nil {
		return nil, under("source", err)
	}
	if w.Virtualization, err = opaque("virtualization", s.Virtualization); err != nil {
		return nil, err
	}
	if w.Bindings, err = marshalAll("bindings", s.Bindings); err != nil {
		return nil, err
	}
	return json.Marshal(w)
}

// checkWritable holds the texts and times of a service to what JSON can hold.
func checkWritable(s *Service) error {
	if problem := wire.BadText(s.Name); problem != "" {
		return &binding.FieldError{Path: "name", Problem: problem}
	}
	if problem := wire.BadText(s.Definition); problem != "" {
		return &binding.FieldError{Path: "service_definition", Problem: problem}
	}
	for i, tag := range s.Tags {
		if problem := wire.BadText(tag); problem != "" {
			return &binding.FieldError{Path: element("tags", i), Problem: problem}
		}
	}
	if problem := wire.BadTime(s.CreatedAt); problem != "" {
		return &binding.FieldError{Path: "created_at", Problem: problem}
	}
	if problem := wire.BadTime(s.UpdatedAt); problem != "" {
		return &binding.FieldError{Path: "updated_at", Problem: problem}
	}
	return nil
}

// UnmarshalJSON reads a service with its bindings. site_id is read as network_id.
// What is missing or null is zero or empty. Source.Rest and Virtualization are as
// json.Marshal writes them: without blanks, and escaped for HTML. What is wrong is
// a *binding.FieldError with its full path, such as "bindings[0].port_id"; s is
// left as it was. How long a name may be is for the Manager to say.
func (s *Service) UnmarshalJSON(data []byte) error {
	o := wire.Open(data)
	decoded := Service{
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
	}
	if fault := o.Fault(); fault != nil {
		return (*binding.FieldError)(fault)
	}
	*s = decoded
	return nil
}

// MarshalJSON returns one object of the type and the fields of Rest; null for the
// zero Source. A Rest that is no JSON object, or has a type too, is a
// *binding.FieldError.
func (s Source) MarshalJSON() ([]byte, error) {
	if s.Type == "" && len(s.Rest) == 0 {
		return []byte("null"), nil
	}
	if problem := wire.BadText(s.Type); problem != "" {
		return nil, &binding.FieldError{Path: "type", Problem: problem}
	}
	object, err := json.Marshal(struct {
		Type string `json:"type"`
	}{s.Type})
	if err != nil || len(s.Rest) == 0 {
		return object, err
	}
	rest := wire.Open(s.Rest)
	if rest.Select(isType) != nil {
		rest.Invalid("type", "is in Rest, too; set Type alone")
	}
	fields, fault := wire.Canonical(s.Rest)
	rest.Fail(fault)
	if fault := rest.Fault(); fault != nil {
		return nil, (*binding.FieldError)(fault)
	}
	if string(fields) == "{}" {
		return object, nil
	}
	object[len(object)-1] = ','
	return append(object, fields[1:]...), nil
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

// opaque returns JSON from outside as it can be written, null for none.
func opaque(field string, value json.RawMessage) (json.RawMessage, error) {
	if len(value) == 0 {
		return json.RawMessage("null"), nil
	}
	canonical, fault := wire.Canonical(value)
	if fault != nil {
		return nil, under(field, (*binding.FieldError)(fault))
	}
	return canonical, nil
}

// marshalAll marshals the elements of a list, whose name goes before the path of
// an error.
func marshalAll[T json.Marshaler](list string, values []T) ([]json.RawMessage, error) {
	all := make([]json.RawMessage, len(values))
	for i, v := range values {
		data, err := v.MarshalJSON()
		if err != nil {
			return nil, under(element(list, i), err)
		}
		all[i] = data
	}
	return all, nil
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

// under puts parent before the path of an error.
func under(parent string, err error) error {
	var field *binding.FieldError
	if errors.As(err, &field) {
		return field.Under(parent)
	}
	return err
}

func element(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
