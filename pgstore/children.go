package pgstore

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// readChildren reads what is on hosts.
func (t *tx) readChildren(ctx context.Context, what string, hosts []*hostRow) error {
	byID := make(map[uuid.UUID]*host.Host, len(hosts))
	hostIDs := make([]uuid.UUID, len(hosts))
	for i, row := range hosts {
		hostIDs[i] = row.host.ID
		byID[row.host.ID] = &row.host
	}
	batch := t.batch()
	queueChildren(batch, &t.sql, ids(hostIDs), uuid.Nil, func(id uuid.UUID) *host.Host { return byID[id] })
	return t.send(ctx, what, batch)
}

// queueApart queues the query for the Sightings that hostRow.complete needs of a
// host, if it has the inventory with the ID.
func queueApart(batch *pgx.Batch, sql *statements, hostID, inventoryID uuid.UUID, apart map[uuid.UUID]binding.Sightings) {
	var id pgtype.UUID
	var seen seenRow
	queueRows(batch, sql.apart, []any{required(hostID), required(inventoryID)}, append([]any{&id}, seen.columns()...), func() error {
		apart[id.Bytes] = seen.sightings()
		return nil
	})
}

// queueChildren queues queries that add to hosts what is on them, but not to one
// that has the inventory with the ID.
func queueChildren(batch *pgx.Batch, sql *statements, hostIDs []pgtype.UUID, except uuid.UUID, hostOf func(uuid.UUID) *host.Host) {
	args := []any{hostIDs, required(except)}
	var hostID, id, subnet, carrier pgtype.UUID
	var addr *netip.Addr
	var zone, protocol string
	var seen seenRow

	var f host.Interface
	queueRows(batch, sql.interfaces, args,
		append([]any{&hostID, &id, &f.Name, &f.Description, &f.MAC, &f.Position, &addr, &zone, &subnet}, seen.columns()...),
		func() error {
			f.ID, f.SubnetID, f.Address, f.Sightings = id.Bytes, subnet.Bytes, addressOf(addr, zone), seen.sightings()
			h := hostOf(hostID.Bytes)
			h.Interfaces = append(h.Interfaces, f)
			return nil
		})
	var a host.IPAddress
	queueRows(batch, sql.addresses, args,
		append([]any{&hostID, &id, &addr, &zone, &subnet, &a.Name, &a.MAC, &a.Position, &carrier}, seen.columns()...),
		func() error {
			a.ID, a.SubnetID, a.InterfaceID, a.Address = id.Bytes, subnet.Bytes, carrier.Bytes, addressOf(addr, zone)
			a.Sightings = seen.sightings()
			h := hostOf(hostID.Bytes)
			h.IPAddresses = append(h.IPAddresses, a)
			return nil
		})
	var p host.Port
	queueRows(batch, sql.ports, args,
		append([]any{&hostID, &id, &p.Number, &protocol, &p.Type}, seen.columns()...),
		func() (err error) {
			p.ID, p.Sightings = id.Bytes, seen.sightings()
			p.Protocol, err = protocolOf(protocol)
			h := hostOf(hostID.Bytes)
			h.Ports = append(h.Ports, p)
			return err
		})
}

// queueRows queues a query that reads each of its rows into the same variables
// and then calls fn.
func queueRows(batch *pgx.Batch, query string, args, into []any, fn func() error) {
	batch.Queue(query, args...).Query(func(rows pgx.Rows) error {
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

// queueChanges queues the changes of what is on a host. IP addresses refer to
// interfaces, so these come first and go last. Ports change by going and coming,
// as two of them may swap their numbers.
func (t *tx) queueChanges(batch *pgx.Batch, row *hostRow, h *host.Host) {
	hostID, networkID, stored := required(h.ID), required(h.NetworkID), &row.host
	if stored.NetworkID != h.NetworkID {
		batch.Queue(t.sql.moveInterfaces, hostID, networkID)
		batch.Queue(t.sql.moveAddresses, hostID, networkID)
	}
	interfaces := compare(stored.Interfaces, h.Interfaces, func(f host.Interface) uuid.UUID { return f.ID })
	addresses := compare(stored.IPAddresses, h.IPAddresses, func(a host.IPAddress) uuid.UUID { return a.ID })
	ports := compare(stored.Ports, h.Ports, func(p host.Port) uuid.UUID { return p.ID })

	if len(interfaces.put) > 0 {
		batch.Queue(t.sql.putInterfaces, interfaceColumns(hostID, networkID, h.Interfaces, interfaces.put, row.latest)...)
	}
	if len(addresses.put) > 0 {
		batch.Queue(t.sql.putAddresses, addressColumns(hostID, networkID, h.IPAddresses, addresses.put, row.latest)...)
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
		batch.Queue(t.sql.putPorts, portColumns(hostID, h.Ports, ports.put, row.latest)...)
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

func interfaceColumns(hostID, networkID pgtype.UUID, interfaces []host.Interface, put []int, latest scan) []any {
	n := len(put)
	var (
		ids, subnets              = uuids(n), uuids(n)
		ordinals, positions       = make([]int32, n), make([]int32, n)
		names, descriptions, macs = make([]string, n), make([]string, n), make([]string, n)
		addresses, zones          = make([]*netip.Addr, n), make([]string, n)
		seen                      = newSeenValues(n)
	)
	for row, i := range put {
		f := &interfaces[i]
		ids[row], subnets[row] = required(f.ID), id(f.SubnetID)
		ordinals[row], positions[row] = int32(i), f.Position
		names[row], descriptions[row], macs[row] = f.Name, f.Description, f.MAC
		addresses[row], zones[row] = address(f.Address)
		seen.put(row, f.Sightings, latest)
	}
	return append([]any{
		hostID, networkID, ids, ordinals, names, descriptions, macs, positions, addresses, zones, subnets,
	}, seen.columns()...)
}

func addressColumns(hostID, networkID pgtype.UUID, ipAddresses []host.IPAddress, put []int, latest scan) []any {
	n := len(put)
	var (
		ids, subnets, carriers = uuids(n), uuids(n), uuids(n)
		ordinals, positions    = make([]int32, n), make([]int32, n)
		addresses, zones       = make([]*netip.Addr, n), make([]string, n)
		names, macs            = make([]string, n), make([]string, n)
		seen                   = newSeenValues(n)
	)
	for row, i := range put {
		a := &ipAddresses[i]
		ids[row], subnets[row], carriers[row] = required(a.ID), id(a.SubnetID), id(a.InterfaceID)
		ordinals[row], positions[row] = int32(i), a.Position
		addresses[row], zones[row] = address(a.Address)
		names[row], macs[row] = a.Name, a.MAC
		seen.put(row, a.Sightings, latest)
	}
	return append([]any{
		hostID, networkID, ids, ordinals, addresses, zones, subnets, names, macs, positions, carriers,
	}, seen.columns()...)
}

func portColumns(hostID pgtype.UUID, ports []host.Port, put []int, latest scan) []any {
	n := len(put)
	var (
		ids               = uuids(n)
		ordinals, numbers = make([]int32, n), make([]int32, n)
		protocols, types  = make([]string, n), make([]string, n)
		seen              = newSeenValues(n)
	)
	for row, i := range put {
		p := ports[i]
		ids[row], ordinals[row], numbers[row] = required(p.ID), int32(i), int32(p.Number)
		protocols[row], types[row] = p.Protocol.String(), p.Type
		seen.put(row, p.Sightings, latest)
	}
	return append([]any{hostID, ids, ordinals, numbers, protocols, types}, seen.columns()...)
}
