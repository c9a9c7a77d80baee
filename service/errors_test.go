package service_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
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
		{service.ErrStale, "stale"},
		{fmt.Errorf("commit: %w", service.ErrUnknownOutcome), "unknown_outcome"},
		{rules, "cross_host"},
		{fmt.Errorf("around: %w", rules), "cross_host"},
		{&binding.FieldError{Path: "name"}, "invalid"},
		{&binding.FieldError{Path: "name", Malformed: true}, "malformed"},
		{&service.EntityError{Code: service.ErrExists}, "exists"},
	} {
		require.Equal(t, c.code, service.CodeOf(c.err), "%v", c.err)
	}
}

func TestEntityErrorsSayWhatToDo(t *testing.T) {
	id := unknown[0]
	for _, c := range []struct {
		err  service.EntityError
		text string
	}{
		{service.EntityError{Code: service.ErrNotFound, Entity: service.EntityBinding}, "there is no binding ID"},
		{service.EntityError{Code: service.ErrExists, Entity: service.EntityHost}, "host ID exists already; choose another ID, or none to have one assigned"},
		{service.EntityError{Code: service.ErrInUse, Entity: service.EntityHost, Name: "web-1"}, "host web-1 is still in use; delete what uses it first, or ask for Cascade"},
		{service.EntityError{Code: service.ErrStale, Entity: service.EntityService, Name: "a\nb"}, "service a\uFFFDb was changed since it was read; read it again and repeat the change"},
		{service.EntityError{Code: service.ErrNestedTx, Entity: service.EntityService}, "service ID: nested_tx"},
		{service.EntityError{Code: service.ErrInUse, Entity: service.EntityHost, Problem: "no"}, "host ID: no"},
	} {
		c.err.ID = id
		text := c.err.Error()
		require.Equal(t, c.text, replaceID(text), "%s", text)
		require.ErrorIs(t, &c.err, c.err.Code)
	}
}

func TestDidPrints(t *testing.T) {
	require.Equal(t, "added updated removed invalid", fmt.Sprint(service.Added, " ", service.Updated, " ", service.Removed, " ", service.Did(9)))
}

func replaceID(text string) string { return strings.ReplaceAll(text, unknown[0].String(), "ID") }
