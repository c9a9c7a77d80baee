package bindset_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// observes runs Observe, which must succeed as does demands.
func (f *fixture) observes(d service.Discovery) bindset.Change {
	f.Helper()
	return f.does(func() (bindset.Change, error) { return f.Observe(f.ctx, d) })
}

// only returns the one service that is stored.
func (f *fixture) only() service.Service {
	f.Helper()
	services := f.snapshot().services
	require.Len(f, services, 1)
	for _, s := range services {
		return s
	}
	panic("unreachable")
}

// nginx returns what a scanner sees of a service.
func nginx(bindings ...binding.Binding) service.Service {
	return service.Service{Name: "nginx", Definition: "Web", Source: service.Source{Type: "DiscoveryWithMatch"}, Bindings: bindings}
}

func scan(h host.Host, services ...service.Service) service.Discovery {
	return service.Discovery{Host: h, Services: services}
}

// rescan returns the same scan with every ID fresh but the host's.
func rescan(d service.Discovery, newID func() uuid.UUID) service.Discovery {
	fresh := map[uuid.UUID]uuid.UUID{uuid.Nil: uuid.Nil}
	rename := func(id uuid.UUID) uuid.UUID {
		if _, ok := fresh[id]; !ok {
			fresh[id] = newID()
		}
		return fresh[id]
	}
	again := service.Discovery{Host: d.Host.Clone()}
	for i := range again.Host.Interfaces {
		again.Host.Interfaces[i].ID = rename(again.Host.Interfaces[i].ID)
	}
	for i := range again.Host.IPAddresses {
		a := &again.Host.IPAddresses[i]
		a.ID, a.InterfaceID = rename(a.ID), rename(a.InterfaceID)
	}
	for i := range again.Host.Ports {
		again.Host.Ports[i].ID = rename(again.Host.Ports[i].ID)
	}
	for _, s := range d.Services {
		s = s.Clone()
		s.ID = rename(s.ID)
		for i := range s.Bindings {
			b := &s.Bindings[i]
			b.ID, b.Target = rename(b.ID), renamed(b.Target, rename)
		}
		again.Services = append(again.Services, s)
	}
	return again
}

func renamed(t binding.Target, rename func(uuid.UUID) uuid.UUID) binding.Target {
	scope := t.Scope()
	if id, ok := scope.InterfaceID(); ok {
		scope = binding.OnInterface(rename(id))
	} else if id, ok := scope.IPAddressID(); ok {
		scope = binding.OnIPAddress(rename(id))
	}
	if id, ok := t.PortID(); ok {
		return binding.Port(rename(id), scope)
	}
	return t.WithScope(scope)
}

func TestObserveCreatesWhatIsNew(t *testing.T) {
	f := newFixture(t)
	seenAt, createdAt := epoch.Add(-time.Hour), epoch.Add(-2*time.Hour)
	seen := nginx(binding.Binding{Target: everywhere(https), ID: unknown[1], Sightings: binding.Sightings{LastSeenAt: seenAt, LastDiscoveryID: unknown[3]}, CreatedAt: createdAt})
	seen.ID, seen.CreatedAt, seen.Tags = unknown[2], createdAt, []string{"web"}
	change := f.observes(scan(web1(), seen))

	require.Len(t, change.Hosts, 1)
	require.Len(t, change.Added, 1)
	s := f.only()
	require.Equal(t, unknown[2], s.ID)
	require.Equal(t, service.Source{Type: "DiscoveryWithMatch"}, s.Source)
	require.Equal(t, createdAt, s.CreatedAt)
	require.Equal(t, []string{"web"}, s.Tags)
	b := s.Bindings[0]
	require.Equal(t, unknown[1], b.ID)
	require.Equal(t, seenAt, b.LastSeenAt)
	require.Equal(t, createdAt, b.CreatedAt)
	require.Equal(t, f.now(), b.UpdatedAt)
	require.Equal(t, unknown[3], b.FirstDiscoveryID)
}

