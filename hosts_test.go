package bindset_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

func (f *fixture) putHost(h host.Host, opts ...bindset.PutHostOption) (stored host.Host, change bindset.Change) {
	f.Helper()
	change = f.does(func() (c bindset.Change, err error) {
		stored, c, err = f.PutHost(f.ctx, h, opts...)
		return c, err
	})
	require.Equal(f, f.snapshot().hosts[h.ID], stored, "what is returned is what is stored")
	return stored, change
}

func (f *fixture) putting(h host.Host, opts ...bindset.PutHostOption) func() error {
	return func() error {
		stored, change, err := f.PutHost(f.ctx, h, opts...)
		require.Zero(f, stored)
		require.True(f, change.IsZero())
		return err
	}
}

// without returns a host without one of its children, and without links to it.
func without(h host.Host, id uuid.UUID) host.Host {
	var rest host.Host
	rest.ID, rest.NetworkID, rest.Name = h.ID, h.NetworkID, h.Name
	for _, i := range h.Interfaces {
		if i.ID != id {
			rest.Interfaces = append(rest.Interfaces, i)
		}
	}
	for _, a := range h.IPAddresses {
		if a.InterfaceID == id {
			a.InterfaceID = uuid.Nil
		}
		if a.ID != id {
			rest.IPAddresses = append(rest.IPAddresses, a)
		}
	}
	for _, p := range h.Ports {
		if p.ID != id {
			rest.Ports = append(rest.Ports, p)
		}
	}
	return rest
}

func TestCreateHostStoresServicesInOrder(t *testing.T) {
	f := newFixture(t)
	h := web1()
	h.Revision = 9
	h.IPAddresses[0].Address = netip.MustParseAddr("::ffff:10.0.0.5")
	var stored host.Host
	var services []service.Service
	change := f.does(func() (change bindset.Change, err error) {
		var onHost service.HostWithServices
		onHost, change, err = f.CreateHost(f.ctx, h, []service.Draft{
			{Name: "nginx", HostID: unknown[0], Bindings: set(everywhere(https), onAddress(https, addr5))},
			{Name: "unbound", ID: unknown[1], Bindings: set(everywhere(dns))},
		})
		stored, services = onHost.Host, onHost.Services
		return change, err
	})
	want := web1()
	want.Revision = 1
	require.Equal(t, want, stored, "addresses are unmapped")
	require.Equal(t, stored, f.snapshot().hosts[webID])
	require.Len(t, services, 2)
	for i, s := range services {
		require.Equal(t, f.stored(s.ID), s)
		require.Equal(t, webID, s.HostID)
		require.EqualValues(t, i, s.Position)
		require.Equal(t, "Manual", s.Source.Type)
	}
	require.Equal(t, unknown[1], services[1].ID)
	require.Len(t, change.Dropped, 1)
	require.Len(t, change.Added, 2)
}

func TestCreateHostAssignsItsID(t *testing.T) {
	f := newFixture(t)
	h := web1()
	h.ID = uuid.Nil
	onHost, _, err := f.CreateHost(f.ctx, h, nil)
	stored := onHost.Host
	require.NoError(t, err)
	require.NotEqual(t, uuid.Nil, stored.ID)
	require.Contains(t, f.snapshot().hosts, stored.ID)
}

