package bindset

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// A difference is what a transaction changes: every host and service that it
// wrote, as it was and as it is, and what the rules did. All of it is matched by
// ID, so use cases give every binding its ID before they ask the rules.
type difference struct {
	hosts    []revision[host.Host]
	services []revision[service.Service]
	report   Change // what is no difference of what is stored, such as Rewritten, Dropped and Skipped
}

// A revision is one thing before and after: nil where it was not, or is not,
// stored.
type revision[E any] struct {
	id            uuid.UUID
	before, after *E
	counts        bool // it is more than Sightings that differ
}

// putHost stores a host: a new one where before is nil. What differs from what was
// stored in more than Sightings is its next Revision.
func (t *tx) putHost(ctx context.Context, before, after *host.Host) error {
	if before == nil {
		after.Revision = 1
	} else {
		after.Revision = before.Revision
		switch {
		case !sameButSeenHost(before, after):
			after.Revision++
		case equalHosts(before, after):
			return nil
		}
	}
	counts := before == nil || after.Revision != before.Revision
	t.hosts = append(t.hosts, revision[host.Host]{after.ID, before, after, counts})
	return t.PutHost(ctx, *after)
}

// removeHost deletes a host.
func (t *tx) removeHost(ctx context.Context, h *host.Host) error {
	t.hosts = append(t.hosts, revision[host.Host]{h.ID, h, nil, true})
	return t.DeleteHost(ctx, h.ID)
}

// put stores a service with its set: a new one where before is nil. What differs
// from what was stored in more than Sightings is its next Revision, and of
// bindings has a new UpdatedAt. It sorts the set, which is then as stored.
func (t *tx) put(ctx context.Context, before, after *service.Service) error {
	sortByID(after.Bindings)
	was := before
	if before == nil {
		was = &service.Service{}
		after.CreatedAt, after.UpdatedAt = cmp.Or(after.CreatedAt, t.now), cmp.Or(after.UpdatedAt, t.now)
	}
	changed := before == nil || !sameButSet(before, after)
	var put []binding.Binding
	var del []uuid.UUID
	for b, next := range differences(was.Bindings, after.Bindings) {
		switch {
		case next == nil:
			del, changed = append(del, b.ID), true
			continue
		case b == nil:
			next.CreatedAt, next.UpdatedAt = cmp.Or(next.CreatedAt, t.now), cmp.Or(next.UpdatedAt, t.now)
			changed = true
		case *b == *next:
			continue
		case !sameButSeen(*b, *next):
			next.UpdatedAt = t.now
			changed = true
		}
		put = append(put, *next)
	}
	after.Revision = was.Revision
	if changed {
		after.Revision++
		if before != nil {
			after.UpdatedAt = t.now
		}
	}
	// Also one that is as it was: the report may name its bindings.
	t.services = append(t.services, revision[service.Service]{after.ID, before, after, changed})
	if changed || after.Sightings != was.Sightings {
		if err := t.PutService(ctx, *after); err != nil {
			return err
		}
	}
	if len(put) == 0 && len(del) == 0 {
		return nil
	}
	return t.PutBindings(ctx, after.ID, put, del)
}

// remove deletes a service with its set.
func (t *tx) remove(ctx context.Context, s *service.Service) error {
	t.services = append(t.services, revision[service.Service]{s.ID, s, nil, true})
	return t.DeleteService(ctx, s.ID)
}

// ruled notes what the rules did to a set.
func (t *tx) ruled(r *validate.Result) {
	for _, w := range r.Rewritten {
		from, to := r.Input(w.Index), r.Input(w.Index)
		from.Target, to.Target = w.From, w.To
		t.report.Rewritten = append(t.report.Rewritten, Rewritten{From: from, To: to})
	}
	for _, d := range r.Dropped {
		t.report.Dropped = append(t.report.Dropped, Dropped{Binding: r.Input(d.Index), By: r.Input(d.By), Reason: d.Reason})
	}
	for _, d := range r.Absorbed {
		t.report.Absorbed = append(t.report.Absorbed, Absorbed{Binding: r.Input(d.Index), By: r.Input(d.By)})
	}
}

// add adds what came after. The caller of a use case has, and may change, the
// services that it returned: copies of those are kept.
func (d *difference) add(later *difference) {
	d.hosts = append(d.hosts, later.hosts...)
	for _, s := range later.services {
		if s.after != nil {
			after := *s.after
			after.Bindings = slices.Clone(after.Bindings)
			s.after = &after
		}
		d.services = append(d.services, s)
	}
	d.report.add(&later.report)
}

