package pgstore_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
)

// A recorder keeps the batches that a store sends, one for each round trip.
type recorder struct {
	mu      sync.Mutex
	batches []*pgx.Batch
}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches = append(r.batches, data.Batch)
	return ctx
}

func (*recorder) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (*recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

func (*recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (*recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// roundTrips returns how many batches fn sent.
func (r *recorder) roundTrips(fn func()) int {
	before := len(r.batches)
	fn()
	return len(r.batches) - before
}

func openRecorded(t *testing.T, schema string) (*pgstore.Store, *recorder) {
	r := &recorder{}
	pool := newPool(t, func(c *pgxpool.Config) { c.ConnConfig.Tracer = r })
	store, err := pgstore.New(pool, pgstore.WithSchema(schema))
	require.NoError(t, err)
	require.NoError(t, store.Migrate(t.Context()))
	return store, r
}

// everyMethod calls every method of a Writer, on what fill made, in the ways that
// make it run other statements.
func everyMethod(t *testing.T, ctx context.Context, w service.Writer) {
	t.Helper()
	id, unknown := idOf("host 7"), uuid.UUID{1}
	_, err := w.Hosts(ctx, idOf("network 7"), uuid.Nil, 3)
	require.NoError(t, err)
	h, err := w.Host(ctx, id)
	require.NoError(t, err)
	onHost, err := w.ServicesOnHost(ctx, id)
	require.NoError(t, err)
	require.Len(t, onHost, servicesPerHost)
	_, _, err = w.LastPosition(ctx, id)
	require.NoError(t, err)
	_, err = w.Listeners(ctx, id, h.Ports[0].ID, h.Ports[1].ID)
	require.NoError(t, err)
	s, err := w.Service(ctx, idOf("service %d %d", 7, 3))
	require.NoError(t, err)
	_, err = w.BindingOwners(ctx, s.Bindings[0].ID, unknown)
	require.NoError(t, err)

	added := s.Bindings[1]
	added.ID = uuid.UUID{2}
	require.NoError(t, w.PutBindings(ctx, s.ID, []binding.Binding{added, s.Bindings[1]}, []uuid.UUID{s.Bindings[0].ID}))
	require.NoError(t, w.PutBindings(ctx, s.ID, nil, nil))
	require.ErrorIs(t, w.PutBindings(ctx, s.ID, nil, []uuid.UUID{unknown}), service.ErrNotFound)
	require.NoError(t, w.PutService(ctx, s))
	s.HostID = idOf("host 8")
	require.NoError(t, w.PutService(ctx, s))
	require.NoError(t, w.DeleteService(ctx, s.ID))
	require.NoError(t, w.PutHost(ctx, changed(h)))
	require.ErrorIs(t, w.DeleteHost(ctx, id), service.ErrInUse)
}

// changed returns a host of which some of everything went, changed and came.
func changed(h host.Host) host.Host {
	h = h.Clone()
	h.Interfaces[0].Name, h.Interfaces[1].ID = "renamed", uuid.UUID{3}
	for i := range h.IPAddresses {
		h.IPAddresses[i].InterfaceID = h.Interfaces[0].ID
	}
	h.IPAddresses[3].ID, h.Ports[0].ID = uuid.UUID{4}, uuid.UUID{5}
	return h
}

func TestEveryStatementFindsItsRowsByAnIndex(t *testing.T) {
	schema := pgtest.Schema(t)
	store, recorded := openRecorded(t, schema)
	fill(t, schema, 1000) // 10,000 services, 100,000 bindings, 200,000 ports
	grow(t, schema)       // to 100,000 rows in the others
	undo := context.Canceled
	require.ErrorIs(t, store.Update(t.Context(), func(ctx context.Context, w service.Writer) error {
		everyMethod(t, ctx, w)
		return undo
	}), undo)

	seen := map[string]bool{}
	conn := connect(t)
	for _, batch := range recorded.batches {
		for _, q := range batch.QueuedQueries {
			if seen[q.SQL] || strings.Contains(q.SQL, "SAVEPOINT") {
				continue
			}
			seen[q.SQL] = true
			rows, err := conn.Query(t.Context(), "EXPLAIN "+q.SQL, q.Arguments...)
			require.NoError(t, err, q.SQL)
			plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err, q.SQL)
			require.NotContains(t, strings.Join(plan, "\n"), "Seq Scan", q.SQL)
		}
	}
	require.Len(t, seen, pgstore.Statements, "every statement of the store")
}

// grow adds hosts, interfaces, addresses and services, to 100,000 rows each.
func grow(t *testing.T, schema string) {
	run(t, schema,
		`INSERT INTO bindset.hosts SELECT md5('more ' || h)::uuid, md5('network ' || h % 10)::uuid, '', 1, md5('more ' || h)::uuid
			FROM generate_series(1001, 100000) AS h`,
		`INSERT INTO bindset.interfaces (host_id, id, ordinal, name, description, mac, position)
			SELECT md5('more ' || h)::uuid, md5('interface ' || h)::uuid, 0, 'eth0', '', '', 0 FROM generate_series(1001, 100000) AS h`,
		`INSERT INTO bindset.ip_addresses (host_id, id, ordinal, address, name, mac, position)
			SELECT md5('more ' || h)::uuid, md5('address ' || h)::uuid, 0, '10.0.0.1', '', '', 0 FROM generate_series(1001, 100000) AS h`,
		`INSERT INTO bindset.services (id, host_id, name, definition, source_type, position, tags, revision)
			SELECT md5('more ' || h)::uuid, md5('more ' || h)::uuid, '', '', '', 0, '{}', 1 FROM generate_series(10001, 100000) AS h`,
		`ANALYZE bindset.hosts`, `ANALYZE bindset.interfaces`, `ANALYZE bindset.ip_addresses`, `ANALYZE bindset.services`)
}

func TestEveryMethodTakesABoundedNumberOfRoundTrips(t *testing.T) {
	schema := pgtest.Schema(t)
	store, recorded := openRecorded(t, schema)
	fill(t, schema, 2)
	require.NoError(t, store.Update(t.Context(), func(ctx context.Context, w service.Writer) error {
		within := func(most int, what string, fn func() error) {
			t.Helper()
			took := recorded.roundTrips(func() { require.NoError(t, fn(), what) })
			require.LessOrEqual(t, took, most, what)
		}
		id := idOf("host 0")
		var h host.Host
		var s service.Service
		within(2, "Host", func() (err error) { h, err = w.Host(ctx, id); return err })
		within(1, "Inventory, the second time", func() error { _, err := w.Inventory(ctx, id); return err })
		within(1, "Service", func() (err error) { s, err = w.Service(ctx, idOf("service %d %d", 0, 0)); return err })
		within(1, "ServicesOnHost", func() error { _, err := w.ServicesOnHost(ctx, id); return err })
		within(2, "Hosts", func() error { _, err := w.Hosts(ctx, h.NetworkID, uuid.Nil, 0); return err })
		within(1, "PutService", func() error { return w.PutService(ctx, s) })
		within(2, "PutHost", func() error { h = changed(h); return w.PutHost(ctx, h) })

		many := make([]binding.Binding, 5000)
		for i := range many {
			many[i] = s.Bindings[0]
			many[i].ID = uuid.New()
		}
		within(1, "PutBindings of one", func() error { return w.PutBindings(ctx, s.ID, many[:1], nil) })
		within(1, "PutBindings of many", func() error { return w.PutBindings(ctx, s.ID, many[1:], []uuid.UUID{many[0].ID}) })
		within(1, "DeleteService", func() error { return w.DeleteService(ctx, s.ID) })
		return nil
	}))
}
