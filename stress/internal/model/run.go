package model

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
)

// Create stores a host in the state Start.
func Create(ctx context.Context, m *service.Manager, hostNumber int) error {
	_, _, _, err := m.CreateHost(ctx, hostOf(hostNumber, false), draft(hostNumber, 0, nil), draft(hostNumber, 1, nil))
	return err
}

func draft(hostNumber, number int, set []Given) service.Draft {
	return service.Draft{
		ID: serviceID(hostNumber, number), HostID: HostID(hostNumber),
		Definition: versionText(0), Bindings: givenOn(hostNumber, number, set),
	}
}

func givenOn(hostNumber, number int, set []Given) (all []binding.Binding) {
	for _, g := range set {
		all = append(all, bindingOf(hostNumber, g.Binding, Binding{Service: int8(number), Target: g.Target}))
	}
	return all
}

// ErrImpossible is in the error of Run where an operation returned what was never
// stored, or told two things of one snapshot.
var ErrImpossible = errors.New("no state of the host can be this")

// Run runs an operation. An error that has no code, or says that the outcome is
// unknown, comes back as it is; ErrImpossible is in no other.
func Run(ctx context.Context, m *service.Manager, op Op) (Result, error) {
	r := &run{m: m, op: op}
	change, err := r.call(ctx)
	switch code := service.CodeOf(err); {
	case err == nil:
	case code == "" || code == service.ErrUnknownOutcome:
		return Result{}, fmt.Errorf("%v: %w", op, err)
	default:
		return Result{Code: code}, nil
	}
	for _, c := range change.Services {
		if c.Did != service.Removed {
			r.saw.Services[numberOf(c.ID)].Revision = c.Revision
		}
	}
	for _, c := range change.Hosts {
		r.saw.Revision = c.Revision
	}
	if err := errors.Join(r.strange...); err != nil {
		return Result{}, fmt.Errorf("%v: %w: %w", op, ErrImpossible, err)
	}
	return Result{Saw: r.saw}, nil
}

// A run is one call of an operation.
type run struct {
	m       *service.Manager
	op      Op
	saw     State
	strange []error // what no operation stored
}

func (r *run) call(ctx context.Context) (change service.Change, err error) {
	op := &r.op
	var s service.Service
	var b binding.Binding
	given := bindingOf(op.Host, op.Binding, Binding{Service: int8(op.Service), Target: op.Target})
	switch op.Kind {
	case Look:
		return change, r.m.View(ctx, r.look)
	case Read:
		err = r.m.View(ctx, func(ctx context.Context, reader service.Reader) (err error) {
			s, err = reader.Service(ctx, serviceID(op.Host, op.Service))
			return err
		})
	case CreateService:
		s, change, err = r.m.CreateService(ctx, draft(op.Host, op.Service, op.Set))
	case UpdateService:
		s, change, err = r.m.UpdateService(ctx, service.Service{
			ID: serviceID(op.Host, op.Service), Revision: op.Revision,
			Definition: versionText(op.Version), Bindings: givenOn(op.Host, op.Service, op.Set),
		}, service.KeepPosition())
	case DeleteService:
		return r.m.DeleteService(ctx, serviceID(op.Host, op.Service))
	case CreateBinding:
		b, change, err = r.m.CreateBinding(ctx, given)
	case UpdateBinding:
		given.ServiceID = uuid.Nil
		b, change, err = r.m.UpdateBinding(ctx, given)
	case DeleteBinding:
		return r.m.DeleteBinding(ctx, given.ID)
	case DeleteBindings:
		_, change, err = r.m.DeleteBindings(ctx, allIDs(bindingKind, op.Host, Bindings)...)
	case TransferListener:
		b, change, err = r.m.TransferListener(ctx, given.ID, given.ServiceID)
	case PutHost:
		h, c, err := r.m.PutHost(ctx, hostOf(op.Host, op.Linked))
		r.saw.Revision, r.saw.Linked = h.Revision, len(h.IPAddresses) > 0 && h.IPAddresses[0].InterfaceID != uuid.Nil
		return c, err
	}
	if err != nil {
		return change, err
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

func (r *run) seeService(s *service.Service) {
	number := numberOf(s.ID)
	seen := Service{Revision: s.Revision, Position: s.Position}
	_, err := fmt.Sscanf(s.Definition, "version %d", &seen.Version)
	r.requiref(err == nil && s.ID == serviceID(r.op.Host, number) && s.HostID == HostID(r.op.Host) && s.NetworkID == NetworkID(),
		"service %d is not one that was stored: %+v", number, s)
	r.saw.Services[number] = seen
	for i := range s.Bindings {
		r.requiref(s.Bindings[i].ServiceID == s.ID, "service %d has a binding of service %s", number, s.Bindings[i].ServiceID)
		r.seeBinding(&s.Bindings[i])
	}
}

func (r *run) seeBinding(b *binding.Binding) {
	number := numberOf(b.ID)
	seen := Binding{Service: int8(numberOf(b.ServiceID)), Target: numberOfTarget(r.op.Host, b.Target)}
	r.requiref(seen.Target > 0 && *b == withTimes(bindingOf(r.op.Host, number, seen), b), "binding %d is not one that was stored: %+v", number, b)
	r.requiref(r.saw.Bindings[number].Target == 0, "binding %d is there twice", number)
	r.saw.Bindings[number] = seen
}

// withTimes returns b with the times of another binding.
func withTimes(b binding.Binding, of *binding.Binding) binding.Binding {
	b.CreatedAt, b.UpdatedAt = of.CreatedAt, of.UpdatedAt
	return b
}
