package memstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// The concurrent tests move a fixed number of bindings between services: every
// View must find each of them once, by all ways there are.
const (
	wanderers = 60
	stations  = 7
)

var (
	wandererIDs = bindingtest.IDs(20, wanderers)
	stationIDs  = bindingtest.IDs(21, stations)
	passingIDs  = bindingtest.IDs(22, 200)
)

func newStations(t testing.TB) *Store {
	s := New()
	update(t, s, func(ctx context.Context, w store.Writer) error {
		err := w.PutHost(ctx, host.Host{ID: hostIDs[0], NetworkID: networkIDs[0]})
		for i, id := range stationIDs {
			err = errors.Join(err, w.PutService(ctx, service.Service{ID: id, HostID: hostIDs[0], Position: int32(i)}))
		}
		return errors.Join(err, w.PutBindings(ctx, stationIDs[0], at(stationIDs[0], wandererIDs), nil))
	})
	return s
}

// at returns bindings of a service.
func at(station uuid.UUID, ids []uuid.UUID) []binding.Binding {
	set := make([]binding.Binding, len(ids))
	for i, id := range ids {
		set[i] = binding.Binding{ID: id, ServiceID: station, Target: binding.Port(portIDs[i%len(portIDs)], binding.AllInterfaces())}
	}
	return set
}

// move moves some wanderers from one station to another, lets services and
// bindings come and go, and sometimes takes all of it back.
func move(random *rand.Rand) func(ctx context.Context, w store.Writer) error {
	return func(ctx context.Context, w store.Writer) error {
		from, to := stationIDs[random.IntN(stations)], stationIDs[random.IntN(stations)]
		s, err := w.Service(ctx, from)
		if err != nil || from == to {
			return err
		}
		var ids []uuid.UUID
		for _, b := range s.Bindings[:random.IntN(len(s.Bindings)+1)] {
			ids = append(ids, b.ID)
		}
		passing := random.IntN(len(passingIDs))
		err = errors.Join(
			w.PutBindings(ctx, from, nil, ids),
			w.PutBindings(ctx, to, at(to, ids), nil),
			w.PutService(ctx, service.Service{ID: passingIDs[passing], HostID: hostIDs[0], Position: stations}),
		)
		if gone := passingIDs[random.IntN(len(passingIDs))]; gone != passingIDs[passing] {
			_ = w.DeleteService(ctx, gone)
		}
		if err == nil && random.IntN(4) == 0 {
			return errRollback
		}
		return err
	}
}

// whereabouts returns which station has each wanderer, or an error where ways to
// find out differ.
func whereabouts(ctx context.Context, r store.Reader) (map[uuid.UUID]uuid.UUID, error) {
	found := map[uuid.UUID]uuid.UUID{}
	for _, id := range stationIDs {
		s, err := r.Service(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, b := range s.Bindings {
			if _, twice := found[b.ID]; twice || b.ServiceID != id {
				return nil, errors.New("a binding is in two services")
			}
			found[b.ID] = id
		}
	}
	owners, err := r.BindingOwners(ctx, wandererIDs...)
	if err != nil {
		return nil, err
	}
	claims, err := r.Listeners(ctx, hostIDs[0], portIDs...)
	if err != nil {
		return nil, err
	}
	if len(found) != wanderers || len(owners) != wanderers || len(claims) != wanderers {
		return nil, errors.New("a binding is missing")
	}
	for _, c := range claims {
		if id := c.Binding.ID; found[id] != owners[id] || found[id] != c.Binding.ServiceID {
			return nil, errors.New("a binding is elsewhere for another way to find it")
		}
	}
	return found, nil
}

func TestViewsAreConsistentWhileOthersWrite(t *testing.T) {
	s := newStations(t)
	ctx := context.Background()
	var done atomic.Bool
	var viewers sync.WaitGroup
	view := func(repeat int) {
		for !done.Load() {
			err := s.View(ctx, func(ctx context.Context, r store.Reader) error {
				first, err := whereabouts(ctx, r)
				for range repeat {
					runtime.Gosched()
					again, err := whereabouts(ctx, r)
					if err != nil {
						return err
					}
					for id := range first {
						if first[id] != again[id] {
							return errors.New("a View saw two states")
						}
					}
				}
				return err
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	}
	for _, repeat := range []int{0, 0, 1, 50} { // short Views and long ones
		viewers.Go(func() { view(repeat) })
	}
	var writers sync.WaitGroup
	for seed := range uint64(2) {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(seed, 1))
			for range 500 {
				if err := s.Update(ctx, move(random)); err != nil && !errors.Is(err, errRollback) {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	done.Store(true)
	viewers.Wait()
}
