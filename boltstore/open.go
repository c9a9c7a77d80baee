package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/bindset/bindset/store"
)

// The formats, which are versions of the tables and their keys; the records have
// versions of their own. A file of an older format becomes one of the last when it
// is opened: see upgrade.
const (
	firstFormat = 1
	format      = 2
)

// The format stands in the file under formatKey in the bucket formatBucket, in
// decimal.
const (
	formatBucket = "bindset"
	formatKey    = "format"
)

// mapped is how much of the file is mapped from the start where addresses have 64
// bits: a writer that needs more waits for the readers, and they for it.
const mapped int64 = 16 << 30

// growth is by how much the file grows at a time.
const growth = 1 << 20

type openFunc = func(path string, flag int, mode fs.FileMode) (*os.File, error)

// Open opens the store in a file, and makes it, with mode 0600, where there is no
// file or an empty one. The directory must be there. It fails with store.ErrLocked where
// another Store, of this process or another one, has the file open for longer
// than the timeout; with ErrFormat where the file is something else, or of a
// format that this version does not know; with ErrDamaged where it can see that
// the file is damaged; and with what the file system says otherwise. A file of an
// older format becomes one of this version's, which older versions refuse.
func Open(path string, opts ...Option) (*Store, error) {
	o := options{timeout: defaultTimeout, openFile: os.OpenFile}
	for _, opt := range opts {
		opt(&o)
	}
	db, file, err := o.openDB(path)
	if err != nil {
		return nil, explain(path, err)
	}
	s := &Store{
		db:          db,
		file:        file,
		writing:     make(chan struct{}, 1),
		inventories: newInventories(cacheSize),
		commitTx:    (*bbolt.Tx).Commit,
	}
	if err := protect(func() error { return s.prepare(file) }); err != nil {
		_ = s.Close()
		return nil, explain(path, err)
	}
	return s, nil
}

// openDB opens the file. Whatever is in it stays as it is.
func (o *options) openDB(path string) (db *bbolt.DB, file *os.File, err error) {
	settings := &bbolt.Options{
		Timeout:        max(o.timeout, 1), // zero would wait for ever
		FreelistType:   bbolt.FreelistMapType,
		NoStatistics:   true,
		NoFreelistSync: true, // else opening another program's file could write to it
		OpenFile: func(path string, flag int, mode fs.FileMode) (*os.File, error) {
			f, err := o.openFile(path, flag, mode)
			file = f
			return f, err
		},
	}
	if strconv.IntSize == 64 && runtime.GOOS != "windows" { // Windows makes the file as large as the map
		settings.InitialMmapSize = int(min(mapped, math.MaxInt))
	}
	err = protect(func() (err error) {
		db, err = bbolt.Open(path, 0o600, settings)
		return err
	})
	if errors.Is(err, ErrDamaged) && file != nil {
		_ = file.Close() // bbolt has not come to close it, and it holds the lock
	}
	if err != nil {
		return nil, nil, err
	}
	db.NoFreelistSync = false
	db.AllocSize = growth
	return db, file, nil
}

// explain says for people why a file cannot be opened.
func explain(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("boltstore: %s: %w; close the other store, or choose another file", path, store.ErrLocked)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, berrors.ErrChecksum):
		return fmt.Errorf("boltstore: %s: %w: it does not start as one does, or its start is damaged: %w", path, ErrFormat, err)
	case strings.Contains(err.Error(), "file size too small"): // bbolt has no name for that one
		return fmt.Errorf("boltstore: %s: %w: it is cut short: %w", path, ErrDamaged, err)
	default:
		return fmt.Errorf("boltstore: open %s: %w", path, err)
	}
}

// prepare makes the tables in a new file, and looks at what an old one says of
// itself.
func (s *Store) prepare(file *os.File) error {
	have := 0 // the format of an old file
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		if first, _ := tx.Cursor().First(); first == nil {
			return nil
		}
		if have, err = checkFormat(tx); err != nil {
			return err
		}
		return s.settle(tx, file)
	})
	switch {
	case err != nil || have == format:
		return err
	case have == 0:
		return errors.Join(s.db.Update(makeTables), syncDirectory(filepath.Dir(file.Name())))
	}
	if err := s.Check(context.Background()); err != nil { // to write to a damaged file may damage more
		return err
	}
	return s.db.Update(upgrade)
}

// checkFormat returns the format of a file whose tables are all there.
func checkFormat(tx *bbolt.Tx) (have int, err error) {
	bucket := tx.Bucket([]byte(formatBucket))
	if bucket == nil {
		return 0, fmt.Errorf("%w: another program's data are in it", ErrFormat)
	}
	text := bucket.Get([]byte(formatKey))
	have, err = strconv.Atoi(string(text))
	if err != nil || have < firstFormat || have > format {
		return 0, fmt.Errorf("%w: it has format %.20q and this version knows formats %d to %d; use the version of this program that wrote it, or a later one",
			ErrFormat, text, firstFormat, format)
	}
	names := tableNames[:]
	if have == firstFormat {
		names = names[:tablesOfFormat1]
	}
	for _, name := range names {
		if tx.Bucket([]byte(name)) == nil {
			return 0, fmt.Errorf("%w: table %s is not there", ErrDamaged, name)
		}
	}
	return have, nil
}

// settle makes sure that the disk has what is read from the file. It writes the
// page that makes the last commit count once more, as it is, and syncs it: where
// the store was opened again after ErrUnknownOutcome, that page may be in the
// page cache alone, where the kernel takes it for written.
func (s *Store) settle(tx *bbolt.Tx, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w: it is cut short, to %d bytes of %d", ErrDamaged, info.Size(), tx.Size())
	}
	page := make([]byte, s.db.Info().PageSize)
	offset := int64(tx.ID()%2) * int64(len(page))
	if _, err := file.ReadAt(page, offset); err != nil {
		return err
	}
	if _, err := file.WriteAt(page, offset); err != nil {
		return err
	}
	return file.Sync()
}

func makeTables(tx *bbolt.Tx) error {
	for _, name := range tableNames {
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	if _, err := tx.CreateBucket([]byte(formatBucket)); err != nil {
		return err
	}
	return setFormat(tx)
}

func setFormat(tx *bbolt.Tx) error {
	return tx.Bucket([]byte(formatBucket)).Put([]byte(formatKey), []byte(strconv.Itoa(format)))
}

// syncDirectory makes the name of a new file last. Windows has no such call.
func syncDirectory(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
