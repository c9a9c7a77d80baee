package bindset

import (
	"errors"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

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
