package main

import (
	"context"
	"errors"
	"net/http"
	"time"

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
	created, change, err := a.manager.CreateHost(r.Context(), h.Host, drafts, writeOptions(r)...)
	return hostReply(created, beyond(change)), err
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
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		_, change, err := m.PutHost(ctx, h, bindset.IfRevision(ifMatch(r)), bindset.IfExists())
		if err != nil {
			return reply{}, err
		}
		return storedHost(ctx, m, h.ID, beyond(change))
	})
}

func (a *api) observe(r *http.Request) (reply, error) {
	var opts []bindset.ObserveOption
	switch identify, err := queryFlag(r, "identify"); {
	case err != nil:
		return reply{}, err
	case identify:
		opts = append(opts, bindset.IdentifyHost())
	}
	var d service.Discovery
	body, err := decode(r, &d)
	if err != nil {
		return reply{}, err
	}
	if err := body.require("", "host"); err != nil {
		return reply{}, err
	}
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		change, err := m.Observe(ctx, d, opts...)
		if err != nil {
			return reply{}, err
		}
		id, err := observedHost(ctx, m, &d.Host, &change)
		if err != nil {
			return reply{}, err
		}
		return storedHost(ctx, m, id, changesOf(change))
	})
}

// observedHost returns the ID of the stored host that was seen: its own, where
// that is stored.
func observedHost(ctx context.Context, m *bindset.Manager, seen *host.Host, change *bindset.Change) (id uuid.UUID, err error) {
	if len(change.Hosts) > 0 {
		return change.Hosts[0].ID, nil
	}
	if seen.ID != uuid.Nil {
		if _, err := m.Host(ctx, seen.ID); !errors.Is(err, store.ErrNotFound) {
			return seen.ID, err
		}
	}
	err = m.View(ctx, func(ctx context.Context, r store.Reader) error {
		addresses, macs := host.Evidence(*seen)
		candidates, err := r.HostsWith(ctx, seen.NetworkID, addresses, macs)
		for _, at := range host.Identify(*seen, candidates) {
			id = candidates[at].ID
		}
		return err
	})
	return id, err
}

func (a *api) expire(r *http.Request) (reply, error) {
	var body struct {
		Before time.Time `json:"before"`
	}
	fields, err := decode(r, &body)
	if err != nil {
		return reply{}, err
	}
	if err := fields.require("", "before"); err != nil {
		return reply{}, err
	}
	id, err := pathID(r, store.EntityHost)
	if err != nil {
		return reply{}, err
	}
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		change, err := m.Expire(ctx, id, body.Before, bindset.IfRevision(ifMatch(r)))
		if err != nil {
			return reply{}, err
		}
		return storedHost(ctx, m, id, beyond(change))
	})
}

func (a *api) mergeHosts(r *http.Request) (reply, error) {
	var body struct {
		From uuid.UUID `json:"from"`
		Drop bool      `json:"drop"`
	}
	fields, err := decode(r, &body)
	if err != nil {
		return reply{}, err
	}
	if err := fields.require("", "from"); err != nil {
		return reply{}, err
	}
	id, err := pathID(r, store.EntityHost)
	if err != nil {
		return reply{}, err
	}
	opts := []bindset.MoveOption{bindset.IfRevision(ifMatch(r))}
	if body.Drop {
		opts = append(opts, bindset.DropUnfit())
	}
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		change, err := m.MergeHosts(ctx, id, body.From, opts...)
		if err != nil {
			return reply{}, err
		}
		return storedHost(ctx, m, id, changesOf(change))
	})
}

func (a *api) getHost(r *http.Request) (reply, error) {
	id, err := pathID(r, store.EntityHost)
	if err != nil {
		return reply{}, err
	}
	return storedHost(r.Context(), a.manager, id, nil)
}

// storedHost replies with a stored host and its services.
func storedHost(ctx context.Context, m *bindset.Manager, id uuid.UUID, changes *changes) (reply, error) {
	var h service.HostWithServices
	err := m.View(ctx, func(ctx context.Context, r store.Reader) (err error) {
		if h.Host, err = r.Host(ctx, id); err == nil {
			h.Services, err = r.ServicesOnHost(ctx, id)
		}
		return err
	})
	return hostReply(h, changes), err
}

func hostReply(h service.HostWithServices, changes *changes) reply {
	return reply{data: shownHost(h), changes: changes, revision: h.Host.Revision}
}

func (a *api) listHosts(r *http.Request) (reply, error) {
	networkID, err := queryID(r, "network_id")
	if err != nil {
		return reply{}, err
	}
	after, limit, err := page(r)
	if err != nil {
		return reply{}, err
	}
	list := []shownHost{}
	if networkID == uuid.Nil {
		return reply{data: list}, nil // to a store it means every network
	}
	var next uuid.UUID
	err = a.manager.View(r.Context(), func(ctx context.Context, r store.Reader) error {
		hosts, err := r.Hosts(ctx, networkID, after, limit+1)
		if err != nil {
			return err
		}
		list, next = list[:0], uuid.Nil
		for i, h := range hosts {
			if i == limit {
				next = list[i-1].Host.ID
				break
			}
			services, err := r.ServicesOnHost(ctx, h.ID)
			if err != nil {
				return err
			}
			list = append(list, shownHost{Host: h, Services: services})
		}
		return nil
	})
	return reply{data: list, next: next}, err
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
	return a.inTx(r, func(ctx context.Context, m *bindset.Manager) (reply, error) {
		_, err := m.DeleteHost(ctx, id, bindset.IfRevision(revision), bindset.Cascade())
		return reply{}, err
	})
}
