package boltstore_test

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/store"
)

// TestMain runs the tests, or, in a process that a test has started, what that
// test wants of it.
func TestMain(m *testing.M) {
	if role, ok := roles[os.Getenv("BOLTSTORE_TEST_ROLE")]; ok {
		role(os.Getenv("BOLTSTORE_TEST_PATH"))
		return
	}
	os.Exit(m.Run())
}

// roles has what other processes do with the file at a path.
var roles = map[string]func(path string){
	"hold":    hold,
	"full":    meetFullDisk,
	"damaged": readDamaged,
}

// process returns the command of another process with a role.
func process(t testing.TB, role, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), "BOLTSTORE_TEST_ROLE="+role, "BOLTSTORE_TEST_PATH="+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// hold opens a store, says so, and holds it until standard input ends.
func hold(path string) {
	s, err := boltstore.Open(path)
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString("open\n")
	io.Copy(io.Discard, os.Stdin)
	if err := s.Close(); err != nil {
		panic(err)
	}
}

func TestAFileThatAnotherProcessHasOpenIsLocked(t *testing.T) {
	path := filled(t)
	other := process(t, "hold", path)
	hold, err := other.StdinPipe()
	require.NoError(t, err)
	said, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	line, err := bufio.NewReader(said).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "open\n", line)

	for _, timeout := range []time.Duration{-1, 0, 100 * time.Millisecond} {
		_, err = boltstore.Open(path, boltstore.WithTimeout(timeout))
		require.ErrorIs(t, err, store.ErrLocked)
		require.ErrorContains(t, err, path)
	}

	require.NoError(t, hold.Close())
	s := open(t, path) // waits until the other one has closed it
	require.NoError(t, other.Wait())
	require.Len(t, mustRead(t, s).Services, 2)
}

func TestAFileThatThisProcessHasOpenIsLocked(t *testing.T) {
	path := filled(t)
	open(t, path)
	_, err := boltstore.Open(path, boltstore.WithTimeout(0))
	require.ErrorIs(t, err, store.ErrLocked)
}

func TestOpeningWaitsForTheOtherStore(t *testing.T) {
	path := filled(t)
	first := open(t, path)
	closed := make(chan error)
	go func() { closed <- first.Close() }()
	open(t, path)
	require.NoError(t, <-closed)
}

func TestANewFileIsForItsOwnerOnly(t *testing.T) {
	path := newPath(t)
	open(t, path)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
}

func TestAnEmptyFileIsANewStore(t *testing.T) {
	path := newPath(t)
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	fill(t, open(t, path))
}

// TestADatabaseWithoutTablesIsANewStore is about bbolt's own first
// pages, without the tables in them.
func TestADatabaseWithoutTablesIsANewStore(t *testing.T) {
	path := newPath(t)
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	fill(t, open(t, path))
}

func TestOpeningChangesNoByte(t *testing.T) {
	path := filled(t)
	before := bytesOf(t, path)
	require.NoError(t, open(t, path).Close())
	require.Equal(t, before, bytesOf(t, path))
}

// TestWhatIsNoStoreIsRefusedAndStaysAsItIs has files of other kinds and formats.
func TestWhatIsNoStoreIsRefusedAndStaysAsItIs(t *testing.T) {
	database := func(options *bbolt.Options, fn func(tx *bbolt.Tx) error) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			db, err := bbolt.Open(path, 0o600, options)
			require.NoError(t, err)
			require.NoError(t, db.Update(fn))
			require.NoError(t, db.Close())
		}
	}
	text := func(text string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	}
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"a text": {text("once upon a time"), "it does not start as one does"},
		"zeros":  {text(string(make([]byte, 1<<16))), "it does not start as one does"},
		"another program's database": {database(nil, func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("users"))
			return err
		}), "another program's data are in it"},
		"another program's database without a list of free pages": {database(&bbolt.Options{NoFreelistSync: true}, func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("users"))
			return err
		}), "another program's data are in it"},
		"a store of the next format": {inFormat("3"), `it has format "3" and this version knows formats 1 to 2`},
		"a store of no format":       {inFormat(""), `it has format "" and this version knows formats 1 to 2`},
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			test.make(t, path)
			before := bytesOf(t, path)
			for range 2 { // the second time it is not locked either
				_, err := boltstore.Open(path, boltstore.WithTimeout(0))
				require.ErrorIs(t, err, boltstore.ErrFormat)
				require.ErrorContains(t, err, test.want)
				require.ErrorContains(t, err, path)
				require.Equal(t, before, bytesOf(t, path))
			}
		})
	}
}

// inFormat makes a store that says that it has another format.
func inFormat(format string) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		s, err := boltstore.Open(path)
		require.NoError(t, err)
		require.NoError(t, s.DB().Update(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("bindset")).Put([]byte("format"), []byte(format))
		}))
		require.NoError(t, s.Close())
	}
}

func TestAMissingTableIsDamage(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	require.NoError(t, s.DB().Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("owners")) }))
	require.NoError(t, s.Close())
	_, err := boltstore.Open(path)
	require.ErrorIs(t, err, boltstore.ErrDamaged)
	require.ErrorContains(t, err, "table owners is not there")
}

func TestWhatTheFileSystemRefusesIsSaidAsItIs(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		path string
		want error
	}{
		"no such directory": {filepath.Join(dir, "none", "store.db"), fs.ErrNotExist},
		"no name":           {"", fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := boltstore.Open(test.path)
			require.ErrorIs(t, err, test.want)
		})
	}
	_, err := boltstore.Open(dir)
	require.ErrorContains(t, err, dir)
}
