package storetest

import (
	"context"
	"net/netip"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A replayer is a store whose Updates run side by side, each on a snapshot. To
// commit, it makes the same calls once more on what is committed then: where one
// returns something else, the transaction runs again. As long as it compares all
// calls it is right.
type replayer struct {
	*Model
	compares func(c recorded, writes map[uuid.UUID]bool) bool
	again    func(ctx context.Context, before, now *recorder) context.Context // nil, or what else is done before another run
}

func newReplayer(compares func(c recorded, writes map[uuid.UUID]bool) bool) *replayer {
	return &replayer{Model: NewModel(), compares: compares}
}

// A recorded call is one that a transaction made, and what it returned.
type recorded struct {
	method string
	id     uuid.UUID // of the host or service it was about
	do     func(ctx context.Context, w store.Writer) (any, error)
	result any
	err    error
	writes bool
}

func (s *replayer) Update(ctx context.Context, fn func(ctx context.Context, w store.Writer) error) error {
	var before *recorder
	for {
		r, err := s.record(ctx, before, fn)
		if err != nil {
			return err
		}
		if committed, err := s.replay(ctx, r); committed || err != nil {
			return err
		}
		before = r
	}
}

func (s *replayer) record(
	ctx context.Context, before *recorder, fn func(ctx context.Context, w store.Writer) error,
) (*recorder, error) {
	inside, base, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	r := &recorder{tx: base.change(), writes: map[uuid.UUID]bool{}}
	defer func() { r.tx.over = true }()
	if before != nil && s.again != nil {
		inside = s.again(inside, before, r)
	}
	return r, fn(inside, r)
}

func (s *replayer) replay(ctx context.Context, r *recorder) (committed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx := s.committed.change()
	for _, c := range r.calls {
		result, err := c.do(context.Background(), tx)
		same := kindOf(err) == kindOf(c.err) && reflect.DeepEqual(content(result), content(c.result))
		if !same && (s.compares == nil || s.compares(c, r.writes)) {
			return false, ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.committed = &tx.modelState
	return true, nil
}

// content returns what is in an inventory, and other values as they are.
func content(result any) any {
	if inv, ok := result.(*host.Inventory); ok && inv != nil {
		return inv.Host()
	}
	return result
}

// A recorder makes the calls of a transaction and keeps them.
type recorder struct {
	tx     *modelTx
	calls  []recorded
	writes map[uuid.UUID]bool // the services that were put
}

// read makes a call twice: the caller may write into what it returns.
func read[T any](ctx context.Context, r *recorder, method string, id uuid.UUID, do func(context.Context, store.Writer) (T, error)) (T, error) {
	result, err := do(ctx, r.tx)
	r.calls = append(r.calls, recorded{method, id, func(ctx context.Context, w store.Writer) (any, error) { return do(ctx, w) }, result, err, false})
	return do(ctx, r.tx)
}

func (r *recorder) write(ctx context.Context, method string, id uuid.UUID, do func(context.Context, store.Writer) error) error {
	err := do(ctx, r.tx)
	r.calls = append(r.calls, recorded{method, id, func(ctx context.Context, w store.Writer) (any, error) { return nil, do(ctx, w) }, nil, err, true})
	return err
}

func (r *recorder) Networks(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	return read(ctx, r, "Networks", after, func(ctx context.Context, w store.Writer) ([]uuid.UUID, error) {
		return w.Networks(ctx, after, limit)
	})
}

func (r *recorder) HostsWith(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error) {
	addrs, macs = slices.Clone(addrs), slices.Clone(macs)
	return read(ctx, r, "HostsWith", networkID, func(ctx context.Context, w store.Writer) ([]host.Host, error) {
		return w.HostsWith(ctx, networkID, addrs, macs)
	})
}

func (r *recorder) Services(ctx context.Context, ids ...uuid.UUID) ([]service.Service, error) {
	ids = slices.Clone(ids)
	return read(ctx, r, "Services", uuid.Nil, func(ctx context.Context, w store.Writer) ([]service.Service, error) {
		return w.Services(ctx, ids...)
	})
}

func (r *recorder) Saw(ctx context.Context, hostID uuid.UUID, at time.Time, discoveryID uuid.UUID, ids []uuid.UUID) error {
	ids = slices.Clone(ids)
	return r.write(ctx, "Saw", hostID, func(ctx context.Context, w store.Writer) error {
		return w.Saw(ctx, hostID, at, discoveryID, ids)
	})
}

func (r *recorder) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	return read(ctx, r, "Host", id, func(ctx context.Context, w store.Writer) (host.Host, error) { return w.Host(ctx, id) })
}

func (r *recorder) Inventory(ctx context.Context, id uuid.UUID) (*host.Inventory, error) {
	return read(ctx, r, "Inventory", id, func(ctx context.Context, w store.Writer) (*host.Inventory, error) { return w.Inventory(ctx, id) })
}

func (r *recorder) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	return read(ctx, r, "Hosts", networkID, func(ctx context.Context, w store.Writer) ([]host.Host, error) {
		return w.Hosts(ctx, networkID, after, limit)
	})
}

func (r *recorder) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	return read(ctx, r, "Service", id, func(ctx context.Context, w store.Writer) (service.Service, error) { return w.Service(ctx, id) })
}

func (r *recorder) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	return read(ctx, r, "ServicesOnHost", hostID, func(ctx context.Context, w store.Writer) ([]service.Service, error) {
		return w.ServicesOnHost(ctx, hostID)
	})
}

func (r *recorder) LastPosition(ctx context.Context, hostID uuid.UUID) (pos int32, ok bool, err error) {
	type last struct {
		position int32
		ok       bool
	}
	found, err := read(ctx, r, "LastPosition", hostID, func(ctx context.Context, w store.Writer) (last, error) {
		pos, ok, err := w.LastPosition(ctx, hostID)
		return last{pos, ok}, err
	})
	return found.position, found.ok, err
}

func (r *recorder) BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	ids = slices.Clone(ids)
	return read(ctx, r, "BindingOwners", uuid.Nil, func(ctx context.Context, w store.Writer) (map[uuid.UUID]uuid.UUID, error) {
		return w.BindingOwners(ctx, ids...)
	})
}

func (r *recorder) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	portIDs = slices.Clone(portIDs)
	return read(ctx, r, "Listeners", hostID, func(ctx context.Context, w store.Writer) ([]validate.Claim, error) {
		return w.Listeners(ctx, hostID, portIDs...)
	})
}

func (r *recorder) PutHost(ctx context.Context, h host.Host) error {
	h = h.Clone()
	return r.write(ctx, "PutHost", h.ID, func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, h) })
}

func (r *recorder) DeleteHost(ctx context.Context, id uuid.UUID) error {
	return r.write(ctx, "DeleteHost", id, func(ctx context.Context, w store.Writer) error { return w.DeleteHost(ctx, id) })
}

func (r *recorder) PutService(ctx context.Context, s service.Service) error {
	s = s.Clone()
	r.writes[s.ID] = true
	return r.write(ctx, "PutService", s.ID, func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, s) })
}

func (r *recorder) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	put, del = slices.Clone(put), slices.Clone(del)
	return r.write(ctx, "PutBindings", serviceID, func(ctx context.Context, w store.Writer) error {
		return w.PutBindings(ctx, serviceID, put, del)
	})
}

func (r *recorder) DeleteService(ctx context.Context, id uuid.UUID) error {
	return r.write(ctx, "DeleteService", id, func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, id) })
}
