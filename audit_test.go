package bindset_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

func TestAudit(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(onAddress(https, addr5)), set(everywhere(dns), everywhere(https)))
	before := f.snapshot()

	t.Run("of what the rules allow", func(t *testing.T) {
		audit, err := f.Audit(f.ctx, webID)
		require.NoError(t, err)
		require.NoError(t, audit.Err())
		require.Equal(t, services, audit.Services)
		for i := range services {
			require.Equal(t, services[i].Bindings, audit.Results[i].Bindings)
		}
	})
	t.Run("says what a rule that was switched on finds", func(t *testing.T) {
		m := bindset.NewManager(f.store, bindset.WithValidator(validate.New(validate.WithExclusivePorts())))
		audit, err := m.Audit(f.ctx, webID)
		require.NoError(t, err)
		require.ErrorIs(t, audit.Err(), validate.ErrPortClaimed)
		require.Len(t, audit.Violations, 1)
		v := audit.Violations[0]
		require.Equal(t, everywhere(https), audit.Services[v.Set].Bindings[v.Index].Target)
		require.Equal(t, services[0].Bindings[0], v.Other)
		require.Equal(t, "services[1].bindings[1]", v.Path)
		require.Contains(t, v.Message, "service unbound: ")
	})
	t.Run("of an unknown host", func(t *testing.T) {
		_, err := f.Audit(f.ctx, unknown[0])
		require.ErrorIs(t, err, store.ErrNotFound)
	})
	requireSame(t, before, f.snapshot())
}
