package memstore

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// A writer makes the versions of the commit that is to come.
type writer struct {
	reader
	changes *[]change
}

// host, network and service return a row for the transaction to change.

func (w *writer) host(id uuid.UUID) *hostRow {
	_, v := w.tables.hosts.put(id, w.commit, w.changes)
	return &v.row
}

func (w *writer) network(id uuid.UUID) *networkRow {
	_, v := w.tables.networks.put(id, w.commit, w.changes)
	return &v.row
}

func (w *writer) service(id uuid.UUID) (rowID, *serviceVersion) {
	return w.tables.services.put(id, w.commit, w.changes)
}

func (w *writer) PutHost(ctx context.Context, h host.Host) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	inv, err := store.CheckPutHost(h)
	if err != nil {
		return err
	}
	row := w.host(h.ID)
	if old := row.inventory; old == nil || old.NetworkID() != h.NetworkID {
		if old != nil {
			w.leaveNetwork(old)
		}
		n := w.network(h.NetworkID)
		n.hosts = n.hosts.with(idKey(h.ID))
	}
	row.inventory = inv
	return nil
}

func (w *writer) leaveNetwork(inv *host.Inventory) {
	_, v := w.tables.networks.put(inv.NetworkID(), w.commit, w.changes)
	v.row.hosts = v.row.hosts.without(idKey(inv.HostID()))
	v.gone = v.row.hosts.isEmpty()
}

func (w *writer) DeleteHost(ctx context.Context, id uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	h := w.tables.hosts.find(id, w.commit)
	if h == nil {
		return notFound(store.EntityHost, id)
	}
	if !h.row.services.isEmpty() {
		return &store.EntityError{Code: store.ErrInUse, Entity: store.EntityHost, ID: id}
	}
	w.leaveNetwork(h.row.inventory)
	_, v := w.tables.hosts.put(id, w.commit, w.changes)
	v.row, v.gone = hostRow{}, true
	return nil
}

func (w *writer) PutService(ctx context.Context, s service.Service) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	if err := store.CheckPutService(s); err != nil {
		return err
	}
	was := w.tables.services.find(s.ID, w.commit)
	moves := was == nil || was.row.service.HostID != s.HostID
	if moves && w.tables.hosts.find(s.HostID, w.commit) == nil {
		return notFound(store.EntityHost, s.HostID)
	}
	row, v := w.service(s.ID)
	old := &v.row.service
	switch {
	case was == nil:
		w.join(row, &s, nil)
	case moves, old.Position != s.Position:
		w.leave(row, old, v.row.bindings)
		w.join(row, &s, v.row.bindings)
	}
	*old = newService(s, old)
	return nil
}

// newService returns a service as the tables hold it, sharing with the one that
// it replaces what is equal in both.
func newService(s service.Service, old *service.Service) service.Service {
	s.Bindings = nil
	s.CreatedAt, s.UpdatedAt = binding.Time(s.CreatedAt), binding.Time(s.UpdatedAt)
	if slices.Equal(s.Tags, old.Tags) && slices.Equal(s.Virtualization, old.Virtualization) &&
		slices.Equal(s.Source.Rest, old.Source.Rest) {
		s.Tags, s.Virtualization, s.Source.Rest = old.Tags, old.Virtualization, old.Source.Rest
		return s
	}
	return s.Clone()
}

// join and leave add a service with its bindings to, and remove it from, what its
// host knows.

func (w *writer) join(row rowID, s *service.Service, bindings []stored) {
	h := w.host(s.HostID)
	h.services = h.services.with(positionKey(s.Position, s.ID, row))
	for i := range bindings {
		h.list(&bindings[i], row)
	}
}

func (w *writer) leave(row rowID, s *service.Service, bindings []stored) {
	h := w.host(s.HostID)
	h.services = h.services.without(positionKey(s.Position, s.ID, row))
	for i := range bindings {
		h.unlist(&bindings[i])
	}
}

func (w *writer) DeleteService(ctx context.Context, id uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	if w.tables.services.find(id, w.commit) == nil {
		return notFound(store.EntityService, id)
	}
	row, v := w.service(id)
	w.leave(row, &v.row.service, v.row.bindings)
	old := v.row.bindings
	v.row, v.gone = serviceRow{}, true
	w.tables.disown(row, old, v)
	return nil
}

func (w *writer) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	v := w.tables.services.find(serviceID, w.commit)
	if v == nil {
		return notFound(store.EntityService, serviceID)
	}
	var few [4]stored
	sorted, isNew, err := w.checkPut(few[:0], v, put)
	if err != nil {
		return err
	}
	if del, err = checkDelete(&v.row, del); err != nil {
		return err
	}

	row, v := w.service(serviceID)
	old := v.row.bindings
	v.row.bindings = merge(make([]stored, 0, len(old)-len(del)+isNew), old, del, sorted)
	w.reindex(row, v, old)
	return nil
}

// reindex brings what finds bindings up to the version of a service that had
// other bindings before.
func (w *writer) reindex(row rowID, v *serviceVersion, old []stored) {
	for was, is := range changed(old, v.row.bindings) {
		switch {
		case was == nil && !someHas(v.before.Load(), is.id):
			w.tables.bindings.add(is.tag, row)
		case is == nil && !someHas(v.before.Load(), was.id):
			w.tables.bindings.remove(was.tag, row)
		}
		before, listened := was.port()
		after, listens := is.port()
		if listened == listens && before == after {
			continue
		}
		h := w.host(v.row.service.HostID)
		if listened {
			h.unlist(was)
		}
		if listens {
			h.list(is, row)
		}
	}
}

// checkPut appends the bindings that are put into a service, by ID, if they can
// be, and says how many of them it does not have.
func (w *writer) checkPut(sorted []stored, v *serviceVersion, put []binding.Binding) (_ []stored, isNew int, err error) {
	if err := store.CheckPutBindings(v.id, put); err != nil {
		return nil, 0, err
	}
	for i := range put {
		tag := tagOf(w.tables.services.seed, put[i].ID)
		switch w.owner(put[i].ID, tag) {
		case v:
		case nil:
			isNew++
		default:
			return nil, 0, &store.EntityError{Code: store.ErrExists, Entity: store.EntityBinding, ID: put[i].ID}
		}
		sorted = append(sorted, newStored(&put[i], tag))
	}
	if len(sorted) > 1 {
		slices.SortFunc(sorted, func(a, b stored) int { return compareIDs(a.id, b.id) })
	}
	return sorted, isNew, nil
}

// checkDelete returns the IDs of the bindings that are deleted from a service,
// ascending, if they can be.
func checkDelete(s *serviceRow, del []uuid.UUID) ([]uuid.UUID, error) {
	if len(del) > 1 {
		del = slices.Clone(del)
		slices.SortFunc(del, compareIDs)
	}
	for i, id := range del {
		if s.find(id) == nil || i > 0 && id == del[i-1] {
			return nil, notFound(store.EntityBinding, id)
		}
	}
	return del, nil
}

// merge appends the bindings that a service had, without those deleted, and with
// those put. All are by ID.
func merge(merged, had []stored, del []uuid.UUID, put []stored) []stored {
	for i := range had {
		b := &had[i]
		for len(put) > 0 && compareIDs(put[0].id, b.id) < 0 {
			merged, put = append(merged, put[0]), put[1:]
		}
		deleted := len(del) > 0 && del[0] == b.id
		if deleted {
			del = del[1:]
		}
		if !deleted && (len(put) == 0 || put[0].id != b.id) {
			merged = append(merged, *b)
		}
	}
	return append(merged, put...)
}
