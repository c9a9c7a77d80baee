//go:build unix

package crash_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/stress/internal/model"
)

// smallDisk returns a directory on a disk of its own, of some megabytes. It skips
// the test where this process may not mount one.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "disk-") // t.TempDir is closed to the user that a server runs as
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.Remove(dir)) })
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,mode=755", megabytes), "tmpfs", dir).CombinedOutput()
	if err != nil {
		t.Skipf("no disk can be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		// Lazily: a server that was told to stop may hold its files a moment longer.
		out, err := exec.Command("umount", "--lazy", dir).CombinedOutput()
		require.NoError(t, err, string(out))
	})
	return dir
}

// takeRoom fills a disk but for some megabytes, and returns how to give the room
// back.
func takeRoom(t *testing.T, dir string, leave int) (giveBack func()) {
	t.Helper()
	var disk syscall.Statfs_t
	require.NoError(t, syscall.Statfs(dir, &disk))
	free := int(disk.Bavail) * int(disk.Bsize)
	ballast := filepath.Join(dir, "ballast")
	require.NoError(t, os.WriteFile(ballast, make([]byte, free-leave<<20), 0o600))
	return func() { require.NoError(t, os.Remove(ballast)) }
}

// A hoard is a host to which services are added that take room.
type hoard struct {
	kept   []service.Service // acknowledged, by position
	failed service.Draft     // the one for which there was no room
	doubt  bool              // it may be there
}

func newHoard(t *testing.T, db store.Store) *hoard {
	t.Helper()
	create(t, db)
	h := &hoard{}
	h.kept = h.stored(t, db)
	return h
}

func (h *hoard) stored(t *testing.T, db store.Store) (all []service.Service) {
	t.Helper()
	require.NoError(t, db.View(t.Context(), func(ctx context.Context, r store.Reader) (err error) {
		all, err = r.ServicesOnHost(ctx, model.HostID(0, 0))
		return err
	}))
	return all
}

// add adds a service of a quarter of a megabyte.
func (h *hoard) add(t *testing.T, db store.Store) error {
	t.Helper()
	noise := make([]byte, 1<<17)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	h.failed = service.Draft{
		ID: uuid.New(), HostID: model.HostID(0, 0), Virtualization: fmt.Appendf(nil, `"%x"`, noise),
	}
	s, _, err := bindset.NewManager(db).CreateService(t.Context(), h.failed)
	if err == nil {
		h.kept = append(h.kept, s)
	}
	return err
}

// fill adds services until there is no room.
func (h *hoard) fill(t *testing.T, db store.Store) {
	t.Helper()
	for range 1000 {
		if err := h.add(t, db); err != nil {
			t.Logf("%d services are stored; then: %v", len(h.kept), err)
			require.Greater(t, len(h.kept), 3, "there was room for some")
			h.doubt = errors.Is(err, store.ErrUnknownOutcome)
			return
		}
	}
	require.Fail(t, "the disk does not get full")
}

// requireKept requires that what was acknowledged is stored, and nothing else.
func (h *hoard) requireKept(t *testing.T, db store.Store) {
	t.Helper()
	stored := h.stored(t, db)
	if h.doubt && len(stored) == len(h.kept)+1 {
		last := stored[len(h.kept)]
		require.Equal(t, h.failed.ID, last.ID)
		require.Equal(t, h.failed.Virtualization, last.Virtualization)
		h.kept, h.doubt = append(h.kept, last), false
	}
	require.Equal(t, h.kept, stored)
}

func TestPgstoreOnAFullDisk(t *testing.T) {
	dir := smallDisk(t, 128)
	t.Setenv("TMPDIR", dir) // of the server
	s := server(t)
	db := openPgstore(t, s)
	require.NoError(t, db.Migrate(t.Context()))
	h := newHoard(t, db)
	giveBack := takeRoom(t, dir, 8)
	h.fill(t, db)
	db.Close()

	giveBack()
	require.NoError(t, s.StopImmediate(), "it may have ended by itself")
	require.NoError(t, s.Restart(t.Context()))
	db = openPgstore(t, s)
	defer db.Close()
	h.requireKept(t, db)
	require.NoError(t, h.add(t, db), "the db goes on when there is room")
	h.requireKept(t, db)
}
