package memstore

import (
	"context"
	"slices"
	"sort"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/mvcc"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// bindingsOfService are the keys of the index that leads from a binding to its
// service.
var bindingsOfService = mvcc.Keys[uuid.UUID, serviceRow]{
	Len:     func(s *serviceRow) int { return len(s.bindings) },
	Key:     func(s *serviceRow, i int) uuid.UUID { return s.bindings[i].id },
	Compare: compareIDs,
}

// find returns the binding with an ID among some that are by ID, nil where it is
// not there.
func find(bindings []bindingRow, id uuid.UUID) *bindingRow {
	at := sort.Search(len(bindings), func(i int) bool { return compareIDs(bindings[i].id, id) >= 0 })
	if at == len(bindings) || bindings[at].id != id {
		return nil
	}
	return &bindings[at]
}

// A listenerKey orders the listeners on a host by port.
type listenerKey struct{ port, binding orderedID }

// Compare makes a listenerKey a sorted.Key.
func (k listenerKey) Compare(other listenerKey) int {
	if k.port != other.port {
		return k.port.Compare(other.port)
	}
	return k.binding.Compare(other.binding)
}

// list and unlist add a binding to, and remove it from, the listeners on its host,
// if it is one.

func (h *hostRow) list(b *bindingRow) {
	if port, ok := b.target.PortID(); ok {
		h.listeners = h.listeners.With(listenerKey{ordered(port), ordered(b.id)})
	}
}

func (h *hostRow) unlist(b *bindingRow) {
	if port, ok := b.target.PortID(); ok {
		h.listeners = h.listeners.Without(listenerKey{ordered(port), ordered(b.id)})
	}
}

func (r *reader) BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	owners := make(map[uuid.UUID]uuid.UUID)
	for _, id := range ids {
		if serviceID, s := r.tables.bindings.Get(r.at, id); s != nil {
			owners[id] = serviceID
		}
	}
	return owners, nil
}

func (r *reader) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	h := r.host(hostID)
	if h == nil {
		return nil, nil
	}
	if len(portIDs) > 1 {
		portIDs = slices.Clone(portIDs)
		slices.SortFunc(portIDs, compareIDs)
		portIDs = slices.Compact(portIDs)
	}
	var claims []validate.Claim
	for _, portID := range portIDs {
		claims = r.appendListeners(claims, h, ordered(portID))
	}
	if len(portIDs) > 1 {
		slices.SortFunc(claims, func(a, b validate.Claim) int { return compareIDs(a.Binding.ID, b.Binding.ID) })
	}
	return claims, nil
}

// appendListeners appends the listeners on one port, by the binding's ID.
func (r *reader) appendListeners(claims []validate.Claim, h *hostRow, port orderedID) []validate.Claim {
	for key := range h.listeners.From(listenerKey{port: port}) {
		if key.port != port {
			break
		}
		id := key.binding.uuid()
		serviceID, s := r.tables.bindings.Get(r.at, id)
		claims = append(claims, validate.Claim{ServiceName: s.service.Name})
		find(s.bindings, id).read(&claims[len(claims)-1].Binding, serviceID, h.latest)
	}
	return claims
}

func (w *writer) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	old := w.service(serviceID)
	if old == nil {
		return notFound(store.EntityService, serviceID)
	}
	var few [4]bindingRow
	rows, isNew, err := w.checkPut(few[:0], serviceID, put, w.host(old.service.HostID).latest)
	if err != nil {
		return err
	}
	if del, err = checkDelete(old, del); err != nil {
		return err
	}

	w.relist(old, rows, del)
	bindings := merge(make([]bindingRow, 0, len(old.bindings)-len(del)+isNew), old.bindings, del, rows)
	w.tables.services.Put(w.tx, serviceID, serviceRow{old.service, old.sighting, bindings})
	return nil
}

// relist brings the listeners on the host up to a change of a service's bindings.
// What is deleted and put is put.
func (w *writer) relist(s *serviceRow, put []bindingRow, del []uuid.UUID) {
	h, changed := *w.host(s.service.HostID), false
	for i := range put {
		was := find(s.bindings, put[i].id)
		if was != nil && was.target == put[i].target {
			continue
		}
		if was != nil {
			h.unlist(was)
		}
		h.list(&put[i])
		changed = true
	}
	for _, id := range del {
		if find(put, id) == nil {
			h.unlist(find(s.bindings, id))
			changed = true
		}
	}
	if changed {
		w.tables.hosts.Put(w.tx, s.service.HostID, h)
	}
}

// checkPut appends the bindings that are put into a service on a host with a latest
// scan, by ID, if they can be, and says how many of them it does not have.
func (w *writer) checkPut(rows []bindingRow, serviceID uuid.UUID, put []binding.Binding, latest sighting) (_ []bindingRow, isNew int, err error) {
	if err := store.CheckPutBindings(serviceID, put); err != nil {
		return nil, 0, err
	}
	for i := range put {
		owner, s := w.tables.bindings.Get(w.at, put[i].ID)
		switch {
		case s == nil:
			isNew++
		case owner != serviceID:
			return nil, 0, &store.EntityError{Code: store.ErrExists, Entity: store.EntityBinding, ID: put[i].ID}
		}
		rows = append(rows, newBindingRow(&put[i], latest))
	}
	if len(rows) > 1 {
		slices.SortFunc(rows, func(a, b bindingRow) int { return compareIDs(a.id, b.id) })
	}
	return rows, isNew, nil
}

// checkDelete returns the IDs of the bindings that are deleted from a service,
// ascending, if they can be.
func checkDelete(s *serviceRow, del []uuid.UUID) ([]uuid.UUID, error) {
	if len(del) > 1 {
		del = slices.Clone(del)
		slices.SortFunc(del, compareIDs)
	}
	for i, id := range del {
		if find(s.bindings, id) == nil || i > 0 && id == del[i-1] {
			return nil, notFound(store.EntityBinding, id)
		}
	}
	return del, nil
}

// merge appends the bindings that a service had, without those deleted, and with
// those put. All are by ID.
func merge(merged, had []bindingRow, del []uuid.UUID, put []bindingRow) []bindingRow {
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