func TestObserveCreatesAHostOnWhichNothingIsSeen(t *testing.T) {
	f := newFixture(t)
	change := f.observes(scan(host.Host{ID: webID, NetworkID: network, Name: "web-1"}))
	require.Equal(t, []bindset.EntityChange{{ID: webID, HostID: webID, Name: "web-1", Did: bindset.Added, Revision: 1}}, change.Hosts)
	require.EqualValues(t, 1, f.snapshot().hosts[webID].Revision)
}

func TestAServiceKeepsItsVirtualizationUntilAnotherIsSeen(t *testing.T) {
	f := newFixture(t)
	seen := nginx()
	for _, step := range []struct {
		seen, want string
		revision   uint64
	}{{`{"type":"Docker"}`, `{"type":"Docker"}`, 1}, {"", `{"type":"Docker"}`, 1}, {`{"type":"LXC"}`, `{"type":"LXC"}`, 2}} {
		seen.Virtualization = nil
		if step.seen != "" {
			seen.Virtualization = []byte(step.seen)
		}
		f.observes(scan(web1(), seen))
		s := f.only()
		require.Equal(t, step.want, string(s.Virtualization))
		require.Equal(t, step.revision, s.Revision)
	}
}

func TestObservingAgainWithFreshIDsOnlyRefreshes(t *testing.T) {
	f := newFixture(t)
	first := scan(web1(), nginx(set(everywhere(https), onAddress(dns, addr5))...), service.Service{Name: "router", Bindings: set(binding.Interface(eth1))})
	f.observes(first)
	before := f.snapshot()

	again := rescan(first, counting(0x2f))
	again.Host.Name = "renamed"
	again.Services[0].Bindings[0].LastDiscoveryID = unknown[0]
	change := f.observes(again)
	require.True(t, change.IsZero(), "%+v", change)

	after := f.snapshot()
	require.Equal(t, unseen(before).hosts, unseen(after).hosts)
	require.Equal(t, f.now(), after.hosts[webID].LastSeenAt)
	for id, b := range after.bindings {
		require.Equal(t, f.now(), b.LastSeenAt, "seen now")
		was := before.bindings[id]
		was.LastSeenAt, was.LastDiscoveryID = b.LastSeenAt, b.LastDiscoveryID
		require.Equal(t, was, b)
	}
	for id, s := range after.services {
		require.Equal(t, before.services[id].Revision, s.Revision)
	}
}

func TestLastSeenNeverGoesBack(t *testing.T) {
	f := newFixture(t)
	seen := nginx(binding.Binding{Target: everywhere(https), Sightings: binding.Sightings{LastSeenAt: epoch, LastDiscoveryID: unknown[0]}})
	f.observes(scan(web1(), seen))
	seen.Bindings[0].LastSeenAt, seen.Bindings[0].LastDiscoveryID = epoch.Add(-time.Hour), unknown[1]
	f.observes(scan(web1(), seen))
	b := f.only().Bindings[0]
	require.Equal(t, epoch, b.LastSeenAt)
	require.Equal(t, unknown[0], b.LastDiscoveryID)
}

func TestWhatBreaksARuleIsSkippedAndTheRestIsTaken(t *testing.T) {
	f := newFixture(t, bindset.WithValidator(validate.New(validate.WithExclusivePorts())))
	f.withHost(set(onAddress(http80, addr5)))
	change := f.observes(scan(web1(), service.Service{Name: "caddy", Definition: "Caddy", Bindings: set(
		binding.Interface(eth1),   // conflicts with the listener everywhere
		onInterface(https, eth1),  // covered
		everywhere(unknown[0]),    // a port of another host
		onInterface(http80, eth0), // claimed by what a person stated
		onInterface(http80, eth1), // taken
		onAddress(https, addr6),   // covered
		everywhere(https),         // taken
		binding.Target{},          // no target
		onInterface(https, addr6), // covered, called by the wrong kind
	)}))
	codes := map[string]binding.Code{}
	for _, s := range change.Skipped {
		require.NotContains(t, codes, s.Violation.Path)
		codes[s.Violation.Path] = s.Violation.Code
		require.Equal(t, s.Binding, s.Violation.Binding)
		require.Equal(t, s.Violation.Path, fmt.Sprintf("services[0].bindings[%d]", s.Violation.Index))
		if s.Violation.Code == validate.ErrPortClaimed {
			require.Equal(t, "nginx", s.Violation.Service.Name)
		}
	}
	require.Equal(t, map[string]binding.Code{
		"services[0].bindings[0]": "conflict", "services[0].bindings[2]": "cross_host",
		"services[0].bindings[3]": "port_claimed", "services[0].bindings[7]": "invalid",
	}, codes)
	require.ElementsMatch(t, []binding.Target{everywhere(https), onInterface(http80, eth1)}, targetsOf(change.Added))
	require.Len(t, change.Absorbed, 3)
}

