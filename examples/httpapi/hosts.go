package main

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

func (a *api) createHost(r *http.Request) (reply, error) {
	var h service.HostWithServices
	body, err := decode(r, &h)
	if err != nil {
		return reply{}, err
	}
	if err := body.require("", "name", "network_id"); err != nil {
		return reply{}, err
	}
	if err := body.requireServices("name"); err != nil {
		return reply{}, err
	}
	drafts := make([]service.Draft, len(h.Services))
	for i := range h.Services {
		drafts[i] = draft(h.Services[i])
		for k, b := range drafts[i].Bindings {
			drafts[i].Bindings[k] = given(b)
		}
	}
	onHost, change, err := a.manager.CreateHost(r.Context(), h.Host, drafts)
	created, services := onHost.Host, onHost.Services
	return hostReply(created, services, beyond(change)), err
}

func (a *api) putHost(r *http.Request) (reply, error) {
	var h host.Host // without the services: they have calls of their own
	body, err := decode(r, &h)
	if err != nil {
		return reply{}, err
	}
	if err := body.require("", "name", "network_id"); err != nil {
		return reply{}, err
	}
	if h.ID, err = pathID(r, store.EntityHost); err != nil {
		return reply{}, err
	}
	stored, change, err := a.manager.PutHost(r.Context(), h, bindset.IfRevision(ifMatch(r)), bindset.IfExists())
	if err != nil {
		return reply{}, err
	}
	services, err := a.readServices(r, h.ID)
	return hostReply(stored, services, beyond(change)), err
}

func (a *api) observe(r *http.Request) (reply, error) {
	var d service.Discovery
	body, err := decode(r, &d)
	if err != nil {
		return reply{}, err
	}
	if err := objectOf(body["host"]).require("host", "id", "name", "network_id"); err != nil {
		return reply{}, err
	}
	if err := body.requireServices("name"); err != nil {
		return reply{}, err
	}
	change, err := a.manager.Observe(r.Context(), d)
	if err != nil {
		return reply{}, err
	}
	h, err := a.readHost(r, d.Host.ID)
	return hostReply(h.Host, h.Services, changesOf(change)), err
}

func hostReply(h host.Host, services []service.Service, changes *changes) reply {
	return reply{data: service.HostWithServices{Host: h, Services: services}, changes: changes, revision: h.Revision}
}

func (a *api) getHost(r *http.Request) (reply, error) {
	id, err := pathID(r, store.EntityHost)
	if err != nil {
		return reply{}, err
	}
	h, err := a.readHost(r, id)
	return hostReply(h.Host, h.Services, nil), err
}

// readHost returns a stored host and its services.
func (a *api) readHost(r *http.Request, id uuid.UUID) (h service.HostWithServices, err error) {
	err = a.manager.View(r.Context(), func(ctx context.Context, r store.Reader) (err error) {
		if h.Host, err = r.Host(ctx, id); err == nil {
			h.Services, err = r.ServicesOnHost(ctx, id)
		}
		return err
	})
	return h, err
}

func (a *api) listHosts(r *http.Request) (reply, error) {
	networkID, err := queryID(r, "network_id")
	if err != nil {
		return reply{}, err
	}
	var list []service.HostWithServices
	if networkID == uuid.Nil {
		return listOf(list, nil) // to the store it means every network
	}
	err = a.manager.View(r.Context(), func(ctx context.Context, r store.Reader) error {
		hosts, err := r.Hosts(ctx, networkID, uuid.Nil, 0)
		if err != nil {
			return err
		}
		list = make([]service.HostWithServices, len(hosts))
		for i, h := range hosts {
			list[i].Host = h
			if list[i].Services, err = r.ServicesOnHost(ctx, h.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return listOf(list, err)
}

func (a *api) deleteHost(r *http.Request) (reply, error) {
	revision, err := ifMatchOrRevision(r)
	if err != nil {
		return reply{}, err
	}
	id, err := pathID(r, store.EntityHost)
	if err != nil {
		return reply{}, err
	}
	_, err = a.manager.DeleteHost(r.Context(), id, bindset.IfRevision(revision), bindset.Cascade())
	return reply{}, err
}
