package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

func TestMain(m *testing.M) {
	pgtest.SkipExamples()
	os.Exit(m.Run())
}

// payload is the scan of a host that listens on port 443.
func payload(network, host uuid.UUID) string {
	port, service := uuid.New(), uuid.New()
	return fmt.Sprintf(`{
		"host": {"id": %q, "network_id": %q, "name": "web-1"},
		"ports": [{"id": %q, "number": 443, "protocol": "Tcp"}],
		"services": [{"id": %q, "name": "nginx", "service_definition": "Nginx", "source": {"type": "Discovery"},
			"bindings": [{"id": %q, "type": "Port", "port_id": %q, "interface_id": null}]}]
	}`, host, network, port, service, uuid.New(), port)
}

func newTestFleet(t *testing.T, limit int) *Fleet {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), pgtest.DSN(t))
	require.NoError(t, err)
	f := NewFleet(pool, limit)
	t.Cleanup(func() { require.NoError(t, f.Close(context.Background())) })
	return f
}

// newNetwork returns a network whose schema is dropped when the test ends.
func newNetwork(t *testing.T) uuid.UUID {
	t.Helper()
	network := uuid.New()
	t.Cleanup(func() { exec(t, "DROP SCHEMA IF EXISTS "+schemaOf(network)+" CASCADE") })
	return network
}

func exec(t *testing.T, sql string) {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), pgtest.DSN(t))
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(context.Background(), sql)
	require.NoError(t, err)
}

// hostsOf returns the IDs of all hosts in the store of a network.
func hostsOf(t *testing.T, f *Fleet, network uuid.UUID) (ids []uuid.UUID) {
	t.Helper()
	require.NoError(t, f.Do(t.Context(), network, func(m *bindset.Manager) error {
		return m.View(t.Context(), func(ctx context.Context, r store.Reader) error {
			hosts, err := r.Hosts(ctx, uuid.Nil, uuid.Nil, 0)
			for _, h := range hosts {
				ids = append(ids, h.ID)
			}
			return err
		})
	}))
	return ids
}

func TestEveryNetworkHasAStoreOfItsOwn(t *testing.T) {
	dsn := pgtest.DSN(t)
	one, other := newNetwork(t), newNetwork(t)
	host, twin := uuid.New(), uuid.New()
	var out, errs bytes.Buffer
	in := payload(one, host) + "\n" + payload(other, twin) + payload(one, host)
	require.Zero(t, run(t.Context(), []string{"-db", dsn, "-open", "1"}, strings.NewReader(in), &out, &errs), errs.String())
	require.Equal(t, fmt.Sprintf(
		"network %s, host \"web-1\": 1 bindings added, 0 removed\nnetwork %s, host \"web-1\": 1 bindings added, 0 removed\n"+
			"network %s, host \"web-1\": 0 bindings added, 0 removed\n", one, other, one), out.String())

	f := newTestFleet(t, 2)
	require.Equal(t, []uuid.UUID{host}, hostsOf(t, f, one))
	require.Equal(t, []uuid.UUID{twin}, hostsOf(t, f, other))
}

func TestABadPayloadStopsNoneAfterIt(t *testing.T) {
	network, host := newNetwork(t), uuid.New()
	var out, errs bytes.Buffer
	in := `{"host": {"name": "nowhere"}} {"host": 7} ` + payload(network, host)
	require.Equal(t, 1, run(t.Context(), []string{"-db", pgtest.DSN(t)}, strings.NewReader(in), &out, &errs))
	require.Contains(t, errs.String(), `host "nowhere": the payload does not say its network`)
	require.Contains(t, out.String(), "1 bindings added")
	require.Equal(t, 1, run(t.Context(), []string{"-db", pgtest.DSN(t)}, strings.NewReader("{"), &out, &errs))
	require.Contains(t, errs.String(), "the input is no JSON")
	require.Equal(t, 2, run(t.Context(), nil, strings.NewReader(""), &out, &errs))
}

func TestNoMoreStoresAreOpenThanMayBe(t *testing.T) {
	const limit = 2
	f := newTestFleet(t, limit)
	networks := make([]uuid.UUID, 5)
	for i := range networks {
		networks[i] = newNetwork(t)
	}
	var workers sync.WaitGroup
	var most atomic.Int64
	for worker := range 4 {
		workers.Go(func() {
			for i := range networks {
				network := networks[(i+worker)%len(networks)]
				var d service.Discovery
				err := errors.Join(d.UnmarshalJSON([]byte(payload(network, uuid.New()))), observe(t.Context(), f, d, &bytes.Buffer{}))
				if err != nil {
					t.Error(err)
				}
				f.mu.Lock()
				most.Store(max(most.Load(), int64(len(f.open))))
				f.mu.Unlock()
			}
		})
	}
	workers.Wait()
	require.EqualValues(t, limit, most.Load())
	for _, network := range networks {
		require.Len(t, hostsOf(t, f, network), 4)
	}
}

func TestDoWaitsForRoomAsLongAsItsContext(t *testing.T) {
	f := newTestFleet(t, 1)
	one, other := newNetwork(t), newNetwork(t)
	nothing := func(*bindset.Manager) error { return nil }
	require.NoError(t, f.Do(t.Context(), one, func(*bindset.Manager) error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, f.Do(ctx, other, nothing), context.DeadlineExceeded)
		return f.Do(t.Context(), one, nothing) // there is room for whoever comes to the same network
	}))
	require.NoError(t, f.Do(t.Context(), other, nothing))
}

func TestAStoreThatDoesNotOpenIsTriedAgain(t *testing.T) {
	f := newTestFleet(t, 1)
	network := newNetwork(t)
	exec(t, "CREATE SCHEMA "+schemaOf(network))
	exec(t, "CREATE TABLE "+schemaOf(network)+".hosts (mine int)")
	nothing := func(*bindset.Manager) error { return nil }
	require.ErrorContains(t, f.Do(t.Context(), network, nothing), `relation "hosts" already exists`)
	exec(t, "DROP TABLE "+schemaOf(network)+".hosts")
	require.NoError(t, f.Do(t.Context(), network, nothing))
}

func TestCloseWaitsForWhatRuns(t *testing.T) {
	f := newTestFleet(t, 1)
	network := newNetwork(t)
	inside, goOn := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- f.Do(t.Context(), network, func(m *bindset.Manager) error {
			close(inside)
			<-goOn
			return m.View(t.Context(), func(context.Context, store.Reader) error { return nil })
		})
	}()
	<-inside
	soon, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, f.Close(soon), context.DeadlineExceeded)
	require.ErrorIs(t, f.Do(t.Context(), network, func(*bindset.Manager) error { return nil }), ErrClosed)
	close(goOn)
	require.NoError(t, <-done, "its store was open")
	require.NoError(t, f.Close(t.Context()))
}
