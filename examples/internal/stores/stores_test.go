package stores

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFlagIsKindAndPlace(t *testing.T) {
	for name, want := range map[string]Flag{
		"mem":                           {"mem", ""},
		"bolt:/var/lib/x.db":            {"bolt", "/var/lib/x.db"},
		"bolt:C:/x.db":                  {"bolt", "C:/x.db"},
		"postgres:host=/tmp dbname=x":   {"postgres", "host=/tmp dbname=x"},
		"postgres://me:secret@db:5432/": {"postgres", "postgres://me:secret@db:5432/"},
	} {
		var f Flag
		require.NoError(t, f.Set(name))
		require.Equal(t, want, f)
	}
}

func TestAFlagThatNamesNoStoreIsRefused(t *testing.T) {
	for _, name := range []string{"", "floppy:A", "mem:here", "bolt", "bolt:", "postgres:", "postgres:port=nine", "postgres://["} {
		var f Flag
		require.Error(t, f.Set(name), name)
		require.Zero(t, f)
	}
}

func TestAFlagDoesNotShowAPassword(t *testing.T) {
	var f Flag
	require.Equal(t, "mem", f.String())
	require.NoError(t, f.Set("postgres://me:secret@db/x"))
	require.Equal(t, "postgres", f.String())
}
