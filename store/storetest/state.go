package storetest

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A state is what a store holds in a place, read in every way there is: two
// states are equal exactly if no method of a Reader tells them apart.
type state struct {
	Networks    []uuid.UUID
	Hosts       []host.Host             // by network
	AllHosts    []host.Host             // of all networks
	HostsWith   []host.Host             // by address or MAC
	HostsByID   map[uuid.UUID]host.Host // one by one
	Inventories map[uuid.UUID]host.Host // what the inventories say
	Services    map[uuid.UUID]service.Service
	ServiceList []service.Service // all at once
	OnHost      map[uuid.UUID][]service.Service
	Last        map[uuid.UUID]int32
	Owners      map[uuid.UUID]uuid.UUID
	Listeners   map[uuid.UUID][]validate.Claim // by host, on the ports of all hosts
}

// readState reads the state of a place.
func readState(ctx context.Context, r store.Reader, p place) (state, error) {
	s := state{
		HostsByID: map[uuid.UUID]host.Host{}, Inventories: map[uuid.UUID]host.Host{},
		Services: map[uuid.UUID]service.Service{}, OnHost: map[uuid.UUID][]service.Service{},
		Last: map[uuid.UUID]int32{}, Owners: map[uuid.UUID]uuid.UUID{}, Listeners: map[uuid.UUID][]validate.Claim{},
	}
	var errs []error
	seen := func(err error) bool {
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			errs = append(errs, err)
		}
		return err == nil
	}

	var err error
	s.Networks, err = list(r.Networks(ctx, before(p.network), 2))
	seen(err)
	s.Networks = normal(slices.DeleteFunc(s.Networks, func(id uuid.UUID) bool { return id != p.network && id != p.unknown }))
	s.Hosts, err = list(r.Hosts(ctx, p.network, uuid.Nil, 0))
	seen(err)
	s.AllHosts, err = list(r.Hosts(ctx, uuid.Nil, before(p.network), len(p.hosts)))
	seen(err)
	s.AllHosts = normal(slices.DeleteFunc(s.AllHosts, func(h host.Host) bool { return !slices.Contains(p.hosts, h.ID) }))
	s.HostsWith, err = list(r.HostsWith(ctx, p.network, []netip.Addr{netip.MustParseAddr("10.0.0.5")}, []string{"00:00:5E:00:53:01"}))
	seen(err)
	s.ServiceList, err = list(r.Services(ctx, p.services...))
	seen(err)
	owners, err := r.BindingOwners(ctx, p.bindings...)
	maps.Copy(s.Owners, owners)
	seen(err)
	for _, id := range p.services {
		if svc, err := r.Service(ctx, id); seen(err) {
			s.Services[id] = svc
		}
	}
	for _, id := range p.hosts {
		s.readHost(ctx, r, p, id, seen)
	}
	return s, errors.Join(errs...)
}

func (s *state) readHost(ctx context.Context, r store.Reader, p place, id uuid.UUID, seen func(error) bool) {
	if h, err := r.Host(ctx, id); seen(err) {
		s.HostsByID[id] = h
	}
	if inv, err := r.Inventory(ctx, id); seen(err) {
		s.Inventories[id] = inv.Host()
	}
	if services, err := r.ServicesOnHost(ctx, id); seen(err) && len(services) > 0 {
		s.OnHost[id] = services
	}
	if last, ok, err := r.LastPosition(ctx, id); seen(err) && ok {
		s.Last[id] = last
	}
	if claims, err := r.Listeners(ctx, id, p.ports...); seen(err) && len(claims) > 0 {
		s.Listeners[id] = claims
	}
}

// clone returns a deep copy of the state.
func (s state) clone() state {
	clones := func(services []service.Service) []service.Service {
		services = slices.Clone(services)
		for i := range services {
			services[i] = services[i].Clone()
		}
		return services
	}
	s.Networks = slices.Clone(s.Networks)
	s.HostsByID, s.Inventories = maps.Clone(s.HostsByID), maps.Clone(s.Inventories)
	for _, hosts := range []*[]host.Host{&s.Hosts, &s.AllHosts, &s.HostsWith} {
		*hosts = slices.Clone(*hosts)
		for i, h := range *hosts {
			(*hosts)[i] = h.Clone()
		}
	}
	for _, hosts := range []map[uuid.UUID]host.Host{s.HostsByID, s.Inventories} {
		for id, h := range hosts {
			hosts[id] = h.Clone()
		}
	}
	s.ServiceList = clones(s.ServiceList)
	s.Services, s.OnHost = maps.Clone(s.Services), maps.Clone(s.OnHost)
	for id, svc := range s.Services {
		s.Services[id] = svc.Clone()
	}
	for id, services := range s.OnHost {
		s.OnHost[id] = clones(services)
	}
	s.Last, s.Owners, s.Listeners = maps.Clone(s.Last), maps.Clone(s.Owners), maps.Clone(s.Listeners)
	for id, claims := range s.Listeners {
		s.Listeners[id] = slices.Clone(claims)
	}
	return s
}
