package bindset_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

// discovery generates what scanners see of web-1: any inventory, and services of
// few kinds with bindings of which some are broken.
func discovery() *rapid.Generator[service.Discovery] {
	return rapid.Custom(func(t *rapid.T) service.Discovery {
		pair := hosttest.Pair().Draw(t, "host and another one")
		h := pair[0].Host()
		h.ID, h.NetworkID, h.Revision = webID, network, 0
		d := service.Discovery{Host: h}
		target := rapid.OneOf(
			hosttest.AnyReference(pair[0]), hosttest.AnyReference(pair[0]), hosttest.AnyReference(pair[0]),
			hosttest.Foreign(pair[0]), rapid.Just(binding.Target{}),
		)
		for range rapid.IntRange(0, 3).Draw(t, "services") {
			d.Services = append(d.Services, service.Service{
				ID:         bindingtest.ID().Draw(t, "service"),
				Name:       rapid.SampledFrom([]string{"nginx", "unbound"}).Draw(t, "name"),
				Definition: rapid.SampledFrom([]string{"", "Web"}).Draw(t, "definition"),
				Bindings:   validatetest.Bindings(pair[0], target).Draw(t, "bindings"),
			})
		}
		return d
	})
}

func TestAnySequenceOfObservationsLeavesAValidStoreAndSeeingAgainChangesNothing(t *testing.T) {
	var runs, skipped, rewritten, absorbed, relinked int
	rapid.Check(t, func(t *rapid.T) {
		runs++
		var opts []validate.Option
		if rapid.Bool().Draw(t, "exclusive ports") {
			opts = append(opts, validate.WithExclusivePorts())
		}
		clock := epoch
		newID := endless(0x1d)
		m := bindset.NewManager(newMemstore(), bindset.WithValidator(validate.New(opts...)), bindset.WithIDs(newID),
			bindset.WithClock(func() time.Time { clock = clock.Add(time.Second); return clock }))
		observe := func(d service.Discovery) (before, after snapshot, c bindset.Change) {
			before = takeSnapshot(t, m, network)
			c, err := m.Observe(context.Background(), d)
			require.NoError(t, err)
			after = takeSnapshot(t, m, network)
			RequireValid(t, after)
			RequireAccounts(t, before, after, c)
			requireNothingLost(t, before, after, c)
			return before, after, c
		}
		for range rapid.IntRange(1, 4).Draw(t, "scans") {
			d := rescan(discovery().Draw(t, "scan"), newID)
			before, after, c := observe(d)
			requireObservedIsAccounted(t, d, after, c)
			skipped += len(c.Skipped)
			rewritten, absorbed = rewritten+len(c.Rewritten), absorbed+len(c.Absorbed)
			if len(before.hosts) > 0 && len(c.Hosts) > 0 {
				relinked++
			}

			first, second, again := observe(rescan(d, newID))
			require.Empty(t, slices.Concat(again.Added, again.Updated, again.Removed))
			require.Empty(t, again.Dropped)
			require.Empty(t, slices.Concat(again.Hosts, again.Services))
			require.Equal(t, unseen(first), unseen(second))
		}
	})
	for what, n := range map[string]int{
		"skipped": skipped, "rewritten": rewritten, "absorbed": absorbed, "host changed": relinked,
	} {
		t.Logf("%s: %d times in %d runs", what, n, runs)
		if !testing.Short() {
			require.Greater(t, n, runs/50, "%s: hardly ever happened", what)
		}
	}
}

// endless returns a source of IDs.
func endless(series byte) func() uuid.UUID {
	n := 0
	return func() uuid.UUID {
		n++
		return uuid.UUID{0: series, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
	}
}

// unseen returns what is stored without when and by what it was last seen.
func unseen(s snapshot) snapshot {
	hosts, bindings := map[uuid.UUID]host.Host{}, map[uuid.UUID]binding.Binding{}
	for id, h := range s.hosts {
		hosts[id] = unseenHost(h)
	}
	for id, b := range s.bindings {
		b.LastSeenAt, b.LastDiscoveryID = time.Time{}, uuid.Nil
		bindings[id] = b
	}
	s.hosts, s.bindings = hosts, bindings
	s.services = nil // their fields are in the Change, which is empty
	return s
}

// requireNothingLost checks that stored bindings go for precedence or displacement
// alone, a service only when displacement left a discovered one without any, and no
// host or child of a host at all.
func requireNothingLost(t require.TestingT, before, after snapshot, c bindset.Change) {
	require.Empty(t, c.Removed)
	displaced := map[uuid.UUID]bool{}
	for _, d := range c.Displaced {
		displaced[d.Binding.ServiceID] = true
	}
	for id, s := range before.services {
		if now, stays := after.services[id]; stays {
			require.Equal(t, s.Name, now.Name)
			continue
		}
		require.True(t, displaced[id], "service %s is gone, and nothing of it was displaced", s.Name)
		require.NotEqual(t, service.SourceManual, s.Source.Type)
	}
	for id, h := range before.hosts {
		require.Equal(t, h.Name, after.hosts[id].Name)
		now := map[uuid.UUID]bool{}
		for _, childID := range children(after.hosts[id]) {
			now[childID] = true
		}
		for _, childID := range children(h) {
			require.True(t, now[childID], "child %s is gone", childID)
		}
	}
	for _, d := range c.Dropped {
		if d.Reason == validate.Duplicate {
			continue // two names of one place that V0 made one
		}
		inv, err := host.NewInventory(after.hosts[webID])
		require.NoError(t, err)
		require.True(t, inv.Covers(d.By.Target.Scope(), inv.Canonical(d.Binding.Target).Scope()))
	}
}

func children(h host.Host) (ids []uuid.UUID) {
	for _, f := range h.Interfaces {
		ids = append(ids, f.ID)
	}
	for _, a := range h.IPAddresses {
		ids = append(ids, a.ID)
	}
	for _, p := range h.Ports {
		ids = append(ids, p.ID)
	}
	return ids
}

// requireObservedIsAccounted checks that every observed port is there, and that
// every observed binding is stored, covered by what is stored, or skipped: as
// many as there are, by port and service name.
func requireObservedIsAccounted(t require.TestingT, d service.Discovery, after snapshot, c bindset.Change) {
	stored := map[string]bool{}
	for _, p := range after.hosts[webID].Ports {
		stored[p.String()] = true
	}
	for _, p := range d.Host.Ports {
		require.True(t, stored[p.String()], "%s was seen", p)
	}
	seen, paths := 0, map[string]bool{}
	for _, s := range d.Services {
		seen += len(s.Bindings)
	}
	for _, s := range c.Skipped {
		if s.Violation.Path != "" {
			require.False(t, paths[s.Violation.Path], "skipped twice: %s", s.Violation.Path)
			paths[s.Violation.Path] = true
		}
	}
	require.LessOrEqual(t, len(c.Added)+len(c.Absorbed)+len(paths), seen)
	if seen > len(paths) {
		require.NotEmpty(t, after.bindings, "what was not skipped is stored")
	}
}