func TestCreateHostRefuses(t *testing.T) {
	f := newFixture(t)
	s := f.withHost(set(everywhere(https)))[0]
	other := web1()
	other.ID = unknown[3]
	create := func(h host.Host, drafts ...service.Draft) func() error {
		return func() error {
			onHost, change, err := f.CreateHost(f.ctx, h, drafts)
			stored, services := onHost.Host, onHost.Services
			require.Zero(t, stored)
			require.Nil(t, services)
			require.True(t, change.IsZero())
			return err
		}
	}
	t.Run("a host that is there", func(t *testing.T) { f.refuses(store.ErrExists, create(web1())) })
	t.Run("the ID of another service", func(t *testing.T) {
		f.refuses(store.ErrExists, create(other, service.Draft{ID: s.ID}))
		f.refuses(store.ErrExists, create(other, service.Draft{ID: unknown[0]}, service.Draft{ID: unknown[0]}))
	})
	t.Run("the ID of another binding", func(t *testing.T) {
		f.refuses(store.ErrExists, create(other, service.Draft{Bindings: s.Bindings}))
		b := []binding.Binding{{ID: unknown[0], Target: everywhere(https)}}
		f.refuses(store.ErrExists, create(other, service.Draft{Bindings: b}, service.Draft{Bindings: b}))
	})
	t.Run("no network", func(t *testing.T) {
		h := other
		h.NetworkID = uuid.Nil
		f.invalidAt("network_id", create(h))
	})
	t.Run("a malformed host", func(t *testing.T) {
		h := other.Clone()
		h.IPAddresses[1].InterfaceID = unknown[0]
		f.invalidAt("ip_addresses[1].interface_id", create(h))
	})
	t.Run("the violations of all drafts at once, by rule", func(t *testing.T) {
		violations := f.violates(validate.ErrNetworkMismatch, create(other,
			service.Draft{Bindings: set(everywhere(https), binding.Interface(eth0))},
			service.Draft{Bindings: set(everywhere(http80), everywhere(unknown[0]))},
			service.Draft{Bindings: set(everywhere(dns))},
			service.Draft{NetworkID: unknown[0], Bindings: set(everywhere(dns))},
		))
		var found []string
		for _, v := range violations {
			found = append(found, fmt.Sprintf("%s %s %d", v.Rule, v.Path, v.Index))
		}
		require.Equal(t, []string{
			"V2 services[3].network_id -1", "V2 services[1].bindings[1] 1", "V5 services[0].bindings[1] 1",
		}, found)
	})
}

func TestDeleteHost(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(set(everywhere(https)), set(everywhere(dns)))
	remove := func(opts ...bindset.DeleteHostOption) func() error {
		return func() error { _, err := f.DeleteHost(f.ctx, webID, opts...); return err }
	}
	err := f.refuses(store.ErrInUse, remove())
	require.ErrorContains(t, err, "host web-1: services still run on it: nginx, unbound; delete them first, or ask for Cascade")
	var inUse *store.EntityError
	require.ErrorAs(t, err, &inUse)
	require.Equal(t, append(services[0].Bindings, services[1].Bindings...), inUse.Users)
	f.refuses(store.ErrStale, remove(bindset.Cascade(), bindset.IfRevision(2)))

	change := f.does(func() (bindset.Change, error) {
		return f.DeleteHost(f.ctx, webID, bindset.Cascade(), bindset.IfRevision(1))
	})
	require.Equal(t, inUse.Users, change.Removed)
	require.Len(t, change.Services, 2)
	require.Empty(t, f.snapshot().hosts)
	f.refuses(store.ErrNotFound, remove())

	f.withHost()
	f.does(func() (bindset.Change, error) { return f.DeleteHost(f.ctx, webID) })
}

func TestDeleteHostNamesFiveOfTheServicesThatStillRun(t *testing.T) {
	f := newFixture(t)
	var drafts []service.Draft
	for n := range 7 {
		drafts = append(drafts, service.Draft{Name: fmt.Sprint("s", n)})
	}
	_, _, err := f.CreateHost(f.ctx, web1(), drafts)
	require.NoError(t, err)
	err = f.refuses(store.ErrInUse, func() error { _, err := f.DeleteHost(f.ctx, webID); return err })
	require.ErrorContains(t, err, "services still run on it: s0, s1, s2, s3, s4 and 2 more; delete them first")
}

