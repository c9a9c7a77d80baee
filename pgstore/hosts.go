package pgstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// A hostRow is a row of the table hosts.
type hostRow struct {
	host        host.Host // what is on it is read by readChildren
	inventoryID uuid.UUID
	latest      scan
}

func readHostRow(rows pgx.CollectableRow) (*hostRow, error) {
	var id, network, inventory, scanID pgtype.UUID
	var name string
	var revision int64
	var scannedAt pgtype.Timestamptz
	var seen seenRow
	err := rows.Scan(append([]any{&id, &network, &name, &revision, &inventory, &scannedAt, &scanID}, seen.columns()...)...)
	return &hostRow{
		host: host.Host{
			ID: id.Bytes, NetworkID: network.Bytes, Name: name, Revision: uint64(revision), Sightings: seen.sightings(),
		},
		inventoryID: inventory.Bytes, latest: scan{timeOf(scannedAt), scanID.Bytes},
	}, err
}

// queueHosts queues a query for hosts, which are there when it was sent.
func queueHosts(batch *pgx.Batch, query string, args ...any) *[]*hostRow {
	found := &[]*hostRow{}
	batch.Queue(query, args...).Query(func(rows pgx.Rows) (err error) {
		*found, err = pgx.CollectRows(rows, readHostRow)
		return err
	})
	return found
}

func (t *tx) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	found, err := t.readHost(ctx, id)
	if err != nil {
		return host.Host{}, err
	}
	return found.host, nil
}

// Inventory takes no round trip where the inventory was read in this transaction
// before.
func (t *tx) Inventory(ctx context.Context, hostID uuid.UUID) (*host.Inventory, error) {
	if err := t.touch(hostID); err != nil {
		return nil, err
	}
	if t.inventory == nil || t.inventory.HostID() != hostID {
		if _, err := t.readHost(ctx, hostID); err != nil {
			return nil, err
		}
	}
	return t.inventory, nil
}

// readHost reads a host, its inventory and all Sightings in one round trip. What is
// on the host is not read where its inventory is kept.
func (t *tx) readHost(ctx context.Context, id uuid.UUID) (*hostRow, error) {
	if err := t.touch(id); err != nil {
		return nil, err
	}
	keptID, kept := t.inventories.latestOf(id)
	batch := t.batch()
	found := queueHosts(batch, t.sql.host, required(id))
	apart := make(map[uuid.UUID]binding.Sightings)
	if kept != nil {
		queueApart(batch, &t.sql, id, keptID, apart)
	}
	queueChildren(batch, &t.sql, ids([]uuid.UUID{id}), keptID, func(uuid.UUID) *host.Host { return &(*found)[0].host })
	if err := t.send(ctx, "read host "+id.String(), batch); err != nil {
		return nil, err
	}
	if len(*found) == 0 {
		return nil, notFound(store.EntityHost, id)
	}
	row := (*found)[0]
	if kept != nil && row.inventoryID == keptID {
		row.complete(kept, apart)
		t.inventory = kept
		return row, nil
	}
	var err error
	t.inventory, err = t.index(row)
	return row, err
}

// complete gives a host what is on it by its inventory. What is not apart was found
// with the host and seen by its latest scan.
func (r *hostRow) complete(inv *host.Inventory, apart map[uuid.UUID]binding.Sightings) {
	own := r.host.Sightings
	r.host = inv.Host()
	for id, s := range r.host.Sighted() {
		var isApart bool
		if *s, isApart = apart[id]; !isApart {
			*s = binding.Sightings{LastSeenAt: r.latest.at, FirstDiscoveryID: own.FirstDiscoveryID, LastDiscoveryID: r.latest.id}
		}
	}
	r.host.Sightings = own
}

// index returns the inventory of a host that was read, keeps it, and gives the
// host its normal form.
func (t *tx) index(found *hostRow) (*host.Inventory, error) {
	inv, ok := t.inventories.get(found.inventoryID)
	if !ok {
		var err error
		if inv, err = host.NewInventory(found.host); err != nil {
			return nil, fmt.Errorf("pgstore: host %s as it is stored: %w", found.host.ID, err)
		}
		inv = t.inventories.add(found.inventoryID, inv, &found.host)
	}
	found.host = store.WithSightings(inv, found.host)
	return inv, nil
}

func (t *tx) Networks(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	var found []uuid.UUID
	var id pgtype.UUID
	batch := t.batch()
	queueRows(batch, t.sql.networks, []any{required(after), limited(limit)}, []any{&id}, func() error {
		found = append(found, id.Bytes)
		return nil
	})
	err := t.send(ctx, "read the networks", batch)
	return found, err
}

