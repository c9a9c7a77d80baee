package storetest

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// draw returns a call for a Machine. It reads the model's transaction, so that
// calls often succeed, and at most one thing is wrong with those that do not.
func (m *Machine) draw(ctx context.Context, t *rapid.T, w store.Writer) call {
	calls := []func(context.Context, *rapid.T, store.Writer) call{
		m.drawPutHost, m.drawDeleteHost, m.drawPutService, m.drawPutService, m.drawPutBindings, m.drawPutBindings,
		m.drawPutBindings, m.drawBadBindings, m.drawDeleteService, m.drawSaw, m.drawSaw, m.drawRead,
	}
	return rapid.SampledFrom(calls).Draw(t, "call")(ctx, t, w)
}

// writing returns a call that has no result but its error.
func writing(name string, do func(ctx context.Context, w store.Writer) error) call {
	return call{name: name, do: func(ctx context.Context, w store.Writer) (any, error) { return nil, do(ctx, w) }}
}

// anyOf draws one of the IDs, now and then one of nothing.
func (m *Machine) anyOf(t *rapid.T, ids []uuid.UUID, label string) uuid.UUID {
	if rapid.IntRange(0, 15).Draw(t, "unknown "+label) == 15 {
		return m.place.unknown
	}
	return rapid.SampledFrom(ids).Draw(t, label)
}

func (m *Machine) drawPutHost(_ context.Context, t *rapid.T, _ store.Writer) call {
	h := rapid.SampledFrom([]host.Host{m.place.first, m.place.second, fullHost(m.place), {}}).Draw(t, "host").Clone()
	h.Name, h.Revision = rapid.SampledFrom(texts).Draw(t, "name"), rapid.Uint64Max(3).Draw(t, "revision")
	h.ID = rapid.SampledFrom(append(slices.Clone(m.place.hosts), uuid.Nil)).Draw(t, "host ID")
	if rapid.Bool().Draw(t, "seen") {
		for _, s := range h.Sighted() {
			*s = m.drawSightings(t)
		}
	}
	h.NetworkID = rapid.SampledFrom([]uuid.UUID{m.place.network, m.place.network, m.place.unknown}).Draw(t, "network")
	if len(h.Ports) > 0 && rapid.IntRange(0, 7).Draw(t, "a port twice") == 7 {
		h.Ports = append(h.Ports, h.Ports[0])
	}
	return writing("PutHost", func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, h) })
}

// drawSightings draws such as Saw leaves.
func (m *Machine) drawSightings(t *rapid.T) binding.Sightings {
	scan := rapid.SampledFrom(append([]uuid.UUID{uuid.Nil}, scans...))
	s := binding.Sightings{FirstDiscoveryID: scan.Draw(t, "first scan"), LastDiscoveryID: scan.Draw(t, "last scan")}
	if n := rapid.IntRange(0, 5).Draw(t, "day"); n > 0 {
		s.LastSeenAt = day(n)
	}
	return s
}

func (m *Machine) drawDeleteHost(_ context.Context, t *rapid.T, _ store.Writer) call {
	id := m.anyOf(t, m.place.hosts, "host")
	return writing("DeleteHost", func(ctx context.Context, w store.Writer) error { return w.DeleteHost(ctx, id) })
}

func (m *Machine) drawPutService(_ context.Context, t *rapid.T, _ store.Writer) call {
	s := drawService(t, m.anyService(t), m.anyOf(t, m.place.hosts, "host"))
	s.Position = rapid.OneOf(rapid.Int32Range(-2, 2), rapid.Int32()).Draw(t, "position")
	s.Sightings = m.drawSightings(t)
	return writing("PutService", func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, s) })
}

// anyService draws one of few services, so that they change often.
func (m *Machine) anyService(t *rapid.T) uuid.UUID {
	return rapid.SampledFrom(m.place.services[:4]).Draw(t, "service")
}

func (m *Machine) drawDeleteService(_ context.Context, t *rapid.T, _ store.Writer) call {
	id := m.anyOf(t, m.place.services[:4], "service")
	return writing("DeleteService", func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, id) })
}

// drawPutBindings draws a call that succeeds if the service is there.
func (m *Machine) drawPutBindings(ctx context.Context, t *rapid.T, w store.Writer) call {
	id := m.anyService(t)
	put, del := m.drawBindings(ctx, t, w, id)
	return putBindings(id, put, del)
}

func putBindings(id uuid.UUID, put []binding.Binding, del []uuid.UUID) call {
	return writing("PutBindings", func(ctx context.Context, w store.Writer) error { return w.PutBindings(ctx, id, put, del) })
}

// drawBindings draws bindings that may be put into, and deleted from, a service,
// which need not be there.
func (m *Machine) drawBindings(ctx context.Context, t *rapid.T, w store.Writer, id uuid.UUID) (put []binding.Binding, del []uuid.UUID) {
	own, free := m.ownAndFree(ctx, t, w, id)
	for _, b := range own {
		switch rapid.IntRange(0, 3).Draw(t, "what about "+b.String()) {
		case 0:
			del = append(del, b)
		case 1:
			put = append(put, m.drawBinding(t, b, id))
		}
	}
	for range rapid.IntRange(0, min(3, len(free))).Draw(t, "new bindings") {
		at := rapid.IntRange(0, len(free)-1).Draw(t, "new binding")
		put = append(put, m.drawBinding(t, free[at], id))
		free = slices.Delete(free, at, at+1)
	}
	return put, del
}