func TestPutHostCreatesOrReplaces(t *testing.T) {
	f := newFixture(t)
	h, change := f.putHost(web1())
	require.EqualValues(t, 1, h.Revision)
	require.Equal(t, bindset.Added, change.Hosts[0].Did)

	h.Name, h.Ports = "web-1.example", h.Ports[:1]
	h, change = f.putHost(h)
	require.EqualValues(t, 2, h.Revision)
	require.Equal(t, bindset.Updated, change.Hosts[0].Did)

	h.IPAddresses[0].Address = netip.MustParseAddr("::ffff:10.0.0.5")
	h.Revision = 0
	_, change = f.putHost(h)
	require.True(t, change.IsZero(), "the same inventory is no change")
}

func TestPutHostChecksRevisions(t *testing.T) {
	f := newFixture(t)
	f.refuses(store.ErrNotFound, f.putting(web1(), bindset.IfExists()))
	f.refuses(store.ErrNotFound, f.putting(web1(), bindset.IfRevision(1)))
	stale := web1()
	stale.Revision = 1
	f.refuses(store.ErrNotFound, f.putting(stale))

	h, _ := f.putHost(web1())
	f.refuses(store.ErrStale, f.putting(h, bindset.IfRevision(2)))
	stale.Revision = 2
	f.refuses(store.ErrStale, f.putting(stale))
	h.Name = "renamed"
	h, _ = f.putHost(h, bindset.IfRevision(1), bindset.IfExists())
	require.EqualValues(t, 2, h.Revision)
}

func TestAHostStaysInItsNetwork(t *testing.T) {
	f := newFixture(t)
	h, _ := f.putHost(web1())
	h.NetworkID = unknown[0]
	violations := f.violates(validate.ErrNetworkMismatch, f.putting(h))
	require.Equal(t, "network_id", violations[0].Path)
	require.Contains(t, violations[0].Message, "host web-1 is in network")
	h.Revision = 7
	f.refuses(store.ErrStale, f.putting(h))
}

func TestPutHostRefusesWhatCannotBe(t *testing.T) {
	f := newFixture(t)
	for path, wrong := range map[string]func(*host.Host){
		"id":                            func(h *host.Host) { h.ID = uuid.Nil },
		"network_id":                    func(h *host.Host) { h.NetworkID = uuid.Nil },
		"name":                          func(h *host.Host) { h.Name = "\xff" },
		"ports[1].number":               func(h *host.Host) { h.Ports[1] = h.Ports[0]; h.Ports[1].ID = unknown[0] },
		"ip_addresses[0].interface_id":  func(h *host.Host) { h.IPAddresses[0].InterfaceID = wlan0 },
		"interfaces[1].id":              func(h *host.Host) { h.Interfaces[1].ID = eth0 },
		"ip_addresses[2].ip_address":    func(h *host.Host) { h.IPAddresses[2].Address = netip.Addr{} },
		"ip_addresses[1].interface_id ": func(h *host.Host) { h.IPAddresses[1].InterfaceID = unknown[0] },
	} {
		t.Run(path, func(t *testing.T) {
			h := web1()
			wrong(&h)
			f.invalidAt(strings.TrimSpace(path), f.putting(h))
		})
	}
}

func TestPutHostAndSightings(t *testing.T) {
	f := newFixture(t)
	seen := func(second int, id uuid.UUID) binding.Sightings {
		return binding.Sightings{LastSeenAt: epoch.Add(time.Duration(second) * time.Second), FirstDiscoveryID: id, LastDiscoveryID: id}
	}
	h := web1()
	h.Sightings, h.Ports[0].Sightings = seen(0, unknown[0]), seen(3600, unknown[0])
	was, _ := f.putHost(h)
	require.Equal(t, f.now(), was.Ports[0].LastSeenAt, "a time later than now is now")
	require.Equal(t, seen(0, unknown[0]), was.Sightings)

	again := was.Clone()
	again.Sightings, again.Ports[0].Sightings, again.Ports[1].Sightings = seen(1, unknown[1]), seen(-1, unknown[1]), seen(1, unknown[1])
	now, change := f.putHost(again)
	require.True(t, change.IsZero(), "to be seen is no change")
	require.Equal(t, binding.Sightings{LastSeenAt: epoch.Add(time.Second), FirstDiscoveryID: unknown[0], LastDiscoveryID: unknown[1]}, now.Sightings)
	require.Equal(t, was.Ports[0].Sightings, now.Ports[0].Sightings, "none goes back")
	require.Equal(t, binding.Sightings{LastSeenAt: epoch.Add(time.Second), LastDiscoveryID: unknown[1]}, now.Ports[1].Sightings, "what is stated stays so")
	require.Equal(t, now, f.snapshot().hosts[webID])

	h = web1()
	h.Ports[0].LastSeenAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	f.invalidAt("ports[0].last_seen_at", f.putting(h))
}

