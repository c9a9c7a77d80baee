package service_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/service"
)

func TestEntityErrorsSayWhatToDo(t *testing.T) {
	id := uuid.UUID{1}
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
		require.Equal(t, c.text, strings.ReplaceAll(text, id.String(), "ID"), "%s", text)
		require.ErrorIs(t, &c.err, c.err.Code)
	}
}
