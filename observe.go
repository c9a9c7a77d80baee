package bindset

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/discovery"
	"github.com/bindset/bindset/internal/label"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// SourceDiscovery is the Type of the Source of observed services that say
// nothing of it themselves.
const SourceDiscovery = discovery.SourceDiscovery

// Observe takes in what a scanner saw of one host. A scan is evidence of what is
// there, from a program that forgets, so neither its IDs nor its order say what
// is what:
//
//   - The host is found by ID. With a nil ID, or with IdentifyHost and an unknown
//     one, it is the host of the network that [host.Identify] finds; where there
//     is none it is new, where there are several Observe fails with ErrAmbiguous.
//   - Ports are found by number and protocol; interfaces by ID, MAC, name, and the
//     addresses they carry; addresses by IP, carrier and subnet; services by the
//     Matcher. What is found keeps its ID and Position, and names, tags and sources
//     stay; of children, what the scanner knows replaces what is stored.
//   - What was seen is stored, unless a person's statement says otherwise: that is
//     Skipped, with what it breaks. A listener that only an earlier scan saw, and
//     that cannot be beside what was seen now (rule V6), gives way, as does a
//     presence beside a listener of its service: they are Displaced.
//   - Listeners that were seen together do not compete. What was seen of services
//     that nobody knows is a sighting of the service that holds the same listener.
//   - What was not seen stays: see [Manager.Expire].
//
// A value that cannot be costs no more than itself: it is mended or left out, and
// stands in Faults. Observe fails where a host that is new has no network
// (ErrInvalid) or a stored one another network (ErrNetworkMismatch). Observing
// the same thing twice changes nothing but Sightings.
func (m *Manager) Observe(ctx context.Context, d service.Discovery, opts ...ObserveOption) (Change, error) {
	change, err := m.update(ctx, "observe", callOf(opts), nil, func(ctx context.Context, t *tx) error {
		scan := discovery.Read(d, t.now, t.m.newID)
		stored, err := t.hostToObserve(ctx, &scan.Host)
		if err != nil {
			return err
		}
		known, err := t.ServicesOnHost(ctx, stored.ID)
		if err != nil {
			return err
		}
		return t.takeIn(ctx, scan, &stored, known)
	})
	if err != nil {
		return Change{}, err
	}
	m.logRefused(ctx, d.Host.ID, &change)
	return change, nil
}

// logRefused tells the log what a scan had that was not taken over.
func (m *Manager) logRefused(ctx context.Context, hostID uuid.UUID, c *Change) {
	warn := func(path, problem string, more ...slog.Attr) {
		attrs := append([]slog.Attr{slog.String("host", hostID.String()), slog.String("path", path), slog.String("problem", problem)}, more...)
		m.log.LogAttrs(ctx, slog.LevelWarn, "not taken over from a scan", attrs...)
	}
	for i := range c.Skipped {
		v := &c.Skipped[i].Violation
		warn(v.Path, v.Message, slog.String("code", string(v.Code)))
	}
	for _, f := range c.Faults {
		warn(f.Path, f.Problem)
	}
}

// hostToObserve returns the stored host that was seen, or one with nothing on it
// for a host that is new.
func (t *tx) hostToObserve(ctx context.Context, seen *host.Host) (host.Host, error) {
	if seen.ID != uuid.Nil {
		stored, err := t.Host(ctx, seen.ID)
		switch {
		case err == nil:
			return stored, inStoredNetwork(&stored, seen)
		case !errors.Is(err, store.ErrNotFound):
			return host.Host{}, err
		}
	}
	if err := required("host.network_id", seen.NetworkID, "is nil; a host that is new needs its network"); err != nil {
		return host.Host{}, err
	}
	if seen.ID == uuid.Nil || t.call.identify {
		return t.identify(ctx, seen)
	}
	return newHost(seen.ID, seen), nil
}

func newHost(id uuid.UUID, seen *host.Host) host.Host {
	return host.Host{ID: id, NetworkID: seen.NetworkID, Name: seen.Name}
}

func inStoredNetwork(stored, seen *host.Host) error {
	if seen.NetworkID == uuid.Nil || seen.NetworkID == stored.NetworkID {
		return nil
	}
	moved := movedNetwork(stored, seen)
	moved.Path = "host.network_id"
	return &validate.Error{Violations: []validate.Violation{moved}}
}

// identify returns the stored host of the network that a seen one is by its
// addresses and MACs, or a new one.
func (t *tx) identify(ctx context.Context, seen *host.Host) (host.Host, error) {
	addresses, macs := host.Evidence(*seen)
	if len(addresses)+len(macs) == 0 {
		return newHost(seen.ID, seen), required("host.id", seen.ID, "is nil, and nothing says which host it is; give its ID, an address or a MAC")
	}
	candidates, err := t.HostsWith(ctx, seen.NetworkID, addresses, macs)
	if err != nil {
		return host.Host{}, err
	}
	switch found := host.Identify(*seen, candidates); len(found) {
	case 0:
		id := seen.ID
		if id == uuid.Nil {
			id = t.m.newID()
		}
		return newHost(id, seen), nil
	case 1:
		return candidates[found[0]], nil
	default:
		return host.Host{}, ambiguous(seen, candidates, found)
	}
}

