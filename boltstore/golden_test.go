package boltstore_test

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/store"
)

// The golden files are stores of each format, made by Backup from what fill and crowd
// put, and, from format 2 on, look. They stand for the files of users and are never
// written again, so these functions stay as they are too.
const (
	goldenFormat1 = "testdata/format1.db"
	goldenFormat2 = "testdata/format2.db"
)

var writeMissing = flag.Bool("write-missing-golden", false, "write the golden file of the last format if it is not there yet")

func TestFilesOfEachFormatAreReadAndWritten(t *testing.T) {
	for file, hasLooked := range map[string]bool{goldenFormat1: false, goldenFormat2: true} {
		t.Run(file, func(t *testing.T) {
			fresh := open(t, newPath(t))
			fill(t, fresh)
			crowd(t, fresh)
			if hasLooked {
				look(t, fresh)
			}
			if _, err := os.Stat(file); *writeMissing && errors.Is(err, fs.ErrNotExist) {
				golden, err := os.Create(file)
				require.NoError(t, err)
				_, err = fresh.Backup(t.Context(), golden)
				require.NoError(t, err)
				require.NoError(t, golden.Close())
			}

			path := copyOf(t, file)
			require.NoError(t, open(t, path).Close())
			s := open(t, path) // this time it is of the last format
			require.NoError(t, s.Check(t.Context()), "files of users cannot be read any more")
			c := mustRead(t, s)
			require.Equal(t, mustRead(t, fresh), c)
			require.Len(t, c.Services, 42)
			require.Len(t, c.Listeners, 26)
			require.Len(t, c.WithAddress, 2)
			update(t, s, func(ctx context.Context, w store.Writer) {
				for i := range c.Services {
					require.NoError(t, w.DeleteService(ctx, c.Services[i].ID))
				}
				require.NoError(t, w.DeleteHost(ctx, hostID))
				require.NoError(t, w.DeleteHost(ctx, otherHost))
			})
			require.NoError(t, s.Check(t.Context()))
			c = mustRead(t, s)
			require.Empty(t, c.Hosts)
			require.Empty(t, c.Owners)
			require.Empty(t, c.WithAddress)
		})
	}
}

// copyOf returns the path of a copy of a file.
func copyOf(t testing.TB, path string) string {
	t.Helper()
	copied := newPath(t)
	require.NoError(t, os.WriteFile(copied, bytesOf(t, path), 0o600))
	return copied
}
