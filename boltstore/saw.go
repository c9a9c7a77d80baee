package boltstore

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/boltstore/internal/record"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// Saw makes the scan the latest one of the host, and writes those records that do
// not follow it as they followed the one before; or it leaves that one, and writes
// those of what was seen: whichever is fewer. Of two scans that see the same, the
// second one writes none.
func (w *writer) Saw(ctx context.Context, hostID uuid.UUID, at time.Time, discoveryID uuid.UUID, ids []uuid.UUID) error {
	return w.write(ctx, func() error {
		if err := store.CheckSaw(at); err != nil {
			return err
		}
		h, err := w.host(hostID)
		if err != nil {
			return err
		}
		all, err := w.servicesOnHost(hostID)
		if err != nil {
			return err
		}
		latest, err := w.latestScan(hostID)
		if err != nil {
			return err
		}
		see(&h, all, at, discoveryID, ids)
		changed := w.changedRecords(&h, all, latest)
		if len(changed) == 0 {
			return nil
		}
		next := record.Scan{At: binding.Time(at), DiscoveryID: discoveryID}
		if discoveryID == uuid.Nil {
			next.DiscoveryID = latest.DiscoveryID
		}
		if following := w.changedRecords(&h, all, next); len(following) <= len(changed) {
			w.put(scans, key(hostID), record.EncodeScan(hostID, next))
			changed = following
		}
		for _, c := range changed {
			w.put(c.table, c.key, c.value)
		}
		return nil
	})
}

// see changes the Sightings of what has one of the IDs, on a host and in its
// services.
func see(h *host.Host, services []service.Service, at time.Time, discoveryID uuid.UUID, ids []uuid.UUID) {
	seen := make(map[uuid.UUID]struct{}, len(ids))
	for _, id := range ids {
		seen[id] = struct{}{}
	}
	see := func(id uuid.UUID, s *binding.Sightings) {
		if _, ok := seen[id]; ok {
			*s = s.Seen(at, discoveryID)
		}
	}
	for id, s := range h.Sighted() {
		see(id, s)
	}
	for i := range services {
		see(services[i].ID, &services[i].Sightings)
		for j := range services[i].Bindings {
			b := &services[i].Bindings[j]
			see(b.ID, &b.Sightings)
		}
	}
}

// An entry is one of a table.
type entry struct {
	table
	key, value []byte
}

// changedRecords returns those records of a host and its services, if its latest scan
// is the one given, that are not stored so.
func (w *writer) changedRecords(h *host.Host, all []service.Service, latest record.Scan) []entry {
	var changed []entry
	compare := func(stored []byte, e entry) {
		if !bytes.Equal(stored, e.value) {
			changed = append(changed, e)
		}
	}
	stored := w.get(hosts, h.ID[:])
	compare(stored, entry{hosts, key(h.ID), record.EncodeHost(h, record.Generation(stored), latest)})
	for i := range all {
		s := &all[i]
		compare(w.get(services, s.ID[:]), entry{services, key(s.ID), record.EncodeService(s, latest)})
		for j := range s.Bindings {
			b := &s.Bindings[j]
			k := key(s.ID, b.ID)
			compare(w.get(bindings, k), entry{bindings, k, record.EncodeBinding(b, latest)})
		}
	}
	return changed
}