// ownAndFree returns the IDs of a service's bindings, and those that no binding
// has, in order.
func (m *Machine) ownAndFree(ctx context.Context, t *rapid.T, w store.Writer, id uuid.UUID) (own, free []uuid.UUID) {
	owners, err := w.BindingOwners(ctx, m.place.bindings...)
	if err != nil {
		t.Fatalf("storetest: the model failed: %v", err)
	}
	for _, b := range m.place.bindings {
		switch owner, owned := owners[b]; {
		case !owned:
			free = append(free, b)
		case owner == id:
			own = append(own, b)
		}
	}
	return own, free
}

func (m *Machine) drawBinding(t *rapid.T, id, serviceID uuid.UUID) binding.Binding {
	pool := bindingtest.Pool{Ports: m.place.ports[:3], Interfaces: m.place.ports[:1], IPAddresses: m.place.ports[:1]}
	b := bindingtest.Binding(pool.Target()).Draw(t, "binding")
	b.ID, b.ServiceID, b.Sightings = id, serviceID, m.drawSightings(t)
	return b
}

// drawBadBindings draws a call that must fail for one reason, if the service is
// there.
func (m *Machine) drawBadBindings(ctx context.Context, t *rapid.T, w store.Writer) call {
	id := m.anyService(t)
	put, del := m.drawBindings(ctx, t, w, id)
	own, free := m.ownAndFree(ctx, t, w, id)
	var others []uuid.UUID
	for _, b := range m.place.bindings {
		if !slices.Contains(own, b) && !slices.Contains(free, b) {
			others = append(others, b)
		}
	}
	bad := m.drawBinding(t, m.place.unknown, id)
	faults := map[string]func(){
		"nil ID":          func() { bad.ID = uuid.Nil; put = append(put, bad) },
		"no target":       func() { bad.Target = binding.Target{}; put = append(put, bad) },
		"another service": func() { bad.ServiceID = m.place.unknown; put = append(put, bad) },
		"put twice":       func() { put = append(put, bad, bad) },
		"del of nothing":  func() { del = append(del, m.place.unknown) },
		"del twice":       func() { del = append(del, m.place.unknown) },
	}
	if len(del) > 0 {
		faults["del twice"] = func() { del = append(del, del[0]) }
	}
	if len(others) > 0 {
		taken := rapid.SampledFrom(others).Draw(t, "other's binding")
		faults["put of another's"] = func() { bad.ID = taken; put = append(put, bad) }
		faults["del of another's"] = func() { del = append(del, taken) }
	}
	faults[rapid.SampledFrom(slices.Sorted(maps.Keys(faults))).Draw(t, "fault")]()
	if _, err := w.Service(ctx, id); err != nil {
		put, del = nil, nil // one thing is wrong already
	}
	return putBindings(id, put, del)
}

// drawSaw draws a scan of some or all things on a host, at one of few times.
func (m *Machine) drawSaw(ctx context.Context, t *rapid.T, w store.Writer) call {
	hostID, at := m.anyOf(t, m.place.hosts[:3], "host"), day(rapid.IntRange(1, 5).Draw(t, "day"))
	scan := rapid.SampledFrom(append([]uuid.UUID{uuid.Nil}, scans...)).Draw(t, "scan")
	ids, err := thingsOn(ctx, w, hostID)
	if err != nil { // there is no such host
		ids = m.place.services
	}
	if rapid.Bool().Draw(t, "some only") {
		ids = rapid.SliceOfN(rapid.SampledFrom(append(ids, m.place.unknown)), 0, len(ids)).Draw(t, "seen")
	}
	return writing("Saw", func(ctx context.Context, w store.Writer) error { return w.Saw(ctx, hostID, at, scan, ids) })
}

// drawRead draws a call of those methods of which Check makes few kinds.
func (m *Machine) drawRead(_ context.Context, t *rapid.T, _ store.Writer) call {
	switch rapid.IntRange(0, 2).Draw(t, "read") {
	case 0:
		after := rapid.SampledFrom(append(slices.Clone(m.place.hosts), uuid.Nil, m.place.unknown)).Draw(t, "after")
		network := rapid.SampledFrom([]uuid.UUID{m.place.network, m.place.unknown, m.place.hosts[0]}).Draw(t, "network")
		limit := rapid.IntRange(-1, 4).Draw(t, "limit")
		return call{name: "Hosts", do: func(ctx context.Context, w store.Writer) (any, error) {
			hosts, err := w.Hosts(ctx, network, after, limit)
			return normal(hosts), err
		}}
	case 1:
		hostID, ports := m.anyOf(t, m.place.hosts, "host"), rapid.SliceOfN(rapid.SampledFrom(m.place.ports), 0, 4).Draw(t, "ports")
		return call{name: "Listeners", do: func(ctx context.Context, w store.Writer) (any, error) {
			claims, err := w.Listeners(ctx, hostID, ports...)
			return normal(claims), err
		}}
	default:
		ids := rapid.SliceOfN(rapid.SampledFrom(m.place.bindings), 0, 8).Draw(t, "bindings")
		return call{name: "BindingOwners", do: func(ctx context.Context, w store.Writer) (any, error) {
			owners, err := w.BindingOwners(ctx, ids...)
			return maps.Collect(maps.All(owners)), err
		}}
	}
}

// normal returns nil for an empty list.
func normal[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
