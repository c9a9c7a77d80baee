package pgstore_test

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// A recorder keeps what a store sends: batches, one for each round trip, and the
// statements that go alone.
type recorder struct {
	mu      sync.Mutex
	batches []*pgx.Batch
	alone   []string
}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches = append(r.batches, data.Batch)
	return ctx
}

func (*recorder) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (*recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.alone = append(r.alone, data.SQL)
	return ctx
}

func (*recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// total returns how many round trips there were.
func (r *recorder) total() int { return len(r.batches) + len(r.alone) }

// roundTrips returns how many batches fn sent.
func (r *recorder) roundTrips(fn func()) int {
	before := len(r.batches)
	fn()
	return len(r.batches) - before
}

func openRecorded(t *testing.T, schema string) (*pgstore.Store, *recorder) {
	r := &recorder{}
	pool := newPool(t, func(c *pgxpool.Config) { c.ConnConfig.Tracer = r })
	db, err := pgstore.New(pool, pgstore.WithSchema(schema))
	require.NoError(t, err)
	require.NoError(t, db.Migrate(t.Context()))
	return db, r
}

// everyMethod calls every method of a Writer, on what fill made, in the ways that
// make it run other statements.
func everyMethod(t *testing.T, ctx context.Context, w store.Writer) {
	t.Helper()
	id, unknown := idOf("host 7"), uuid.UUID{1}
	_, err := w.Hosts(ctx, idOf("network 7"), uuid.Nil, 3)
	require.NoError(t, err)
	_, err = w.Hosts(ctx, uuid.Nil, uuid.Nil, 3)
	require.NoError(t, err)
	networks, err := w.Networks(ctx, uuid.Nil, 3)
	require.NoError(t, err)
	require.Len(t, networks, 3)
	h, err := w.Host(ctx, id)
	require.NoError(t, err)
	with, err := w.HostsWith(ctx, h.NetworkID, []netip.Addr{h.IPAddresses[0].Address}, []string{"00:00:5e:00:53:01"})
	require.NoError(t, err)
	require.Len(t, with, 1)
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

	now := time.Now()
	seen := []uuid.UUID{h.ID, h.Interfaces[0].ID, h.IPAddresses[0].ID, h.Ports[0].ID, s.ID, s.Bindings[0].ID}
	require.NoError(t, w.Saw(ctx, id, now, uuid.UUID{6}, seen))
	require.NoError(t, w.Saw(ctx, id, now.Add(time.Second), uuid.UUID{7}, seen[1:]))

	added := s.Bindings[1]
	added.ID = uuid.UUID{2}
	require.NoError(t, w.PutBindings(ctx, s.ID, []binding.Binding{added, s.Bindings[1]}, []uuid.UUID{s.Bindings[0].ID}))
	require.NoError(t, w.PutBindings(ctx, s.ID, nil, nil))
	require.ErrorIs(t, w.PutBindings(ctx, s.ID, nil, []uuid.UUID{unknown, {9}}), store.ErrNotFound)
	require.NoError(t, w.PutService(ctx, s))
	s.HostID = idOf("host 8")
	require.NoError(t, w.PutService(ctx, s))
	require.NoError(t, w.DeleteService(ctx, s.ID))
	moved := changed(h)
	moved.NetworkID = idOf("network 8")
	require.NoError(t, w.PutHost(ctx, moved))
	require.ErrorIs(t, w.DeleteHost(ctx, id), store.ErrInUse)
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

// Each statement is planned for the values that it was run with, and for any
// values, as PostgreSQL may do when it has run a statement some times.
func TestEveryStatementFindsItsRowsByAnIndex(t *testing.T) {
	schema := pgtest.Schema(t)
	db, recorded := openRecorded(t, schema)
	fill(t, schema, 1000) // 10,000 services, 100,000 bindings, 200,000 ports
	grow(t, schema)       // to 100,000 rows in the others
	undo := context.Canceled
	require.ErrorIs(t, db.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		everyMethod(t, ctx, w)
		return undo
	}), undo)

	seen := map[string]bool{}
	conn := connect(t)
	_, err := conn.Exec(t.Context(), "SET plan_cache_mode = force_generic_plan")
	require.NoError(t, err)
	for _, batch := range recorded.batches {
		for _, q := range batch.QueuedQueries {
			if seen[q.SQL] || !hasPlan.MatchString(q.SQL) {
				continue
			}
			seen[q.SQL] = true
			requireIndex(t, conn, q.SQL, q.Arguments...)

			name := fmt.Sprintf("statement%d", len(seen))
			_, err := conn.Exec(t.Context(), "PREPARE "+name+" AS "+q.SQL)
			require.NoError(t, err)
			requireIndex(t, conn, "EXECUTE "+name+"(NULL"+strings.Repeat(", NULL", len(q.Arguments)-1)+")")
		}
	}
	require.Len(t, seen, pgstore.Statements, "every statement of the store")
	requireIndexesForForeignKeys(t, conn, schema)
}