func TestAnotherNetworkIsTheOneRefusal(t *testing.T) {
	f := newFixture(t)
	f.withHost()
	moved := web1()
	moved.NetworkID = unknown[0]
	violations := f.violates(validate.ErrNetworkMismatch, func() error {
		_, err := f.Observe(f.ctx, scan(moved))
		return err
	})
	require.Equal(t, "host.network_id", violations[0].Path)

	moved.NetworkID = uuid.Nil
	b := binding.Binding{Target: everywhere(https), NetworkID: unknown[0], ServiceID: unknown[1]}
	require.Len(t, f.observes(scan(moved, nginx(b))).Added, 1, "a nil network is the stored one, a binding's is ignored")
}

func TestAHostThatNothingIdentifiesIsRefused(t *testing.T) {
	f := newFixture(t)
	for path, change := range map[string]func(d *service.Discovery){
		"host.id":         func(d *service.Discovery) { d.Host = host.Host{NetworkID: network} },
		"host.network_id": func(d *service.Discovery) { d.Host.NetworkID = uuid.Nil },
	} {
		t.Run(path, func(t *testing.T) {
			d := scan(web1(), nginx())
			change(&d)
			f.invalidAt(path, func() error {
				_, err := f.Observe(f.ctx, d)
				return err
			})
		})
	}
}

func TestAnObservedIDThatSomethingElseHasIsReplaced(t *testing.T) {
	f := newFixture(t)
	known := f.withHost(set(everywhere(https)), set(onAddress(dns, loop)))
	other := host.Host{ID: unknown[0], NetworkID: network, Ports: []host.Port{{ID: https, Number: 1, Protocol: host.TCP}}}

	seen := nginx(
		binding.Binding{Target: everywhere(https), ID: known[0].Bindings[0].ID}, // of a binding on another host
		binding.Binding{Target: everywhere(https), ID: unknown[1]},
	)
	seen.ID = known[0].ID // of a service on another host
	f.observes(scan(other, seen))

	// On its own host the ID of a binding that has another target now.
	change := f.observes(scan(web1(), service.Service{ID: known[0].ID, Bindings: []binding.Binding{
		{Target: everywhere(http80), ID: known[0].Bindings[0].ID},
		{Target: everywhere(dns), ID: unknown[2]},
		{Target: onAddress(dns, addr5), ID: unknown[2]}, // twice in the payload
	}}))
	require.Equal(t, []binding.Target{everywhere(http80), everywhere(dns)}, targetsOf(change.Added))
	require.NotEqual(t, known[0].Bindings[0].ID, change.Added[0].ID)
	require.Equal(t, unknown[2], change.Added[1].ID)
	require.Len(t, change.Absorbed, 1)
}

