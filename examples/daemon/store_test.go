package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/examples/internal/stores"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// named returns the flag for a store.
func named(t *testing.T, name string) *stores.Flag {
	t.Helper()
	var f stores.Flag
	require.NoError(t, f.Set(name))
	return &f
}

// stored returns the services in a store that the daemon has put there.
func stored(t *testing.T, flag *stores.Flag, host uuid.UUID) (services []service.Service) {
	t.Helper()
	s, closeStore, err := flag.Open(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
		services, err = r.ServicesOnHost(ctx, host)
		return err
	}))
	require.NoError(t, closeStore())
	return services
}

// scansUntilStop returns a reader of a machine that stops the daemon at some scan.
func scansUntilStop(stop func(), scans int, m scan.Machine) func(context.Context) (scan.Machine, error) {
	return func(ctx context.Context) (scan.Machine, error) {
		if scans--; scans == 0 {
			stop()
		}
		return m, ctx.Err()
	}
}

func TestADaemonKnowsAfterARestartWhatItKnewBefore(t *testing.T) {
	for kind, where := range map[string]func(*testing.T) string{
		"bolt":     func(t *testing.T) string { return "bolt:" + filepath.Join(t.TempDir(), "daemon.db") },
		"postgres": func(t *testing.T) string { return "postgres:" + strings.TrimPrefix(pgtest.DSN(t), "postgres:") },
	} {
		t.Run(kind, func(t *testing.T) {
			name, network := where(t), uuid.New()
			m := machine(80)
			m.ID = network.String() // others may use that database, too
			var host uuid.UUID
			session := func(m scan.Machine) []service.Service {
				ctx, stop := context.WithCancel(t.Context())
				var log bytes.Buffer
				args := []string{"-store", name, "-network", network.String(), "-interval", "1ms"}
				require.Zero(t, run(ctx, args, scansUntilStop(stop, 3, m), &log), &log)
				host = m.Discover(network).Host.ID
				return stored(t, named(t, name), host)
			}
			before := session(m)
			require.Len(t, before, 1)
			require.Len(t, before[0].Bindings, 1)

			m.Sockets = append(m.Sockets, machine(443).Sockets...)
			after := session(m)
			require.Len(t, after, 1)
			require.Len(t, after[0].Bindings, 2)
			was := before[0].Bindings[0]
			i := slices.IndexFunc(after[0].Bindings, func(b binding.Binding) bool { return b.ID == was.ID })
			require.NotEqual(t, -1, i)
			is := after[0].Bindings[i]
			require.True(t, is.LastSeenAt.After(was.LastSeenAt))
			is.LastSeenAt, is.LastDiscoveryID = was.LastSeenAt, was.LastDiscoveryID
			require.Equal(t, was, is, "it is the same binding")

			s, closeStore, err := named(t, name).Open(t.Context())
			require.NoError(t, err)
			_, err = bindset.NewManager(s).DeleteHost(t.Context(), host, bindset.Cascade())
			require.NoError(t, err)
			require.NoError(t, closeStore())
		})
	}
}

// A watched log says when a line with some words was written.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	seen chan struct{}
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() {
		select {
		case w.seen <- struct{}{}:
		default:
		}
	}()
	return w.text.Write(p)
}

// next waits for a line with these words after those that were waited for before.
func (w *watched) next(t *testing.T, words string) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		w.mu.Lock()
		text := w.text.String()
		if _, rest, found := strings.Cut(text, words); found {
			_, rest, _ = strings.Cut(rest, "\n")
			w.text.Reset()
			w.text.WriteString(rest)
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		select {
		case <-w.seen:
		case <-limit:
			require.Fail(t, "the log has no "+words, text)
		}
	}
}

// start runs a daemon on a store, on a machine that has one more port at every
// scan. What is returned stops it.
func start(t *testing.T, store string) (*watched, func()) {
	ctx, stop := context.WithCancel(t.Context())
	log := &watched{seen: make(chan struct{}, 1)}
	code := make(chan int)
	go func() { code <- run(ctx, []string{"-store", store, "-interval", "50ms"}, growing(), log) }()
	return log, func() {
		stop()
		require.Zero(t, <-code)
	}
}

func TestAStoreWhoseDirectoryIsNotThereYetIsWaitedFor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mounted-later")
	name := "bolt:" + filepath.Join(dir, "daemon.db")
	log, stop := start(t, name)
	log.next(t, "the report failed; trying again")
	require.NoError(t, os.Mkdir(dir, 0o700))
	log.next(t, "msg=reported")
	stop()
	require.NotEmpty(t, stored(t, named(t, name), machine().Discover(network).Host.ID))
}

func TestADatabaseThatGoesAwayIsWaitedFor(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server, err := pgtest.Start(ctx)
	if errors.Is(err, pgtest.ErrNotInstalled) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Close()) }()
	require.NoError(t, server.Stop())

	name := "postgres:" + server.DSN()
	log, stop := start(t, name)
	log.next(t, "the report failed; trying again")
	for _, end := range []func() error{server.Stop, server.Kill} {
		require.NoError(t, server.Restart(ctx))
		log.next(t, "msg=reported")
		require.NoError(t, end())
		log.next(t, "the report failed; trying again")
	}
	require.NoError(t, server.Restart(ctx))
	log.next(t, "msg=reported")
	stop()
	require.NotEmpty(t, stored(t, named(t, name), machine().Discover(network).Host.ID))
}

// A doubtful store says of its first commit that it may not have happened, and
// does nothing after that.
type doubtful struct {
	store.Store
	failed bool
}

func (d *doubtful) Update(ctx context.Context, fn func(context.Context, store.Writer) error) error {
	if d.failed {
		return io.ErrClosedPipe
	}
	d.failed = true
	return errors.Join(d.Store.Update(ctx, fn), store.ErrUnknownOutcome)
}

func TestAStoreIsOpenedAgainAfterACommitOfUnknownOutcome(t *testing.T) {
	opened, closed := 0, 0
	kept := memstore.New()
	to := &embedded{open: func(context.Context) (store.Store, func() error, error) {
		opened++
		closing := func() error { closed++; return nil }
		if opened == 1 {
			return &doubtful{Store: kept}, closing, nil
		}
		return kept, closing, nil
	}}
	seen := seenAt(time.Now(), machine(80).Discover(network).Discovery)
	_, err := to.report(t.Context(), seen, time.Time{})
	require.ErrorIs(t, err, store.ErrUnknownOutcome)
	came, err := to.report(t.Context(), seen, time.Time{})
	require.NoError(t, err)
	require.Equal(t, outcome{services: 1, bindings: 1}, came, "the first report had been stored, and nothing is twice")
	require.NoError(t, to.close())
	require.NoError(t, to.close(), "once is enough")
	require.Equal(t, 2, opened)
	require.Equal(t, 2, closed)
}
