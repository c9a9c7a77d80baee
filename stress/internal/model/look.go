package model

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
)

// look reads the host in every way there is, and requires that all of them tell
// the same: indexes agree with records.
func (r *run) look(ctx context.Context, reader service.Reader) error {
	h, errHost := reader.Host(ctx, HostID(r.op.Host))
	inv, errInventory := reader.Inventory(ctx, HostID(r.op.Host))
	services, errServices := reader.ServicesOnHost(ctx, HostID(r.op.Host))
	if err := errors.Join(errHost, errInventory, errServices); err != nil {
		return err
	}
	r.saw, r.strange = State{}, nil // of another run of this function
	r.saw.Revision, r.saw.Linked = h.Revision, h.IPAddresses[0].InterfaceID == h.Interfaces[0].ID
	want := hostOf(r.op.Host, r.saw.Linked)
	want.Revision = h.Revision
	r.requiref(reflect.DeepEqual(h, want), "the host is not one that was stored: %+v", h)
	r.requiref(reflect.DeepEqual(h, inv.Host()), "the inventory is not that of the host: %+v", inv.Host())
	for i := range services {
		r.seeService(&services[i])
		r.requiref(i == 0 || services[i-1].Position <= services[i].Position, "services are not ordered by position")
	}
	return errors.Join(r.lookAtServices(ctx, reader, services), r.lookAtIndexes(ctx, reader, services))
}

// lookAtServices reads every service by its ID.
func (r *run) lookAtServices(ctx context.Context, reader service.Reader, services []service.Service) error {
	found := 0
	for n, id := range allIDs(serviceKind, r.op.Host, Services) {
		s, err := reader.Service(ctx, id)
		switch {
		case errors.Is(err, service.ErrNotFound):
			r.requiref(!r.saw.exists(n), "service %d is on the host, but not found by its ID", n)
			continue
		case err != nil:
			return err
		}
		found++
		for i := range services {
			if services[i].ID == id {
				r.requiref(reflect.DeepEqual(s, services[i]), "service %d differs: %+v by its ID, %+v on its host", n, s, services[i])
			}
		}
	}
	r.requiref(found == len(services), "the host has %d services, %d are found by their IDs", len(services), found)
	return nil
}

// lookAtIndexes compares what is indexed with the services.
func (r *run) lookAtIndexes(ctx context.Context, reader service.Reader, services []service.Service) error {
	last, any, errLast := reader.LastPosition(ctx, HostID(r.op.Host))
	owners, errOwners := reader.BindingOwners(ctx, allIDs(bindingKind, r.op.Host, Bindings)...)
	listeners, errListeners := reader.Listeners(ctx, HostID(r.op.Host), allIDs(portKind, r.op.Host, ports)...)
	if err := errors.Join(errLast, errOwners, errListeners); err != nil {
		return err
	}
	if any || len(services) > 0 {
		r.requiref(last == r.saw.lastPosition(), "the last position is %d, not %d", last, r.saw.lastPosition())
	}
	claims := make(map[binding.Binding]bool)
	for _, l := range listeners {
		claims[l.Binding] = true
	}
	bindings, listening := 0, 0
	for i := range services {
		for _, b := range services[i].Bindings {
			bindings++
			r.requiref(owners[b.ID] == b.ServiceID, "the index has binding %s for service %s", b.ID, owners[b.ID])
			if b.Target.IsListener() {
				listening++
				r.requiref(claims[b], "the index does not have listener %s", b.ID)
			}
		}
	}
	r.requiref(len(owners) == bindings && len(listeners) == listening,
		"the indexes have %d bindings and %d listeners, the services %d and %d", len(owners), len(listeners), bindings, listening)
	return nil
}

// Observe returns what is stored of a host.
func Observe(ctx context.Context, m *service.Manager, hostNumber int) (State, error) {
	r, err := Run(ctx, m, Op{Host: hostNumber, Kind: Look})
	if err == nil && r.Code != "" {
		err = fmt.Errorf("host %d: %w", hostNumber, r.Code)
	}
	return r.Saw, err
}
