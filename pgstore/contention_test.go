package pgstore_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// twoProcesses returns two stores on the same tables that share nothing else.
func twoProcesses(t *testing.T) []*pgstore.Store {
	schema := pgtest.Schema(t)
	return []*pgstore.Store{openIn(t, schema), openIn(t, schema)}
}

// together has n goroutines do something at once.
func together(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	var workers sync.WaitGroup
	for i := range n {
		workers.Go(func() { errs[i] = do(i) })
	}
	workers.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func TestNoBindingIsLostWhenManyAddToOneSet(t *testing.T) {
	const workers, each = 16, 8
	stores := twoProcesses(t)
	h := hosttest.Sized(2, 2, workers*each)
	onHost, _, err := bindset.NewManager(stores[0]).CreateHost(t.Context(), h, []service.Draft{{Name: "one"}})
	created := onHost.Services
	require.NoError(t, err)

	together(t, workers, func(i int) error {
		m := bindset.NewManager(stores[i%2])
		for n := range each {
			_, _, err := m.CreateBinding(context.Background(), binding.Binding{
				ServiceID: created[0].ID, Target: binding.Port(h.Ports[i*each+n].ID, binding.AllInterfaces()),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})

	stored := services(t, stores[0], h.ID)[0]
	require.Len(t, stored.Bindings, workers*each)
	require.EqualValues(t, 1+workers*each, stored.Revision, "every change counted once")
	commits := stores[0].Stats().Commits + stores[1].Stats().Commits
	require.EqualValues(t, 1+workers*each, commits)
	require.Positive(t, stores[0].Stats().Retries, "they did get in each other's way")
}

func TestOneOfManyGetsAnExclusivePort(t *testing.T) {
	const workers, ports = 8, 5
	stores := twoProcesses(t)
	h := hosttest.Sized(1, 1, ports)
	drafts := make([]service.Draft, workers)
	onHost, _, err := bindset.NewManager(stores[0]).CreateHost(t.Context(), h, drafts)
	created := onHost.Services
	require.NoError(t, err)

	together(t, workers, func(i int) error {
		m := bindset.NewManager(stores[i%2], bindset.WithValidator(validate.New(validate.WithExclusivePorts())))
		for _, p := range h.Ports {
			_, _, err := m.CreateBinding(context.Background(), binding.Binding{
				ServiceID: created[i].ID, Target: binding.Port(p.ID, binding.AllInterfaces()),
			})
			if err != nil && bindset.CodeOf(err) != validate.ErrPortClaimed {
				return err
			}
		}
		return nil
	})

	claimed := map[uuid.UUID]int{}
	for _, s := range services(t, stores[0], h.ID) {
		for _, b := range s.Bindings {
			port, _ := b.Target.PortID()
			claimed[port]++
		}
	}
	require.Len(t, claimed, ports)
	for port, times := range claimed {
		require.Equal(t, 1, times, port)
	}
}

// New IDs go to one place in the indexes, where those who make them meet, whatever
// their hosts are.
func TestHostsThatManyCreateAtOnceAreAllCreated(t *testing.T) {
	const workers, each = 16, 10
	db := open(t, pgstore.WithAttempts(4))
	network := uuid.New()
	together(t, workers, func(i int) error {
		m := bindset.NewManager(db)
		for range each {
			h := host.Host{ID: uuid.New(), NetworkID: network, Ports: []host.Port{{ID: uuid.New(), Number: 80, Protocol: host.TCP}}}
			drafts := make([]service.Draft, 5)
			for n := range drafts {
				drafts[n].Bindings = []binding.Binding{{Target: binding.Port(h.Ports[0].ID, binding.AllInterfaces())}}
			}
			if _, _, err := m.CreateHost(context.Background(), h, drafts); err != nil {
				return err
			}
		}
		return nil
	})
	var hosts []host.Host
	require.NoError(t, db.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
		hosts, err = r.Hosts(ctx, network, uuid.Nil, 0)
		return err
	}))
	require.Len(t, hosts, workers*each)
}

func TestTransactionsThatMeetOnTwoHostsInEitherOrderBothPass(t *testing.T) {
	stores := twoProcesses(t)
	hosts := make([]host.Host, 2)
	for i := range hosts {
		hosts[i] = host.Host{ID: uuid.UUID{1, byte(i)}, NetworkID: uuid.UUID{2}, Revision: 1}
	}
	together(t, 8, func(i int) error {
		first, second := hosts[i%2], hosts[1-i%2]
		return stores[i/2%2].Update(context.Background(), func(ctx context.Context, w store.Writer) error {
			for _, h := range []host.Host{first, second} {
				stored, err := w.Host(ctx, h.ID)
				if err == nil {
					h.Revision = stored.Revision + 1
				}
				if err := w.PutHost(ctx, h); err != nil {
					return err
				}
			}
			return nil
		})
	})
	require.NoError(t, stores[0].View(t.Context(), func(ctx context.Context, r store.Reader) error {
		for _, h := range hosts {
			stored, err := r.Host(ctx, h.ID)
			require.NoError(t, err)
			require.EqualValues(t, 8, stored.Revision)
		}
		return nil
	}))
}

func TestGivingUpSaysThatNothingIsWritten(t *testing.T) {
	schema := pgtest.Schema(t)
	db, other := openIn(t, schema, pgstore.WithAttempts(3)), openIn(t, schema)
	f := populate(t, db)
	attempts := 0
	err := db.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		attempts++
		s, err := w.Service(ctx, f.services[0].ID)
		require.NoError(t, err)
		bump(t, other, f.services[0].ID)
		s.Name = "lost"
		return w.PutService(ctx, s)
	})
	require.ErrorContains(t, err, "gave up after 3 attempts")
	require.Equal(t, 3, attempts)
	require.EqualValues(t, 2, db.Stats().Retries)
	require.Equal(t, "nginx", services(t, db, f.host.ID)[0].Name)
}

// bump counts the revision of a service up.
func bump(t *testing.T, db store.Store, id uuid.UUID) {
	t.Helper()
	require.NoError(t, db.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
		s, err := w.Service(ctx, id)
		s.Revision++
		if err != nil {
			return err
		}
		return w.PutService(ctx, s)
	}))
}

// A View that saw the deletion but not the addition which did not see the
// deletion would fit into no order of the two. The tables are large enough that
// nothing but the three rows that matter is in anybody's way.
func TestAViewFitsIntoTheOrderOfTheUpdates(t *testing.T) {
	schema := pgtest.Schema(t)
	db, other := openIn(t, schema), openIn(t, schema)
	fill(t, schema, 200)
	id := idOf("host 7")
	var seen []service.Service
	attempts := 0
	require.NoError(t, db.Update(t.Context(), func(ctx context.Context, w store.Writer) error {
		attempts++
		last, _, err := w.LastPosition(ctx, id)
		if err != nil {
			return err
		}
		if attempts == 1 {
			require.NoError(t, other.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
				return w.DeleteService(ctx, idOf("service %d %d", 7, servicesPerHost-1))
			}))
			seen = services(t, other, id)
		}
		return w.PutService(ctx, service.Service{ID: uuid.UUID{0xff}, HostID: id, Position: last + 1})
	}))
	require.Len(t, seen, servicesPerHost-1, "the deletion, and no addition")
	require.Equal(t, 2, attempts, "so the addition came after the deletion, and must have seen it")
	stored := services(t, db, id)
	require.EqualValues(t, servicesPerHost-1, stored[len(stored)-1].Position)
}
