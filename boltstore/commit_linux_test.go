package boltstore_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/store"
)

// TestAWriteThatTheDiskRefusesChangesNothing gives a store a file that cannot be
// written for a while.
func TestAWriteThatTheDiskRefusesChangesNothing(t *testing.T) {
	path := newPath(t)
	var file *os.File
	s := open(t, path, boltstore.WithOpenFile(func(path string, flag int, mode fs.FileMode) (_ *os.File, err error) {
		file, err = os.OpenFile(path, flag, mode)
		return file, err
	}))
	fill(t, s)
	before := mustRead(t, s)
	become := func(flag int) {
		other, err := os.OpenFile(path, flag, 0)
		require.NoError(t, err)
		require.NoError(t, syscall.Dup3(int(other.Fd()), int(file.Fd()), syscall.O_CLOEXEC))
		require.NoError(t, other.Close())
	}

	become(os.O_RDONLY)
	for range 3 {
		err := deleteWeb(s)
		require.ErrorIs(t, err, syscall.EBADF)
		require.NotErrorIs(t, err, store.ErrUnknownOutcome)
		require.Equal(t, before, mustRead(t, s))
	}
	become(os.O_RDWR)
	require.NoError(t, s.Check(t.Context()))
	require.NoError(t, deleteWeb(s))
	require.NoError(t, s.Check(t.Context()))
	require.NoError(t, s.Close())
	require.Len(t, mustRead(t, open(t, path)).Services, 1)
}

// TestAFullDiskIsAnErrorAndTheStoreGoesOnWhenThereIsRoom has another process fill
// a store that may not grow past four megabytes.
func TestAFullDiskIsAnErrorAndTheStoreGoesOnWhenThereIsRoom(t *testing.T) {
	path := filled(t)
	out, err := process(t, "full", path).Output()
	require.NoError(t, err, "%s", out)
	var acknowledged int
	_, err = fmt.Sscanf(string(out), "%d services", &acknowledged)
	require.NoError(t, err, "%s", out)
	require.Greater(t, acknowledged, 100)

	s := open(t, path)
	require.NoError(t, s.Check(t.Context()))
	require.Len(t, mustRead(t, s).Services, acknowledged)
}

// meetFullDisk adds services until the file cannot grow, twice, then one more when
// it can, and says how many there are then.
func meetFullDisk(path string) {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := boltstore.Open(path)
	if err != nil {
		panic(err)
	}
	count := 2
	add := func() error {
		err := s.Update(context.Background(), func(ctx context.Context, w store.Writer) error {
			for i := range 10 {
				svc := aService(uuid.New(), int32(count+i))
				svc.Virtualization = make([]byte, 10_000)
				if err := w.PutService(ctx, svc); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			count += 10
		}
		return err
	}
	limit(4 << 20)
	for range 2 {
		for err = add(); err == nil; err = add() {
		}
		if !strings.Contains(err.Error(), syscall.EFBIG.Error()) || errors.Is(err, store.ErrUnknownOutcome) {
			panic(err)
		}
		if c, err := read(context.Background(), s); err != nil || len(c.Services) != count {
			panic(fmt.Sprint(len(c.Services), " services, and not ", count, ": ", err))
		}
	}
	limit(64 << 20)
	if err := errors.Join(add(), s.Close()); err != nil {
		panic(err)
	}
	fmt.Println(count, "services")
}

// limit limits the size of the files that this process writes.
func limit(size uint64) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
		panic(err)
	}
	l.Cur = min(size, l.Max)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
		panic(err)
	}
}
