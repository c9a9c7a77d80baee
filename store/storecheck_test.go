package store_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

func TestBindingsThatCannotBeStoredAreNamedByTheirPlace(t *testing.T) {
	serviceID := uuid.UUID{1}
	wrongs := map[string]func(all []binding.Binding, i int){
		"id: is nil":                 func(all []binding.Binding, i int) { all[i].ID = uuid.Nil },
		"service_id: is not":         func(all []binding.Binding, i int) { all[i].ServiceID = uuid.UUID{2} },
		"target: is zero":            func(all []binding.Binding, i int) { all[i].Target = binding.Interface(uuid.Nil) },
		"id: stands twice among the": func(all []binding.Binding, i int) { all[i].ID = all[0].ID },
	}
	for _, n := range []int{2, 8, 9, 1000} { // few and many
		all := make([]binding.Binding, n)
		for i, id := range bindingtest.IDs(7, n) {
			all[i] = binding.Binding{ID: id, ServiceID: serviceID, Target: binding.Interface(uuid.UUID{3})}
		}
		require.NoError(t, store.CheckPutBindings(serviceID, all))
		for problem, spoil := range wrongs {
			put := append([]binding.Binding(nil), all...)
			spoil(put, n-1)
			err := store.CheckPutBindings(serviceID, put)
			require.ErrorIs(t, err, binding.ErrInvalid)
			require.ErrorContains(t, err, fmt.Sprintf("bindings[%d].%s", n-1, problem))
		}
	}
	require.NoError(t, store.CheckPutBindings(serviceID, nil))
}

func TestHostsAndServicesThatCannotBeStoredAreRefused(t *testing.T) {
	_, err := store.CheckPutHost(host.Host{NetworkID: uuid.UUID{1}})
	require.ErrorContains(t, err, "id: is nil")
	_, err = store.CheckPutHost(host.Host{ID: uuid.UUID{1}})
	require.ErrorContains(t, err, "network_id: is nil")
	_, err = store.CheckPutHost(host.Host{ID: uuid.UUID{1}, NetworkID: uuid.UUID{1}, Ports: []host.Port{{}}})
	require.ErrorContains(t, err, "ports[0].id: is nil")
	inv, err := store.CheckPutHost(host.Host{ID: uuid.UUID{1}, NetworkID: uuid.UUID{2}})
	require.NoError(t, err)
	require.Equal(t, uuid.UUID{2}, inv.NetworkID())

	require.ErrorIs(t, store.CheckPutService(service.Service{}), binding.ErrInvalid)
	require.NoError(t, store.CheckPutService(service.Service{ID: uuid.UUID{1}}))
}
