package bindset

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/reconcile"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// SourceDiscovery is the Type of the Source of observed services that say
// nothing of it themselves.
const SourceDiscovery = "Discovery"

// Observe takes in what a scanner saw of one host. It creates the host where it
// is new. What was seen is matched to what is stored: by ID within a kind, else
// ports by number and protocol, IP addresses and interfaces with an address of
// their own by IP, other interfaces by name, services by the Matcher. What
// matches keeps its stored ID, and references in observed bindings follow; an
// observed ID that something else has is replaced by a new one. Nothing stored
// is removed, hosts and services are not renamed.
//
//   - Of a child that matches, what the scanner knows replaces what is stored,
//     its position excepted. A newer interface-to-address link wins, and what
//     it supersedes is Dropped; but a link that would make a stored set conflict
//     is not taken over, and the stored binding that would offend is Skipped.
//   - A stored interface with an address of its own that is seen as an IP
//     address becomes one under its ID; bindings that name it are Rewritten.
//   - Observed bindings are Merged into the set of their service. What they
//     break they are Skipped for; one that says what is stored refreshes that.
//     One without LastSeenAt was seen now. New services and bindings keep the
//     CreatedAt and UpdatedAt they were given.
//
// No rule makes Observe fail, but a host in another network than the stored one:
// ErrNetworkMismatch. Values that cannot be, such as a port number 0 or a link
// to nothing, are a *binding.FieldError with their path in the payload. Paths of
// skipped bindings are such, too: "services[1].bindings[0]"; those of stored ones
// are empty. Observing the same thing twice changes nothing but LastSeenAt and
// LastDiscoveryID, which count for no Revision.
func (m *Manager) Observe(ctx context.Context, d service.Discovery, opts ...ObserveOption) (Change, error) {
	err := required("host.id", d.Host.ID, "is nil; hosts are known by their IDs")
	seen := make([]service.Service, len(d.Services))
	for i := range d.Services {
		if err == nil {
			seen[i], err = d.Services[i].Checked()
			err = binding.Under(err, fmt.Sprintf("services[%d]", i))
		}
	}
	change, err := m.update(ctx, "observe", callOf(opts), err, func(ctx context.Context, t *tx) error {
		return t.observe(ctx, d.Host, seen)
	})
	if err != nil {
		return Change{}, err
	}
	for i := range change.Skipped {
		v := &change.Skipped[i].Violation
		m.log.LogAttrs(ctx, slog.LevelWarn, "not taken over from a scan",
			slog.String("host", d.Host.ID.String()), slog.String("path", v.Path), slog.String("code", string(v.Code)), slog.String("problem", v.Message))
	}
	return change, nil
}

