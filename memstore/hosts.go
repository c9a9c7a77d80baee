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
	inventory *host.Inventory // and the host in it, but for its Sightings
	latest    sighting        // its latest scan
	sightings []sighted       // the host and everything on it, in the order of Host.Sighted
	services  sorted.Set[positionKey]
	listeners sorted.Set[listenerKey]
}

// A sighted is something with Sightings.
type sighted struct {
	id       uuid.UUID
	sighting sighting
}

// read returns the host.
func (r *hostRow) read() host.Host {
	h := r.inventory.Host()
	i := 0
	for _, s := range h.Sighted() {
		*s = r.sightings[i].sighting.read(r.latest)
		i++
	}
	return h
}

func (r *reader) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	if err := r.open(ctx); err != nil {
		return host.Host{}, err
	}
	h := r.host(id)
	if h == nil {
		return host.Host{}, notFound(store.EntityHost, id)
	}
	return h.read(), nil
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
	w.relistHost(h.ID, row.inventory, inv)
	h = store.WithSightings(inv, h)
	row.inventory, row.sightings = inv, nil
	for id, s := range h.Sighted() {
		row.sightings = append(row.sightings, sighted{id, newSighting(s, row.latest)})
	}
	w.tables.hosts.Put(w.tx, h.ID, row)
	return nil
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
	w.relistHost(id, h.inventory, nil)
	w.tables.hosts.Delete(w.tx, id)
	return nil
}
