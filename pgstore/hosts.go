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

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// A hostRow is a row of the table hosts: a host without what is on it, and the ID
// of its inventory.
type hostRow struct {
	host        host.Host
	inventoryID uuid.UUID
}

func readHostRow(rows pgx.CollectableRow) (hostRow, error) {
	var id, network, inventory pgtype.UUID
	var name string
	var revision int64
	err := rows.Scan(&id, &network, &name, &revision, &inventory)
	return hostRow{
		host:        host.Host{ID: id.Bytes, NetworkID: network.Bytes, Name: name, Revision: uint64(revision)},
		inventoryID: inventory.Bytes,
	}, err
}

// Host returns a copy of the host in its inventory.
func (t *tx) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	inv, err := t.Inventory(ctx, id)
	if err != nil {
		return host.Host{}, err
	}
	return inv.Host(), nil
}

func (t *tx) Inventory(ctx context.Context, hostID uuid.UUID) (*host.Inventory, error) {
	if err := t.touch(hostID); err != nil {
		return nil, err
	}
	found, err := t.readHosts(ctx, "read host "+hostID.String(), t.sql.host, required(hostID))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notFound(store.EntityHost, hostID)
	}
	return found[0], nil
}

func (t *tx) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	if limit < 1 {
		limit = math.MaxInt
	}
	found, err := t.readHosts(ctx, "read the hosts of network "+networkID.String(),
		t.sql.hosts, required(networkID), required(after), limit)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	hosts := make([]host.Host, len(found))
	for i, inv := range found {
		hosts[i] = inv.Host()
	}
	return hosts, nil
}

// readHosts returns the inventories of the hosts that a query finds: those that
// are not kept are read in one more round trip.
func (t *tx) readHosts(ctx context.Context, what, query string, args ...any) ([]*host.Inventory, error) {
	var found []hostRow
	batch := t.batch()
	batch.Queue(query, args...).Query(func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, readHostRow)
		return err
	})
	if err := t.send(ctx, what, batch); err != nil {
		return nil, err
	}

	inventories := make([]*host.Inventory, len(found))
	missing := make(map[uuid.UUID]*host.Host)
	for i := range found {
		inv, ok := t.inventories.get(found[i].inventoryID)
		if !ok {
			missing[found[i].host.ID] = &found[i].host
		}
		inventories[i] = inv
	}
	if len(missing) == 0 {
		return inventories, nil
	}
	if err := t.readChildren(ctx, what, missing); err != nil {
		return nil, err
	}
	for i := range found {
		if inventories[i] != nil {
			continue
		}
		h := &found[i].host
		inv, err := host.NewInventory(*h)
		if err != nil {
			return nil, fmt.Errorf("pgstore: host %s as it is stored: %w", h.ID, err)
		}
		inventories[i] = t.inventories.add(found[i].inventoryID, inv, h)
	}
	return inventories, nil
}

// readChildren reads what is on hosts.
func (t *tx) readChildren(ctx context.Context, what string, hosts map[uuid.UUID]*host.Host) error {
	hostIDs := make([]pgtype.UUID, 0, len(hosts))
	for id := range hosts {
		hostIDs = append(hostIDs, required(id))
	}
	var hostID, id, subnet, carrier pgtype.UUID
	var addr *netip.Addr
	var zone, protocol string
	batch := t.batch()

	var f host.Interface
	queueRows(batch, t.sql.interfaces, hostIDs,
		[]any{&hostID, &id, &f.Name, &f.Description, &f.MAC, &f.Position, &addr, &zone, &subnet},
		func() error {
			f.ID, f.SubnetID, f.Address = id.Bytes, subnet.Bytes, addressOf(addr, zone)
			h := hosts[hostID.Bytes]
			h.Interfaces = append(h.Interfaces, f)
			return nil
		})
	var a host.IPAddress
	queueRows(batch, t.sql.addresses, hostIDs,
		[]any{&hostID, &id, &addr, &zone, &subnet, &a.Name, &a.MAC, &a.Position, &carrier},
		func() error {
			a.ID, a.SubnetID, a.InterfaceID, a.Address = id.Bytes, subnet.Bytes, carrier.Bytes, addressOf(addr, zone)
			h := hosts[hostID.Bytes]
			h.IPAddresses = append(h.IPAddresses, a)
			return nil
		})
	var p host.Port
	queueRows(batch, t.sql.ports, hostIDs,
		[]any{&hostID, &id, &p.Number, &protocol},
		func() (err error) {
			p.ID = id.Bytes
			p.Protocol, err = protocolOf(protocol)
			h := hosts[hostID.Bytes]
			h.Ports = append(h.Ports, p)
			return err
		})
	return t.send(ctx, what, batch)
}

// queueRows queues a query that reads each of its rows into the same variables
// and then calls fn.
func queueRows(batch *pgx.Batch, query string, arg any, into []any, fn func() error) {
	batch.Queue(query, arg).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, into, fn)
		return err
	})
}

