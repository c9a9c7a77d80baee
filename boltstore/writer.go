package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"errors"

	"github.com/google/uuid"
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/boltstore/internal/record"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// A writer reads and writes in a transaction. Its methods check first and write
// then. A write that fails leaves the transaction broken: it is not committed,
// whatever the function makes of the error.
type writer struct {
	reader
	wrote bool // there is something to commit
}

// write runs a method that writes.
func (w *writer) write(ctx context.Context, method func() error) error {
	_, err := run(ctx, &w.reader, func() (struct{}, error) { return struct{}{}, method() })
	if errors.Is(err, ErrDamaged) {
		w.broken = err
	}
	return cmp.Or(err, w.broken)
}

func (w *writer) put(t table, k, v []byte) {
	w.change(t, func(b *bbolt.Bucket) error { return b.Put(k, v) })
}

func (w *writer) delete(t table, k []byte) {
	w.change(t, func(b *bbolt.Bucket) error { return b.Delete(k) })
}

func (w *writer) change(t table, fn func(*bbolt.Bucket) error) {
	if w.broken != nil {
		return
	}
	w.wrote = true
	w.broken = protect(func() error { return fn(w.bucket(t)) })
}

func (w *writer) PutHost(ctx context.Context, h host.Host) error {
	return w.write(ctx, func() error {
		inv, err := store.CheckPutHost(h)
		if err != nil {
			return err
		}
		var old host.Host
		if w.get(hosts, h.ID[:]) != nil {
			if old, err = w.host(h.ID); err != nil {
				return err
			}
		}
		latest, err := w.latestScan(h.ID)
		if err != nil {
			return err
		}
		generation, err := w.bucket(hosts).NextSequence()
		if err != nil {
			return err
		}
		h := store.WithSightings(inv, h)
		rec := record.EncodeHost(&h, generation, latest)
		w.put(hosts, key(h.ID), rec)
		w.find(&old, &h)
		if w.changed == nil {
			w.changed = map[uuid.UUID]inventory{}
		}
		w.changed[h.ID] = inventory{version{h.ID, generation}, inv, len(rec)}
		return nil
	})
}

// find brings the tables by which hosts are found up to a change of one. Where there
// was none, or is none any more, that one is zero.
func (w *writer) find(old, h *host.Host) {
	has, had := findingKeys(h), findingKeys(old)
	for k, t := range had {
		if _, stays := has[k]; !stays {
			w.delete(t, []byte(k))
		}
	}
	for k, t := range has {
		if _, stays := had[k]; !stays {
			w.put(t, []byte(k), []byte{})
		}
	}
}

// findingKeys returns the keys by which a host is found, none for the zero one, with
// the tables that they are in.
func findingKeys(h *host.Host) map[string]table {
	keys := map[string]table{}
	if h.ID == uuid.Nil {
		return keys
	}
	keys[string(key(h.NetworkID, h.ID))] = networks
	for _, e := range evidenceOf(store.HostsWithKeysOf(h)) {
		keys[string(key(h.NetworkID, e, h.ID))] = evidence
	}
	return keys
}

func (w *writer) DeleteHost(ctx context.Context, id uuid.UUID) error {
	return w.write(ctx, func() error {
		h, err := w.host(id)
		if err != nil {
			return err
		}
		for range w.under(positions, id[:]) {
			return &store.EntityError{Code: store.ErrInUse, Entity: store.EntityHost, ID: id}
		}
		w.delete(hosts, id[:])
		w.delete(scans, id[:])
		w.find(&h, &host.Host{})
		delete(w.changed, id)
		return nil
	})
}

func (w *writer) PutService(ctx context.Context, s service.Service) error {
	return w.write(ctx, func() error {
		if err := store.CheckPutService(s); err != nil {
			return err
		}
		if w.get(hosts, s.HostID[:]) == nil {
			return notFound(store.EntityHost, s.HostID)
		}
		latest, err := w.latestScan(s.HostID)
		if err != nil {
			return err
		}
		place := positionKey(s.HostID, s.Position, s.ID)
		if w.get(services, s.ID[:]) != nil {
			old, err := w.serviceWithBindings(s.ID)
			if err != nil {
				return err
			}
			if old.HostID != s.HostID {
				for i := range old.Bindings {
					b := &old.Bindings[i]
					w.unlist(old.HostID, b)
					w.list(s.HostID, b)
					w.put(bindings, key(s.ID, b.ID), record.EncodeBinding(b, latest))
				}
			}
			if oldPlace := positionKey(old.HostID, old.Position, s.ID); !bytes.Equal(oldPlace, place) {
				w.delete(positions, oldPlace)
			}
		}
		if w.get(positions, place) == nil {
			w.put(positions, place, []byte{})
		}
		s := s.WithTimes()
		w.put(services, key(s.ID), record.EncodeService(&s, latest))
		return nil
	})
}

