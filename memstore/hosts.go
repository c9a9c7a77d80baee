package memstore

import (
	"context"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/sorted"
	"github.com/bindset/bindset/store"
)

// A hostRow is a host, and what finds its services and their listeners.
type hostRow struct {
	inventory *host.Inventory // and the host in it
	services  sorted.Set[positionKey]
	listeners sorted.Set[listenerKey]
}

// A networkRow has the hosts of a network.
type networkRow struct {
	hosts sorted.Set[orderedID]
}

func (r *reader) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	inv, err := r.Inventory(ctx, id)
	if err != nil {
		return host.Host{}, err
	}
	return inv.Host(), nil
}

func (r *reader) Inventory(ctx context.Context, hostID uuid.UUID) (*host.Inventory, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	h := r.host(hostID)
	if h == nil {
		return nil, notFound(store.EntityHost, hostID)
	}
	return h.inventory, nil
}

func (r *reader) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	n := r.tables.networks.Get(r.at, networkID)
	if n == nil {
		return nil, nil
	}
	var hosts []host.Host
	for id := range n.hosts.From(ordered(after)) {
		if id == ordered(after) {
			continue
		}
		hosts = append(hosts, r.host(id.uuid()).inventory.Host())
		if len(hosts) == limit {
			break
		}
	}
	return hosts, nil
}

func (w *writer) PutHost(ctx context.Context, h host.Host) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	inv, err := store.CheckPutHost(h)
	if err != nil {
		return err
	}
	var row hostRow
	if old := w.host(h.ID); old != nil {
		row = *old
	}
	if old := row.inventory; old == nil || old.NetworkID() != h.NetworkID {
		if old != nil {
			w.leaveNetwork(old)
		}
		w.joinNetwork(inv)
	}
	row.inventory = inv
	w.tables.hosts.Put(w.tx, h.ID, row)
	return nil
}

func (w *writer) joinNetwork(inv *host.Inventory) {
	var n networkRow
	if old := w.tables.networks.Get(w.at, inv.NetworkID()); old != nil {
		n = *old
	}
	n.hosts = n.hosts.With(ordered(inv.HostID()))
	w.tables.networks.Put(w.tx, inv.NetworkID(), n)
}

func (w *writer) leaveNetwork(inv *host.Inventory) {
	n := *w.tables.networks.Get(w.at, inv.NetworkID())
	n.hosts = n.hosts.Without(ordered(inv.HostID()))
	if n.hosts.IsEmpty() {
		w.tables.networks.Delete(w.tx, inv.NetworkID())
		return
	}
	w.tables.networks.Put(w.tx, inv.NetworkID(), n)
}

func (w *writer) DeleteHost(ctx context.Context, id uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	h := w.host(id)
	if h == nil {
		return notFound(store.EntityHost, id)
	}
	if !h.services.IsEmpty() {
		return &store.EntityError{Code: store.ErrInUse, Entity: store.EntityHost, ID: id}
	}
	w.leaveNetwork(h.inventory)
	w.tables.hosts.Delete(w.tx, id)
	return nil
}
