package bench_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/bench/memdb"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// A bindingStore is what is measured of a store. What it returns is the caller's.
type bindingStore interface {
	Put(*host.Inventory, []service.Service) error
	Service(uuid.UUID) (service.Service, error)
	Add(binding.Binding) error // reads the service, adds a binding or replaces the one with its ID, and commits
	Remove([]binding.Binding) error
	Begin() (end func()) // opens a write transaction
}

// stores makes empty stores.
var stores = []struct {
	name string
	open func(testing.TB) bindingStore
}{
	{"memstore", func(testing.TB) bindingStore { return inMemory{memstore.New()} }},
	{"memdb", func(t testing.TB) bindingStore {
		s, err := memdb.New()
		require.NoError(t, err)
		return s
	}},
}

// inMemory is bindset's own store.
type inMemory struct{ *memstore.Store }

func (s inMemory) Put(inv *host.Inventory, services []service.Service) error {
	return s.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
		if err := w.PutHost(ctx, inv.Host()); err != nil {
			return err
		}
		for _, s := range services {
			if err := w.PutService(ctx, s); err != nil {
				return err
			}
			if err := w.PutBindings(ctx, s.ID, s.Bindings, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s inMemory) Service(id uuid.UUID) (read service.Service, err error) {
	err = s.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		read, err = r.Service(ctx, id)
		return err
	})
	return read, err
}

func (s inMemory) Add(b binding.Binding) error {
	return s.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
		if _, err := w.Service(ctx, b.ServiceID); err != nil {
			return err
		}
		return w.PutBindings(ctx, b.ServiceID, []binding.Binding{b}, nil)
	})
}

func (s inMemory) Remove(bindings []binding.Binding) error {
	return s.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
		for i := range bindings {
			if err := w.PutBindings(ctx, bindings[i].ServiceID, nil, []uuid.UUID{bindings[i].ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s inMemory) Begin() (end func()) {
	begun, over, gone := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		_ = s.Update(context.Background(), func(context.Context, store.Writer) error {
			close(begun)
			<-over
			return context.Canceled
		})
	}()
	<-begun
	return func() { close(over); <-gone }
}

// fill puts a fleet into a store, and returns a new binding for each service, in
// random order.
func fill(t testing.TB, s bindingStore, bindings int) []binding.Binding {
	var others []binding.Binding
	for inv, services := range input.Fleet(bindings) {
		require.NoError(t, s.Put(inv, services))
		for i := range services {
			others = append(others, input.Another(inv, services[i], uuid.New()))
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	random.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	return others
}

func TestStoresReadTheSameAfterTheSameWrites(t *testing.T) {
	mine, theirs := stores[0].open(t), stores[1].open(t)
	fill(t, mine, 1000)
	others := fill(t, theirs, 1000)
	require.Len(t, others, 250)
	requireSame := func(bindings int) {
		t.Helper()
		for _, b := range others {
			want, err := theirs.Service(b.ServiceID)
			require.NoError(t, err)
			require.Len(t, want.Bindings, bindings)
			got, err := mine.Service(b.ServiceID)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
	requireSame(4)
	for _, s := range []bindingStore{mine, theirs} {
		for _, b := range others {
			require.NoError(t, s.Add(b))
			b.LastSeenAt = b.LastSeenAt.Add(1000)
			require.NoError(t, s.Add(b))
			b.ServiceID = others[0].ServiceID
			if b != others[0] && b.ID != others[0].ID {
				require.ErrorIs(t, s.Add(b), store.ErrExists)
			}
			b.ServiceID = uuid.New()
			require.ErrorIs(t, s.Add(b), store.ErrNotFound)
		}
	}
	requireSame(5)
	for _, s := range []bindingStore{mine, theirs} {
		require.NoError(t, s.Remove(others))
	}
	requireSame(4)
}

func TestReadersDoNotWaitForAnOpenWrite(t *testing.T) {
	for _, st := range stores {
		s := st.open(t)
		others := fill(t, s, 100)
		end := s.Begin()
		_, err := s.Service(others[0].ServiceID)
		require.NoError(t, err)
		end()
	}
}
