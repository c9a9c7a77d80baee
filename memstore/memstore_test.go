package memstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/store/storetest"
)

var (
	hostID    = uuid.UUID{0: 1}
	networkID = uuid.UUID{0: 2}
	serviceID = uuid.UUID{0: 3}
	portID    = uuid.UUID{0: 4}
)

// newStore returns a store with one host and one service without bindings.
func newStore(t testing.TB) *memstore.Store {
	t.Helper()
	s := memstore.New()
	update(t, s, func(ctx context.Context, w store.Writer) error {
		h := host.Host{ID: hostID, NetworkID: networkID, Name: "web-1", Ports: []host.Port{{ID: portID, Number: 443, Protocol: host.TCP}}}
		if err := w.PutHost(ctx, h); err != nil {
			return err
		}
		return w.PutService(ctx, service.Service{ID: serviceID, HostID: hostID, NetworkID: networkID, Name: "nginx", Revision: 1})
	})
	return s
}

func update(t testing.TB, s *memstore.Store, fn func(ctx context.Context, w store.Writer) error) {
	t.Helper()
	require.NoError(t, s.Update(context.Background(), fn))
}

// listener returns the n-th of many listeners on the port.
func listener(n byte) binding.Binding {
	return binding.Binding{
		ID: uuid.UUID{0: 5, 15: n}, ServiceID: serviceID, NetworkID: networkID,
		Target:    binding.Port(portID, binding.AllInterfaces()),
		CreatedAt: time.Date(2024, 5, 6, 7, 8, 9, 1000, time.UTC),
	}
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memstore.New() })
}

func TestReadersProceedWhileAWriterIsAtWork(t *testing.T) {
	s := newStore(t)
	update(t, s, func(ctx context.Context, w store.Writer) error {
		require.NoError(t, w.PutBindings(ctx, serviceID, []binding.Binding{listener(1)}, nil))
		return s.View(context.Background(), func(ctx context.Context, r store.Reader) error {
			svc, err := r.Service(ctx, serviceID)
			require.NoError(t, err)
			require.Empty(t, svc.Bindings, "not committed yet")
			return nil
		})
	})
}

func TestAWaitingWriterGivesUpWhenItsContextEnds(t *testing.T) {
	s := newStore(t)
	update(t, s, func(context.Context, store.Writer) error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		err := s.Update(ctx, func(context.Context, store.Writer) error {
			require.Fail(t, "two writers at once")
			return nil
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		return nil
	})
	update(t, s, func(context.Context, store.Writer) error { return nil })
}

func TestAWriterThatIsOverWritesNothing(t *testing.T) {
	s := newStore(t)
	var kept store.Writer
	update(t, s, func(_ context.Context, w store.Writer) error { kept = w; return nil })
	err := kept.PutBindings(context.Background(), serviceID, []binding.Binding{listener(1)}, nil)
	require.ErrorContains(t, err, "the transaction is over")
	_, err = kept.Service(context.Background(), serviceID)
	require.ErrorContains(t, err, "the transaction is over")
}

func TestUpdateCallsItsFunctionOnce(t *testing.T) {
	s := newStore(t)
	calls := 0
	update(t, s, func(context.Context, store.Writer) error { calls++; return nil })
	require.Equal(t, 1, calls)
}

func TestAZeroStoreSaysSoAndDoesNotHang(t *testing.T) {
	var s memstore.Store
	nothing := func(context.Context, store.Writer) error { return nil }
	require.ErrorContains(t, s.Update(context.Background(), nothing), "memstore: this Store is zero")
}
