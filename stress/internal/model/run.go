package model

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// Create stores a group of hosts in the state Start.
func Create(ctx context.Context, m *bindset.Manager, group, hosts int) error {
	state := Start(hosts)
	for n := range hosts {
		var drafts []service.Draft
		for _, number := range state.on(n) {
			drafts = append(drafts, draft(&Op{Group: group, Host: n, Service: number}))
		}
		if _, _, err := m.CreateHost(ctx, hostOf(group, n, Apart), drafts); err != nil {
			return err
		}
	}
	return nil
}

func draft(op *Op) service.Draft {
	return service.Draft{
		ID: serviceID(op.Group, op.Service), HostID: HostID(op.Group, op.Host),
		Name: nameText(op.Service), Definition: versionText(0), Bindings: op.set(),
	}
}

// set returns the set that is given.
func (op *Op) set() (all []binding.Binding) {
	for _, g := range op.Set {
		all = append(all, bindingOf(op.Group, g.Binding, Binding{Service: int8(op.Service), Target: g.Target}))
	}
	return all
}

// discovery returns what a scanner saw.
func (op *Op) discovery() service.Discovery {
	return service.Discovery{
		Host: hostOf(op.Group, op.Host, op.Shape),
		Services: []service.Service{{
			ID: serviceID(op.Group, op.Service), Name: nameText(op.Service),
			Definition: versionText(op.Version), Bindings: op.set(),
		}},
	}
}

// ErrImpossible is in the error of Run where an operation returned what was never
// stored, or told two things of one snapshot.
var ErrImpossible = errors.New("no state of the host can be this")

// Run runs an operation. An error that has no code, or says that the outcome is
// unknown, comes back as it is; ErrImpossible is in no other.
func Run(ctx context.Context, m *bindset.Manager, op Op) (Result, error) {
	r := &run{m: m, op: op}
	change, err := r.tryOrCall(ctx)
	switch code := bindset.CodeOf(err); {
	case err == nil:
	case code == "" || code == store.ErrUnknownOutcome:
		return Result{}, fmt.Errorf("%v: %w", op, err)
	default:
		return Result{Code: code}, nil
	}
	for _, c := range change.Services {
		if c.Did != bindset.Removed {
			s := &r.saw.Services[numberOf(c.ID)]
			s.Revision, s.Host = c.Revision, int8(numberOf(c.HostID))
		}
	}
	for _, c := range change.Hosts {
		if c.Did != bindset.Removed {
			r.saw.Hosts[numberOf(c.ID)].Revision = c.Revision
		}
	}
	if err := errors.Join(r.strange...); err != nil {
		return Result{}, fmt.Errorf("%v: %w: %w", op, ErrImpossible, err)
	}
	result := Result{Saw: r.saw}
	for _, s := range change.Skipped {
		if s.Violation.Path == "" { // stored; how many offend depends on the order of IDs that nobody knows
			result.Refused = true
		} else {
			result.Skipped++
		}
	}
	return result, nil
}

// A run is one call of an operation.
type run struct {
	m       *bindset.Manager
	op      Op
	saw     State
	strange []error // what no operation stored
}

// tryOrCall calls the operation, in a transaction that is never committed where it
// is a dry run.
func (r *run) tryOrCall(ctx context.Context) (bindset.Change, error) {
	if !r.op.DryRun {
		return r.call(ctx)
	}
	m := r.m
	defer func() { r.m = m }()
	return m.InTx(ctx, func(ctx context.Context, inner *bindset.Manager) error {
		r.m, r.saw = inner, State{} // the store may run this again
		_, err := r.call(ctx)
		return err
	}, bindset.DryRun())
}

