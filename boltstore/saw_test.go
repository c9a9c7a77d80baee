package boltstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/store"
)

// TestAScanThatSeesTheSameWritesAFewPages compares a scan of a host with a hundred
// services, in a file with many others, with putting all of its bindings again.
func TestAScanThatSeesTheSameWritesAFewPages(t *testing.T) {
	const hosts, services = 50, 100
	s := open(t, newPath(t))
	written := 0 // bytes, by the last commit
	s.Commits(func(tx *bbolt.Tx) error {
		err := tx.Commit()
		stats := tx.Stats()
		written = int(stats.GetPageAlloc())
		return err
	})
	hostIDs, ids := bindingtest.IDs(11, hosts), bindingtest.IDs(12, hosts*services)
	all := map[uuid.UUID]bool{}
	for i, hostID := range hostIDs {
		update(t, s, func(ctx context.Context, w store.Writer) {
			require.NoError(t, w.PutHost(ctx, aHost(hostID)))
			for n := range services {
				svc := aService(ids[n*hosts+i], int32(n)) // between those of other hosts
				svc.HostID = hostID
				all[svc.ID] = i == 0
				require.NoError(t, w.PutService(ctx, svc))
				require.NoError(t, w.PutBindings(ctx, svc.ID, []binding.Binding{scannedBinding(svc.ID, at)}, nil))
			}
			require.NoError(t, w.Saw(ctx, hostID, at, uuid.UUID{1}, []uuid.UUID{hostID}))
		})
	}
	seen := []uuid.UUID{hostIDs[0], iface, address, port}
	for id, here := range all {
		if here {
			seen = append(seen, id) // which is that of its binding too
		}
	}
	scan := func(hour int) int {
		update(t, s, func(ctx context.Context, w store.Writer) {
			require.NoError(t, w.Saw(ctx, hostIDs[0], at.Add(time.Duration(hour)*time.Hour), uuid.UUID{byte(hour)}, seen))
		})
		return written
	}
	scan(1)
	again := scan(2)
	require.LessOrEqual(t, again, 6*s.DB().Info().PageSize)
	require.LessOrEqual(t, scan(3), again+s.DB().Info().PageSize)

	update(t, s, func(ctx context.Context, w store.Writer) {
		for id, here := range all {
			if here {
				require.NoError(t, w.PutBindings(ctx, id, []binding.Binding{scannedBinding(id, at.Add(4*time.Hour))}, nil))
			}
		}
	})
	require.Greater(t, written, 10*again)
	require.NoError(t, s.Check(t.Context()))
}

func scannedBinding(serviceID uuid.UUID, seen time.Time) binding.Binding {
	return binding.Binding{
		ID: serviceID, ServiceID: serviceID, Target: binding.Port(port, binding.AllInterfaces()),
		Sightings: binding.Sightings{LastSeenAt: seen, FirstDiscoveryID: uuid.UUID{1}, LastDiscoveryID: uuid.UUID{1}},
	}
}