func TestPutHostRefusesWhileBindingsUseWhatGoesAway(t *testing.T) {
	for name, c := range map[string]struct {
		gone  uuid.UUID
		uses  binding.Target
		named string
	}{
		"a port":       {https, everywhere(https), "nginx uses 443/tcp on all interfaces"},
		"an interface": {eth1, binding.Interface(eth1), "nginx uses presence at eth1"},
		"an address":   {addr5, onAddress(http80, addr5), "nginx uses 80/tcp on 10.0.0.5 (eth0)"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			was := f.withHost(set(onInterface(dns, wlan0), c.uses), set(onInterface(dns, wlan0)))[0]
			slicesByTarget(was.Bindings, []binding.Target{onInterface(dns, wlan0)})
			next := without(web1(), c.gone)

			err := f.refuses(store.ErrInUse, f.putting(next))
			var inUse *store.EntityError
			require.ErrorAs(t, err, &inUse)
			require.Equal(t, was.Bindings[1:], inUse.Users)
			require.Equal(t, "host web-1: what would go away is still in use: "+c.named+
				"; change or delete these bindings first, or ask for Cascade", err.Error())

			_, change := f.putHost(next, bindset.Cascade())
			require.Equal(t, was.Bindings[1:], change.Removed)
			require.Len(t, change.Services, 1)
			require.Equal(t, was.Bindings[:1], f.stored(was.ID).Bindings)
		})
	}
}

func TestInUseMessagesAreShortWhateverUsesAHost(t *testing.T) {
	f := newFixture(t)
	h := web1()
	h.Ports = nil
	var targets []binding.Target
	for i, id := range bindingtest.IDs(0xcafe, 100) {
		h.Ports = append(h.Ports, host.Port{ID: id, Number: uint16(i + 1), Protocol: host.TCP})
		targets = append(targets, everywhere(id))
	}
	drafts := make([]service.Draft, 20)
	for i := range drafts {
		drafts[i] = service.Draft{Name: strings.Repeat("x", 100), Bindings: set(targets...)}
	}
	m := bindset.NewManager(f.store)
	_, _, err := m.CreateHost(f.ctx, h, drafts)
	require.NoError(t, err)
	h.Ports = nil
	for _, refused := range []func() error{
		f.putting(h),
		func() error { _, err := f.DeleteHost(f.ctx, webID); return err },
	} {
		err := f.refuses(store.ErrInUse, refused)
		require.Less(t, len(err.Error()), 1000)
		require.Contains(t, err.Error(), " more; ")
		var inUse *store.EntityError
		require.ErrorAs(t, err, &inUse)
		require.Len(t, inUse.Users, 20*100)
	}
}

func TestPutHostDropsWhatANewLinkSupersedes(t *testing.T) {
	f := newFixture(t)
	was := f.withHost(set(onInterface(https, eth1), onAddress(https, loop), everywhere(http80)), set(everywhere(dns)))
	slicesByTarget(was[0].Bindings, []binding.Target{onInterface(https, eth1), onAddress(https, loop)})
	next := web1()
	next.IPAddresses[2].InterfaceID = eth1
	_, change := f.putHost(next)
	require.Equal(t, []bindset.Dropped{{
		Binding: was[0].Bindings[1], By: was[0].Bindings[0], Reason: validate.Superseded,
	}}, change.Dropped)
	require.Len(t, change.Services, 1, "the other service did not change")
	require.Equal(t, was[1], f.stored(was[1].ID))
}

