package model

import (
	"fmt"
	"slices"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A Model tells what operations do. Safe for concurrent use.
type Model struct {
	rules     *validate.Validator
	inventory [Hosts][shapes]*host.Inventory // of group 0: all groups are alike
}

// New returns the model of a Manager with these rules.
func New(rules *validate.Validator) *Model {
	m := &Model{rules: rules}
	for n := range Hosts {
		for shape := range shapes {
			inv, err := host.NewInventory(hostOf(0, n, shape))
			if err != nil {
				panic(err) // the host is a constant
			}
			m.inventory[n][shape] = inv
		}
	}
	return m
}

// Apply returns what an operation must return in a state, and the state that it
// leaves.
func (m *Model) Apply(before State, op Op) (Result, State) {
	result, next := m.apply(before, op)
	if op.DryRun {
		return result, before
	}
	return result, next
}

func (m *Model) apply(before State, op Op) (Result, State) {
	if op.Kind == InTx {
		return m.applyAll(before, op.Parts)
	}
	next := before
	saw, err := m.steps()[op.Kind](&next, &op)
	if err != nil {
		return Result{Code: bindset.CodeOf(err)}, before
	}
	next.count(&before)
	// Whatever was seen was seen as it is in the end.
	for n, s := range next.Services {
		if saw.service[n] {
			part := next.part(n)
			saw.Services[n] = part.Services[n]
			for b, held := range part.Bindings {
				if held.Target > 0 {
					saw.Bindings[b] = held
				}
			}
		} else if s.Revision != before.Services[n].Revision {
			saw.Services[n].Revision, saw.Services[n].Host = s.Revision, s.Host
		}
	}
	for n, h := range next.Hosts {
		if saw.host[n] {
			saw.Hosts[n] = h
		} else if h.Revision != before.Hosts[n].Revision {
			saw.Hosts[n].Revision = h.Revision
		}
	}
	return Result{Saw: saw.State, Skipped: saw.skipped, Refused: saw.refused}, next
}

// applyAll returns what several operations in one transaction must return: of what
// they changed the revisions and hosts in the end.
func (m *Model) applyAll(before State, parts []Op) (Result, State) {
	next := before
	var services [Services]bool
	var hosts [Hosts]bool
	for _, part := range parts {
		was := next
		var result Result
		if result, next = m.Apply(was, part); result.Code != "" {
			return Result{Code: result.Code}, before
		}
		for n := range services {
			services[n] = services[n] || next.Services[n].Revision != was.Services[n].Revision
		}
		for n := range hosts {
			hosts[n] = hosts[n] || next.Hosts[n].Revision != was.Hosts[n].Revision
		}
	}
	var saw State
	for n, s := range next.Services {
		if services[n] {
			saw.Services[n].Revision, saw.Services[n].Host = s.Revision, s.Host
		}
	}
	for n, h := range next.Hosts {
		if hosts[n] {
			saw.Hosts[n].Revision = h.Revision
		}
	}
	return Result{Saw: saw}, next
}

// sight is what an operation returns: the State, these hosts, and these services
// with all that is in them.
type sight struct {
	State
	host    [Hosts]bool
	service [Services]bool
	skipped int
	refused bool
}

type step func(s *State, op *Op) (sight, error)

func (m *Model) steps() map[Kind]step {
	return map[Kind]step{
		Look: look, Read: read,
		CreateHost: m.createHost, PutHost: m.putHost, DeleteHost: deleteHost, Observe: m.observe, MoveService: m.moveService,
		CreateService: m.createService, UpdateService: m.updateService, DeleteService: deleteService,
		CreateBinding: m.createBinding, UpdateBinding: m.updateBinding, DeleteBinding: deleteBinding,
		DeleteBindings: deleteBindings, TransferListener: m.transferListener,
	}
}

func seen(service int) (saw sight) {
	saw.service[service] = true
	return saw
}

func seenBinding(s *State, number int) (saw sight) {
	saw.Bindings[number] = s.Bindings[number]
	return saw
}

func look(s *State, _ *Op) (sight, error) { return sight{State: *s}, nil }

func read(s *State, op *Op) (sight, error) {
	if !s.exists(op.Service) {
		return sight{}, store.ErrNotFound
	}
	return seen(op.Service), nil
}

// inventoryOf returns the inventory of a host that is stored.
func (m *Model) inventoryOf(s *State, host int) *host.Inventory {
	return m.inventory[host][s.Hosts[host].Shape]
}

// input returns what the rules read for a service on a host.
func (m *Model) input(s *State, number, host int) validate.Input {
	set := s.set(number)
	return validate.Input{
		Inventory: m.inventoryOf(s, host),
		Service:   validate.ServiceInfo{ID: serviceID(0, number), NetworkID: NetworkID()},
		Bindings:  set, Stored: set, Claims: validate.NewClaims(m.inventoryOf(s, host), s.claims(host)...),
	}
}

// given returns a set that is given for a service.
func given(number int, set []Given) (all []binding.Binding) {
	for _, g := range set {
		all = append(all, bindingOf(0, g.Binding, Binding{Service: int8(number), Target: g.Target}))
	}
	return all
}

func (m *Model) createService(s *State, op *Op) (sight, error) {
	if s.Hosts[op.Host].Revision == 0 {
		return sight{}, store.ErrNotFound
	}
	if s.exists(op.Service) {
		return sight{}, store.ErrExists
	}
	for _, g := range op.Set {
		if s.Bindings[g.Binding].Target > 0 {
			return sight{}, store.ErrExists
		}
	}
	in := m.input(s, op.Service, op.Host)
	in.Bindings = given(op.Service, op.Set)
	var result validate.Result
	if err := m.rules.SetInto(&result, in); err != nil {
		return sight{}, err
	}
	s.Services[op.Service] = Service{Host: int8(op.Host), Revision: 1, Position: s.lastPosition(op.Host) + 1}
	s.put(op.Service, result.Bindings)
	return seen(op.Service), nil
}

// updateService: a given binding is the stored one with its ID, or else the one
// with its target, unless that one is given another target.
func (m *Model) updateService(s *State, op *Op) (sight, error) {
	switch stored := s.Services[op.Service].Revision; {
	case stored == 0:
		return sight{}, store.ErrNotFound
	case op.Revision != 0 && op.Revision != stored:
		return sight{}, store.ErrStale
	}
	holds := func(n int) bool { return s.Bindings[n].Target > 0 && int(s.Bindings[n].Service) == op.Service }
	moves := make(map[int]bool) // bindings that are given another target
	for _, g := range op.Set {
		moves[g.Binding] = holds(g.Binding) && s.Bindings[g.Binding].Target != g.Target
	}
	is := make(map[binding.Binding]int) // the number that a given binding will have
	in := m.input(s, op.Service, int(s.Services[op.Service].Host))
	in.Bindings = given(op.Service, op.Set)
	for i, g := range op.Set {
		number := g.Binding
		if !holds(number) {
			for n, b := range s.Bindings {
				if holds(n) && b.Target == g.Target && !moves[n] {
					number = n
				}
			}
			if number == g.Binding && s.Bindings[number].Target > 0 {
				return sight{}, store.ErrExists
			}
		}
		is[in.Bindings[i]] = number
	}
	var result validate.Result
	if err := m.rules.SetInto(&result, in); err != nil {
		return sight{}, err
	}
	var set []binding.Binding
	for _, b := range result.Bindings {
		number := is[b]
		b.ID = bindingID(0, number)
		set = append(set, b)
	}
	s.put(op.Service, set)
	s.Services[op.Service].Version = op.Version
	return seen(op.Service), nil
}

func deleteService(s *State, op *Op) (sight, error) {
	if !s.exists(op.Service) {
		return sight{}, store.ErrNotFound
	}
	s.put(op.Service, nil)
	s.Services[op.Service] = Service{}
	return sight{}, nil
}

func (m *Model) createBinding(s *State, op *Op) (sight, error) {
	switch {
	case !s.exists(op.Service):
		return sight{}, store.ErrNotFound
	case s.Bindings[op.Binding].Target > 0:
		return sight{}, store.ErrExists
	}
	return m.add(s, op.Service, op.Binding, op.Target)
}

func (m *Model) add(s *State, number, bindingNumber int, target Target) (sight, error) {
	in := m.input(s, number, int(s.Services[number].Host))
	result, err := m.rules.Add(in, bindingOf(0, bindingNumber, Binding{Service: int8(number), Target: target}))
	if err != nil {
		return sight{}, err
	}
	return settle(s, number, &result, len(in.Bindings)), nil
}

// settle stores the outcome of a change to the binding at index of the input, and
// returns the sight of it or of what absorbed it.
func settle(s *State, number int, result *validate.Result, index int) sight {
	s.put(number, result.Bindings)
	for _, d := range result.Absorbed {
		index = d.By
	}
	return seenBinding(s, numberOf(result.Input(index).ID))
}

func (m *Model) updateBinding(s *State, op *Op) (sight, error) {
	was := s.Bindings[op.Binding]
	if was.Target == 0 {
		return sight{}, store.ErrNotFound
	}
	in := m.input(s, int(was.Service), int(s.Services[was.Service].Host))
	index := 0
	for numberOf(in.Bindings[index].ID) != op.Binding {
		index++
	}
	result, err := m.rules.Replace(in, index, bindingOf(0, op.Binding, Binding{Service: was.Service, Target: op.Target}))
	if err != nil {
		return sight{}, err
	}
	return settle(s, int(was.Service), &result, index), nil
}

func deleteBinding(s *State, op *Op) (sight, error) {
	if s.Bindings[op.Binding].Target == 0 {
		return sight{}, store.ErrNotFound
	}
	s.Bindings[op.Binding] = Binding{}
	return sight{}, nil
}

func deleteBindings(s *State, _ *Op) (sight, error) {
	clear(s.Bindings[:Bindings])
	return sight{}, nil
}

func (m *Model) transferListener(s *State, op *Op) (sight, error) {
	moving := s.Bindings[op.Binding]
	switch {
	case moving.Target == 0 || !s.exists(op.Service):
		return sight{}, store.ErrNotFound
	case int(moving.Service) == op.Service:
		return seenBinding(s, op.Binding), nil
	case !targetsOf(0)[moving.Target].IsListener():
		return sight{}, binding.ErrInvalid
	case s.Services[op.Service].Host != s.Services[moving.Service].Host:
		return sight{}, validate.ErrCrossHost
	}
	s.Bindings[op.Binding] = Binding{}
	return m.add(s, op.Service, op.Binding, moving.Target)
}

// Check returns an error unless the rules leave the set of every service as it is.
func (m *Model) Check(s State) error {
	for n, of := range s.Services {
		set := s.set(n)
		result, err := m.rules.Set(m.inventoryOf(&s, int(of.Host)), set)
		switch {
		case s.exists(n) && s.Hosts[of.Host].Revision == 0:
			return fmt.Errorf("service %d is on host %d, which does not exist", n, of.Host)
		case err != nil:
			return fmt.Errorf("the set of service %d is not valid: %w", n, err)
		case !slices.Equal(result.Bindings, set):
			return fmt.Errorf("the set of service %d is not normalized: it has %d bindings, the rules leave %d", n, len(set), len(result.Bindings))
		case len(set) > 0 && !s.exists(n):
			return fmt.Errorf("there are bindings of service %d, which does not exist", n)
		}
	}
	return nil
}
