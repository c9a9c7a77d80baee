//go:build unix

package crash_test

import (
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/boltstore"
)

func TestBoltstoreKeepsWhatItAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bindset.db")
	store, err := boltstore.Open(path)
	require.NoError(t, err)
	create(t, store)
	require.NoError(t, store.Close())

	l := newLedger()
	for n := range *kills {
		l.crash(t, order{Bolt: path}, func(c *child) error { return c.Process.Kill() })
		store, err := boltstore.Open(path)
		require.NoError(t, err)
		require.NoError(t, store.Check(t.Context()))
		l.compareAll(t, store)
		require.NoError(t, store.Close())
		t.Logf("%d, kill -9 of the program: %v", n+1, l)
	}
	require.Positive(t, l.changes)
}

// testFullDisk has a boltstore run out of room, and then gives it some.
func testFullDisk(t *testing.T, path string, giveRoom func()) {
	store, err := boltstore.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	h := newHoard(t, store)
	for range 2 {
		h.fill(t, store)
		require.False(t, h.doubt, "a full disk leaves no doubt")
		h.requireKept(t, store)
	}
	require.NoError(t, store.Check(t.Context()))

	giveRoom()
	require.NoError(t, h.add(t, store), "the store goes on when there is room")
	require.NoError(t, store.Close())
	store, err = boltstore.Open(path)
	require.NoError(t, err)
	h.requireKept(t, store)
	require.NoError(t, store.Check(t.Context()))
}

func TestBoltstoreOnAFullDisk(t *testing.T) {
	dir := smallDisk(t, 8)
	testFullDisk(t, filepath.Join(dir, "bindset.db"), takeRoom(t, dir, 4))
}

// A limit on the size of files needs no right to mount, and makes other calls fail
// than a full disk does.
func TestBoltstoreInAFileThatMayNotGrow(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	limit := before
	limit.Cur = 4 << 20
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	raise := func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)) }
	defer raise()
	testFullDisk(t, filepath.Join(t.TempDir(), "bindset.db"), raise)
}
