package bindingtest

import (
	"encoding/json"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
)

// RequireFieldError requires that err is a *binding.FieldError about the field at
// path, that it is ErrMalformed or not, and that it is short whatever the input.
func RequireFieldError(t require.TestingT, err error, path string, malformed bool) {
	helper(t)
	var field *binding.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, path, field.Path, "%v", err)
	require.Equal(t, malformed, field.Malformed, "%v", err)
	require.ErrorIs(t, err, binding.ErrInvalid)
	require.Less(t, len(err.Error()), 500)
}

// RequireJSONSurvives requires that v, written as JSON and read again, is v.
func RequireJSONSurvives[T any](t require.TestingT, v T) {
	helper(t)
	written, err := json.Marshal(v)
	require.NoError(t, err)
	var read T
	require.NoError(t, binding.DecodeJSON(written, &read), "%s", written)
	require.Equal(t, v, read, "%s", written)
}

// RequireLawfulJSON is the body of a fuzz test of the JSON of T: a text is refused
// with a *binding.FieldError and leaves nothing behind, or what it says survives.
func RequireLawfulJSON[T any](t require.TestingT, text []byte) {
	helper(t)
	var v T
	if err := binding.DecodeJSON(text, &v); err != nil {
		var field *binding.FieldError
		require.ErrorAs(t, err, &field)
		require.Zero(t, v)
		return
	}
	RequireJSONSurvives(t, v)
}

// helper marks the caller as a helper of tests and fuzz tests; those of rapid have
// it too, but no interface of testify says so.
func helper(t require.TestingT) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
}
