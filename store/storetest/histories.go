package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

const (
	workers = 4
	rounds  = 24
)

// testHistories runs transactions of several goroutines and checks what must
// hold whatever their order was.
func testHistories(t *testing.T, open opener) {
	open.test(t, "all increments count, and each sees those before it", func(f *fixture) {
		start := newMeeting(workers)
		f.work(func(worker, round int) error {
			ids := []uuid.UUID{f.web.ID, f.dns.ID}
			id := ids[(worker+round)%2]
			var put, seen uint64
			err := f.store.Update(f.t.Context(), func(ctx context.Context, w store.Writer) error {
				s, err := w.Service(ctx, id)
				start.wait()
				s.Revision++
				put = s.Revision
				return errors.Join(err, w.PutService(ctx, s))
			})
			errView := f.store.View(f.t.Context(), func(ctx context.Context, r store.Reader) error {
				s, err := r.Service(ctx, id)
				seen = s.Revision
				return err
			})
			if seen < put {
				return fmt.Errorf("revision %d was committed, a later View sees %d", put, seen)
			}
			return errors.Join(err, errView)
		})
		after := f.state()
		require.EqualValues(f.t, 2+workers*rounds, after.Services[f.web.ID].Revision+after.Services[f.dns.ID].Revision)
	})
	open.test(t, "transfers keep the sum at every moment", func(f *fixture) {
		const accounts, initial = 4, 100
		f.update(func(ctx context.Context, w store.Writer) error {
			var errs []error
			for i := range accounts {
				s := f.place.service(2 + i)
				s.HostID, s.Position = f.place.second.ID, initial
				errs = append(errs, w.PutService(ctx, s))
			}
			return errors.Join(errs...)
		})
		sum := func(services []service.Service) (sum int32) {
			for _, s := range services {
				sum += s.Position
			}
			return sum
		}
		start := newMeeting(workers)
		transfer := func(from, to int) error {
			return f.store.Update(f.t.Context(), func(ctx context.Context, w store.Writer) error {
				giver, errGiver := w.Service(ctx, f.place.services[2+from])
				taker, errTaker := w.Service(ctx, f.place.services[2+to])
				start.wait()
				giver.Position -= 7
				taker.Position += 7
				return errors.Join(errGiver, errTaker, w.PutService(ctx, giver), w.PutService(ctx, taker))
			})
		}
		look := func() error {
			return f.store.View(f.t.Context(), func(ctx context.Context, r store.Reader) error {
				var together, apart []service.Service
				together, err := r.ServicesOnHost(ctx, f.place.second.ID)
				for i := range accounts {
					s, errOne := r.Service(ctx, f.place.services[2+i])
					apart, err = append(apart, s), errors.Join(err, errOne)
				}
				if sum(together) != accounts*initial || sum(apart) != accounts*initial {
					return fmt.Errorf("the sum is %d, or one by one %d, not %d", sum(together), sum(apart), accounts*initial)
				}
				return err
			})
		}
		f.work(func(worker, round int) error {
			from := (worker + round) % accounts
			return errors.Join(transfer(from, (from+1+round%(accounts-1))%accounts), look())
		})
		require.NoError(f.t, look())
	})
	open.test(t, "all bindings that are added to one set are in it", func(f *fixture) {
		var want []uuid.UUID
		for n := range workers * 5 {
			want = append(want, f.place.bindings[3+n])
		}
		start := newMeeting(workers)
		f.work(func(worker, round int) error {
			if round >= 5 {
				return nil
			}
			b := f.place.binding(3+worker*5+round, f.web, binding.Port(f.place.https, binding.AllInterfaces()))
			return f.store.Update(f.t.Context(), func(ctx context.Context, w store.Writer) error {
				s, err := w.Service(ctx, f.web.ID)
				start.wait()
				s.Revision++
				return errors.Join(err, w.PutService(ctx, s), w.PutBindings(ctx, s.ID, []binding.Binding{b}, nil))
			})
		})
		web := f.service(f.web.ID)
		require.Equal(f.t, append(bindingIDs(f.web.Bindings), want...), bindingIDs(web.Bindings))
		require.EqualValues(f.t, 1+len(want), web.Revision)
		require.Len(f.t, f.listeners(f.place.first.ID, f.place.https), 1+len(want))
	})
	open.test(t, "of all claims on a port one is stored", func(f *fixture) {
		var claiming []*meeting // of each port
		for range f.place.ports {
			claiming = append(claiming, newMeeting(workers))
		}
		f.work(func(worker, round int) error {
			s := f.place.service(2 + worker)
			s.HostID = f.place.second.ID
			number := round % len(f.place.ports)
			port := f.place.ports[number]
			return f.store.Update(f.t.Context(), func(ctx context.Context, w store.Writer) error {
				claims, err := w.Listeners(ctx, s.HostID, port)
				if err != nil || len(claims) > 0 {
					return err
				}
				claiming[number].wait()
				b := f.place.binding(workers*number+worker, s, binding.Port(port, binding.AllInterfaces()))
				b.ID[0] = 0xff // not one of the fixture's
				return errors.Join(w.PutService(ctx, s), w.PutBindings(ctx, s.ID, []binding.Binding{b}, nil))
			})
		})
		require.Len(f.t, f.listeners(f.place.second.ID, f.place.ports...), len(f.place.ports))
	})
}

// work has several workers do something in several rounds each, all at once.
func (f *fixture) work(do func(worker, round int) error) {
	f.t.Helper()
	var tasks []*task
	for worker := range workers {
		tasks = append(tasks, background(func() error {
			for round := range rounds {
				if err := do(worker, round); err != nil {
					return fmt.Errorf("worker %d, round %d: %w", worker, round, err)
				}
			}
			return nil
		}))
	}
	for _, running := range tasks {
		require.NoError(f.t, running.result())
	}
}