func protocolOf(name string) (host.Protocol, error) {
	for p := host.TCP; p.IsValid(); p++ {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("protocol %q is none of tcp, udp and sctp", name)
}

// PutHost writes the host and of what is on it only what is not stored so already.
func (t *tx) PutHost(ctx context.Context, h host.Host) error {
	inv, err := store.CheckPutHost(h)
	if err != nil {
		return err
	}
	var stored host.Host
	old, err := t.Inventory(ctx, h.ID)
	switch {
	case err == nil:
		stored = old.Host()
	case !errors.Is(err, store.ErrNotFound):
		return err
	default:
		if err := t.touch(newcomers); err != nil {
			return err
		}
	}

	h = inv.Host()
	inventoryID := uuid.New()
	batch := t.batch()
	batch.Queue(t.sql.putHost, required(h.ID), required(h.NetworkID), h.Name, int64(h.Revision), required(inventoryID))
	t.queueChildren(batch, &stored, &h)
	if err := t.send(ctx, "write host "+h.ID.String(), batch); err != nil {
		return err
	}
	t.inventories.add(inventoryID, inv, &h)
	return nil
}

// queueChildren queues the changes of what is on a host. IP addresses refer to
// interfaces, so these come first and go last. Ports change by going and coming,
// as two of them may swap their numbers.
func (t *tx) queueChildren(batch *pgx.Batch, stored, h *host.Host) {
	hostID := required(h.ID)
	interfaces := compare(stored.Interfaces, h.Interfaces, func(f host.Interface) uuid.UUID { return f.ID })
	addresses := compare(stored.IPAddresses, h.IPAddresses, func(a host.IPAddress) uuid.UUID { return a.ID })
	ports := compare(stored.Ports, h.Ports, func(p host.Port) uuid.UUID { return p.ID })

	if len(interfaces.put) > 0 {
		batch.Queue(t.sql.putInterfaces, interfaceColumns(hostID, h.Interfaces, interfaces.put)...)
	}
	if len(addresses.put) > 0 {
		batch.Queue(t.sql.putAddresses, addressColumns(hostID, h.IPAddresses, addresses.put)...)
	}
	if len(addresses.gone) > 0 {
		batch.Queue(t.sql.deleteAddresses, hostID, addresses.gone)
	}
	if len(interfaces.gone) > 0 {
		batch.Queue(t.sql.deleteInterfaces, hostID, interfaces.gone)
	}
	if away := append(ports.gone, ports.changed...); len(away) > 0 {
		batch.Queue(t.sql.deletePorts, hostID, away)
	}
	if len(ports.put) > 0 {
		batch.Queue(t.sql.putPorts, portColumns(hostID, h.Ports, ports.put)...)
	}
}

// A difference is what tells a list of a host from the one that is stored.
type difference struct {
	gone    []pgtype.UUID // of what is stored only
	changed []pgtype.UUID // of what is stored otherwise, or in another place of the list
	put     []int         // positions of what is changed or new
}

func compare[Child comparable](stored, given []Child, idOf func(Child) uuid.UUID) difference {
	var d difference
	places := make(map[uuid.UUID]int, len(stored))
	for i, child := range stored {
		places[idOf(child)] = i
	}
	for i, child := range given {
		place, was := places[idOf(child)]
		delete(places, idOf(child))
		if was && place == i && stored[place] == child {
			continue
		}
		if was {
			d.changed = append(d.changed, required(idOf(child)))
		}
		d.put = append(d.put, i)
	}
	for id := range places {
		d.gone = append(d.gone, required(id))
	}
	return d
}

// The columns of children as the statements take them: an array each.

func interfaceColumns(hostID pgtype.UUID, interfaces []host.Interface, put []int) []any {
	var (
		ids, subnets             = make([]pgtype.UUID, len(put)), make([]pgtype.UUID, len(put))
		ordinals, positions      = make([]int32, len(put)), make([]int32, len(put))
		names, descriptions, mac = make([]string, len(put)), make([]string, len(put)), make([]string, len(put))
		addresses, zones         = make([]*netip.Addr, len(put)), make([]string, len(put))
	)
	for row, i := range put {
		f := &interfaces[i]
		ids[row], subnets[row] = required(f.ID), id(f.SubnetID)
		ordinals[row], positions[row] = int32(i), f.Position
		names[row], descriptions[row], mac[row] = f.Name, f.Description, f.MAC
		addresses[row], zones[row] = address(f.Address)
	}
	return []any{hostID, ids, ordinals, names, descriptions, mac, positions, addresses, zones, subnets}
}

func addressColumns(hostID pgtype.UUID, ipAddresses []host.IPAddress, put []int) []any {
	var (
		ids, subnets, carriers = make([]pgtype.UUID, len(put)), make([]pgtype.UUID, len(put)), make([]pgtype.UUID, len(put))
		ordinals, positions    = make([]int32, len(put)), make([]int32, len(put))
		addresses, zones       = make([]*netip.Addr, len(put)), make([]string, len(put))
		names, mac             = make([]string, len(put)), make([]string, len(put))
	)
	for row, i := range put {
		a := &ipAddresses[i]
		ids[row], subnets[row], carriers[row] = required(a.ID), id(a.SubnetID), id(a.InterfaceID)
		ordinals[row], positions[row] = int32(i), a.Position
		addresses[row], zones[row] = address(a.Address)
		names[row], mac[row] = a.Name, a.MAC
	}
	return []any{hostID, ids, ordinals, addresses, zones, subnets, names, mac, positions, carriers}
}

func portColumns(hostID pgtype.UUID, ports []host.Port, put []int) []any {
	var (
		ids               = make([]pgtype.UUID, len(put))
		ordinals, numbers = make([]int32, len(put)), make([]int32, len(put))
		protocols         = make([]string, len(put))
	)
	for row, i := range put {
		p := ports[i]
		ids[row], ordinals[row], numbers[row], protocols[row] = required(p.ID), int32(i), int32(p.Number), p.Protocol.String()
	}
	return []any{hostID, ids, ordinals, numbers, protocols}
}

// DeleteHost deletes a host, and finds out why only where that deletes nothing.
func (t *tx) DeleteHost(ctx context.Context, id uuid.UUID) error {
	if err := t.touch(id); err != nil {
		return err
	}
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