func (t *tx) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	if networkID == uuid.Nil {
		return t.readHosts(ctx, "read the hosts", t.sql.allHosts, required(after), limited(limit))
	}
	return t.readHosts(ctx, "read the hosts of network "+networkID.String(),
		t.sql.hosts, required(networkID), required(after), limited(limit))
}

func (t *tx) HostsWith(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error) {
	addrs, macs = store.HostsWithKeys(addrs, macs)
	return t.readHosts(ctx, "look for hosts in network "+networkID.String(), t.sql.hostsWith, required(networkID), addrs, macs)
}

// limited returns a limit as the database takes it.
func limited(limit int) int {
	if limit < 1 {
		return math.MaxInt
	}
	return limit
}

// readHosts returns the hosts that a query finds, and what is on them, in two
// round trips.
func (t *tx) readHosts(ctx context.Context, what, query string, args ...any) ([]host.Host, error) {
	batch := t.batch()
	found := queueHosts(batch, query, args...)
	if err := t.send(ctx, what, batch); err != nil || len(*found) == 0 {
		return nil, err
	}
	if err := t.readChildren(ctx, what, *found); err != nil {
		return nil, err
	}
	hosts := make([]host.Host, len(*found))
	for i, row := range *found {
		if _, err := t.index(row); err != nil {
			return nil, err
		}
		hosts[i] = row.host
	}
	return hosts, nil
}

// PutHost writes the host and of what is on it only what is not stored so already.
func (t *tx) PutHost(ctx context.Context, h host.Host) error {
	inv, err := checkHost(&h)
	if err != nil {
		return err
	}
	stored, err := t.readHost(ctx, h.ID)
	if errors.Is(err, store.ErrNotFound) {
		stored = &hostRow{host: host.Host{NetworkID: h.NetworkID}}
		err = t.touch(newcomers)
	}
	if err != nil {
		return err
	}

	h = store.WithSightings(inv, h)
	inventoryID := uuid.New()
	batch := t.batch()
	batch.Queue(t.sql.putHost, append(
		[]any{required(h.ID), required(h.NetworkID), h.Name, int64(h.Revision), required(inventoryID)},
		seenValuesOf(h.Sightings, stored.latest)...)...)
	t.queueChanges(batch, stored, &h)
	if err := t.send(ctx, "write host "+h.ID.String(), batch); err != nil {
		return err
	}
	t.inventory = t.inventories.add(inventoryID, inv, &h)
	return nil
}

// checkHost refuses what the columns cannot hold, before the database does: that
// would undo the transaction.
func checkHost(h *host.Host) (*host.Inventory, error) {
	inv, err := store.CheckPutHost(*h)
	if err != nil {
		return nil, err
	}
	if err := checkTime("last_seen_at", h.LastSeenAt); err != nil {
		return nil, err
	}
	for i := range h.Interfaces {
		if err := checkTime("last_seen_at", h.Interfaces[i].LastSeenAt); err != nil {
			return nil, err.Under(fmt.Sprintf("interfaces[%d]", i))
		}
	}
	for i := range h.IPAddresses {
		if err := checkTime("last_seen_at", h.IPAddresses[i].LastSeenAt); err != nil {
			return nil, err.Under(fmt.Sprintf("ip_addresses[%d]", i))
		}
	}
	for i := range h.Ports {
		if err := checkTime("last_seen_at", h.Ports[i].LastSeenAt); err != nil {
			return nil, err.Under(fmt.Sprintf("ports[%d]", i))
		}
	}
	return inv, nil
}

// DeleteHost deletes a host, and finds out why only where that deletes nothing.
func (t *tx) DeleteHost(ctx context.Context, id uuid.UUID) error {
	if err := t.touch(id); err != nil {
		return err
	}
	t.inventory = nil
	deleted, err := t.exec(ctx, "delete host "+id.String(), []any{required(id)}, t.sql.deleteHost)
	if err != nil || deleted > 0 {
		return err
	}
	exists, err := t.exists(ctx, t.sql.hostExists, id)
	if err != nil {
		return err
	}
	if !exists {
		return notFound(store.EntityHost, id)
	}
	return &store.EntityError{Code: store.ErrInUse, Entity: store.EntityHost, ID: id}
}

func notFound(entity string, id uuid.UUID) error {
	return &store.EntityError{Code: store.ErrNotFound, Entity: entity, ID: id}
}