func TestServicesMatchByIDThenByWhatTheyAre(t *testing.T) {
	f := newFixture(t)
	drafts := []service.Draft{{Name: "worker", Definition: "W"}, {Name: "worker", Definition: "W"}, {Name: "worker"}}
	onHost, _, err := f.CreateHost(f.ctx, web1(), drafts)
	known := onHost.Services
	require.NoError(t, err)
	worker := func(position int32, to binding.Target) service.Service {
		return service.Service{Name: "worker", Definition: "W", Position: position, Bindings: set(to)}
	}
	byID := worker(0, everywhere(https))
	byID.ID, byID.Name, byID.Tags = known[0].ID, "renamed", []string{"not", "taken", "over"}
	change := f.observes(scan(web1(), worker(9, everywhere(dns)), byID, worker(3, everywhere(http80))))

	require.Equal(t, []binding.Target{everywhere(https)}, targetsOf(f.stored(known[0].ID).Bindings))
	require.Equal(t, []binding.Target{everywhere(dns)}, targetsOf(f.stored(known[1].ID).Bindings), "the order of the payload means nothing")
	require.Empty(t, f.stored(known[2].ID).Bindings)
	require.Equal(t, "worker", f.stored(known[0].ID).Name)
	require.Nil(t, f.stored(known[0].ID).Tags)
	require.Len(t, change.Services, 3)
	for _, c := range change.Services {
		if c.Did == bindset.Added {
			require.EqualValues(t, 3, f.stored(c.ID).Position)
		}
	}
}

func TestAMatcherOfOnesOwnDecides(t *testing.T) {
	onlyFirst := func(_ *host.Inventory, stored, observed []service.Service) []int {
		matches := make([]int, len(observed))
		for i := range matches {
			matches[i] = i - 1
		}
		return matches
	}
	f := newFixture(t, bindset.WithMatcher(onlyFirst))
	known := f.withHost(nil)
	f.observes(scan(web1(), service.Service{Name: "new"}, service.Service{Name: "whatever", Bindings: set(everywhere(https))}))
	require.Len(t, f.stored(known[0].ID).Bindings, 1)

	before := f.snapshot()
	_, err := f.Observe(f.ctx, scan(web1(), make([]service.Service, 5)...))
	require.ErrorContains(t, err, "Matcher")
	require.Equal(t, before, f.snapshot())
}

func TestWhatAWiderListenerAbsorbsIsToldAlsoBehindWhatIsOnlySeenAgain(t *testing.T) {
	f := newFixture(t)
	known := f.withHost(set(everywhere(https), everywhere(http80)))[0]
	seen := service.Service{ID: known.ID, Name: "nginx", Bindings: set(everywhere(https), onInterface(http80, eth0))}
	change := f.observes(scan(web1(), seen))
	require.Len(t, change.Absorbed, 1)
	require.Equal(t, onInterface(http80, eth0), change.Absorbed[0].Binding.Target)
	require.Equal(t, everywhere(http80), change.Absorbed[0].By.Target)
}

func TestANewerLinkDropsWhatItSupersedes(t *testing.T) {
	f := newFixture(t)
	f.withHost(set(onInterface(https, eth1), onAddress(https, loop)))
	seen := web1()
	seen.IPAddresses[2].InterfaceID = eth1
	change := f.observes(scan(seen))
	require.Len(t, change.Dropped, 1)
	require.Equal(t, onAddress(https, loop), change.Dropped[0].Binding.Target)
	require.Equal(t, onInterface(https, eth1), change.Dropped[0].By.Target)

	seen.IPAddresses[2].InterfaceID = uuid.Nil
	change = f.observes(scan(seen))
	require.True(t, change.IsZero(), "a missing link leaves the stored one")
}

func TestALinkThatWouldMakeAStoredSetConflictIsNotTakenOver(t *testing.T) {
	f := newFixture(t)
	known := f.withHost(
		set(onInterface(http80, wlan0)),
		set(binding.Interface(eth1), onAddress(https, loop)),
	)
	seen := web1()
	seen.IPAddresses[2].InterfaceID = eth1 // would make the second set conflict
	seen.IPAddresses[1].InterfaceID = eth1 // is fine
	change := f.observes(scan(seen))
	require.Len(t, change.Skipped, 1)
	skipped := change.Skipped[0]
	require.Equal(t, validate.ErrConflict, skipped.Violation.Code)
	require.Equal(t, known[1].Bindings[1], skipped.Binding)
	require.Equal(t, known[1].Bindings[0], skipped.Violation.Other)
	require.Contains(t, skipped.Violation.Message, "unbound")
	require.Contains(t, skipped.Violation.Message, "link")
	inv := inventoryOf(f, webID)
	_, carried := inv.Carrier(loop)
	require.False(t, carried)
	carrier, _ := inv.Carrier(addr6)
	require.Equal(t, eth1, carrier.ID)
}

