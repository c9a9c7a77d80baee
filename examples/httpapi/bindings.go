package main

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

func (a *api) createBinding(r *http.Request) (reply, error) {
	b, err := readBinding(r)
	if err != nil {
		return reply{}, err
	}
	b.ID = uuid.Nil
	created, change, err := a.manager.CreateBinding(r.Context(), b)
	return reply{data: created, changes: beyond(change)}, err
}

func (a *api) putBinding(r *http.Request) (reply, error) {
	b, err := readBinding(r)
	if err != nil {
		return reply{}, err
	}
	if b.ID, err = pathID(r, store.EntityBinding); err != nil {
		return reply{}, err
	}
	stored, change, err := a.manager.UpdateBinding(r.Context(), b)
	return reply{data: stored, changes: beyond(change)}, err
}

// readBinding reads a binding of one service. The nil service is refused here:
// for an update it means the stored one, for the API it is a mistake.
func readBinding(r *http.Request) (binding.Binding, error) {
	var b binding.Binding
	body, err := decode(r, &b)
	if err != nil {
		return binding.Binding{}, err
	}
	if err := body.require("", "service_id"); err != nil {
		return binding.Binding{}, err
	}
	return given(b), requireID("service_id", b.ServiceID)
}

// given returns of a binding what is for clients to say.
func given(b binding.Binding) binding.Binding {
	return binding.Binding{Target: b.Target, ID: b.ID, ServiceID: b.ServiceID, NetworkID: b.NetworkID}
}

func (a *api) getBinding(r *http.Request) (reply, error) {
	id, err := pathID(r, store.EntityBinding)
	if err != nil {
		return reply{}, err
	}
	var found binding.Binding
	err = a.manager.View(r.Context(), func(ctx context.Context, r store.Reader) (err error) {
		found, err = findBinding(ctx, r, id)
		return err
	})
	return reply{data: found}, err
}

func findBinding(ctx context.Context, r store.Reader, id uuid.UUID) (binding.Binding, error) {
	notFound := &store.EntityError{Code: store.ErrNotFound, Entity: store.EntityBinding, ID: id}
	owners, err := r.BindingOwners(ctx, id)
	if err != nil {
		return binding.Binding{}, err
	}
	owner, ok := owners[id]
	if !ok {
		return binding.Binding{}, notFound
	}
	s, err := r.Service(ctx, owner)
	if err != nil {
		return binding.Binding{}, err
	}
	for _, b := range s.Bindings {
		if b.ID == id {
			return b, nil
		}
	}
	return binding.Binding{}, notFound
}

func (a *api) listBindings(r *http.Request) (reply, error) {
	serviceID, err := queryID(r, "service_id")
	if err != nil {
		return reply{}, err
	}
	s, err := a.readService(r, serviceID)
	return listOf(s.Bindings, err)
}

func (a *api) deleteBinding(r *http.Request) (reply, error) {
	id, err := pathID(r, store.EntityBinding)
	if err != nil {
		return reply{}, err
	}
	_, err = a.manager.DeleteBinding(r.Context(), id)
	return reply{}, err
}

func (a *api) deleteBindings(r *http.Request) (reply, error) {
	var list ids
	if _, err := decode(r, &list); err != nil {
		return reply{}, err
	}
	n, _, err := a.manager.DeleteBindings(r.Context(), list)
	return reply{data: deletion{n, list.distinct()}}, err
}

// A deletion says how many of the things a client named went.
type deletion struct {
	Deleted   int `json:"deleted_count"`
	Requested int `json:"requested_count"`
}
