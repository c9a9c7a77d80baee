package memstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// A serviceRow is a service with its bindings.
type serviceRow struct {
	service  service.Service // its Bindings are nil, and its Sightings zero
	sighting sighting
	bindings []bindingRow // by ID
}

// read returns a deep copy of the service with its bindings, on a host with a latest
// scan.
func (r *serviceRow) read(latest sighting) service.Service {
	s := r.service.Clone()
	s.Sightings = r.sighting.read(latest)
	if len(r.bindings) > 0 {
		s.Bindings = make([]binding.Binding, len(r.bindings))
		for i := range r.bindings {
			r.bindings[i].read(&s.Bindings[i], s.ID, latest)
		}
	}
	return s
}

// A positionKey orders the services of a host.
type positionKey struct {
	position int32
	service  orderedID
}

func positionOf(s *service.Service) positionKey { return positionKey{s.Position, ordered(s.ID)} }

// Compare makes a positionKey a sorted.Key.
func (k positionKey) Compare(other positionKey) int {
	if k.position != other.position {
		return cmp.Compare(k.position, other.position)
	}
	return k.service.Compare(other.service)
}

func (r *reader) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	if err := r.open(ctx); err != nil {
		return service.Service{}, err
	}
	s := r.service(id)
	if s == nil {
		return service.Service{}, notFound(store.EntityService, id)
	}
	return s.read(r.host(s.service.HostID).latest), nil
}

func (r *reader) Services(ctx context.Context, ids ...uuid.UUID) ([]service.Service, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	ids = slices.Clone(ids)
	slices.SortFunc(ids, compareIDs)
	var services []service.Service
	for _, id := range slices.Compact(ids) {
		if s := r.service(id); s != nil {
			services = append(services, s.read(r.host(s.service.HostID).latest))
		}
	}
	return services, nil
}

func (r *reader) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	h := r.host(hostID)
	if h == nil || h.services.IsEmpty() {
		return nil, nil
	}
	services := make([]service.Service, 0, h.services.Len())
	for key := range h.services.All() {
		services = append(services, r.service(key.service.uuid()).read(h.latest))
	}
	return services, nil
}

func (r *reader) LastPosition(ctx context.Context, hostID uuid.UUID) (pos int32, ok bool, err error) {
	if err := r.open(ctx); err != nil {
		return 0, false, err
	}
	h := r.host(hostID)
	if h == nil {
		return 0, false, nil
	}
	last, ok := h.services.Last()
	return last.position, ok, nil
}

func (w *writer) PutService(ctx context.Context, s service.Service) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	if err := store.CheckPutService(s); err != nil {
		return err
	}
	h := w.host(s.HostID)
	if h == nil {
		return notFound(store.EntityHost, s.HostID)
	}
	old := w.service(s.ID)
	moves := old == nil || old.service.HostID != s.HostID
	row := newServiceRow(s.WithTimes(), old, h.latest)
	if moves && old != nil {
		row.bindings = moveBindings(old.bindings, w.host(old.service.HostID).latest, h.latest)
	}
	if moves || old.service.Position != s.Position {
		if old != nil {
			w.leaveHost(old)
		}
		w.joinHost(&row)
	}
	w.tables.services.Put(w.tx, s.ID, row)
	return nil
}

// newServiceRow returns the row of a service on a host with a latest scan, with the
// bindings of the row that it replaces, if there is one, and sharing with that one
// what is equal in both.
func newServiceRow(s service.Service, old *serviceRow, latest sighting) serviceRow {
	row := serviceRow{sighting: newSighting(&s.Sightings, latest)}
	s.Bindings, s.Sightings = nil, binding.Sightings{}
	if old == nil {
		row.service = s.Clone()
		return row
	}
	row.bindings = old.bindings
	was := &old.service
	if slices.Equal(s.Tags, was.Tags) && slices.Equal(s.Virtualization, was.Virtualization) &&
		slices.Equal(s.Source.Rest, was.Source.Rest) {
		s.Tags, s.Virtualization, s.Source.Rest = was.Tags, was.Virtualization, was.Source.Rest
	} else {
		s = s.Clone()
	}
	row.service = s
	return row
}

// moveBindings returns the bindings on a host with another latest scan than the one
// they come from.
func moveBindings(bindings []bindingRow, from, to sighting) []bindingRow {
	bindings = slices.Clone(bindings)
	for i := range bindings {
		s := bindings[i].sighting.read(from)
		bindings[i].sighting = newSighting(&s, to)
	}
	return bindings
}

// joinHost and leaveHost add a service with its bindings to, and remove it from,
// what its host finds them by.

func (w *writer) joinHost(s *serviceRow) {
	h := *w.host(s.service.HostID)
	h.services = h.services.With(positionOf(&s.service))
	for i := range s.bindings {
		h.list(&s.bindings[i])
	}
	w.tables.hosts.Put(w.tx, s.service.HostID, h)
}

func (w *writer) leaveHost(s *serviceRow) {
	h := *w.host(s.service.HostID)
	h.services = h.services.Without(positionOf(&s.service))
	for i := range s.bindings {
		h.unlist(&s.bindings[i])
	}
	w.tables.hosts.Put(w.tx, s.service.HostID, h)
}

func (w *writer) DeleteService(ctx context.Context, id uuid.UUID) error {
	if err := w.open(ctx); err != nil {
		return err
	}
	s := w.service(id)
	if s == nil {
		return notFound(store.EntityService, id)
	}
	w.leaveHost(s)
	w.tables.services.Delete(w.tx, id)
	return nil
}