func TestARescanInTheNewDialectKeepsIDsAndRewritesBindings(t *testing.T) {
	f := newFixture(t)
	known := f.withHost(set(onInterface(https, wlan0)), set(binding.Interface(wlan0)))
	ids := bindingtest.IDs(0x77, 3)
	change := f.observes(service.Discovery{
		Host: host.Host{
			ID:          webID,
			Interfaces:  []host.Interface{{ID: ids[0], Name: "wlan0"}},
			IPAddresses: []host.IPAddress{{ID: ids[1], Address: web1().Interfaces[2].Address, InterfaceID: ids[0]}},
			Ports:       []host.Port{{ID: ids[2], Number: 443, Protocol: host.TCP}},
		},
		Services: []service.Service{{Name: "nginx", Bindings: set(onAddress(ids[2], ids[1]))}},
	})
	require.Len(t, change.Rewritten, 2)
	require.Len(t, change.Updated, 2)
	require.Empty(t, change.Added)
	require.Equal(t, []binding.Target{onAddress(https, wlan0)}, targetsOf(f.stored(known[0].ID).Bindings))
	require.Equal(t, []binding.Target{binding.IPAddress(wlan0)}, targetsOf(f.stored(known[1].ID).Bindings))

	// The old dialect again: the address stays one, and nothing is new.
	old := scan(host.Host{ID: webID, Interfaces: []host.Interface{{ID: ids[0], Name: "wlan0", Address: web1().Interfaces[2].Address}}},
		service.Service{Name: "unbound", Bindings: set(binding.Interface(ids[0]))})
	change = f.observes(old)
	require.True(t, change.IsZero())
}

func TestObserveRunsAgainFromTheStart(t *testing.T) {
	f := newFixtureOn(t, &retrying{Store: newMemstore()})
	change := f.observes(scan(web1(), nginx(set(everywhere(https))...)))
	require.Len(t, change.Added, 1)
}

func TestAChangeAndItsViolationsAreWrittenWhateverWasSkipped(t *testing.T) {
	f := newFixture(t)
	change := f.observes(scan(web1(), nginx(set(everywhere(https), binding.Target{}, everywhere(unknown[0]), binding.Interface(eth0))...)))
	require.Len(t, change.Skipped, 3)
	data, err := json.Marshal(change)
	require.NoError(t, err)
	var wire struct {
		Hosts, Services []struct{ Did string }
		Skipped         []struct {
			Binding   *binding.Binding
			Violation struct {
				Code, Path     string
				Binding, Other *binding.Binding
			}
		}
	}
	require.NoError(t, json.Unmarshal(data, &wire))
	require.Equal(t, "added", wire.Hosts[0].Did)
	for _, skipped := range wire.Skipped {
		switch v := skipped.Violation; v.Code {
		case "invalid":
			require.Nil(t, skipped.Binding, "it names nothing")
		case "cross_host":
			require.Nil(t, v.Other)
		default:
			require.Equal(t, "conflict", v.Code)
			require.Equal(t, change.Added[0].ID, v.Other.ID)
		}
	}
	require.NotContains(t, string(data), "rewritten")
}

func TestOptionsOfNothingChangeNothing(t *testing.T) {
	m := bindset.NewManager(newMemstore(), nil, bindset.WithValidator(nil), bindset.WithClock(nil), bindset.WithIDs(nil),
		bindset.WithObserver(nil), bindset.WithLogger(nil), bindset.WithMatcher(nil))
	_, err := m.Observe(context.Background(), scan(web1(), nginx(set(everywhere(https))...)))
	require.NoError(t, err)
}