func TestPutHostRewritesReferencesAcrossDialects(t *testing.T) {
	f := newFixture(t)
	was := f.withHost(set(onInterface(https, wlan0), binding.IPAddress(loop)))[0]
	slicesByTarget(was.Bindings, []binding.Target{onInterface(https, wlan0)})
	next := without(without(web1(), wlan0), loop)
	next.IPAddresses = append(next.IPAddresses, host.IPAddress{ID: wlan0, Address: netip.MustParseAddr("192.168.1.7")})
	next.Interfaces = append(next.Interfaces, host.Interface{ID: loop, Address: netip.MustParseAddr("127.0.0.1")})
	_, change := f.putHost(next)
	now := f.stored(was.ID)
	require.ElementsMatch(t, []binding.Target{onAddress(https, wlan0), binding.Interface(loop)}, targetsOf(now.Bindings))
	require.Len(t, change.Rewritten, 2)
	require.Len(t, change.Updated, 2)
	for _, r := range change.Rewritten {
		require.Contains(t, was.Bindings, r.From)
		require.Contains(t, now.Bindings, r.To)
	}

	next.Interfaces = next.Interfaces[:2]
	f.refuses(store.ErrInUse, f.putting(next))
}

func TestPutHostRefusesWhatANewLinkMakesConflict(t *testing.T) {
	f := newFixture(t)
	services := f.withHost(
		set(everywhere(dns), everywhere(http80)),
		set(everywhere(https)),
		set(onInterface(http80, eth0), onInterface(https, eth1), binding.IPAddress(loop)),
	)
	slicesByTarget(services[0].Bindings, []binding.Target{everywhere(dns)})
	next := without(web1(), dns)
	next.IPAddresses[2].InterfaceID = eth1
	f.refuses(store.ErrInUse, f.putting(next))
	violations := f.violates(validate.ErrConflict, f.putting(next, bindset.Cascade()))
	require.Len(t, violations, 1)
	v := violations[0]
	require.Equal(t, fmt.Sprintf("services[2].bindings[%d]", v.Index), v.Path)
	require.Equal(t, f.stored(services[2].ID).Bindings[v.Index], v.Binding)
	require.Contains(t, v.Message, "service sshd: ")
}

func TestPutHostTellsTheViolationsOfAllServices(t *testing.T) {
	f := newFixture(t)
	f.withHost(
		set(onInterface(http80, eth1), binding.IPAddress(loop)),
		set(everywhere(dns)),
		set(onInterface(https, eth1), binding.IPAddress(loop)),
	)
	next := web1()
	next.IPAddresses[2].InterfaceID = eth1
	violations := f.violates(validate.ErrConflict, f.putting(next))
	require.Len(t, violations, 2)
	require.Contains(t, violations[0].Path, "services[0].")
	require.Contains(t, violations[1].Path, "services[2].")
}

func TestViolationsAfterACascade(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	ids := bindingtest.IDs(0xb1, 3)
	s, _ := f.createService(service.Draft{HostID: webID, Bindings: []binding.Binding{
		{ID: ids[0], Target: everywhere(dns)},
	}})
	s, _ = f.updateService(service.Service{ID: s.ID, Bindings: []binding.Binding{
		{ID: ids[0], Target: onInterface(dns, wlan0)},
		{ID: ids[1], Target: onInterface(https, eth1)},
		{ID: ids[2], Target: binding.IPAddress(loop)},
	}})
	next := without(web1(), dns)
	next.IPAddresses[2].InterfaceID = eth1
	violations := f.violates(validate.ErrConflict, f.putting(next, bindset.Cascade()))
	require.Len(t, violations, 1)
	require.Equal(t, 2, violations[0].Index)
	require.Equal(t, "services[0].bindings[2]", violations[0].Path)
	require.Equal(t, s.Bindings[2], violations[0].Binding)
	require.Equal(t, s.Bindings[1], violations[0].Other)
}
