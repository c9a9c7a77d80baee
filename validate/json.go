package validate

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// MarshalJSON writes a violation as the HTTP API does: a binding, or what it
// clashes with, that is not there, or that names nothing, is null.
func (v Violation) MarshalJSON() ([]byte, error) {
	type owner struct {
		ID   uuid.UUID `json:"id"`
		Name string    `json:"name"`
	}
	wire := struct {
		Code    binding.Code     `json:"code"`
		Rule    string           `json:"rule"`
		Index   int              `json:"index"`
		Path    string           `json:"path"`
		Message string           `json:"message"`
		Binding *binding.Binding `json:"binding"`
		Other   *binding.Binding `json:"other"`
		Service *owner           `json:"service"`
	}{
		Code: v.Code, Rule: v.Rule, Index: v.Index, Path: v.Path, Message: v.Message,
		Binding: written(&v.Binding), Other: written(&v.Other),
	}
	if v.Service.ID != uuid.Nil {
		wire.Service = &owner{v.Service.ID, v.Service.Name}
	}
	return json.Marshal(wire)
}

// written returns a binding that can be written, nil for any other.
func written(b *binding.Binding) *binding.Binding {
	if !b.Target.IsValid() {
		return nil
	}
	return b
}

// MarshalText returns "duplicate" or "superseded".
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
