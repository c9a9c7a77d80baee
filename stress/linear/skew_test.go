package linear_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/stress/internal/model"
	"github.com/bindset/bindset/validate"
)

// An optimist is a store whose Updates run side by side: first all of fn, on a
// snapshot, then, in a second transaction, what fn wrote. Others may commit in
// between. Where they changed something that the optimist compares, it begins
// anew.
type optimist struct {
	*memstore.Store
	compares func(ctx context.Context, r store.Reader, w *writes) any
}

var errUndo = errors.New("the trial is to be undone")

func (s *optimist) Update(ctx context.Context, fn func(ctx context.Context, w store.Writer) error) error {
	for {
		var w *writes
		var before any
		err := s.Store.Update(ctx, func(ctx context.Context, trial store.Writer) error {
			w = &writes{Writer: trial}
			errView := s.View(context.Background(), func(committed context.Context, r store.Reader) error {
				err := fn(ctx, w)
				before = s.compares(committed, r, w)
				return err
			})
			return errors.Join(errView, errUndo)
		})
		if !onlyUndo(err) {
			return err
		}
		runtime.Gosched()
		same := false
		err = s.Store.Update(ctx, func(ctx context.Context, now store.Writer) error {
			if same = reflect.DeepEqual(before, s.compares(ctx, now, w)); !same {
				return nil
			}
			return w.repeat(ctx, now)
		})
		if same {
			return err
		}
	}
}

// onlyUndo reports whether a trial ended without an error of its own.
func onlyUndo(err error) bool {
	joined, ok := err.(interface{ Unwrap() []error })
	return ok && len(joined.Unwrap()) == 1
}

// writes keeps what a transaction wrote.
type writes struct {
	store.Writer
	hosts, services []uuid.UUID
	calls           []func(ctx context.Context, w store.Writer) error
}

func (w *writes) repeat(ctx context.Context, on store.Writer) error {
	for _, call := range w.calls {
		if err := call(ctx, on); err != nil {
			return err
		}
	}
	return nil
}

func (w *writes) do(ctx context.Context, call func(ctx context.Context, w store.Writer) error) error {
	w.calls = append(w.calls, call)
	return call(ctx, w.Writer)
}

func (w *writes) PutHost(ctx context.Context, h host.Host) error {
	w.hosts = append(w.hosts, h.ID)
	return w.do(ctx, func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, h) })
}

func (w *writes) PutService(ctx context.Context, s service.Service) error {
	w.services = append(w.services, s.ID)
	return w.do(ctx, func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, s) })
}

func (w *writes) PutBindings(ctx context.Context, serviceID uuid.UUID, put []binding.Binding, del []uuid.UUID) error {
	w.services = append(w.services, serviceID)
	return w.do(ctx, func(ctx context.Context, w store.Writer) error { return w.PutBindings(ctx, serviceID, put, del) })
}

func (w *writes) DeleteHost(ctx context.Context, id uuid.UUID) error {
	w.hosts = append(w.hosts, id)
	return w.do(ctx, func(ctx context.Context, w store.Writer) error { return w.DeleteHost(ctx, id) })
}

func (w *writes) DeleteService(ctx context.Context, id uuid.UUID) error {
	w.services = append(w.services, id)
	return w.do(ctx, func(ctx context.Context, w store.Writer) error { return w.DeleteService(ctx, id) })
}

// everything is what a correct optimist compares: nothing has changed.
func everything(ctx context.Context, r store.Reader, _ *writes) any {
	hosts, errs := r.Hosts(ctx, model.NetworkID(), uuid.Nil, 0)
	all := []any{hosts, errs}
	for _, h := range hosts {
		services, err := r.ServicesOnHost(ctx, h.ID)
		all = append(all, services, err)
	}
	return all
}

// whatItWrites is the flaw: nobody else has written that, but what was read may
// have changed. That is write skew.
func whatItWrites(ctx context.Context, r store.Reader, w *writes) any {
	var all []any
	for _, id := range w.hosts {
		h, err := r.Host(ctx, id)
		all = append(all, h, err)
	}
	for _, id := range w.services {
		s, err := r.Service(ctx, id)
		all = append(all, s, err)
	}
	return all
}

func TestAStoreThatComparesAllItReadIsLinearizable(t *testing.T) {
	testLinearizable(t, 4, func(*testing.T) store.Store {
		return &optimist{Store: memstore.New(), compares: everything}
	})
}

// The only difference to the store of the test above is the planted flaw.
func TestWriteSkewIsFound(t *testing.T) {
	for name, rules := range map[string]*validate.Validator{"default rules": validate.New(), "exclusive ports": exclusivePorts} {
		for size := 1; size <= hosts; size++ {
			t.Run(fmt.Sprintf("%s, groups of %d", name, size), func(t *testing.T) {
				r := newRecorder(&optimist{Store: memstore.New(), compares: whatItWrites}, rules, size)
				r.requireFlawFound(t)
			})
		}
	}
}

func (r *recorder) requireFlawFound(t *testing.T) {
	t.Helper()
	rng, from := source()
	for n := range 1000 {
		switch verdict, _ := r.check(r.record(t, rng)); verdict {
		case porcupine.Ok:
		case porcupine.Illegal:
			t.Logf("found in history %d", n+1)
			return
		default:
			t.Fatalf("%s; -seed %d", verdict, from)
		}
	}
	require.Fail(t, "write skew was not found in 1000 histories")
}

func TestTwoWinnersOfOnePortAreFound(t *testing.T) {
	r := newRecorder(&optimist{Store: memstore.New(), compares: whatItWrites}, exclusivePorts, 1)
	for range 1000 {
		if winners := r.race(t); winners != 1 {
			require.Greater(t, winners, 1)
			return
		}
	}
	require.Fail(t, "in 1000 races one service won")
}