var hasPlan = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b`)

// indexScans finds the scans of indexes in a plan. One without a condition reads
// the whole index.
var indexScans = regexp.MustCompile(`Index (Only )?Scan (Backward )?(using|on) `)

// requireIndex requires that a statement reads no table and no index from end to
// end.
func requireIndex(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "EXPLAIN "+sql, args...)
	require.NoError(t, err, sql)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err, sql)
	plan := strings.Join(lines, "\n")
	require.NotContains(t, plan, "Seq Scan", sql)
	require.Len(t, indexScans.FindAllString(plan, -1), strings.Count(plan, "Index Cond:"), "%s\n%s", sql, plan)
}

// requireIndexesForForeignKeys requires an index for what the database itself
// looks for when a row goes that others may refer to.
func requireIndexesForForeignKeys(t *testing.T, conn *pgx.Conn, schema string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		SELECT format('SELECT 1 FROM %s WHERE %s', c.conrelid::regclass, (
			SELECT string_agg(format('%I = %L', a.attname, gen_random_uuid()), ' AND ')
			FROM pg_attribute AS a WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)))
		FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
		WHERE c.contype = 'f' AND n.nspname = $1`, schema)
	require.NoError(t, err)
	queries, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Len(t, queries, 6)
	for _, sql := range queries {
		requireIndex(t, conn, sql)
	}
}

// grow adds hosts, interfaces, addresses and services, to 100,000 rows each.
func grow(t *testing.T, schema string) {
	run(t, schema,
		`INSERT INTO bindset.hosts SELECT md5('more ' || h)::uuid, md5('network ' || h % 10)::uuid, '', 1, md5('more ' || h)::uuid
			FROM generate_series(1001, 100000) AS h`,
		`INSERT INTO bindset.interfaces (host_id, network_id, id, ordinal, name, description, mac, position)
			SELECT md5('more ' || h)::uuid, md5('network ' || h % 10)::uuid, md5('interface ' || h)::uuid, 0, 'eth0', '', h::text, 0 FROM generate_series(1001, 100000) AS h`,
		`INSERT INTO bindset.ip_addresses (host_id, network_id, id, ordinal, address, name, mac, position)
			SELECT md5('more ' || h)::uuid, md5('network ' || h % 10)::uuid, md5('address ' || h)::uuid, 0, '10.0.0.0'::inet + h, '', h::text, 0 FROM generate_series(1001, 100000) AS h`,
		`INSERT INTO bindset.services (id, host_id, name, definition, source_type, position, tags, revision)
			SELECT md5('more ' || h)::uuid, md5('more ' || h)::uuid, '', '', '', 0, '{}', 1 FROM generate_series(10001, 100000) AS h`,
		`ANALYZE bindset.hosts`, `ANALYZE bindset.interfaces`, `ANALYZE bindset.ip_addresses`, `ANALYZE bindset.services`)
}

func TestEveryMethodTakesABoundedNumberOfRoundTrips(t *testing.T) {
	schema := pgtest.Schema(t)
	db, recorded := openRecorded(t, schema)
	fill(t, schema, 2)
	require.NoError(t, db.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
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