func (w *writer) DeleteService(ctx context.Context, id uuid.UUID) error {
	return w.write(ctx, func() error {
		s, err := w.serviceWithBindings(id)
		if err != nil {
			return err
		}
		for i := range s.Bindings {
			w.removeBinding(s.HostID, &s.Bindings[i])
		}
		w.delete(positions, positionKey(s.HostID, s.Position, id))
		w.delete(services, id[:])
		return nil
	})
}

func (w *writer) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	return w.write(ctx, func() error {
		s, err := w.service(serviceID)
		if err != nil {
			return err
		}
		if err := store.CheckPutBindings(serviceID, put); err != nil {
			return err
		}
		latest, err := w.latestScan(s.HostID)
		if err != nil {
			return err
		}
		had, err := w.stored(serviceID, latest, put, del)
		if err != nil {
			return err
		}
		for _, id := range del {
			old := had[id]
			w.removeBinding(s.HostID, &old)
			delete(had, id)
		}
		for i := range put {
			b := put[i].WithTimes()
			old, ok := had[b.ID]
			w.putBinding(s.HostID, latest, &b, &old, ok)
		}
		return nil
	})
}

// stored returns the stored bindings of a service whose IDs are in put or del. It
// refuses an ID in del that is not one of them, or stands there twice, and one in
// put that another service's binding has.
func (w *writer) stored(serviceID uuid.UUID, latest record.Scan, put []binding.Binding, del []uuid.UUID) (map[uuid.UUID]binding.Binding, error) {
	had := map[uuid.UUID]binding.Binding{}
	find := func(id uuid.UUID) (err error) {
		if rec := w.get(bindings, key(serviceID, id)); rec != nil {
			had[id], err = record.DecodeBinding(serviceID, id, rec, latest)
		}
		return err
	}
	for i := range put {
		id := put[i].ID
		owner, ok := w.owner(id)
		if ok && owner != serviceID {
			return nil, &store.EntityError{Code: store.ErrExists, Entity: store.EntityBinding, ID: id}
		}
		if !ok {
			continue
		}
		if err := find(id); err != nil {
			return nil, damaged(err)
		}
	}
	gone := make(map[uuid.UUID]struct{}, len(del))
	for _, id := range del {
		if err := find(id); err != nil {
			return nil, damaged(err)
		}
		_, ok := had[id]
		if _, twice := gone[id]; !ok || twice {
			return nil, notFound(store.EntityBinding, id)
		}
		gone[id] = struct{}{}
	}
	return had, nil
}

// putBinding puts a binding of a service on a host in place of the old one with
// its ID, if there was one. What is the same in both it leaves as it is.
func (w *writer) putBinding(hostID uuid.UUID, latest record.Scan, b, old *binding.Binding, replaces bool) {
	if !replaces {
		w.put(owners, key(b.ID), key(b.ServiceID))
	}
	oldPort, listened := old.Target.PortID()
	if port, listens := b.Target.PortID(); port != oldPort || listens != listened {
		w.unlist(hostID, old)
		w.list(hostID, b)
	}
	w.put(bindings, key(b.ServiceID, b.ID), record.EncodeBinding(b, latest))
}

func (w *writer) removeBinding(hostID uuid.UUID, b *binding.Binding) {
	w.unlist(hostID, b)
	w.delete(owners, key(b.ID))
	w.delete(bindings, key(b.ServiceID, b.ID))
}

// list and unlist add a binding to, and remove it from, the listeners of a host,
// where it is a listener.
func (w *writer) list(hostID uuid.UUID, b *binding.Binding) {
	if portID, ok := b.Target.PortID(); ok {
		w.put(listeners, key(hostID, portID, b.ID), key(b.ServiceID))
	}
}

func (w *writer) unlist(hostID uuid.UUID, b *binding.Binding) {
	if portID, ok := b.Target.PortID(); ok {
		w.delete(listeners, key(hostID, portID, b.ID))
	}
}
