package storetest

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// seenFlaws are those of stores that do not keep when things were seen.
var seenFlaws = []flaw{
	{"loses when hosts were seen", []string{
		"RoundTrip/a host with every field", "Sightings/what a scan saw has its time and ID",
	}, changingHosts(func(h *host.Host) { h.Sightings = binding.Sightings{} })},
	{"loses when the ports of hosts were seen", []string{
		"RoundTrip/a host with every field", "Sightings/what a scan saw has its time and ID",
	}, changingHosts(func(h *host.Host) {
		for i := range h.Ports {
			h.Ports[i].Sightings = binding.Sightings{}
		}
	})},
	{"loses who found services first", []string{
		"RoundTrip/a service with every field",
	}, changingServices(func(s *service.Service) { s.FirstDiscoveryID = uuid.Nil })},
	{"keeps in an inventory when things were seen", []string{
		"RoundTrip/a host with every field",
	}, hook(func(h *hooked) {
		h.inventory = func(ctx context.Context, id uuid.UUID) (*host.Inventory, error) {
			v, err := h.Writer.Host(ctx, id)
			if err != nil {
				return nil, err
			}
			v.Name += v.LastSeenAt.String()
			return host.NewInventory(v)
		}
	})},
	{"sets times back", []string{
		"Sightings/no scan sets a time back", "Sightings/scans that see more and less", "Machine/the store does what the model does",
	}, seeingServices(func(s *service.Service, at time.Time, scan uuid.UUID) { s.LastSeenAt, s.LastDiscoveryID = at, scan })},
	{"lets the first of two scans at one time count", []string{
		"Sightings/of two scans at one time the later one counts, and one without an ID leaves the ID",
	}, seeingServices(func(s *service.Service, at time.Time, scan uuid.UUID) {
		if s.LastSeenAt.Before(at) {
			s.Sightings = s.Seen(at, scan)
		}
	})},
	{"lets a scan without an ID take away that of the one before", []string{
		"Sightings/of two scans at one time the later one counts, and one without an ID leaves the ID",
	}, seeingServices(func(s *service.Service, at time.Time, scan uuid.UUID) {
		if s.Sightings = s.Seen(at, scan); s.LastSeenAt == at {
			s.LastDiscoveryID = scan
		}
	})},
	{"takes what a scan sees for what it found first", []string{
		"Sightings/what a scan saw has its time and ID", "Sightings/a scan leaves who found a thing first",
	}, seeingServices(func(s *service.Service, at time.Time, scan uuid.UUID) {
		s.Sightings = s.Seen(at, scan)
		s.FirstDiscoveryID = scan
	})},
	{"counts being seen as a change", []string{
		"Sightings/a scan leaves inventories and revisions as they are",
	}, seeingServices(func(s *service.Service, at time.Time, scan uuid.UUID) {
		s.Sightings = s.Seen(at, scan)
		s.Revision++
	})},
	{"lets a scan see everything on its host", []string{
		"Sightings/what a scan saw has its time and ID",
		"Sightings/a scan of nothing, of unknown things and of those of another host changes nothing",
	}, seeing(func(ctx context.Context, h *hooked, c sawCall) (sawCall, error) {
		ids, err := thingsOn(ctx, h.Writer, c.hostID)
		if err == nil {
			c.ids = ids
		}
		return c, nil
	})},
	{"lets a scan see services of any host", []string{
		"Sightings/a scan of nothing, of unknown things and of those of another host changes nothing",
	}, seeing(func(ctx context.Context, h *hooked, c sawCall) (sawCall, error) {
		services, err := h.Writer.Services(ctx, c.ids...)
		for _, s := range services {
			if s.HostID != c.hostID {
				return c, h.Writer.Saw(ctx, s.HostID, c.at, c.scan, c.ids)
			}
		}
		return c, err
	})},
	{"sees one thing for each ID", []string{
		"Sightings/an ID that things of several kinds have is of all of them",
	}, seeing(func(ctx context.Context, h *hooked, c sawCall) (sawCall, error) {
		v, err := h.Writer.Host(ctx, c.hostID)
		c.ids = slices.DeleteFunc(slices.Clone(c.ids), func(id uuid.UUID) bool {
			_, errService := h.Writer.Service(ctx, id)
			return err == nil && errService == nil && slices.ContainsFunc(v.Ports, func(p host.Port) bool { return p.ID == id })
		})
		return c, nil
	})},
	{"keeps the nanoseconds of a scan", []string{
		"Sightings/a time is as binding.Time makes it",
	}, func() store.Store {
		at := map[uuid.UUID]time.Time{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.saw = func(ctx context.Context, hostID uuid.UUID, seen time.Time, scan uuid.UUID, ids []uuid.UUID) error {
				for _, id := range ids {
					at[id] = seen
				}
				return h.Writer.Saw(ctx, hostID, seen, scan, ids)
			}
			h.service = func(ctx context.Context, id uuid.UUID) (service.Service, error) {
				s, err := h.Writer.Service(ctx, id)
				s.LastSeenAt = at[id]
				return s, err
			}
		})
	}},
	{"lets what is put later follow the latest scan", []string{
		"Sightings/what is put after a scan has the Sightings that it is put with",
		"Sightings/what is put in the transaction of a scan has the Sightings that it is put with",
	}, func() store.Store {
		latest := map[uuid.UUID]sawCall{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.saw = func(ctx context.Context, hostID uuid.UUID, at time.Time, scan uuid.UUID, ids []uuid.UUID) error {
				latest[hostID] = sawCall{hostID, at, scan, ids}
				return h.Writer.Saw(ctx, hostID, at, scan, ids)
			}
			h.putService = func(ctx context.Context, s service.Service) error {
				if c, ok := latest[s.HostID]; ok {
					s.Sightings = s.Seen(c.at, c.scan)
				}
				return h.Writer.PutService(ctx, s)
			}
		})
	}},
	{"leaves on the old host when bindings were seen", []string{
		"Sightings/what moves to another host takes its Sightings along",
	}, hook(func(h *hooked) {
		h.putService = func(ctx context.Context, s service.Service) error {
			old, errOld := h.Writer.Service(ctx, s.ID)
			if err := h.Writer.PutService(ctx, s); err != nil || errOld != nil || old.HostID == s.HostID {
				return err
			}
			for i := range old.Bindings {
				old.Bindings[i].Sightings = binding.Sightings{}
			}
			return h.Writer.PutBindings(ctx, s.ID, old.Bindings, nil)
		}
	})},
	{"remembers of an ID that is gone when it was seen", []string{
		"Sightings/what is deleted and put again was not seen",
	}, func() store.Store {
		gone := map[uuid.UUID]binding.Sightings{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.deleteService = func(ctx context.Context, id uuid.UUID) error {
				if s, err := h.Writer.Service(ctx, id); err == nil {
					gone[id] = s.Sightings
				}
				return h.Writer.DeleteService(ctx, id)
			}
			h.putService = func(ctx context.Context, s service.Service) error {
				if was, ok := gone[s.ID]; ok && s.LastSeenAt.IsZero() {
					s.Sightings = was
				}
				return h.Writer.PutService(ctx, s)
			}
		})
	}},
	{"makes an inventory anew for a scan", []string{
		"Sightings/a scan leaves inventories and revisions as they are", "Indexes/an inventory is shared until its host is put again",
	}, seeing(func(ctx context.Context, h *hooked, c sawCall) (sawCall, error) {
		v, err := h.Writer.Host(ctx, c.hostID)
		if err != nil {
			return c, nil
		}
		return c, h.Writer.PutHost(ctx, v)
	})},
	{"sees hosts that are not there", []string{
		"Errors/nobody sees a host that is not there",
	}, seeing(func(ctx context.Context, h *hooked, c sawCall) (sawCall, error) {
		return c, h.Writer.PutHost(ctx, host.Host{ID: c.hostID, NetworkID: c.hostID})
	})},
	{"takes no time for the year 1", []string{
		"Errors/nothing is seen at no time",
	}, seeing(func(_ context.Context, _ *hooked, c sawCall) (sawCall, error) {
		if c.at.IsZero() {
			c.at = c.at.Add(time.Microsecond)
		}
		return c, nil
	})},
}

