package bindset

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// none is the origin of a binding that is not stored, and the place of one that
// the rules took out.
const none = -1

// An outcome pairs what the rules made of a set with what is stored of it. It can
// be used again for another one, and then uses its memory again.
type outcome struct {
	stored []binding.Binding
	// origin holds, for every binding of the rules' input, which of the stored
	// ones it is, or none. Several may be the same one where the rules keep only
	// one of them.
	origin []int
	// place holds, for every binding of the rules' input, where in Bindings it is,
	// or none. locate makes it.
	place []int
	// observed says that a scanner gave the bindings: new ones have their own
	// times, and to say again what is stored is nothing to report.
	observed bool
	// given is the rules' input where the Result does not know all of it.
	given []binding.Binding
	validate.Result

	// fates of what is stored, and what to put, are memory for settle.
	fates []fate
	put   []binding.Binding
}

// Input returns a binding of the rules' input.
func (o *outcome) Input(i int) binding.Binding {
	if o.given != nil {
		return o.given[i]
	}
	return o.Result.Input(i)
}

func (o *outcome) locate() {
	o.place = zeros(o.place, len(o.origin))
	for _, d := range o.Dropped {
		o.place[d.Index] = none
	}
	for _, d := range o.Absorbed {
		o.place[d.Index] = none
	}
	for _, v := range o.Skipped {
		o.place[v.Index] = none
	}
	next := 0
	for i, place := range o.place {
		if place != none {
			o.place[i], next = next, next+1
		}
	}
}

// zeros returns n zero values, in the memory of a slice where there is room.
func zeros[E any](memory []E, n int) []E {
	memory = slices.Grow(memory[:0], n)[:n]
	clear(memory)
	return memory
}

// A fate is what becomes of a stored binding.
type fate uint8

const (
	lost    fate = iota // it is gone, for no reason that a rule gave
	stays               // it is still there, perhaps changed
	dropped             // a rule dropped it
)

// settle writes what the rules made of the set of a service, and accounts for
// it: every stored binding that goes is in the Change as Dropped or Removed. New
// bindings in o.Bindings get their IDs and times. It reports whether the set
// changed in a way that counts.
func (t *tx) settle(ctx context.Context, serviceID uuid.UUID, o *outcome) (changed bool, err error) {
	o.locate()
	o.fates, o.put = zeros(o.fates, len(o.stored)), o.put[:0]
	for i, place := range o.place {
		if place == none {
			continue
		}
		b := &o.Bindings[place]
		if o.origin[i] == none {
			t.assign(b, o.observed)
			t.change.Added = append(t.change.Added, *b)
			o.put, changed = append(o.put, *b), true
			continue
		}
		before := &o.stored[o.origin[i]]
		o.fates[o.origin[i]] = stays
		if *b == *before {
			continue
		}
		inherit(b, before)
		if *b == *before {
			continue
		}
		if !sameButSeen(*b, *before) {
			b.UpdatedAt = t.now
			t.change.Updated = append(t.change.Updated, *b)
			changed = true
		}
		o.put = append(o.put, *b)
	}

	t.reportRules(o)
	var del []uuid.UUID
	for i, fate := range o.fates {
		if fate == lost {
			t.change.Removed = append(t.change.Removed, o.stored[i])
		}
		if fate != stays {
			del = append(del, o.stored[i].ID)
		}
	}
	if len(o.put) > 0 || len(del) > 0 {
		err = t.PutBindings(ctx, serviceID, o.put, del)
	}
	return changed || len(del) > 0, err
}

// reportRules puts into the Change what the rules did, and notes the fates of
// the stored bindings that they dropped.
func (t *tx) reportRules(o *outcome) {
	for _, r := range o.Rewritten {
		from, to := o.Input(r.Index), o.Input(r.Index)
		if place := o.place[r.Index]; place != none {
			to = o.Bindings[place]
		}
		from.ID, from.Target, to.Target = to.ID, r.From, r.To
		t.change.Rewritten = append(t.change.Rewritten, Rewritten{From: from, To: to})
	}
	for _, d := range o.Dropped {
		b, by := o.Input(d.Index), o.Bindings[o.place[d.By]]
		b.ID = uuid.Nil
		if origin := o.origin[d.Index]; origin != none && o.fates[origin] == lost {
			o.fates[origin] = dropped
			inherit(&b, &o.stored[origin])
		}
		t.change.Dropped = append(t.change.Dropped, Dropped{Binding: b, By: by, Reason: d.Reason})
	}
	for _, d := range o.Absorbed {
		if o.observed && d.Reason == validate.Duplicate {
			continue
		}
		b, by := o.Input(d.Index), o.Bindings[o.place[d.By]]
		if o.origin[d.Index] == none {
			b.ID = uuid.Nil
		}
		t.change.Absorbed = append(t.change.Absorbed, Absorbed{Binding: b, By: by})
	}
}

// assign gives a new binding its ID, unless it has one, and its times, unless it
// was observed with some.
func (t *tx) assign(b *binding.Binding, observed bool) {
	if b.ID == uuid.Nil {
		b.ID = t.m.newID()
	}
	if !observed {
		b.CreatedAt, b.UpdatedAt = time.Time{}, time.Time{}
	}
	b.CreatedAt, b.UpdatedAt = cmp.Or(b.CreatedAt, t.now), cmp.Or(b.UpdatedAt, t.now)
}

// inherit gives a binding what it keeps of the stored one that it replaces: the
// ID, the times, and of the tracking fields those that it does not have itself.
func inherit(b, stored *binding.Binding) {
	b.ID, b.CreatedAt, b.UpdatedAt = stored.ID, stored.CreatedAt, stored.UpdatedAt
	b.LastSeenAt = cmp.Or(b.LastSeenAt, stored.LastSeenAt)
	b.FirstDiscoveryID = cmp.Or(b.FirstDiscoveryID, stored.FirstDiscoveryID)
	b.LastDiscoveryID = cmp.Or(b.LastDiscoveryID, stored.LastDiscoveryID)
	b.ValidFrom = cmp.Or(b.ValidFrom, stored.ValidFrom)
	b.ValidTo = cmp.Or(b.ValidTo, stored.ValidTo)
	b.LineageID = cmp.Or(b.LineageID, stored.LineageID)
}

// sameButSeen reports whether two bindings differ in when and by what they were
// last seen at most: that is no change.
func sameButSeen(a, b binding.Binding) bool {
	a.LastSeenAt, a.LastDiscoveryID = b.LastSeenAt, b.LastDiscoveryID
	return a == b
}

// touch stores a service that changed as its next revision, and reports it.
func (t *tx) touch(ctx context.Context, s *service.Service) error {
	s.Revision++
	s.UpdatedAt = t.now
	t.did(Updated, s)
	return t.PutService(ctx, *s)
}

// did reports what happened to a service.
func (t *tx) did(did Did, s *service.Service) {
	t.change.Services = append(t.change.Services, EntityChange{
		ID: s.ID, HostID: s.HostID, Name: s.Name, Did: did, Revision: s.Revision,
	})
}

// didHost reports what happened to a host.
func (t *tx) didHost(did Did, h *host.Host) {
	t.change.Hosts = append(t.change.Hosts, EntityChange{
		ID: h.ID, HostID: h.ID, Name: h.Name, Did: did, Revision: h.Revision,
	})
}

// sortByID puts a set into the order in which stores return it.
func sortByID(set []binding.Binding) {
	slices.SortFunc(set, func(a, b binding.Binding) int { return bytes.Compare(a.ID[:], b.ID[:]) })
}
