package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/examples/internal/stores"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// machine returns a machine on which nginx listens on the ports.
func machine(ports ...uint16) scan.Machine {
	m := scan.Machine{
		ID: "test", Name: "web-1",
		Interfaces: []scan.Interface{{Name: "eth0", Up: true, Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/24")}}},
		Processes:  map[int]scan.Process{7: {PID: 7, Name: "nginx"}},
	}
	for _, port := range ports {
		m.Sockets = append(m.Sockets, scan.Socket{Protocol: host.TCP, Local: netip.AddrPortFrom(netip.IPv4Unspecified(), port), PIDs: []int{7}})
	}
	return m
}

// growing returns a reader of a machine that has one more port at every scan.
func growing() func(context.Context) (scan.Machine, error) {
	var ports []uint16
	return func(ctx context.Context) (scan.Machine, error) {
		ports = append(ports, uint16(1000+len(ports)))
		return machine(ports...), ctx.Err()
	}
}

// unsteady is a reporter that fails as told, and holds what it took.
type unsteady struct {
	mu    sync.Mutex
	fails []error // of the next reports
	taken []int   // the number of ports in each scan taken
	done  func()  // called when nothing is left to fail and a scan was taken
}

func (u *unsteady) report(_ context.Context, d service.Discovery, _ time.Time) (outcome, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.fails) > 0 {
		err := u.fails[0]
		u.fails = u.fails[1:]
		return outcome{}, err
	}
	u.taken = append(u.taken, len(d.Host.Ports))
	u.done()
	return outcome{}, nil
}

func atOnce() []backoff.RetryOption {
	return []backoff.RetryOption{backoff.WithBackOff(backoff.NewConstantBackOff(5 * time.Millisecond)), backoff.WithMaxElapsedTime(0)}
}

func TestAfterAnAbsenceTheServerGetsTheNewestScan(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	away := errors.New("connection refused")
	to := &unsteady{done: stop}
	for range 20 {
		to.fails = append(to.fails, away)
	}
	var log bytes.Buffer
	d := daemon{read: growing(), report: to, network: network, interval: 10 * time.Millisecond, retry: atOnce, log: slog.New(slog.NewTextHandler(&log, nil))}
	d.run(ctx)
	require.Empty(t, to.fails)
	require.NotEmpty(t, to.taken)
	require.Greater(t, to.taken[0], 1, "older scans were superseded: %s", &log)
	require.Contains(t, log.String(), "a newer scan is reported instead")
	require.Contains(t, log.String(), "trying again")
}

func TestAScanIsTriedUntilItIsTakenWhereNoneIsNewer(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	to := &unsteady{done: stop}
	for range 15 {
		to.fails = append(to.fails, errors.New("timeout"))
	}
	d := daemon{read: growing(), report: to, network: network, interval: time.Hour, retry: atOnce, log: slog.New(slog.DiscardHandler)}
	d.run(ctx)
	require.Equal(t, []int{1}, to.taken)
}

func TestTheMailboxHoldsTheNewestScan(t *testing.T) {
	m := make(mailbox, 1)
	for _, name := range []string{"first", "second"} {
		m.put(service.Discovery{Host: host.Host{Name: name}})
	}
	require.Equal(t, "second", (<-m).Host.Name)
	require.Empty(t, m)
}

func TestAServerIsAskedAgainOnlyWhereThatMayHelp(t *testing.T) {
	for status, permanent := range map[int]bool{
		http.StatusBadRequest: true, http.StatusUnauthorized: true, http.StatusRequestEntityTooLarge: true,
		http.StatusInternalServerError: false, http.StatusServiceUnavailable: false, http.StatusTooManyRequests: false,
	} {
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, `{"success":false,"error":"what is wrong"}`)
		}))
		_, err := newServer(api.URL, "").report(context.Background(), service.Discovery{}, time.Time{})
		api.Close()
		var fault *backoff.PermanentError
		require.Equal(t, permanent, errors.As(err, &fault), "%d: %v", status, err)
		if permanent {
			require.ErrorContains(t, err, "what is wrong")
		}
	}
	_, err := newServer("http://127.0.0.1:1", "").report(context.Background(), service.Discovery{}, time.Time{})
	var fault *backoff.PermanentError
	require.Error(t, err)
	require.False(t, errors.As(err, &fault), "nobody listens there now")
}

