package bindset_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/store"
)

func TestReadsOfOneThing(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https), everywhere(http80)), set(everywhere(dns)))
	h, err := f.Host(f.ctx, webID)
	require.NoError(t, err)
	require.Equal(t, f.snapshot().hosts[webID], h)
	s, err := f.Service(f.ctx, services[1].ID)
	require.NoError(t, err)
	require.Equal(t, services[1], s)
	onHost, err := f.ServicesOnHost(f.ctx, webID)
	require.NoError(t, err)
	require.Equal(t, services, onHost)
	for _, want := range services[0].Bindings {
		b, err := f.Binding(f.ctx, want.ID)
		require.NoError(t, err)
		require.Equal(t, want, b)
	}

	t.Run("of what is not there", func(t *testing.T) {
		_, err := f.Host(f.ctx, unknown[0])
		require.ErrorIs(t, err, store.ErrNotFound)
		_, err = f.Service(f.ctx, unknown[0])
		require.ErrorIs(t, err, store.ErrNotFound)
		_, err = f.Binding(f.ctx, unknown[0])
		require.ErrorIs(t, err, store.ErrNotFound)
		onHost, err := f.ServicesOnHost(f.ctx, unknown[0])
		require.NoError(t, err)
		require.Empty(t, onHost)
	})
}
