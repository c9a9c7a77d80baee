package bindset

import (
	"context"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/discovery"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// MergeHosts makes one host of two that are records of one machine: what is on from
// goes into the host into, and from is deleted. Interfaces, IP addresses, ports and
// services of the two are found to be one as [Manager.Observe] finds it, and have
// the IDs of into; what into knows of them comes before what from knows. Their sets
// are merged. Nothing gives way: everything keeps its own Sightings, and what one of
// the two states is stated.
//
// The Change has in Became which ID is another one now, of all that was on from and
// of from itself. A binding that breaks a rule with what is on into makes it fail
// with a *validate.Error that has every such binding, by its place among the
// services of from; with DropUnfit these are removed, and stand in Skipped, too.
// Hosts of two networks are ErrNetworkMismatch. IfRevision is of the host into.
func (m *Manager) MergeHosts(ctx context.Context, into, from uuid.UUID, opts ...MoveOption) (Change, error) {
	var same error
	if into == from {
		same = &binding.FieldError{Path: "from", Problem: "is the host itself; give the other record of the machine"}
	}
	return m.update(ctx, "merge hosts", callOf(opts), same, func(ctx context.Context, t *tx) error {
		return t.mergeHosts(ctx, into, from)
	})
}

func (t *tx) mergeHosts(ctx context.Context, intoID, fromID uuid.UUID) error {
	into, err := t.Host(ctx, intoID)
	if err != nil {
		return err
	}
	from, err := t.Host(ctx, fromID)
	if err != nil {
		return err
	}
	if err := t.requireRevision(store.EntityHost, into.ID, into.Name, into.Revision, 0); err != nil {
		return err
	}
	if into.NetworkID != from.NetworkID {
		return &validate.Error{Violations: []validate.Violation{movedNetwork(&from, &into)}}
	}
	known, err := t.ServicesOnHost(ctx, intoID)
	if err != nil {
		return err
	}
	record, err := t.ServicesOnHost(ctx, fromID)
	if err != nil {
		return err
	}
	scan := discovery.Record(from, record)
	merged, plan, err := t.plan(ctx, scan, &into, known, record)
	if err != nil {
		return err
	}
	if len(plan.Skipped) > 0 && !t.call.dropUnfit {
		return &validate.Error{Violations: plan.Skipped}
	}
	if err := t.putMerged(ctx, scan, &into, merged); err != nil {
		return err
	}
	// What is merged goes first, so that its bindings are free to go elsewhere.
	stays := make(map[uuid.UUID]bool)
	for _, s := range plan.Services {
		stays[s.After.ID] = true
	}
	for i := range record {
		if !stays[record[i].ID] {
			if err := t.remove(ctx, &record[i]); err != nil {
				return err
			}
		}
	}
	if err := t.carryOut(ctx, plan); err != nil {
		return err
	}
	for _, b := range append(merged.Became, discovery.Became{From: from.ID, To: into.ID}) {
		t.report.Became = append(t.report.Became, Became(b))
	}
	return t.removeHost(ctx, &from)
}
