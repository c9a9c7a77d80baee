package bindset

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// Expire removes from a host what scanners found and last saw before a time, and what
// no person stated: bindings first; then services that have none left; then ports, IP
// addresses and interfaces that no binding names, and that carry no address which
// stays. It reads and removes in one transaction: what a scan sees meanwhile stays.
// A scanner that sees everything calls it with the time of its scan.
//
// The Change has the bindings and services as Removed, and the host as Updated where
// anything on it went. An unknown host is ErrNotFound; IfRevision is of the host.
func (m *Manager) Expire(ctx context.Context, hostID uuid.UUID, before time.Time, opts ...ChangeOption) (Change, error) {
	before = binding.Time(before) // as the times of what was seen are
	return m.update(ctx, "expire", callOf(opts), nil, func(ctx context.Context, t *tx) error {
		h, err := t.Host(ctx, hostID)
		if err != nil {
			return err
		}
		if err := t.requireRevision(store.EntityHost, h.ID, h.Name, h.Revision, 0); err != nil {
			return err
		}
		services, err := t.ServicesOnHost(ctx, hostID)
		if err != nil {
			return err
		}
		inv, err := t.Inventory(ctx, hostID)
		if err != nil {
			return err
		}
		expired := func(s binding.Sightings) bool { return !s.Stated() && s.LastSeenAt.Before(before) }
		named := make(map[uuid.UUID]bool)
		for i := range services {
			if err := t.expireService(ctx, inv, &services[i], expired, named); err != nil {
				return err
			}
		}
		return t.expireChildren(ctx, &h, expired, named)
	})
}

// expireService removes the expired bindings of a service, and an expired service
// that has none left. It notes in named what its other bindings name.
func (t *tx) expireService(ctx context.Context, inv *host.Inventory, s *service.Service, expired func(binding.Sightings) bool, named map[uuid.UUID]bool) error {
	next := *s
	next.Bindings = slices.DeleteFunc(slices.Clone(s.Bindings), func(b binding.Binding) bool { return expired(b.Sightings) })
	for i := range next.Bindings {
		to := inv.Canonical(next.Bindings[i].Target)
		port, _ := to.PortID()
		onInterface, _ := to.InterfaceID()
		onAddress, _ := to.IPAddressID()
		named[port], named[onInterface], named[onAddress] = true, true, true
	}
	switch {
	case len(next.Bindings) == 0 && expired(s.Sightings):
		return t.remove(ctx, s)
	case len(next.Bindings) == len(s.Bindings):
		return nil
	default:
		return t.put(ctx, s, &next)
	}
}

// expireChildren removes what is expired on a host, and what nothing names or needs.
func (t *tx) expireChildren(ctx context.Context, h *host.Host, expired func(binding.Sightings) bool, named map[uuid.UUID]bool) error {
	next := h.Clone()
	gone := func(id uuid.UUID, s binding.Sightings) bool { return expired(s) && !named[id] }
	next.Ports = slices.DeleteFunc(next.Ports, func(p host.Port) bool { return gone(p.ID, p.Sightings) })
	next.IPAddresses = slices.DeleteFunc(next.IPAddresses, func(a host.IPAddress) bool { return gone(a.ID, a.Sightings) })
	for i := range next.IPAddresses {
		named[next.IPAddresses[i].InterfaceID] = true
	}
	next.Interfaces = slices.DeleteFunc(next.Interfaces, func(f host.Interface) bool { return gone(f.ID, f.Sightings) })
	if len(next.Ports) == len(h.Ports) && len(next.IPAddresses) == len(h.IPAddresses) && len(next.Interfaces) == len(h.Interfaces) {
		return nil
	}
	return t.putHost(ctx, h, &next)
}
