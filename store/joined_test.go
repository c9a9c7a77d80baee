package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/store"
)

type joined struct{ store.Store }

func (joined) Joined() {}

// A wrapper is a store around another one.
type wrapper struct{ store.Store }

func (w wrapper) Unwrap() store.Store { return w.Store }

func TestIsJoinedSeesThroughWrappers(t *testing.T) {
	require.True(t, store.IsJoined(joined{memstore.New()}))
	require.True(t, store.IsJoined(wrapper{wrapper{joined{memstore.New()}}}))
	require.False(t, store.IsJoined(memstore.New()))
	require.False(t, store.IsJoined(wrapper{memstore.New()}))
	require.False(t, store.IsJoined(wrapper{}))
	require.False(t, store.IsJoined(struct{ store.Store }{joined{memstore.New()}}), "it does not say what it wraps")
}
