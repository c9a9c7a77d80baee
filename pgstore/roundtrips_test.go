package pgstore_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// What a use case costs where the database is far away: these are the numbers of
// docs/scale.md. COMMIT is one of each, and what is on the host is in the store's
// memory.
func TestEveryUseCaseTakesTheseRoundTrips(t *testing.T) {
	schema := pgtest.Schema(t)
	db, sent := openRecorded(t, schema)
	fill(t, schema, 2)
	m := bindset.NewManager(db)
	ctx := context.Background()
	hostID := idOf("host 0")
	takes := func(want int, name string, do func(attempt int) error) {
		t.Helper()
		require.NoError(t, do(0), name) // the connection learns the statements
		before := sent.total()
		require.NoError(t, do(1), name)
		assert.Equal(t, want, sent.total()-before, name)
	}
	listener := func(i, port int) binding.Binding {
		return binding.Binding{
			ID: uuid.UUID{9, byte(i), byte(port)}, ServiceID: idOf("service %d %d", 0, i), Target: binding.Port(idOf("port %d %d", 0, port), binding.AllInterfaces()),
		}
	}
	newHost := func(i int) host.Host { return host.Host{ID: uuid.UUID{8, byte(i)}, NetworkID: idOf("network 0")} }
	var seen service.Discovery

	takes(3, "read a host and its services", func(int) error {
		return db.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
			if seen.Host, err = r.Host(ctx, hostID); err != nil {
				return err
			}
			seen.Services, err = r.ServicesOnHost(ctx, hostID)
			return err
		})
	})
	takes(5, "Observe of ten services, nothing new", func(int) error { _, err := m.Observe(ctx, seen); return err })
	takes(5, "CreateBinding", func(i int) error {
		b := listener(i, 150)
		b.ID = uuid.Nil
		_, _, err := m.CreateBinding(ctx, b)
		return err
	})
	takes(6, "CreateBinding, ID given", func(i int) error { _, _, err := m.CreateBinding(ctx, listener(i, 151)); return err })
	takes(6, "UpdateBinding", func(i int) error {
		b := listener(i, 151)
		b.Target = binding.Port(idOf("port %d %d", 0, 152), binding.AllInterfaces())
		_, _, err := m.UpdateBinding(ctx, b)
		return err
	})
	takes(5, "DeleteBinding", func(i int) error { _, err := m.DeleteBinding(ctx, listener(i, 151).ID); return err })
	takes(13, "DeleteBindings, of five services", func(i int) error {
		var gone []uuid.UUID
		for s := range 5 {
			gone = append(gone, idOf("binding %d %d %d", 0, s, i))
		}
		_, _, err := m.DeleteBindings(ctx, gone)
		return err
	})
	takes(5, "CreateService", func(i int) error {
		_, _, err := m.CreateService(ctx, service.Draft{HostID: hostID, Bindings: []binding.Binding{{Target: listener(0, 160+i).Target}}})
		return err
	})
	takes(6, "UpdateService", func(i int) error {
		s := seen.Services[i]
		s.Name, s.Bindings, s.Revision = "renamed", s.Bindings[5:], 0
		_, _, err := m.UpdateService(ctx, s)
		return err
	})
	takes(3, "DeleteService", func(i int) error { _, err := m.DeleteService(ctx, idOf("service %d %d", 0, 8+i)); return err })
	takes(5, "CreateHost with a service", func(i int) error {
		_, _, err := m.CreateHost(ctx, newHost(i), []service.Draft{{}})
		return err
	})
	takes(5, "PutHost", func(i int) error {
		h := newHost(i)
		h.Name = "renamed"
		_, _, err := m.PutHost(ctx, h)
		return err
	})
	takes(5, "DeleteHost with its service", func(i int) error { _, err := m.DeleteHost(ctx, newHost(i).ID, bindset.Cascade()); return err })
}
