package boltstore_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/store"
)

func TestPermissionsThatAreMissingAreSaidAsTheyAre(t *testing.T) {
	dir, err := os.MkdirTemp("", "boltstore") // nobody may come here, unlike to t.TempDir()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	path := filepath.Join(dir, "store.db")
	fill(t, open(t, path)) // and keep it open
	for _, test := range []struct {
		name      string
		file, dir fs.FileMode
		path      string
		want      error
	}{
		{"a file that may be written in a directory that may not", 0o666, 0o555, path, store.ErrLocked},
		{"a file that may not be written", 0o444, 0o777, path, fs.ErrPermission},
		{"no file yet, in a directory that may not be written", 0o666, 0o555, filepath.Join(dir, "new.db"), fs.ErrPermission},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.NoError(t, os.Chmod(path, test.file))
			require.NoError(t, os.Chmod(dir, test.dir))
			err := asNobody(func() error {
				s, err := boltstore.Open(test.path, boltstore.WithTimeout(0))
				if err == nil {
					err = s.Close()
				}
				return err
			})
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.path)
		})
	}
}

// asNobody calls fn in a thread that has no more rights to files than nobody,
// whoever runs the test.
func asNobody(fn func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		if os.Getuid() == 0 {
			const nobody = 65534
			syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
		}
		done <- fn()
	}()
	return <-done
}
