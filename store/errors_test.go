package store_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/store"
)

func TestEntityErrorsSayWhatToDo(t *testing.T) {
	id := uuid.UUID{1}
	for _, c := range []struct {
		err  store.EntityError
		text string
	}{
		{store.EntityError{Code: store.ErrNotFound, Entity: store.EntityBinding}, "there is no binding ID"},
		{store.EntityError{Code: store.ErrExists, Entity: store.EntityHost}, "host ID exists already; choose another ID, or none to have one assigned"},
		{store.EntityError{Code: store.ErrInUse, Entity: store.EntityHost, Name: "web-1"}, "host web-1 is still in use; delete what uses it first, or ask for Cascade"},
		{store.EntityError{Code: store.ErrStale, Entity: store.EntityService, Name: "a\nb"}, "service a\uFFFDb was changed since it was read; read it again and repeat the change"},
		{store.EntityError{Code: store.ErrNestedTx, Entity: store.EntityService}, "service ID: nested_tx"},
		{store.EntityError{Code: store.ErrInUse, Entity: store.EntityHost, Problem: "no"}, "host ID: no"},
	} {
		c.err.ID = id
		text := c.err.Error()
		require.Equal(t, c.text, strings.ReplaceAll(text, id.String(), "ID"), "%s", text)
		require.ErrorIs(t, &c.err, c.err.Code)
	}
}
