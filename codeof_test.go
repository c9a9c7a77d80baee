package bindset_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

func TestCodeOfIsTheLeadingCode(t *testing.T) {
	rules := &validate.Error{Violations: []validate.Violation{{Code: validate.ErrCrossHost}, {Code: validate.ErrConflict}}}
	for _, c := range []struct {
		err  error
		code binding.Code
	}{
		{nil, ""},
		{context.Canceled, ""},
		{errors.New("conflict"), ""},
		{store.ErrStale, "stale"},
		{fmt.Errorf("commit: %w", store.ErrUnknownOutcome), "unknown_outcome"},
		{rules, "cross_host"},
		{fmt.Errorf("around: %w", rules), "cross_host"},
		{&binding.FieldError{Path: "name"}, "invalid"},
		{&binding.FieldError{Path: "name", Malformed: true}, "malformed"},
		{&store.EntityError{Code: store.ErrExists}, "exists"},
	} {
		require.Equal(t, c.code, bindset.CodeOf(c.err), "%v", c.err)
	}
}