func (t *tx) observe(ctx context.Context, seen host.Host, services []service.Service) error {
	stored, err := t.hostToObserve(ctx, &seen)
	if err != nil {
		return err
	}
	merged, err := reconcile.Host(stored, seen, t.m.newID)
	if err != nil {
		return inPayload(err)
	}
	known, err := t.ServicesOnHost(ctx, stored.ID)
	if err != nil {
		return err
	}
	if err := t.refuseLinks(merged, known); err != nil {
		return err
	}
	inv, changed, err := t.putObserved(ctx, &stored, merged)
	if err != nil {
		return err
	}
	matches, err := t.m.matched(known, services)
	if err != nil {
		return err
	}
	fitted, err := t.refitAll(ctx, inv, changed, known, matches)
	if err != nil {
		return err
	}
	o, err := t.newObservation(ctx, inv, merged, services)
	if err != nil {
		return err
	}
	for i := range services {
		if at := matches[i]; at >= 0 {
			err = t.observeKnown(ctx, o, i, &services[i], &known[at], fitted[at])
		} else {
			err = t.observeNew(ctx, o, i, &services[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hostToObserve returns the stored host, or one with nothing on it for a host
// that is new.
func (t *tx) hostToObserve(ctx context.Context, seen *host.Host) (host.Host, error) {
	stored, err := t.Host(ctx, seen.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		problem := "is nil; a host that is new needs its network"
		return host.Host{ID: seen.ID, NetworkID: seen.NetworkID, Name: seen.Name}, required("host.network_id", seen.NetworkID, problem)
	case err != nil:
		return host.Host{}, err
	case seen.NetworkID != uuid.Nil && seen.NetworkID != stored.NetworkID:
		moved := movedNetwork(&stored, seen)
		moved.Path = "host.network_id"
		return host.Host{}, &validate.Error{Violations: []validate.Violation{moved}}
	default:
		return stored, nil
	}
}

// inPayload places an error about a host in a discovery payload, where the lists
// of children stand beside the host.
func inPayload(err error) error {
	var field *binding.FieldError
	if errors.As(err, &field) && field.Path == "name" {
		return field.Under("host")
	}
	return err
}

// putObserved stores the merged host if it differs from what was stored.
func (t *tx) putObserved(ctx context.Context, stored *host.Host, merged *reconcile.Merged) (inv *host.Inventory, changed bool, err error) {
	if inv, err = host.NewInventory(merged.Host); err != nil {
		return nil, false, inPayload(err)
	}
	next, before := merged.Host, stored
	if stored.Revision == 0 {
		before = nil
	}
	err = t.putHost(ctx, before, &next)
	return inv, next.Revision != stored.Revision, err
}

// observation is what Observe knows of one payload.
type observation struct {
	inv    *host.Inventory
	merged *reconcile.Merged
	claims *validate.Claims
	// owners are the services that have the observed binding IDs, bindings those
	// that had them earlier in the payload.
	owners   map[uuid.UUID]uuid.UUID
	bindings map[uuid.UUID]observedBinding
}

type observedBinding struct {
	service int
	target  binding.Target
}

func (t *tx) newObservation(ctx context.Context, inv *host.Inventory, merged *reconcile.Merged, services []service.Service) (*observation, error) {
	o := &observation{inv: inv, merged: merged, bindings: make(map[uuid.UUID]observedBinding)}
	var ids []uuid.UUID
	var all []binding.Binding
	for i := range services {
		for _, b := range services[i].Bindings {
			b.Target = merged.Target(b.Target)
			all = append(all, b)
			if b.ID != uuid.Nil {
				ids = append(ids, b.ID)
			}
		}
	}
	var err error
	if o.owners, err = t.BindingOwners(ctx, ids...); err != nil {
		return nil, err
	}
	o.claims, err = t.claims(ctx, inv, all...)
	return o, err
}

// observeNew creates a service that was not known.
func (t *tx) observeNew(ctx context.Context, o *observation, i int, seen *service.Service) error {
	s := seen.Clone()
	s.HostID, s.NetworkID, s.Revision = o.inv.HostID(), o.inv.NetworkID(), 1
	s.CreatedAt, s.UpdatedAt = cmp.Or(binding.Time(s.CreatedAt), t.now), cmp.Or(binding.Time(s.UpdatedAt), t.now)
	s.Source.Type = cmp.Or(s.Source.Type, SourceDiscovery)
	last, ok, err := t.LastPosition(ctx, s.HostID)
	if err != nil {
		return err
	}
	if s.Position = 0; ok {
		s.Position = last + min(1, math.MaxInt32-last)
	}
	switch _, err := t.Service(ctx, s.ID); {
	case s.ID == uuid.Nil || err == nil:
		s.ID = t.m.newID()
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	s.Bindings = nil
	return t.merge(ctx, o, i, seen, nil, &s)
}

// observeKnown takes in what was seen of a stored service, whose set fits the
// host as fitted says: its bindings, definition and virtualization. Name, tags and
// source are its own.
func (t *tx) observeKnown(ctx context.Context, o *observation, i int, seen, known *service.Service, fitted []binding.Binding) error {
	next := *known
	next.Bindings = fitted
	next.Definition = cmp.Or(seen.Definition, known.Definition)
	if len(seen.Virtualization) > 0 {
		next.Virtualization = bytes.Clone(seen.Virtualization)
	}
	return t.merge(ctx, o, i, seen, known, &next)
}

// merge puts what was seen of observed service i into the set of next (Merge),
// and stores that; known is what is stored of it, if anything.
func (t *tx) merge(ctx context.Context, o *observation, i int, seen, known, next *service.Service) error {
	set := next.Bindings
	observed := t.observedBindings(o, i, seen, next, set)
	in := validate.Input{Inventory: o.inv, Service: next.Info(), Bindings: set, Claims: o.claims}
	in.Service.NetworkID = o.inv.NetworkID()
	if known != nil {
		in.Stored = known.Bindings
	}
	rules, err := t.m.validator.Merge(in, observed)
	if err != nil {
		return err
	}
	next.Bindings = slices.Clone(rules.Bindings)
	if err := t.put(ctx, known, next); err != nil {
		return err
	}
	o.claims.Add(next.Info(), next.Bindings)
	t.skipObserved(i, len(set), rules.Skipped, next.Bindings)
	rules.Absorbed = slices.DeleteFunc(rules.Absorbed, func(d validate.Drop) bool { return d.Reason == validate.Duplicate })
	t.ruled(&rules)
	return nil
}

// skipObserved reports the bindings of observed service i that were not taken
// into a set that had n, and has those in stored now.
func (t *tx) skipObserved(i, n int, skipped []validate.Violation, stored []binding.Binding) {
	for _, v := range skipped {
		if find(stored, v.Binding.ID) == nil {
			v.Binding.ID = uuid.Nil
		}
		v.Index -= n
		v.Path = fmt.Sprintf("services[%d].%s", i, v.Path)
		t.report.Skipped = append(t.report.Skipped, Skipped{Binding: v.Binding, Violation: v})
	}
}

// observedBindings returns the bindings of observed service i as they go into the
// set of s.
func (t *tx) observedBindings(o *observation, i int, seen, s *service.Service, set []binding.Binding) []binding.Binding {
	targets := make(map[uuid.UUID]binding.Target, len(set))
	for k := range set {
		targets[set[k].ID] = set[k].Target
	}
	observed := make([]binding.Binding, len(seen.Bindings))
	for k, b := range seen.Bindings {
		b.Target = o.merged.Target(b.Target)
		b.ServiceID, b.NetworkID = s.ID, s.NetworkID
		b.LastSeenAt = cmp.Or(b.LastSeenAt, t.now)
		b.FirstDiscoveryID = cmp.Or(b.FirstDiscoveryID, b.LastDiscoveryID)
		if b.ID = o.idFor(i, &b, targets); b.ID == uuid.Nil {
			b.ID = t.m.newID()
		}
		observed[k] = b
	}
	return observed
}

// idFor returns the ID that binding b of observed service i goes in with: nil, to
// have a new one assigned, where another binding has it, stored or earlier in
// the payload, or where it stands for another target now. stored are the
// targets of the bindings of the service.
func (o *observation) idFor(i int, b *binding.Binding, stored map[uuid.UUID]binding.Target) uuid.UUID {
	if b.ID == uuid.Nil {
		return uuid.Nil
	}
	this := observedBinding{service: i, target: o.inv.Canonical(b.Target)}
	if earlier, ok := o.bindings[b.ID]; ok && earlier != this {
		return uuid.Nil
	}
	o.bindings[b.ID] = this
	if _, taken := o.owners[b.ID]; taken && stored[b.ID] != this.target {
		return uuid.Nil
	}
	return b.ID
}
