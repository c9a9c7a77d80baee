package binding

import (
	"errors"
	"strings"
)

// A Code names a kind of failure. It is a stable string and itself the sentinel
// error of its kind: errors.Is(err, validate.ErrConflict) asks whether err holds
// the Code "conflict". Codes go over the wire as they are; they never change.
type Code string

// Error returns the code itself, such as "conflict".
func (c Code) Error() string { return string(c) }

// The codes of malformed values. The codes of the rules are in package validate,
// those of stores and use cases in package store.
const (
	// ErrInvalid is in every error about a value that cannot be: a nil ID, a
	// port number 0, a zero Target.
	ErrInvalid Code = "invalid"

	// ErrMalformed is in those of them where the text itself is wrong: JSON that
	// cannot be read, a field that is missing or has the wrong type. Such an
	// error is ErrInvalid too.
	ErrMalformed Code = "malformed"
)

// A FieldError says which field of a host, a payload or a text is wrong, and
// what is wrong with it. errors.Is finds ErrInvalid in it, and ErrMalformed
// where Malformed is set.
type FieldError struct {
	Path      string // the place, such as "services[2].bindings[0].port_id"; "" for the whole value
	Problem   string // for people: what is wrong and what to do
	Malformed bool   // the text is wrong, not the value: syntax, a wrong type, a missing field
}

// Error returns path and problem in one line.
func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// Is reports whether target is the Code ErrInvalid, or ErrMalformed where the
// text is malformed.
func (e *FieldError) Is(target error) bool {
	return target == ErrInvalid || e.Malformed && target == ErrMalformed
}

// Under returns a copy of e whose Path lies under parent: the field "port_id"
// under "bindings[0]" is "bindings[0].port_id".
func (e *FieldError) Under(parent string) *FieldError {
	under := *e
	switch {
	case parent == "":
	case e.Path == "":
		under.Path = parent
	case strings.HasPrefix(e.Path, "["):
		under.Path = parent + e.Path
	default:
		under.Path = parent + "." + e.Path
	}
	return &under
}

// Under puts what is around a value before the path of a *FieldError about it, as
// [FieldError.Under] does. It returns any other error as it is, and nil for nil.
func Under(err error, parent string) error {
	var field *FieldError
	if errors.As(err, &field) {
		return field.Under(parent)
	}
	return err
}
