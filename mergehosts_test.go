package bindset_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

var recordID = uuid.UUID{0xbb}

// other makes a scan one of another record of web-1.
func (s *sight) other() *sight {
	s.Host.ID = recordID
	return s
}

// merges runs MergeHosts of the other record into web-1.
func (f *fixture) merges(opts ...bindset.MoveOption) bindset.Change {
	f.Helper()
	change := f.does(func() (bindset.Change, error) { return f.MergeHosts(f.ctx, webID, recordID, opts...) })
	RequireValid(f, f.snapshot())
	require.NotContains(f, f.snapshot().hosts, recordID)
	return change
}

func TestTwoRecordsOfOneMachineAreMerged(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	s := look().nic("eth0", mac1).ip("192.0.2.5", "eth0")
	f.sees(s.runs("SSH", "ssh", s.on("22/tcp", "192.0.2.5")))
	s = look().other().nic("eth1", mac2).ip("192.0.2.6", "eth1")
	s.runs("SSH", "ssh", s.on("22/tcp", "192.0.2.6")).runs("Nginx", "nginx", s.all("80/tcp"))
	f.sees(s)
	before := f.snapshot()
	ssh, moved := f.stored(s.Services[0].ID), f.stored(s.Services[1].ID)

	change := f.merges()
	require.Equal(t, []string{
		"nginx: 80/tcp on all interfaces", "ssh: 22/tcp on 192.0.2.5 (eth0)", "ssh: 22/tcp on 192.0.2.6 (eth1)",
	}, f.lines())
	after := f.snapshot()
	require.Len(t, after.services, 2)
	require.Contains(t, change.Became, bindset.Became{From: recordID, To: webID})
	require.Contains(t, change.Became, bindset.Became{From: ssh.ID, To: f.named("ssh").ID})
	require.Equal(t, moved.Revision+1, after.services[moved.ID].Revision)
	require.Equal(t, moved.Bindings[0].ID, after.services[moved.ID].Bindings[0].ID)
	did := map[uuid.UUID]bindset.Did{}
	for _, e := range append(change.Hosts, change.Services...) {
		did[e.ID] = e.Did
	}
	require.Equal(t, map[uuid.UUID]bindset.Did{
		webID: bindset.Updated, recordID: bindset.Merged, ssh.ID: bindset.Merged, f.named("ssh").ID: bindset.Updated, moved.ID: bindset.Updated,
	}, did)
	for id, b := range before.bindings {
		require.Equal(t, b.Sightings, after.bindings[id].Sightings, "everything keeps its own Sightings")
	}

	f.sees(look().nic("eth1", mac2).nic("eth0", mac1).ip("192.0.2.5", "eth0").ip("192.0.2.6", "eth1"))
	require.Len(t, f.snapshot().hosts[webID].IPAddresses, 2)
}

func TestWhatOneOfTwoRecordsStatesIsStated(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	f.sees(func() *sight { s := look(); return s.runs("SSH", "ssh", s.all("22/tcp")) }())
	s := look().other()
	h := s.runs("SSH", "ssh", s.all("22/tcp")).Host
	_, _, err := f.CreateHost(f.ctx, h, []service.Draft{{Name: "ssh", Definition: "SSH", Bindings: s.Services[0].Bindings}})
	require.NoError(t, err)
	stated := s.Services[0].Bindings[0].ID

	change := f.merges()
	kept := f.named("ssh").Bindings[0]
	require.True(t, kept.Stated())
	require.False(t, kept.LastSeenAt.IsZero(), "it was seen, too")
	require.Contains(t, change.Became, bindset.Became{From: stated, To: kept.ID})
	require.Equal(t, service.SourceManual, f.named("ssh").Source.Type)
}

func TestMergingHostsRefusesOrDropsWhatBreaksARule(t *testing.T) {
	f := newFixture(t, exclusivePorts(), bindset.WithIDs(uuid.New))
	f.sees(func() *sight { s := look(); return s.runs("Apache", "apache", s.all("80/tcp")) }())
	f.sees(func() *sight {
		s := look().other()
		return s.runs("Nginx", "nginx", s.all("80/tcp"), s.all("443/tcp"))
	}())
	violations := f.violates(validate.ErrPortClaimed, func() error {
		_, err := f.MergeHosts(f.ctx, webID, recordID)
		return err
	})
	require.Regexp(t, `^services\[0\]\.bindings\[[01]\]$`, violations[0].Path)
	change := f.merges(bindset.DropUnfit())
	require.Len(t, change.Skipped, 1)
	require.Len(t, change.Removed, 1)
	require.Empty(t, change.Displaced, "nothing gives way")
	require.Equal(t, []string{"apache: 80/tcp on all interfaces", "nginx: 443/tcp on all interfaces"}, f.lines())
}

func TestMergingHostsIsRefusedWhereItCannotBe(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	_, _, err := f.CreateHost(f.ctx, host.Host{ID: recordID, NetworkID: unknown[0]}, nil)
	require.NoError(t, err)
	merge := func(into, from uuid.UUID, opts ...bindset.MoveOption) func() error {
		return func() error { _, err := f.MergeHosts(f.ctx, into, from, opts...); return err }
	}
	f.invalidAt("from", merge(webID, webID))
	require.ErrorIs(t, merge(webID, unknown[1])(), store.ErrNotFound)
	require.ErrorIs(t, merge(unknown[1], webID)(), store.ErrNotFound)
	require.ErrorIs(t, merge(webID, recordID, bindset.IfRevision(7))(), store.ErrStale)
	f.violates(validate.ErrNetworkMismatch, merge(webID, recordID))
}

func TestChildrenOfMergedHostsAreFoundToBeOne(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	f.sees(look().nic("eth0", mac1).own("eth1", "192.0.2.6"))
	s := look().other().nic("enp3s0", mac1).ip("192.0.2.5", "enp3s0").nic("lan", "").ip("192.0.2.6", "lan")
	f.sees(s.runs("DNS", "dns", binding.Port(s.port("53/udp"), s.place("192.0.2.6"))))
	f.merges()
	h := f.snapshot().hosts[webID]
	require.Len(t, h.Interfaces, 2, "eth0 and lan: what eth1 was is an IP address of its own")
	require.Equal(t, "eth0", h.Interfaces[0].Name, "what the host knows comes first")
	require.Len(t, h.IPAddresses, 2)
	require.Equal(t, []string{"dns: 53/udp on 192.0.2.6 (lan)"}, f.lines())
}