// change returns the difference as a Change.
func (d *difference) change() Change {
	c := d.report
	for _, h := range netOf(d.hosts) {
		c.Hosts = appendDid(c.Hosts, h, func(h *host.Host) EntityChange {
			return EntityChange{ID: h.ID, HostID: h.ID, Name: h.Name, Revision: h.Revision}
		})
	}
	services := netOf(d.services)
	for _, s := range services {
		c.Services = appendDid(c.Services, s, func(s *service.Service) EntityChange {
			return EntityChange{ID: s.ID, HostID: s.HostID, Name: s.Name, Revision: s.Revision}
		})
	}
	c.markMerged()
	before, after := sets(services)
	accounted := c.account(before, after)
	for b, next := range differences(before, after) {
		switch {
		case b == nil:
			c.Added = append(c.Added, *next)
		case next == nil && !accounted[b.ID]:
			c.Removed = append(c.Removed, *b)
		case next != nil && !sameButSeen(*b, *next):
			c.Updated = append(c.Updated, *next)
		}
	}
	return c
}

// markMerged says of hosts and services that are a part of others now that they
// were merged, not removed.
func (c *Change) markMerged() {
	if len(c.Became) == 0 {
		return
	}
	became := make(map[uuid.UUID]bool, len(c.Became))
	for _, b := range c.Became {
		became[b.From] = true
	}
	for _, all := range [][]EntityChange{c.Hosts, c.Services} {
		for i := range all {
			if all[i].Did == Removed && became[all[i].ID] {
				all[i].Did = Merged
			}
		}
	}
}

// account completes what the rules did: the bindings in it are as they are, or
// were, stored, and have no ID where they never were. It returns the IDs of the
// stored bindings that were dropped or displaced.
func (c *Change) account(before, after []binding.Binding) (accounted map[uuid.UUID]bool) {
	gone := func(id uuid.UUID) *binding.Binding {
		if find(after, id) != nil {
			return nil
		}
		return find(before, id)
	}
	for i := range c.Rewritten {
		r := &c.Rewritten[i]
		if b := find(after, r.To.ID); b != nil && b.Target == r.To.Target {
			r.To = *b
		} else if gone(r.To.ID) == nil {
			r.From.ID, r.To.ID = uuid.Nil, uuid.Nil
		}
	}

	cause := make(map[uuid.UUID]uuid.UUID, len(c.Dropped)+len(c.Displaced))
	for i := range c.Dropped {
		cause[c.Dropped[i].Binding.ID] = c.Dropped[i].By.ID
	}
	for i := range c.Displaced {
		cause[c.Displaced[i].Binding.ID] = c.Displaced[i].By.ID
	}
	stands := func(by binding.Binding) binding.Binding {
		id := by.ID
		for range len(cause) + 1 {
			if b := find(after, id); b != nil {
				return *b
			}
			id = cause[id]
		}
		return by
	}
	accounted = make(map[uuid.UUID]bool, len(cause))
	for i := range c.Dropped {
		d := &c.Dropped[i]
		d.By = stands(d.By)
		if b := gone(d.Binding.ID); b != nil && !accounted[b.ID] {
			d.Binding = withTarget(*b, d.Binding.Target)
			accounted[b.ID] = true
		} else {
			d.Binding.ID = uuid.Nil
		}
	}
	for i := range c.Displaced {
		d := &c.Displaced[i]
		d.By = stands(d.By)
		accounted[d.Binding.ID] = true
	}
	for i := range c.Absorbed {
		a := &c.Absorbed[i]
		a.By = stands(a.By)
		if b := gone(a.Binding.ID); b != nil {
			a.Binding = withTarget(*b, a.Binding.Target)
		} else {
			a.Binding.ID = uuid.Nil
		}
	}
	return accounted
}

func withTarget(b binding.Binding, t binding.Target) binding.Binding {
	b.Target = t
	return b
}

// netOf returns one revision of each thing, however often it was written.
func netOf[E any](all []revision[E]) []revision[E] {
	if len(all) < 2 {
		return all
	}
	at := make(map[uuid.UUID]int, len(all))
	var net []revision[E]
	for _, r := range all {
		if i, ok := at[r.id]; ok {
			net[i].after, net[i].counts = r.after, net[i].counts || r.counts
			continue
		}
		at[r.id] = len(net)
		net = append(net, r)
	}
	return net
}

