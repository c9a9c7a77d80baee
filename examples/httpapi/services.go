package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

func (a *api) createService(r *http.Request) (reply, error) {
	s, _, err := readService(r)
	if err != nil {
		return reply{}, err
	}
	d := draft(s)
	d.ID = uuid.Nil
	for i := range d.Bindings {
		d.Bindings[i].ID = uuid.Nil
	}
	created, change, err := a.manager.CreateService(r.Context(), d)
	return reply{data: created, changes: beyond(change), revision: created.Revision}, err
}

func (a *api) putService(r *http.Request) (reply, error) {
	s, body, err := readService(r)
	if err != nil {
		return reply{}, err
	}
	if s.ID, err = pathID(r, store.EntityService); err != nil {
		return reply{}, err
	}
	opts := []bindset.UpdateServiceOption{bindset.IfRevision(ifMatch(r))}
	if !body.has("position") {
		opts = append(opts, bindset.KeepPosition())
	}
	stored, change, err := a.manager.UpdateService(r.Context(), s, opts...)
	return reply{data: stored, changes: beyond(change), revision: stored.Revision}, err
}

// readService reads a service of one host, without what is not for clients to
// say. The nil host is refused here: for an update it means the stored one, for
// the API it is a mistake.
func readService(r *http.Request) (service.Service, object, error) {
	var s service.Service
	body, err := decode(r, &s)
	if err != nil {
		return service.Service{}, nil, err
	}
	if err := body.require("", "name", "host_id"); err != nil {
		return service.Service{}, nil, err
	}
	s.Source = service.Source{}
	for i := range s.Bindings {
		s.Bindings[i] = given(s.Bindings[i])
	}
	return s, body, requireID("host_id", s.HostID)
}

// requireID refuses the nil UUID where a client must name something.
func requireID(field string, id uuid.UUID) error {
	if id == uuid.Nil {
		return &binding.FieldError{Path: field, Problem: "is the nil UUID; give the ID of what is meant"}
	}
	return nil
}

// draft returns a new service as a client describes it.
func draft(s service.Service) service.Draft {
	return service.Draft{
		ID: s.ID, HostID: s.HostID, NetworkID: s.NetworkID, Name: s.Name, Definition: s.Definition,
		Tags: s.Tags, Virtualization: s.Virtualization, Bindings: s.Bindings,
	}
}

func (a *api) getService(r *http.Request) (reply, error) {
	id, err := pathID(r, store.EntityService)
	if err != nil {
		return reply{}, err
	}
	s, err := a.readService(r, id)
	return reply{data: s, revision: s.Revision}, err
}

// readService returns a stored service.
func (a *api) readService(r *http.Request, id uuid.UUID) (s service.Service, err error) {
	err = a.manager.View(r.Context(), func(ctx context.Context, r store.Reader) (err error) {
		s, err = r.Service(ctx, id)
		return err
	})
	return s, err
}

func (a *api) listServices(r *http.Request) (reply, error) {
	hostID, err := queryID(r, "host_id")
	if err != nil {
		return reply{}, err
	}
	return listOf(a.readServices(r, hostID))
}

// readServices returns the stored services of a host, by Position.
func (a *api) readServices(r *http.Request, hostID uuid.UUID) (services []service.Service, err error) {
	err = a.manager.View(r.Context(), func(ctx context.Context, r store.Reader) (err error) {
		services, err = r.ServicesOnHost(ctx, hostID)
		return err
	})
	return services, err
}

// listOf replies with a list: of what is unknown it is empty.
func listOf[T any](list []T, err error) (reply, error) {
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return reply{}, err
	}
	return reply{data: append([]T{}, list...)}, nil
}

func (a *api) deleteService(r *http.Request) (reply, error) {
	revision, err := ifMatchOrRevision(r)
	if err != nil {
		return reply{}, err
	}
	id, err := pathID(r, store.EntityService)
	if err != nil {
		return reply{}, err
	}
	_, err = a.manager.DeleteService(r.Context(), id, bindset.IfRevision(revision))
	return reply{}, err
}

func (a *api) deleteServices(r *http.Request) (reply, error) {
	var list ids
	if _, err := decode(r, &list); err != nil {
		return reply{}, err
	}
	n, _, err := a.manager.DeleteServices(r.Context(), list)
	return reply{data: deletion{n, list.distinct()}}, err
}
