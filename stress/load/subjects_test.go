package load_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/store"
)

// A subject is a store to measure.
type subject struct {
	store.Store
	settle  func()         // brings what is stored into the order that it has in the long run
	retries func() float64 // so far
	bytes   func() float64 // that it takes now, in memory or on disk
	written func() float64 // bytes that went to the disk, or its log, so far
}

var subjects = []struct {
	name string
	open func(*testing.B) subject
}{
	{"memstore", openMemstore},
	{"boltstore", openBoltstore},
	{"pgstore", openPgstore},
}

func none() float64 { return 0 }
func nothing()      {}

func openMemstore(*testing.B) subject {
	heap := func() float64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return float64(stats.HeapAlloc)
	}
	before := heap()
	return subject{memstore.New(), nothing, none, func() float64 { return heap() - before }, none}
}

func openBoltstore(b *testing.B) subject {
	path := filepath.Join(b.TempDir(), "load.db")
	store, err := boltstore.Open(path)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	size := func() float64 {
		info, err := os.Stat(path)
		require.NoError(b, err)
		return float64(info.Size())
	}
	return subject{store, nothing, none, size, writtenByProcess}
}

var writeBytes = regexp.MustCompile(`\nwrite_bytes: (\d+)`)

// writtenByProcess is how much this process had the kernel write to disks, 0 where
// the kernel does not say.
func writtenByProcess() float64 {
	counts, _ := os.ReadFile("/proc/self/io")
	found := writeBytes.FindSubmatch(counts)
	if found == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(string(found[1]), 64)
	return n
}

// openPgstore starts a server of its own, as PostgreSQL is set up by default: it
// waits for the disk at every commit, as a server for tests does not.
func openPgstore(b *testing.B) subject {
	pgtest.DSN(b) // skips where there is no PostgreSQL
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	server, err := pgtest.Start(ctx)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, server.Close()) })
	config, err := pgxpool.ParseConfig(server.DSN())
	require.NoError(b, err)
	config.MaxConns = 16
	pool, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	store, err := pgstore.New(pool)
	require.NoError(b, err)
	require.NoError(b, store.Migrate(ctx))
	number := func(sql string) float64 {
		var n float64
		require.NoError(b, pool.QueryRow(context.Background(), sql).Scan(&n))
		return n
	}
	settle := func() {
		for _, sql := range []string{"VACUUM ANALYZE", "CHECKPOINT"} {
			_, err := pool.Exec(context.Background(), sql)
			require.NoError(b, err)
		}
	}
	return subject{
		store,
		settle,
		func() float64 { return float64(store.Stats().Retries) },
		func() float64 {
			return number(`SELECT sum(pg_total_relation_size(oid))::float8 FROM pg_class
				WHERE relnamespace = 'bindset'::regnamespace AND relkind = 'r'`)
		},
		func() float64 { return number("SELECT (pg_current_wal_insert_lsn() - '0/0')::float8") },
	}
}
