package linear_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/stress/internal/model"
	"github.com/bindset/bindset/validate"
)

var exclusivePorts = validate.New(validate.WithExclusivePorts())

// testLinearizable checks a store with and without rule V6, which reads what
// other services have.
func testLinearizable(t *testing.T, count int, open func(t *testing.T) store.Store) {
	if *histories > 0 {
		count = *histories
	}
	for name, rules := range map[string]*validate.Validator{"default rules": validate.New(), "exclusive ports": exclusivePorts} {
		t.Run(name, func(t *testing.T) {
			newRecorder(open(t), rules, 1).requireLinearizable(t, (count+1)/2)
		})
		t.Run(name+", moving between hosts", func(t *testing.T) {
			newRecorder(open(t), rules, 2).requireLinearizable(t, (count+1)/2)
		})
	}
	t.Run("of services that claim one port at once one wins", func(t *testing.T) {
		r := newRecorder(open(t), exclusivePorts, 1)
		for range count {
			require.Equal(t, 1, r.race(t))
		}
	})
}

// race has all services of a new host claim one port at once, and returns how
// many got it.
func (r *recorder) race(t *testing.T) (winners int) {
	t.Helper()
	n := r.groups
	r.groups++
	require.NoError(t, model.Create(t.Context(), r.manager, n, r.size))
	_, err := model.Run(t.Context(), r.manager, model.Op{Group: n, Kind: model.CreateService, Service: model.Services - 1})
	require.NoError(t, err)

	start := make(chan struct{})
	codes := make(chan binding.Code, model.Services)
	errs := make(chan error, model.Services)
	for s := range model.Services {
		go func() {
			<-start
			result, err := model.Run(t.Context(), r.manager, model.Op{
				Group: n, Kind: model.CreateBinding, Service: s, Binding: s, Target: model.PortEverywhere,
			})
			codes <- result.Code
			errs <- err
		}()
	}
	close(start)
	for range model.Services {
		require.NoError(t, <-errs)
		if code := <-codes; code == "" {
			winners++
		} else {
			require.Equal(t, validate.ErrPortClaimed, code)
		}
	}
	return winners
}

func TestMemstore(t *testing.T) {
	testLinearizable(t, 100, func(*testing.T) store.Store { return memstore.New() })
}

func TestPgstore(t *testing.T) {
	testLinearizable(t, 10, func(t *testing.T) store.Store {
		store, err := pgstore.Open(t.Context(), pgtest.DSN(t), pgstore.WithSchema(pgtest.Schema(t)), pgstore.WithAttempts(1000))
		require.NoError(t, err)
		t.Cleanup(func() {
			t.Logf("%+v", store.Stats())
			store.Close()
		})
		require.NoError(t, store.Migrate(t.Context()))
		return store
	})
}
