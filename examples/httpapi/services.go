package main

import (
	"context"
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
	created, change, err := a.manager.CreateService(r.Context(), d, writeOptions(r)...)
	return serviceReply(created, beyond(change)), err
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
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		stored, change, err := m.UpdateService(ctx, s, opts...)
		return serviceReply(stored, beyond(change)), err
	})
}

// moveService moves a service to the host in the body.
func (a *api) moveService(r *http.Request) (reply, error) {
	var body struct {
		HostID uuid.UUID `json:"host_id"`
		Drop   bool      `json:"drop"`
	}
	fields, err := decode(r, &body)
	if err != nil {
		return reply{}, err
	}
	if err := fields.require("", "host_id"); err != nil {
		return reply{}, err
	}
	id, err := pathID(r, store.EntityService)
	if err != nil {
		return reply{}, err
	}
	opts := []bindset.MoveOption{bindset.IfRevision(ifMatch(r))}
	if body.Drop {
		opts = append(opts, bindset.DropUnfit())
	}
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		moved, change, err := m.MoveService(ctx, id, body.HostID, opts...)
		return serviceReply(moved, changesOf(change)), err
	})
}

func serviceReply(s service.Service, changes *changes) reply {
	return reply{data: shownService(s), changes: changes, revision: s.Revision}
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
	s, err := a.manager.Service(r.Context(), id)
	return serviceReply(s, nil), err
}

func (a *api) listServices(r *http.Request) (reply, error) {
	hostID, err := queryID(r, "host_id")
	if err != nil {
		return reply{}, err
	}
	services, err := a.manager.ServicesOnHost(r.Context(), hostID)
	return reply{data: shownServices(services)}, err
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
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		_, err := m.DeleteService(ctx, id, bindset.IfRevision(revision))
		return reply{}, err
	})
}

func (a *api) deleteServices(r *http.Request) (reply, error) {
	var list ids
	if _, err := decode(r, &list); err != nil {
		return reply{}, err
	}
	n, _, err := a.manager.DeleteServices(r.Context(), list, writeOptions(r)...)
	return reply{data: deletion{n, list.distinct()}}, err
}
