package memstore

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/idmap"
	"github.com/bindset/bindset/service"
)

// A writer changes its own version of the tables.
type writer struct {
	reader
	edit idmap.Edit
}

func (w *writer) PutHost(ctx context.Context, h host.Host) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	inv, err := service.CheckPutHost(h)
	if err != nil {
		return err
	}
	row, was := w.tables.hosts.Get(keyOf(h.ID))
	if was && row.inventory.NetworkID() != h.NetworkID {
		w.tables.networks.Delete(w.edit, networkKey(row.inventory.NetworkID(), h.ID))
	}
	row.inventory = inv
	w.tables.hosts.Put(w.edit, keyOf(h.ID), row)
	w.tables.networks.Put(w.edit, networkKey(h.NetworkID, h.ID), struct{}{})
	return nil
}

func (w *writer) DeleteHost(ctx context.Context, id uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	row, ok := w.tables.hosts.Get(keyOf(id))
	if !ok {
		return notFound(service.EntityHost, id)
	}
	if row.services.Len() > 0 {
		return &service.EntityError{Code: service.ErrInUse, Entity: service.EntityHost, ID: id}
	}
	w.tables.hosts.Delete(w.edit, keyOf(id))
	w.tables.networks.Delete(w.edit, networkKey(row.inventory.NetworkID(), id))
	return nil
}

func (w *writer) PutService(ctx context.Context, s service.Service) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	if err := service.CheckPutService(s); err != nil {
		return err
	}
	if !w.tables.hosts.Has(keyOf(s.HostID)) {
		return notFound(service.EntityHost, s.HostID)
	}
	row, was := w.tables.services.Get(keyOf(s.ID))
	if was && row.service.HostID != s.HostID {
		for _, b := range row.bindings {
			w.unlist(row.service.HostID, b)
			w.list(s.HostID, b)
		}
	}
	if !was || row.service.HostID != s.HostID || row.service.Position != s.Position {
		if was {
			w.leaveHost(row.service)
		}
		w.joinHost(&s)
	}
	row.service = stored(s, row.service)
	w.tables.services.Put(w.edit, keyOf(s.ID), row)
	return nil
}

// stored returns the service as the tables hold it, sharing with the one that it
// replaces, if any, what is equal in both.
func stored(s service.Service, old *service.Service) *service.Service {
	s.Bindings = nil
	s.CreatedAt, s.UpdatedAt = binding.Time(s.CreatedAt), binding.Time(s.UpdatedAt)
	if old != nil && slices.Equal(s.Tags, old.Tags) && slices.Equal(s.Virtualization, old.Virtualization) &&
		slices.Equal(s.Source.Rest, old.Source.Rest) {
		s.Tags, s.Virtualization, s.Source.Rest = old.Tags, old.Virtualization, old.Source.Rest
		return &s
	}
	s = s.Clone()
	return &s
}

// joinHost and leaveHost add a service to, and remove it from, the list of its
// host.
func (w *writer) joinHost(s *service.Service) {
	h, _ := w.tables.hosts.Get(keyOf(s.HostID))
	h.services.Put(w.edit, positionKey(s.Position, s.ID), struct{}{})
	w.tables.hosts.Put(w.edit, keyOf(s.HostID), h)
}

func (w *writer) leaveHost(s *service.Service) {
	h, _ := w.tables.hosts.Get(keyOf(s.HostID))
	h.services.Delete(w.edit, positionKey(s.Position, s.ID))
	w.tables.hosts.Put(w.edit, keyOf(s.HostID), h)
}

func (w *writer) DeleteService(ctx context.Context, id uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	row, ok := w.tables.services.Get(keyOf(id))
	if !ok {
		return notFound(service.EntityService, id)
	}
	for _, b := range row.bindings {
		w.unlist(row.service.HostID, b)
		w.tables.bindings.Delete(w.edit, keyOf(b.ID))
	}
	w.leaveHost(row.service)
	w.tables.services.Delete(w.edit, keyOf(id))
	return nil
}

func (w *writer) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	row, ok := w.tables.services.Get(keyOf(serviceID))
	if !ok {
		return notFound(service.EntityService, serviceID)
	}
	if err := w.checkBindings(serviceID, put, del); err != nil {
		return err
	}

	gone := make([]uuid.UUID, 0, len(del)+len(put))
	for _, id := range del {
		gone = w.removeBinding(row.service.HostID, id, gone)
	}
	added := make([]*binding.Binding, len(put))
	for i, b := range put {
		b = b.WithTimes()
		gone = w.removeBinding(row.service.HostID, b.ID, gone)
		w.tables.bindings.Put(w.edit, keyOf(b.ID), &b)
		w.list(row.service.HostID, &b)
		added[i] = &b
	}
	row.bindings = merge(row.bindings, gone, added)
	w.tables.services.Put(w.edit, keyOf(serviceID), row)
	return nil
}

// checkBindings refuses what PutBindings must refuse, before anything is
// written.
func (w *writer) checkBindings(serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	if err := service.CheckPutBindings(serviceID, put); err != nil {
		return err
	}
	for i := range put {
		if b, ok := w.tables.bindings.Get(keyOf(put[i].ID)); ok && b.ServiceID != serviceID {
			return &service.EntityError{Code: service.ErrExists, Entity: service.EntityBinding, ID: b.ID}
		}
	}
	if len(del) > 1 {
		del = slices.Clone(del)
		slices.SortFunc(del, compareIDs)
	}
	for i, id := range del {
		b, ok := w.tables.bindings.Get(keyOf(id))
		if !ok || b.ServiceID != serviceID || i > 0 && id == del[i-1] {
			return notFound(service.EntityBinding, id)
		}
	}
	return nil
}

// removeBinding removes a binding, if it is there, from all tables but its
// service's row, and appends its ID to gone.
func (w *writer) removeBinding(hostID, id uuid.UUID, gone []uuid.UUID) []uuid.UUID {
	b, ok := w.tables.bindings.Get(keyOf(id))
	if !ok {
		return gone
	}
	w.unlist(hostID, b)
	w.tables.bindings.Delete(w.edit, keyOf(id))
	return append(gone, id)
}

// merge returns the bindings of a service, by ID: those it had, without those
// gone, and those added. It sorts gone and added.
func merge(had []*binding.Binding, gone []uuid.UUID, added []*binding.Binding) []*binding.Binding {
	slices.SortFunc(gone, compareIDs)
	slices.SortFunc(added, func(a, b *binding.Binding) int { return compareIDs(a.ID, b.ID) })
	merged := make([]*binding.Binding, 0, len(had)-len(gone)+len(added))
	for _, b := range had {
		if len(gone) > 0 && gone[0] == b.ID {
			gone = gone[1:]
			continue
		}
		for len(added) > 0 && compareIDs(added[0].ID, b.ID) < 0 {
			merged, added = append(merged, added[0]), added[1:]
		}
		merged = append(merged, b)
	}
	return append(merged, added...)
}

// list and unlist add a binding to, and remove it from, the listeners of a host,
// where it is a listener.
func (w *writer) list(hostID uuid.UUID, b *binding.Binding) {
	if portID, ok := b.Target.PortID(); ok {
		w.tables.listeners.Put(w.edit, portKey(hostID, portID, b.ID), b)
	}
}

func (w *writer) unlist(hostID uuid.UUID, b *binding.Binding) {
	if portID, ok := b.Target.PortID(); ok {
		w.tables.listeners.Delete(w.edit, portKey(hostID, portID, b.ID))
	}
}
