package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

func (a *api) createBinding(r *http.Request) (reply, error) {
	b, err := readBinding(r)
	if err != nil {
		return reply{}, err
	}
	b.ID = uuid.Nil
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		created, change, err := m.CreateBinding(ctx, b)
		return storedBinding(ctx, m, created, change, err)
	})
}

func (a *api) putBinding(r *http.Request) (reply, error) {
	b, err := readBinding(r)
	if err != nil {
		return reply{}, err
	}
	if b.ID, err = pathID(r, store.EntityBinding); err != nil {
		return reply{}, err
	}
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		stored, change, err := m.UpdateBinding(ctx, b, bindset.IfRevision(ifMatch(r)))
		return storedBinding(ctx, m, stored, change, err)
	})
}

// transferBinding gives a listener to the service in the body.
func (a *api) transferBinding(r *http.Request) (reply, error) {
	var body struct {
		ServiceID uuid.UUID `json:"service_id"`
	}
	fields, err := decode(r, &body)
	if err != nil {
		return reply{}, err
	}
	if err := fields.require("", "service_id"); err != nil {
		return reply{}, err
	}
	id, err := pathID(r, store.EntityBinding)
	if err != nil {
		return reply{}, err
	}
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		stored, change, err := m.TransferListener(ctx, id, body.ServiceID, bindset.IfRevision(ifMatch(r)))
		return storedBinding(ctx, m, stored, change, err)
	})
}

// storedBinding replies with what a use case returned: a binding, whose revision is
// that of its service.
func storedBinding(ctx context.Context, m *bindset.Manager, b binding.Binding, change bindset.Change, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	s, err := m.Service(ctx, b.ServiceID)
	return reply{data: shown(b), changes: beyond(change), revision: s.Revision}, err
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
	var found reply
	err = a.manager.View(r.Context(), func(ctx context.Context, r store.Reader) error {
		owners, err := r.BindingOwners(ctx, id)
		if err != nil {
			return err
		}
		if _, ok := owners[id]; !ok {
			return &store.EntityError{Code: store.ErrNotFound, Entity: store.EntityBinding, ID: id}
		}
		s, err := r.Service(ctx, owners[id])
		for _, b := range s.Bindings {
			if b.ID == id {
				found = reply{data: shown(b), revision: s.Revision}
			}
		}
		return err
	})
	return found, err
}

func (a *api) listBindings(r *http.Request) (reply, error) {
	serviceID, err := queryID(r, "service_id")
	if err != nil {
		return reply{}, err
	}
	s, err := a.manager.Service(r.Context(), serviceID)
	if errors.Is(err, store.ErrNotFound) {
		err = nil // of what is unknown a list is empty
	}
	return reply{data: shownOf(s.Bindings)}, err
}

func (a *api) deleteBinding(r *http.Request) (reply, error) {
	id, err := pathID(r, store.EntityBinding)
	if err != nil {
		return reply{}, err
	}
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		_, err := m.DeleteBinding(ctx, id, bindset.IfRevision(ifMatch(r)))
		return reply{}, err
	})
}

func (a *api) deleteBindings(r *http.Request) (reply, error) {
	var list ids
	if _, err := decode(r, &list); err != nil {
		return reply{}, err
	}
	n, _, err := a.manager.DeleteBindings(r.Context(), list, writeOptions(r)...)
	return reply{data: deletion{n, list.distinct()}}, err
}

// A deletion says how many of the things a client named went.
type deletion struct {
	Deleted   int `json:"deleted_count"`
	Requested int `json:"requested_count"`
}
