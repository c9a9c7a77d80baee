package binding_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
)

func TestACodeIsItsOwnErrorAndText(t *testing.T) {
	require.EqualError(t, binding.ErrInvalid, "invalid")
	require.ErrorIs(t, fmt.Errorf("around: %w", binding.Code("own")), binding.Code("own"))
}

func TestAFieldErrorIsInvalidAndWhereItSaysSoMalformed(t *testing.T) {
	wrong, malformed := &binding.FieldError{Problem: "is wrong"}, &binding.FieldError{Problem: "is wrong", Malformed: true}
	require.ErrorIs(t, wrong, binding.ErrInvalid)
	require.NotErrorIs(t, wrong, binding.ErrMalformed)
	require.ErrorIs(t, malformed, binding.ErrInvalid)
	require.ErrorIs(t, malformed, binding.ErrMalformed)
	require.NotErrorIs(t, malformed, binding.Code("own"))
	require.NotErrorIs(t, malformed, errors.New("is wrong"))
}

func TestUnderPutsAPathBelowAnother(t *testing.T) {
	for _, test := range []struct{ path, parent, want string }{
		{"port_id", "bindings[0]", "bindings[0].port_id"},
		{"[0].port_id", "bindings", "bindings[0].port_id"},
		{"", "bindings", "bindings"},
		{"port_id", "", "port_id"},
		{"", "", ""},
	} {
		field := &binding.FieldError{Path: test.path, Problem: "is wrong", Malformed: true}
		under := field.Under(test.parent)
		require.Equal(t, &binding.FieldError{Path: test.want, Problem: "is wrong", Malformed: true}, under)
		require.Equal(t, test.path, field.Path, "the error itself is as it was")
	}
	require.EqualError(t, &binding.FieldError{Path: "id", Problem: "is wrong"}, "id: is wrong")
	require.EqualError(t, &binding.FieldError{Problem: "is wrong"}, "is wrong")
}
