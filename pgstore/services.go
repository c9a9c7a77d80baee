package pgstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

func readService(row pgx.CollectableRow) (service.Service, error) {
	var s service.Service
	var id, hostID, network pgtype.UUID
	var rest, virtualization pgtype.Text
	var revision int64
	var created, updated pgtype.Timestamptz
	var seen seenRow
	err := row.Scan(append([]any{
		&id, &hostID, &network, &s.Name, &s.Definition, &s.Source.Type, &rest, &s.Position, &s.Tags,
		&virtualization, &revision, &created, &updated,
	}, seen.columns()...)...)
	s.ID, s.HostID, s.NetworkID = id.Bytes, hostID.Bytes, network.Bytes
	s.Source.Rest, s.Virtualization = rawOf(rest), rawOf(virtualization)
	s.Revision, s.CreatedAt, s.UpdatedAt, s.Sightings = uint64(revision), timeOf(created), timeOf(updated), seen.sightings()
	if len(s.Tags) == 0 {
		s.Tags = nil
	}
	return s, err
}

func (t *tx) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	services, err := t.Services(ctx, id)
	if err != nil {
		return service.Service{}, err
	}
	if len(services) == 0 {
		return service.Service{}, notFound(store.EntityService, id)
	}
	return services[0], nil
}

// Services reads services and their sets in one round trip.
func (t *tx) Services(ctx context.Context, serviceIDs ...uuid.UUID) ([]service.Service, error) {
	if len(serviceIDs) == 0 {
		return nil, t.usable()
	}
	services, err := t.readServices(ctx, "read services", t.sql.services, t.sql.bindings, ids(serviceIDs))
	for i := range services {
		if err := t.touch(services[i].HostID); err != nil {
			return nil, err
		}
	}
	return services, err
}

// ServicesOnHost reads the services of a host and their sets in one round trip.
func (t *tx) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	if err := t.touch(hostID); err != nil {
		return nil, err
	}
	return t.readServices(ctx, "read the services of host "+hostID.String(),
		t.sql.servicesOnHost, t.sql.bindingsOnHost, required(hostID))
}

// readServices runs a query for services and one for their bindings, by ID.
func (t *tx) readServices(ctx context.Context, what, query, queryBindings string, arg any) ([]service.Service, error) {
	var services []service.Service
	var bindings []binding.Binding
	batch := t.batch()
	batch.Queue(query, arg).Query(func(rows pgx.Rows) (err error) {
		services, err = pgx.AppendRows(services, rows, readService)
		return err
	})
	batch.Queue(queryBindings, arg).Query(func(rows pgx.Rows) error {
		return readBindings(rows, func(b binding.Binding) { bindings = append(bindings, b) })
	})
	if err := t.send(ctx, what, batch); err != nil {
		return nil, err
	}
	if len(services) == 1 {
		services[0].Bindings = bindings
		return services, nil
	}
	places := make(map[uuid.UUID]int, len(services))
	for i := range services {
		places[services[i].ID] = i
	}
	for _, b := range bindings {
		s := &services[places[b.ServiceID]]
		s.Bindings = append(s.Bindings, b)
	}
	return services, nil
}

func (t *tx) LastPosition(ctx context.Context, hostID uuid.UUID) (pos int32, ok bool, err error) {
	if err := t.touch(hostID); err != nil {
		return 0, false, err
	}
	batch := t.batch()
	queueRows(batch, t.sql.lastPosition, []any{required(hostID)}, []any{&pos}, func() error {
		ok = true
		return nil
	})
	err = t.send(ctx, "read the last position on host "+hostID.String(), batch)
	return pos, ok, err
}

// PutService writes a service if its host is there. One that stays on its host is
// updated first, without its key: to write that is to lock out everyone who adds
// bindings to it, and two who do both would wait for each other. Its bindings
// follow a service to another host by their foreign key; when they were seen goes
// with them.
func (t *tx) PutService(ctx context.Context, s service.Service) error {
	if err := checkService(&s); err != nil {
		return err
	}
	if err := t.touch(s.HostID); err != nil {
		return err
	}
	tags := s.Tags
	if tags == nil {
		tags = []string{} // nil is NULL
	}
	columns := append([]any{
		required(s.ID), required(s.HostID), id(s.NetworkID), s.Name, s.Definition, s.Source.Type, raw(s.Source.Rest), s.Position, tags,
		raw(s.Virtualization), int64(s.Revision), instant(s.CreatedAt), instant(s.UpdatedAt),
	}, seenValuesOf(s.Sightings, scan{})...)
	var updated, written int64
	batch := t.batch()
	batch.Queue(t.sql.updateService, columns...).Exec(countInto(&updated))
	batch.Queue(t.sql.leaveScan, required(s.ID), required(s.HostID))
	batch.Queue(t.sql.putService, columns...).Exec(countInto(&written))
	err := t.send(ctx, "write service "+s.ID.String(), batch)
	switch {
	case err != nil || updated > 0:
		return err
	case written == 0:
		return notFound(store.EntityHost, s.HostID)
	default:
		return t.touch(newcomers)
	}
}

// checkService refuses what the columns cannot hold, before the database does:
// that would undo the transaction.
func checkService(s *service.Service) error {
	if err := store.CheckPutService(*s); err != nil {
		return err
	}
	for _, t := range []struct {
		field string
		at    time.Time
	}{{"created_at", s.CreatedAt}, {"updated_at", s.UpdatedAt}, {"last_seen_at", s.LastSeenAt}} {
		if err := checkTime(t.field, t.at); err != nil {
			return err
		}
	}
	for _, j := range []struct {
		field string
		raw   json.RawMessage
	}{{"source", s.Source.Rest}, {"virtualization", s.Virtualization}} {
		if len(j.raw) > 0 && !json.Valid(j.raw) {
			return &binding.FieldError{Path: j.field, Problem: "is not valid JSON"}
		}
	}
	return nil
}

func (t *tx) DeleteService(ctx context.Context, id uuid.UUID) error {
	deleted, err := t.exec(ctx, "delete service "+id.String(), []any{required(id)}, t.sql.deleteService)
	if err == nil && deleted == 0 {
		return notFound(store.EntityService, id)
	}
	return err
}