// appendDid appends what happened to a thing, if anything did that counts. One that
// was removed and made again was updated, also where it is as it was.
func appendDid[E any](to []EntityChange, r revision[E], of func(*E) EntityChange) []EntityChange {
	last, did := r.after, Updated
	switch {
	case !r.counts, r.before == nil && r.after == nil:
		return to
	case r.before == nil:
		did = Added
	case r.after == nil:
		last, did = r.before, Removed
	}
	c := of(last)
	c.Did = did
	return append(to, c)
}

// sets returns the bindings of all services, as they were and as they are, by ID.
func sets(services []revision[service.Service]) (before, after []binding.Binding) {
	for _, s := range services {
		if s.before != nil {
			before = joined(before, s.before.Bindings)
		}
		if s.after != nil {
			after = joined(after, s.after.Bindings)
		}
	}
	if len(services) > 1 {
		sortByID(before)
		sortByID(after)
	}
	return before, after
}

// joined appends a set to others, and is that set where there are none.
func joined(others, set []binding.Binding) []binding.Binding {
	if len(others) == 0 {
		return slices.Clip(set)
	}
	return append(others, set...)
}

// differences yields all bindings of two sets that are in the order of their IDs:
// each as it was and as it is, nil where it was not or is not there.
func differences(before, after []binding.Binding) iter.Seq2[*binding.Binding, *binding.Binding] {
	return func(yield func(was, is *binding.Binding) bool) {
		for len(before) > 0 || len(after) > 0 {
			order := 0
			switch {
			case len(after) == 0:
				order = -1
			case len(before) == 0:
				order = 1
			default:
				order = compareIDs(&before[0], &after[0])
			}
			var was, is *binding.Binding
			if order <= 0 {
				was, before = &before[0], before[1:]
			}
			if order >= 0 {
				is, after = &after[0], after[1:]
			}
			if !yield(was, is) {
				return
			}
		}
	}
}

// find returns the binding with an ID in a set that is in the order of IDs, or
// nil.
func find(set []binding.Binding, id uuid.UUID) *binding.Binding {
	i, ok := slices.BinarySearchFunc(set, id, func(b binding.Binding, id uuid.UUID) int { return bytes.Compare(b.ID[:], id[:]) })
	if !ok {
		return nil
	}
	return &set[i]
}

func compareIDs(a, b *binding.Binding) int { return bytes.Compare(a.ID[:], b.ID[:]) }

// sortByID puts a set into the order in which stores return it.
func sortByID(set []binding.Binding) {
	slices.SortFunc(set, func(a, b binding.Binding) int { return compareIDs(&a, &b) })
}

// sameButSeen reports whether two bindings differ in their Sightings at most: that
// counts for nothing.
func sameButSeen(a, b binding.Binding) bool {
	a.Sightings = b.Sightings
	return a == b
}

// sameButSet reports whether two services differ in their sets, Sightings, and
// what put sets, at most.
func sameButSet(a, b *service.Service) bool {
	return a.HostID == b.HostID && a.Name == b.Name && a.Definition == b.Definition && a.Position == b.Position &&
		a.Source.Type == b.Source.Type && bytes.Equal(a.Source.Rest, b.Source.Rest) &&
		slices.Equal(a.Tags, b.Tags) && bytes.Equal(a.Virtualization, b.Virtualization)
}

// equalHosts reports whether two hosts differ in their Revision at most.
func equalHosts(a, b *host.Host) bool {
	return a.Name == b.Name && a.NetworkID == b.NetworkID && a.Sightings == b.Sightings &&
		slices.Equal(a.Interfaces, b.Interfaces) && slices.Equal(a.IPAddresses, b.IPAddresses) && slices.Equal(a.Ports, b.Ports)
}

// sameButSeenHost reports whether two hosts differ in their Revision and in
// Sightings at most.
func sameButSeenHost(a, b *host.Host) bool {
	return a.Name == b.Name && a.NetworkID == b.NetworkID &&
		slices.EqualFunc(a.Interfaces, b.Interfaces, func(a, b host.Interface) bool { a.Sightings = b.Sightings; return a == b }) &&
		slices.EqualFunc(a.IPAddresses, b.IPAddresses, func(a, b host.IPAddress) bool { a.Sightings = b.Sightings; return a == b }) &&
		slices.EqualFunc(a.Ports, b.Ports, func(a, b host.Port) bool { a.Sightings = b.Sightings; return a == b })
}
