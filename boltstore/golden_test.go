package boltstore_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/store"
)

// goldenFile is a store of format 1, made by Backup from what fill and crowd put.
// It stands for the files of users and is never written again, so fill and crowd
// stay as they are too.
const goldenFile = "testdata/format1.db"

func TestAFileOfFormat1IsReadAndWritten(t *testing.T) {
	fresh := open(t, newPath(t))
	fill(t, fresh)
	crowd(t, fresh)

	path := copyOf(t, goldenFile)
	require.NoError(t, open(t, path).Close())
	s := open(t, path) // this time it is of format 2
	require.NoError(t, s.Check(t.Context()), "files of users cannot be read any more")
	c := mustRead(t, s)
	require.Equal(t, mustRead(t, fresh), c)
	require.Len(t, c.Services, 42)
	require.Len(t, c.Listeners, 26)
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
}

// copyOf returns the path of a copy of a file.
func copyOf(t testing.TB, path string) string {
	t.Helper()
	copied := newPath(t)
	require.NoError(t, os.WriteFile(copied, bytesOf(t, path), 0o600))
	return copied
}
