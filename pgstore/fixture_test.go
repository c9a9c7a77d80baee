package pgstore_test

import (
	"context"
	"net/netip"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// A fixture is what populate puts into a store: a host with three ports, and
// three services on it: the first listens everywhere, the others at all addresses
// of one family.
type fixture struct {
	host     host.Host
	services []service.Service
}

func newFixture() fixture {
	ids := bindingtest.IDs(1, 20)
	f := fixture{host: host.Host{
		ID: ids[0], NetworkID: ids[1], Name: "web-1", Revision: 1,
		Interfaces:  []host.Interface{{ID: ids[2], Name: "eth0"}},
		IPAddresses: []host.IPAddress{{ID: ids[3], Address: netip.MustParseAddr("10.0.0.5"), InterfaceID: ids[2]}},
		Ports:       []host.Port{{ID: ids[4], Number: 443, Protocol: host.TCP}, {ID: ids[5], Number: 53, Protocol: host.UDP}, {ID: ids[10], Number: 123, Protocol: host.UDP}},
	}}
	for i, name := range []string{"nginx", "bind", "ntpd"} {
		scope := []binding.Scope{binding.AllInterfaces(), binding.AllIPv4(), binding.AllIPv6()}[i]
		s := service.Service{
			ID: ids[11+i], HostID: ids[0], NetworkID: ids[1], Name: name, Position: int32(i), Revision: 1,
			Source: service.Source{Type: service.SourceManual},
		}
		s.Bindings = []binding.Binding{{
			ID: ids[14+i], ServiceID: s.ID, NetworkID: ids[1], Target: binding.Port(f.host.Ports[i].ID, scope),
		}}
		f.services = append(f.services, s)
	}
	return f
}

// put puts the fixture.
func (f fixture) put(ctx context.Context, w store.Writer) error {
	if err := w.PutHost(ctx, f.host); err != nil {
		return err
	}
	for _, s := range f.services {
		if err := w.PutService(ctx, s); err != nil {
			return err
		}
		if err := w.PutBindings(ctx, s.ID, s.Bindings, nil); err != nil {
			return err
		}
	}
	return nil
}

func populate(t testing.TB, db store.Store) fixture {
	t.Helper()
	f := newFixture()
	require.NoError(t, db.Update(context.Background(), f.put))
	return f
}

// services returns the services on a host.
func services(t testing.TB, db store.Store, hostID uuid.UUID) (found []service.Service) {
	t.Helper()
	err := db.View(context.Background(), func(ctx context.Context, r store.Reader) (err error) {
		found, err = r.ServicesOnHost(ctx, hostID)
		return err
	})
	require.NoError(t, err)
	return found
}

// connect returns a connection to the database beside those of a store.
func connect(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), pgtest.DSN(t))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// count runs a query that counts.
func count(t testing.TB, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, connect(t).QueryRow(context.Background(), sql, args...).Scan(&n))
	return n
}

func dropSchema(t testing.TB, name string) {
	t.Helper()
	_, err := connect(t).Exec(context.Background(), "DROP SCHEMA IF EXISTS "+pgx.Identifier{name}.Sanitize()+" CASCADE")
	require.NoError(t, err)
}