// parts calls several operations in one transaction. Its Change tells what they
// did.
func (r *run) parts(ctx context.Context) (bindset.Change, error) {
	return r.m.InTx(ctx, func(ctx context.Context, m *bindset.Manager) error {
		for _, op := range r.op.Parts {
			part := run{m: m, op: op}
			if _, err := part.call(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *run) call(ctx context.Context) (change bindset.Change, err error) {
	op := &r.op
	var s service.Service
	var b binding.Binding
	var h host.Host
	var all []service.Service
	given := bindingOf(op.Group, op.Binding, Binding{Service: int8(op.Service), Target: op.Target})
	switch op.Kind {
	case Look:
		return change, r.m.View(ctx, r.look)
	case Read:
		err = r.m.View(ctx, func(ctx context.Context, reader store.Reader) (err error) {
			s, err = reader.Service(ctx, serviceID(op.Group, op.Service))
			return err
		})
	case CreateService:
		s, change, err = r.m.CreateService(ctx, draft(op))
	case UpdateService:
		s, change, err = r.m.UpdateService(ctx, service.Service{
			ID: serviceID(op.Group, op.Service), Revision: op.Revision,
			Name: nameText(op.Service), Definition: versionText(op.Version), Bindings: op.set(),
		}, bindset.KeepPosition())
	case DeleteService:
		return r.m.DeleteService(ctx, serviceID(op.Group, op.Service))
	case MoveService:
		var unfit bindset.MoveOption
		if op.Lossy {
			unfit = bindset.DropUnfit()
		}
		s, change, err = r.m.MoveService(ctx, serviceID(op.Group, op.Service), HostID(op.Group, op.Host), unfit)
	case CreateBinding:
		b, change, err = r.m.CreateBinding(ctx, given)
	case UpdateBinding:
		given.ServiceID = uuid.Nil
		b, change, err = r.m.UpdateBinding(ctx, given)
	case DeleteBinding:
		return r.m.DeleteBinding(ctx, given.ID)
	case DeleteBindings:
		_, change, err = r.m.DeleteBindings(ctx, allIDs(bindingKind, op.Group, 0, Bindings))
	case TransferListener:
		b, change, err = r.m.TransferListener(ctx, given.ID, given.ServiceID)
	case Observe:
		return r.m.Observe(ctx, op.discovery())
	case CreateHost:
		var onHost service.HostWithServices
		onHost, change, err = r.m.CreateHost(ctx, hostOf(op.Group, op.Host, op.Shape), []service.Draft{draft(op)})
		h, all = onHost.Host, onHost.Services
	case PutHost:
		h, change, err = r.m.PutHost(ctx, hostOf(op.Group, op.Host, op.Shape), r.cascade())
	case InTx:
		return r.parts(ctx)
	case DeleteHost:
		return r.m.DeleteHost(ctx, HostID(op.Group, op.Host), r.cascade())
	}
	if err != nil {
		return change, err
	}
	if h.ID != uuid.Nil {
		r.seeHost(&h)
	}
	for i := range all {
		r.seeService(&all[i])
	}
	if s.ID != uuid.Nil {
		r.seeService(&s)
	}
	if b.ID != uuid.Nil {
		r.seeBinding(&b)
	}
	return change, nil
}

func (r *run) requiref(ok bool, format string, args ...any) {
	if !ok {
		r.strange = append(r.strange, fmt.Errorf(format, args...))
	}
}

func (r *run) cascade() bindset.CascadeOption {
	if r.op.Lossy {
		return bindset.Cascade()
	}
	return nil
}

func (r *run) seeHost(h *host.Host) {
	number, shape := numberOf(h.ID), shapeOf(h)
	want := hostOf(r.op.Group, number, shape)
	want.Revision = h.Revision
	r.requiref(reflect.DeepEqual(*h, want), "host %d is not one that was stored: %+v", number, h)
	r.saw.Hosts[number] = Host{Revision: h.Revision, Shape: shape}
}

func (r *run) seeService(s *service.Service) {
	number, on := numberOf(s.ID), numberOf(s.HostID)
	seen := Service{Host: int8(on), Revision: s.Revision, Position: s.Position}
	_, err := fmt.Sscanf(s.Definition, "version %d", &seen.Version)
	r.requiref(err == nil && s.ID == serviceID(r.op.Group, number) && s.Name == nameText(number) &&
		s.HostID == HostID(r.op.Group, on) && s.NetworkID == NetworkID(),
		"service %d is not one that was stored: %+v", number, s)
	r.saw.Services[number] = seen
	for i := range s.Bindings {
		r.requiref(s.Bindings[i].ServiceID == s.ID, "service %d has a binding of service %s", number, s.Bindings[i].ServiceID)
		r.seeBinding(&s.Bindings[i])
	}
}

func (r *run) seeBinding(b *binding.Binding) {
	seen := Binding{Service: int8(numberOf(b.ServiceID)), Target: numberOfTarget(r.op.Group, b.Target)}
	number := numberOf(b.ID)
	known := number < Bindings && b.ID == bindingID(r.op.Group, number)
	if !known { // an ID that was new when a scanner saw the binding
		number = unnamed(int(seen.Service), max(seen.Target, 1))
	}
	want := bindingOf(r.op.Group, number, seen)
	if !known {
		want.ID = b.ID
	}
	want.CreatedAt, want.UpdatedAt, want.LastSeenAt = b.CreatedAt, b.UpdatedAt, b.LastSeenAt
	r.requiref(seen.Target > 0 && *b == want, "binding %d is not one that was stored: %+v", number, b)
	r.requiref(r.saw.Bindings[number].Target == 0, "binding %d is there twice", number)
	r.saw.Bindings[number] = seen
}