// A sawCall is a call of Saw.
type sawCall struct {
	hostID uuid.UUID
	at     time.Time
	scan   uuid.UUID
	ids    []uuid.UUID
}

// seeing returns how to open a memstore that changes, or does more than, each call of
// Saw.
func seeing(change func(ctx context.Context, h *hooked, c sawCall) (sawCall, error)) func() store.Store {
	return hook(func(h *hooked) {
		h.saw = func(ctx context.Context, hostID uuid.UUID, at time.Time, scan uuid.UUID, ids []uuid.UUID) error {
			c, err := change(ctx, h, sawCall{hostID, at, scan, ids})
			if err != nil {
				return err
			}
			return h.Writer.Saw(ctx, c.hostID, c.at, c.scan, c.ids)
		}
	})
}

// seeingServices returns how to open a memstore that sees services, of the host of a
// scan, in a way of its own.
func seeingServices(see func(s *service.Service, at time.Time, scan uuid.UUID)) func() store.Store {
	return seeing(func(ctx context.Context, h *hooked, c sawCall) (sawCall, error) {
		var others []uuid.UUID
		for _, id := range c.ids {
			s, err := h.Writer.Service(ctx, id)
			if err != nil || s.HostID != c.hostID || c.at.IsZero() {
				others = append(others, id)
				continue
			}
			see(&s, c.at, c.scan)
			if err := h.Writer.PutService(ctx, s); err != nil {
				return c, err
			}
		}
		c.ids = others
		return c, nil
	})
}