func TestAReportIsADiscoveryPayloadWithTheKey(t *testing.T) {
	var got service.Discovery
	var key string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key = r.Header.Get("Authorization")
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &got); err != nil || r.URL.Path != "/api/v1/hosts/discovery" {
			w.WriteHeader(http.StatusBadRequest)
		}
		io.WriteString(w, `{"success":true,"data":{"services":[{"name":"nginx","bindings":[]}]},"changes":{"added":[{},{}],"skipped":[{"violation":{"message":"claimed"}}]}}`)
	}))
	defer api.Close()
	seen := seenAt(time.Now(), machine(80, 443).Discover(network).Discovery)
	came, err := newServer(api.URL+"/", "secret").report(context.Background(), seen, time.Time{})
	require.NoError(t, err)
	require.Equal(t, outcome{services: 1, added: 2, skipped: []string{"claimed"}}, came)
	require.Equal(t, "Bearer secret", key)
	require.Equal(t, seen.Host.Ports, got.Host.Ports)
	require.Equal(t, seen.Services[0].Bindings, got.Services[0].Bindings)
}

func TestTheManagerOfItsOwnKeepsWhatIsSeen(t *testing.T) {
	to := &embedded{open: new(stores.Flag).Open}
	first, err := to.report(context.Background(), seenAt(time.Now(), machine(80).Discover(network).Discovery), time.Time{})
	require.NoError(t, err)
	require.Equal(t, outcome{services: 1, bindings: 1, added: 1}, first)
	again, err := to.report(context.Background(), seenAt(time.Now(), machine(80, 443).Discover(network).Discovery), time.Time{})
	require.NoError(t, err)
	require.Equal(t, outcome{services: 1, bindings: 2, added: 1}, again)

	_, err = to.report(context.Background(), service.Discovery{}, time.Time{})
	var fault *backoff.PermanentError
	require.ErrorAs(t, err, &fault, "a host without an ID stays one")
}

func TestFlagsThatAreWrongExitWith2(t *testing.T) {
	for _, args := range [][]string{
		{"-interval", "0s"},
		{"-server", "localhost"},
		{"-network", "x"},
		{"-host-id", "x"},
		{"-expire", "-1h"},
		{"-expire", "1m", "-interval", "30s"},
		{"-host-id", "00000000-0000-0000-0000-000000000000"},
		{"extra"},
		{"-unknown"},
		{"-store", "floppy:A"},
		{"-store", "postgres:port=nine"},
		{"-store", "mem", "-server", "http://127.0.0.1:8080"},
	} {
		var stderr bytes.Buffer
		require.Equal(t, 2, run(context.Background(), args, growing(), &stderr), "%v", args)
		require.NotEmpty(t, stderr.String())
	}
	require.Zero(t, run(context.Background(), []string{"-h"}, growing(), io.Discard))
}

func TestTheKeyComesFromTheEnvironmentAndHelpDoesNotShowIt(t *testing.T) {
	t.Setenv("BINDSET_API_KEY", "from-env")
	c, err := parse(nil, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "from-env", c.apiKey)
	c, err = parse([]string{"-api-key", "from-flag"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "from-flag", c.apiKey)
	var help bytes.Buffer
	require.Zero(t, run(context.Background(), []string{"-h"}, growing(), &help))
	require.NotContains(t, help.String(), "from-env")
}

func TestAStoppedDaemonExitsWith0(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	scans := 0
	read := func(ctx context.Context) (scan.Machine, error) {
		if scans++; scans == 3 {
			stop()
		}
		return machine(80), ctx.Err()
	}
	var stderr bytes.Buffer
	require.Zero(t, run(ctx, []string{"-interval", "1ms"}, read, &stderr))
	require.Contains(t, stderr.String(), "reported")
}

func TestTheHostHasTheIDThatItIsGiven(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	id := uuid.New()
	file := filepath.Join(t.TempDir(), "daemon.db")
	args := []string{"-host-id", id.String(), "-store", "bolt:" + file, "-interval", "1ms"}
	require.Zero(t, run(ctx, args, scansUntilStop(stop, 2, machine(80)), io.Discard))
	require.Len(t, stored(t, named(t, "bolt:"+file), id), 1)
}
