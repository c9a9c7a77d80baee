package linear_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/store"
)

func TestBoltstore(t *testing.T) {
	testLinearizable(t, 30, func(t *testing.T) store.Store {
		store, err := boltstore.Open(filepath.Join(t.TempDir(), "bindset.db"))
		require.NoError(t, err)
		t.Cleanup(func() {
			require.NoError(t, store.Check(context.Background()))
			require.NoError(t, store.Close())
		})
		return store
	})
}
