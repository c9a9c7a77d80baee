package service

import (
	"cmp"
	"errors"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/validate"
)

// The codes of stores and use cases.
const (
	ErrNotFound       = binding.Code("not_found")       // there is no such host, service or binding
	ErrExists         = binding.Code("exists")          // another one has that ID
	ErrInUse          = binding.Code("in_use")          // others still refer to it
	ErrStale          = binding.Code("stale")           // it was changed since the Revision given
	ErrNestedTx       = binding.Code("nested_tx")       // a transaction was opened inside another of the same store
	ErrUnknownOutcome = binding.Code("unknown_outcome") // a commit may or may not have happened
)

// The entities that an EntityError may be about.
const (
	EntityHost    = "host"
	EntityService = "service"
	EntityBinding = "binding"
)

// An EntityError says what is wrong with one host, service or binding. errors.Is
// finds its Code in it.
type EntityError struct {
	Code    binding.Code // ErrNotFound, ErrExists, ErrInUse or ErrStale
	Entity  string       // EntityHost, EntityService or EntityBinding
	ID      uuid.UUID
	Name    string            // as people know it; "" where there is none
	Problem string            // for people, where there is more to say than the code does
	Users   []binding.Binding // of ErrInUse: the bindings that refer to what is to go, where there are any
}

// Error returns what is wrong and what to do.
func (e *EntityError) Error() string {
	what := e.Entity + " " + named(e.Name, e.ID)
	if e.Problem != "" {
		return what + ": " + e.Problem
	}
	switch e.Code {
	case ErrNotFound:
		return "there is no " + what
	case ErrExists:
		return what + " exists already; choose another ID, or none to have one assigned"
	case ErrInUse:
		return what + " is still in use; delete what uses it first, or ask for Cascade"
	case ErrStale:
		return what + " was changed since it was read; read it again and repeat the change"
	default:
		return what + ": " + e.Code.Error()
	}
}

// Unwrap returns the Code.
func (e *EntityError) Unwrap() error { return e.Code }

// named returns a name for people, the ID where there is none.
func named(name string, id uuid.UUID) string {
	return cmp.Or(label.Of(name), id.String())
}

// CodeOf returns the leading code of an error of this module: that of the first
// broken rule, of the entity, or of the malformed field. It returns "" for nil
// and for errors without a code, such as context.Canceled.
func CodeOf(err error) binding.Code {
	var rules *validate.Error
	var field *binding.FieldError
	var code binding.Code
	switch {
	case errors.As(err, &rules):
		return rules.Code()
	case errors.As(err, &field):
		if field.Malformed {
			return binding.ErrMalformed
		}
		return binding.ErrInvalid
	case errors.As(err, &code):
		return code
	default:
		return ""
	}
}