// ambiguous refuses a seen host that may be several stored ones.
func ambiguous(seen *host.Host, candidates []host.Host, found []int) error {
	names := make([]string, 0, shown)
	ids := make([]uuid.UUID, len(found))
	for i, at := range found {
		ids[i] = candidates[at].ID
		if i < shown {
			names = append(names, label.OrID(candidates[at].Name, ids[i])+" ("+ids[i].String()+")")
		}
	}
	return &store.EntityError{
		Code: store.ErrAmbiguous, Entity: store.EntityHost, ID: seen.ID, Name: seen.Name, Hosts: ids,
		Problem: "it may be any of " + list(names, len(found)) + "; give its ID, or merge these hosts if they are one",
	}
}

// takeIn stores what was seen of a host, and reports it. known are the services on
// it.
func (t *tx) takeIn(ctx context.Context, scan *discovery.Scan, stored *host.Host, known []service.Service) error {
	merged, plan, err := t.plan(ctx, scan, stored, known, nil)
	if err != nil {
		return err
	}
	if err := t.putMerged(ctx, scan, stored, merged); err != nil {
		return err
	}
	if err := t.carryOut(ctx, plan); err != nil {
		return err
	}
	return t.Saw(ctx, stored.ID, scan.At, scan.ID, slices.Concat([]uuid.UUID{stored.ID}, merged.Seen, plan.Seen))
}

// plan works out what becomes of a stored host, with the services known on it, when
// a scan is taken in, or another record with its services.
func (t *tx) plan(ctx context.Context, scan *discovery.Scan, stored *host.Host, known, record []service.Service) (*discovery.Merged, *discovery.Plan, error) {
	children := discovery.PairChildren(scan, stored, known)
	merged := discovery.Merge(scan, stored, children, t.m.newID)
	t.report.Faults = append(scan.Faults, merged.Faults...)
	inv, err := t.mergedInventory(ctx, stored, merged, known)
	if err != nil {
		return nil, nil, err
	}
	observed := scan.Observed(merged)
	matches, err := t.m.matched(inv, known, observed)
	if err != nil {
		return nil, nil, err
	}
	plan, err := discovery.Settle(&discovery.Settling{
		Scan: scan, Merged: merged, Inventory: inv, Validator: t.m.validator,
		Stored: known, Observed: observed, Matches: matches, Record: record,
		Now: t.now, NewID: t.m.newID,
		Taken: func(services, bindings []uuid.UUID) (map[uuid.UUID]bool, error) {
			if scan.Recorded {
				return nil, nil // all of them are those of the record
			}
			return t.taken(ctx, services, bindings)
		},
	})
	return merged, plan, err
}

// mergedInventory returns the inventory of a merged host, without new links that
// make stated bindings conflict: those are taken back and reported.
func (t *tx) mergedInventory(ctx context.Context, stored *host.Host, merged *discovery.Merged, known []service.Service) (*host.Inventory, error) {
	if merged.Changed() || stored.Revision == 0 {
		inv, err := host.NewInventory(merged.Host)
		if err != nil {
			return nil, err
		}
		refused := merged.RefuseLinks(inv, known)
		if len(refused) == 0 {
			return inv, nil
		}
		for _, v := range refused {
			t.report.Skipped = append(t.report.Skipped, Skipped{Binding: v.Binding, Violation: v})
		}
		if merged.Changed() {
			return host.NewInventory(merged.Host)
		}
	}
	return t.Inventory(ctx, stored.ID)
}

// putMerged stores a merged host if it differs from what is stored.
func (t *tx) putMerged(ctx context.Context, scan *discovery.Scan, stored *host.Host, merged *discovery.Merged) error {
	after := merged.Host
	switch {
	case stored.Revision == 0:
		after.Sightings = binding.Sightings{LastSeenAt: scan.At, FirstDiscoveryID: scan.ID, LastDiscoveryID: scan.ID}
		return t.putHost(ctx, nil, &after)
	case merged.Changed() || scan.Recorded:
		return t.putHost(ctx, stored, &after)
	default:
		return nil
	}
}

// taken returns which IDs of services and bindings others have.
func (t *tx) taken(ctx context.Context, services, bindings []uuid.UUID) (map[uuid.UUID]bool, error) {
	taken := make(map[uuid.UUID]bool)
	owners, err := t.BindingOwners(ctx, bindings...)
	if err != nil {
		return nil, err
	}
	for id := range owners {
		taken[id] = true
	}
	found, err := t.Services(ctx, services...)
	for i := range found {
		taken[found[i].ID] = true
	}
	return taken, err
}

// carryOut stores what a plan says of services and their sets, and reports it.
func (t *tx) carryOut(ctx context.Context, plan *discovery.Plan) error {
	for _, s := range plan.Services {
		var err error
		if s.After == nil {
			err = t.remove(ctx, s.Before)
		} else {
			err = t.put(ctx, s.Before, s.After)
		}
		if err != nil {
			return err
		}
	}
	r := &t.report
	for _, p := range plan.Rewritten {
		r.Rewritten = append(r.Rewritten, Rewritten{From: p.Binding, To: p.By})
	}
	for _, g := range plan.Dropped {
		r.Dropped = append(r.Dropped, Dropped{Binding: g.Binding, By: g.By, Reason: g.Reason})
	}
	for _, p := range plan.Displaced {
		r.Displaced = append(r.Displaced, Displaced{Binding: p.Binding, By: p.By})
	}
	for _, p := range plan.Absorbed {
		r.Absorbed = append(r.Absorbed, Absorbed{Binding: p.Binding, By: p.By})
	}
	for _, v := range plan.Skipped {
		r.Skipped = append(r.Skipped, Skipped{Binding: v.Binding, Violation: v})
	}
	for _, b := range plan.Became {
		r.Became = append(r.Became, Became(b))
	}
	return nil
}
