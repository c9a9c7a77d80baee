package bindset

import (
	"errors"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// Codes returns all codes that errors of this module have, those of rules that
// validate.WithRule added excepted: in a table of them, none of these is missing.
func Codes() []binding.Code {
	return []binding.Code{
		binding.ErrMalformed, binding.ErrInvalid,
		validate.ErrNetworkMismatch, validate.ErrCrossHost, validate.ErrConflict, validate.ErrPortClaimed,
		store.ErrNotFound, store.ErrExists, store.ErrInUse, store.ErrStale, store.ErrAmbiguous,
		store.ErrNestedTx, store.ErrClosed, store.ErrLocked, store.ErrUnknownOutcome,
	}
}

// CodeOf returns the leading code of an error of this module: that of the first
// broken rule, of the entity, or of the malformed field. It returns "" for nil and
// for errors without a code: those of a context that is done, and of what a store
// is built on.
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
