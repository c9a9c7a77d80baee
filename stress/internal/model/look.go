package model

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// look reads the group in every way there is, and requires that all of them tell
// the same: indexes agree with records.
func (r *run) look(ctx context.Context, reader store.Reader) error {
	r.saw, r.strange = State{}, nil // of another run of this function
	var all []service.Service
	for n := range Hosts {
		services, err := r.lookAtHost(ctx, reader, n)
		if err != nil {
			return err
		}
		all = append(all, services...)
	}
	return errors.Join(r.lookAtServices(ctx, reader, all), r.lookAtOwners(ctx, reader, all))
}

// lookAtHost reads what there is by the ID of a host.
func (r *run) lookAtHost(ctx context.Context, reader store.Reader, number int) ([]service.Service, error) {
	hostID := HostID(r.op.Group, number)
	h, errHost := reader.Host(ctx, hostID)
	inv, errInventory := reader.Inventory(ctx, hostID)
	services, err := reader.ServicesOnHost(ctx, hostID)
	if err != nil {
		return nil, err
	}
	if errors.Is(errHost, store.ErrNotFound) {
		r.requiref(errors.Is(errInventory, store.ErrNotFound), "there is an inventory of host %d, but no host: %v", number, errInventory)
		r.requiref(len(services) == 0, "there are services on host %d, which is not stored", number)
	} else if err := errors.Join(errHost, errInventory); err != nil {
		return nil, err
	} else {
		r.seeHost(&h)
		r.requiref(reflect.DeepEqual(h, inv.Host()), "the inventory is not that of the host: %+v", inv.Host())
	}
	for i := range services {
		r.seeService(&services[i])
		r.requiref(services[i].HostID == hostID, "host %d has a service of another one", number)
		r.requiref(i == 0 || services[i-1].Position <= services[i].Position, "services are not ordered by position")
	}
	return services, r.lookAtIndexes(ctx, reader, number, services)
}

// lookAtServices reads every service by its ID.
func (r *run) lookAtServices(ctx context.Context, reader store.Reader, services []service.Service) error {
	found := 0
	for n, id := range allIDs(serviceKind, r.op.Group, 0, Services) {
		s, err := reader.Service(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			r.requiref(!r.saw.exists(n), "service %d is on a host, but not found by its ID", n)
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
	r.requiref(found == len(services), "the hosts have %d services, %d are found by their IDs", len(services), found)
	return nil
}

// lookAtIndexes compares what is indexed by a host with its services.
func (r *run) lookAtIndexes(ctx context.Context, reader store.Reader, number int, services []service.Service) error {
	hostID := HostID(r.op.Group, number)
	last, some, errLast := reader.LastPosition(ctx, hostID)
	listeners, errListeners := reader.Listeners(ctx, hostID, portIDs(r.op.Group, number)...)
	if err := errors.Join(errLast, errListeners); err != nil {
		return err
	}
	r.requiref(some == (len(services) > 0), "host %d has a last position, or no services", number)
	if some {
		r.requiref(last == r.saw.lastPosition(number), "the last position is %d, not %d", last, r.saw.lastPosition(number))
	}
	claims := make(map[binding.Binding]bool)
	for _, l := range listeners {
		claims[l.Binding] = true
	}
	listening := 0
	for i := range services {
		for _, b := range services[i].Bindings {
			if b.Target.IsListener() {
				listening++
				r.requiref(claims[b], "the index does not have listener %s", b.ID)
			}
		}
	}
	r.requiref(len(listeners) == listening, "the index has %d listeners, the services %d", len(listeners), listening)
	return nil
}

// lookAtOwners compares the index of bindings with the services.
func (r *run) lookAtOwners(ctx context.Context, reader store.Reader, services []service.Service) error {
	owner := make(map[uuid.UUID]uuid.UUID)
	ids := allIDs(bindingKind, r.op.Group, 0, Bindings)
	for i := range services {
		for _, b := range services[i].Bindings {
			owner[b.ID] = services[i].ID
			if numberOf(b.ID) >= Bindings || b.ID != bindingID(r.op.Group, numberOf(b.ID)) {
				ids = append(ids, b.ID)
			}
		}
	}
	indexed, err := reader.BindingOwners(ctx, ids...)
	if err != nil {
		return err
	}
	r.requiref(reflect.DeepEqual(indexed, owner), "the index has the owners %v, the services %v", indexed, owner)
	return nil
}

// Stored returns what is stored of a group of hosts.
func Stored(ctx context.Context, m *bindset.Manager, group int) (State, error) {
	r, err := Run(ctx, m, Op{Group: group, Kind: Look})
	if err == nil && r.Code != "" {
		err = fmt.Errorf("group %d: %w", group, r.Code)
	}
	return r.Saw, err
}
