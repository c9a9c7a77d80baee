package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// network is the network that the machine counts for. One machine alone needs
// no more than that it has one.
var network = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/bindset/bindset/examples/localscan"))

// judge puts a scan through the rules: it stores the host and its services with
// a Manager, and reports what happened to each binding. A service whose set the
// rules refuse is stored with what is valid of it. Exclusive ports (V6) are off:
// what listens has its port, and the report says who shares it.
func judge(ctx context.Context, s scan.Scan) (report, error) {
	inv, err := host.NewInventory(s.Host)
	if err != nil {
		return report{}, err
	}
	j := judgement{manager: bindset.NewManager(memstore.New()), scan: s, inv: inv, fates: map[uuid.UUID]fate{}}
	if _, _, err := j.manager.CreateHost(ctx, s.Host, nil); err != nil {
		return report{}, err
	}
	for i := range s.Services {
		if err := j.create(ctx, &s.Services[i]); err != nil {
			return report{}, err
		}
	}
	return j.report(), nil
}

// judgement is a scan on its way through the rules.
type judgement struct {
	manager *bindset.Manager
	scan    scan.Scan
	inv     *host.Inventory
	fates   map[uuid.UUID]fate // by the ID of the binding; those kept as they are have none
	refused []refusal
}

// fate is what happened to a binding that was not kept as it was.
type fate struct {
	outcome   string // "" for one that is kept
	by        binding.Binding
	rule      string
	problem   string
	rewritten bool
}

// create stores a service with its whole set, or else with what is valid of it.
func (j *judgement) create(ctx context.Context, s *service.Service) error {
	draft := service.Draft{
		ID: s.ID, HostID: s.HostID, NetworkID: s.NetworkID, Name: s.Name, Definition: s.Definition, Bindings: s.Bindings,
	}
	_, change, err := j.manager.CreateService(ctx, draft)
	if err == nil {
		j.note(s.Bindings, change)
		return nil
	}
	var broken *validate.Error
	if !errors.As(err, &broken) {
		return err
	}
	j.refused = append(j.refused, refusal{Service: s.Name, Violations: violations(broken), err: broken})
	draft.Bindings = nil
	switch _, _, err := j.manager.CreateService(ctx, draft); {
	case errors.As(err, new(*validate.Error)): // not even empty: none of it can be stored
		for _, b := range s.Bindings {
			j.refuse(b.ID, err)
		}
		return nil
	case err != nil:
		return err
	}
	for i, b := range s.Bindings {
		_, change, err := j.manager.CreateBinding(ctx, b)
		if err == nil {
			j.note(s.Bindings[i:i+1], change)
		} else if !j.refuse(b.ID, err) {
			return err
		}
	}
	return nil
}

// note takes over what a use case did to the bindings it was given.
func (j *judgement) note(given []binding.Binding, c bindset.Change) {
	for _, d := range c.Dropped {
		j.covered(j.which(given, d.Binding, d.By), d.By)
	}
	for _, a := range c.Absorbed {
		j.covered(j.which(given, a.Binding, a.By), a.By)
	}
	for _, r := range c.Rewritten {
		id := j.which(given, r.From, binding.Binding{}).ID
		f := j.fates[id]
		f.rewritten = true
		j.fates[id] = f
	}
}

// which returns the given binding that a Change is about. One that was never
// stored has no ID there: it is the next with its target that is not the one
// that is stored instead.
func (j *judgement) which(given []binding.Binding, b, by binding.Binding) binding.Binding {
	for _, g := range given {
		if b.ID == uuid.Nil && g.Target == b.Target && g.ID != by.ID && j.fates[g.ID].outcome == "" {
			return g
		}
	}
	return b
}

// covered notes a binding that is not stored because of another one: an equal
// one (V3) or a wider listener (V4).
func (j *judgement) covered(b, by binding.Binding) {
	f := j.fates[b.ID]
	f.outcome, f.rule, f.by = superseded, "V4", by
	if j.inv.Canonical(b.Target) == by.Target {
		f.outcome, f.rule = duplicate, "V3"
	}
	j.fates[b.ID] = f
}

// refuse notes a binding that breaks a rule. It reports whether err says so.
func (j *judgement) refuse(id uuid.UUID, err error) bool {
	var broken *validate.Error
	if !errors.As(err, &broken) {
		return false
	}
	v := broken.Violations[0]
	j.fates[id] = fate{outcome: string(v.Code), rule: v.Rule, by: v.Other, problem: v.Message}
	return true
}

func (j *judgement) report() report {
	h := &j.scan.Host
	r := report{
		Host: h.Name, Interfaces: len(h.Interfaces), IPAddresses: len(h.IPAddresses), Ports: len(h.Ports),
		Services: len(j.scan.Services), Bindings: []row{}, Refused: []refusal{}, Notes: []string{}, // as JSON they are lists
	}
	shared := j.shared()
	r.Refused, r.Notes = append(r.Refused, j.refused...), append(r.Notes, j.scan.Notes...)
	for _, s := range j.scan.Services {
		for _, b := range s.Bindings {
			f := j.fates[b.ID]
			row := row{
				Service: s.Name, PIDs: j.scan.PIDs[s.ID], Seen: j.scan.Seen[b.ID], Target: j.inv.Describe(b.Target),
				Outcome: cmp.Or(f.outcome, kept), Rule: f.rule, Problem: f.problem, Ephemeral: j.scan.Ephemeral[b.ID], SharedWith: shared[b.ID],
			}
			switch {
			case row.Rule != "":
			case f.rewritten:
				row.Rule = "V0"
			case row.SharedWith != nil:
				row.Rule = "V6"
			}
			if f.by.Target != (binding.Target{}) {
				row.By, row.BySeen = j.inv.Describe(f.by.Target), j.scan.Seen[f.by.ID]
			}
			r.Bindings = append(r.Bindings, row)
		}
	}
	r.summarize()
	return r
}
