package bindset_test

import (
	"math"
	"net/netip"
	"testing"

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

func TestATransferredListenerKeepsItsID(t *testing.T) {
	f := newFixture(t, bindset.WithValidator(validate.New(validate.WithExclusivePorts())))
	known := f.withHost(set(everywhere(https), onAddress(http80, addr5)), set(onAddress(dns, loop)))
	from, to := known[0], known[1]
	moving := from.Bindings[0]
	var got binding.Binding
	f.does(func() (change bindset.Change, err error) {
		got, change, err = f.TransferListener(f.ctx, moving.ID, to.ID)
		return change, err
	})
	want := moving
	want.ServiceID, want.UpdatedAt = to.ID, f.now()
	require.Equal(t, want, got)
	require.Contains(t, f.stored(to.ID).Bindings, want)
	require.Equal(t, []binding.Target{onAddress(http80, addr5)}, targetsOf(f.stored(from.ID).Bindings))
	require.EqualValues(t, 2, f.stored(from.ID).Revision)
	require.EqualValues(t, 2, f.stored(to.ID).Revision)
}

func TestATransferIntoASetThatSaysMoreIsAbsorbed(t *testing.T) {
	f := newFixture(t)
	known := f.withHost(set(onInterface(https, eth0)), set(everywhere(https)))
	moving := known[0].Bindings[0]
	var got binding.Binding
	change := f.does(func() (change bindset.Change, err error) {
		got, change, err = f.TransferListener(f.ctx, moving.ID, known[1].ID)
		return change, err
	})
	require.Equal(t, known[1].Bindings[0], got)
	require.Equal(t, []binding.Binding{moving}, change.Removed)
	require.Equal(t, []bindset.Absorbed{{Binding: moving, By: got}}, change.Absorbed)
	require.Len(t, change.Services, 1, "the set that absorbs it does not change")
}

func TestATransferredListenerSupersedesWhatItCovers(t *testing.T) {
	f := newFixture(t)
	known := f.withHost(set(everywhere(https)), set(onInterface(https, eth0), onAddress(https, loop)))
	change := f.does(func() (bindset.Change, error) {
		_, change, err := f.TransferListener(f.ctx, known[0].Bindings[0].ID, known[1].ID)
		return change, err
	})
	require.Len(t, change.Dropped, 2)
}

func TestTransfersThatCannotBeAreRefused(t *testing.T) {
	f := newFixture(t, bindset.WithValidator(validate.New(validate.WithExclusivePorts())))
	known := f.withHost(set(everywhere(https), onAddress(http80, addr5)), set(binding.Interface(eth0)), set(onAddress(dns, addr6)))
	other, _, err := f.CreateService(f.ctx, service.Draft{HostID: f.otherHost(), Name: "far"})
	require.NoError(t, err)
	transfer := func(bindingID, serviceID uuid.UUID) func() error {
		return func() error {
			_, _, err := f.TransferListener(f.ctx, bindingID, serviceID)
			return err
		}
	}
	listener, presence := known[0].Bindings[0].ID, known[1].Bindings[0].ID
	f.refuses(store.ErrNotFound, transfer(unknown[0], known[1].ID))
	f.refuses(store.ErrNotFound, transfer(listener, unknown[0]))
	f.refuses(binding.ErrInvalid, transfer(presence, known[0].ID))
	f.refuses(validate.ErrConflict, transfer(listener, known[1].ID))
	violation := f.violates(validate.ErrCrossHost, transfer(listener, other.ID))[0]
	require.Contains(t, violation.Message, "far")
	f.does(func() (bindset.Change, error) {
		_, change, err := f.TransferListener(f.ctx, listener, known[0].ID)
		require.True(t, change.IsZero(), "it is there already")
		return change, err
	})
}

// otherHost stores a host with other IDs for some of what web-1 has, and returns
// its ID.
func (f *fixture) otherHost() uuid.UUID {
	f.Helper()
	ids := bindingtest.IDs(0x99, 6)
	h := host.Host{
		ID: ids[0], NetworkID: unknown[0], Name: "web-2",
		Interfaces: []host.Interface{{ID: ids[1], Name: "eth0"}, {ID: ids[2], Name: "wifi", Address: netip.MustParseAddr("192.168.1.7")}},
		IPAddresses: []host.IPAddress{
			{ID: ids[3], Address: netip.MustParseAddr("10.0.0.5")},
		},
		Ports: []host.Port{{ID: ids[4], Number: 443, Protocol: host.TCP}, {ID: ids[5], Number: 80, Protocol: host.TCP}},
	}
	f.does(func() (bindset.Change, error) {
		_, change, err := f.PutHost(f.ctx, h)
		return change, err
	})
	return h.ID
}

func TestAMovedServiceFindsItsPlacesAgain(t *testing.T) {
	f := newFixture(t)
	known := f.withHost(set(onInterface(https, eth0), onAddress(http80, addr5), onInterface(https, wlan0)))
	s, to := known[0], f.otherHost()
	ids := bindingtest.IDs(0x99, 6)
	var moved service.Service
	f.does(func() (change bindset.Change, err error) {
		moved, change, err = f.MoveService(f.ctx, s.ID, to)
		return change, err
	})
	require.Equal(t, f.stored(s.ID), moved)
	require.Equal(t, to, moved.HostID)
	require.Equal(t, unknown[0], moved.NetworkID)
	require.ElementsMatch(t, []binding.Target{
		binding.Port(ids[4], binding.OnInterface(ids[1])),
		binding.Port(ids[5], binding.OnIPAddress(ids[3])),
		binding.Port(ids[4], binding.OnInterface(ids[2])), // by IP: it has another name
	}, targetsOf(moved.Bindings))
	for _, b := range moved.Bindings {
		require.Equal(t, unknown[0], b.NetworkID)
	}
}

func TestWhatTheNewHostLacksRefusesTheMoveOrIsRemoved(t *testing.T) {
	f := newFixture(t)
	known := f.withHost(set(everywhere(http80), everywhere(dns), onAddress(https, addr6), onInterface(https, eth1)))
	to := f.otherHost()
	move := func(opts ...bindset.MoveOption) (change bindset.Change, err error) {
		_, change, err = f.MoveService(f.ctx, known[0].ID, to, opts...)
		return change, err
	}
	violations := f.violates(validate.ErrCrossHost, func() error {
		_, err := move()
		return err
	})
	require.Len(t, violations, 3)
	require.Contains(t, violations[0].Message, "web-2 has no port 53/udp")

	change := f.does(func() (bindset.Change, error) { return move(bindset.DropUnfit()) })
	require.Len(t, change.Removed, 3)
	require.Len(t, f.stored(known[0].ID).Bindings, 1)
}

func TestAMoveFindsPlacesByEvidence(t *testing.T) {
	here, there := bindingtest.IDs(0x97, 2), bindingtest.IDs(0x98, 3)
	const mac1, mac2 = "02:00:00:00:00:01", "02:00:00:00:00:02"
	ip := netip.MustParseAddr("10.0.0.5")
	named := func(ids []uuid.UUID, macs, names []string) (all []host.Interface) {
		for i := range names {
			all = append(all, host.Interface{ID: ids[i], MAC: macs[i], Name: names[i]})
		}
		return all
	}
	at := func(id, carrier uuid.UUID) host.IPAddress {
		return host.IPAddress{ID: id, Address: ip, InterfaceID: carrier}
	}
	eth0 := named(here, []string{mac1}, []string{"eth0"})
	for name, c := range map[string]struct {
		from, to host.Host
		target   binding.Scope
		want     binding.Scope // none for what is not found
		problem  string
	}{
		"an interface by MAC, whatever its name": {
			from: host.Host{Interfaces: eth0}, target: binding.OnInterface(here[0]),
			to: host.Host{Interfaces: named(there, []string{mac2, mac1}, []string{"eth0", "eth9"})}, want: binding.OnInterface(there[1]),
		},
		"by name, where no MAC is alike": {
			from: host.Host{Interfaces: eth0}, target: binding.OnInterface(here[0]),
			to: host.Host{Interfaces: named(there, []string{mac2, ""}, []string{"eth9", "eth0"})}, want: binding.OnInterface(there[1]),
		},
		"by name, where two have the MAC": {
			from: host.Host{Interfaces: eth0}, target: binding.OnInterface(here[0]),
			to: host.Host{Interfaces: named(there, []string{mac1, mac1}, []string{"eth1", "eth0"})}, want: binding.OnInterface(there[1]),
		},
		"not one of two": {
			from: host.Host{Interfaces: eth0}, target: binding.OnInterface(here[0]),
			to: host.Host{Interfaces: named(there, []string{"", ""}, []string{"eth0", "eth0"})}, problem: "has more than one interface eth0",
		},
		"nothing without a name": {
			from: host.Host{Interfaces: named(here, []string{""}, []string{""})}, target: binding.OnInterface(here[0]),
			to: host.Host{Interfaces: named(there, []string{"", ""}, []string{"", "eth0"})}, problem: "has no interface",
		},
		"an address by IP and carrier": {
			from: host.Host{Interfaces: eth0, IPAddresses: []host.IPAddress{at(here[1], here[0])}}, target: binding.OnIPAddress(here[1]),
			to: host.Host{
				Interfaces:  named(there[2:], []string{mac2}, []string{"eth0"}),
				IPAddresses: []host.IPAddress{at(there[0], uuid.Nil), at(there[1], there[2])},
			},
			want: binding.OnIPAddress(there[1]),
		},
		"an address by IP alone": {
			from: host.Host{Interfaces: eth0, IPAddresses: []host.IPAddress{at(here[1], here[0])}}, target: binding.OnIPAddress(here[1]),
			to: host.Host{IPAddresses: []host.IPAddress{at(there[0], uuid.Nil)}}, want: binding.OnIPAddress(there[0]),
		},
		"not one of two addresses": {
			from: host.Host{Interfaces: eth0, IPAddresses: []host.IPAddress{at(here[1], here[0])}}, target: binding.OnIPAddress(here[1]),
			to:      host.Host{IPAddresses: []host.IPAddress{at(there[0], uuid.Nil), at(there[1], uuid.Nil)}},
			problem: "has more than one IP address 10.0.0.5",
		},
		"an address as an interface of its own, and the other way round": {
			from: host.Host{IPAddresses: []host.IPAddress{at(here[1], uuid.Nil)}}, target: binding.OnIPAddress(here[1]),
			to: host.Host{Interfaces: []host.Interface{{ID: there[0], Name: "wlan0", Address: ip}}}, want: binding.OnInterface(there[0]),
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			c.from.ID, c.from.NetworkID, c.to.ID, c.to.NetworkID, c.to.Name = webID, network, otherID, network, "web-2"
			c.from.Ports = []host.Port{{ID: https, Number: 443, Protocol: host.TCP}}
			c.to.Ports = []host.Port{{ID: http80, Number: 443, Protocol: host.TCP}}
			f.putHost(c.to)
			onHost, _, err := f.CreateHost(f.ctx, c.from, []service.Draft{{Bindings: set(binding.Port(https, c.target))}})
			require.NoError(t, err)
			move := func() (bindset.Change, error) {
				_, change, err := f.MoveService(f.ctx, onHost.Services[0].ID, otherID)
				return change, err
			}
			if c.problem != "" {
				broken := f.violates(validate.ErrCrossHost, func() error { _, err := move(); return err })
				require.Contains(t, broken[0].Message, "host web-2 "+c.problem)
				return
			}
			f.does(move)
			require.Equal(t, []binding.Target{binding.Port(http80, c.want)}, targetsOf(f.stored(onHost.Services[0].ID).Bindings))
		})
	}
}

func TestAMoveObeysTheRulesOfTheNewHost(t *testing.T) {
	f := newFixture(t, bindset.WithValidator(validate.New(validate.WithExclusivePorts())))
	known := f.withHost(set(everywhere(https)))
	to := f.otherHost()
	ids := bindingtest.IDs(0x99, 6)
	_, _, err := f.CreateService(f.ctx, service.Draft{HostID: to, Name: "there", Bindings: set(onInterface(ids[4], ids[1]))})
	require.NoError(t, err)
	move := func(opts ...bindset.MoveOption) func() error {
		return func() error {
			_, _, err := f.MoveService(f.ctx, known[0].ID, to, opts...)
			return err
		}
	}
	violation := f.violates(validate.ErrPortClaimed, move())[0]
	require.Equal(t, "there", violation.Service.Name)
	f.refuses(store.ErrStale, move(bindset.IfRevision(7)))
	f.refuses(store.ErrNotFound, func() error {
		_, _, err := f.MoveService(f.ctx, known[0].ID, unknown[1])
		return err
	})
	f.refuses(store.ErrNotFound, func() error {
		_, _, err := f.MoveService(f.ctx, unknown[1], to)
		return err
	})
	f.does(func() (bindset.Change, error) {
		_, change, err := f.MoveService(f.ctx, known[0].ID, webID)
		require.True(t, change.IsZero(), "it is there already")
		return change, err
	})
}

func TestBindingsThatBecomeOneByAMoveAreDropped(t *testing.T) {
	f := newFixture(t)
	h := web1()
	twin := uuid.UUID{0x42}
	h.IPAddresses = append(h.IPAddresses, host.IPAddress{ID: twin, Address: netip.MustParseAddr("10.0.0.5"), SubnetID: unknown[0]})
	onHost, _, err := f.CreateHost(f.ctx, h, []service.Draft{{Name: "nginx", Bindings: set(onAddress(https, addr5), onAddress(https, twin))}})
	services := onHost.Services
	require.NoError(t, err)
	to := f.otherHost()
	change := f.does(func() (bindset.Change, error) {
		_, change, err := f.MoveService(f.ctx, services[0].ID, to)
		return change, err
	})
	require.Len(t, change.Dropped, 1)
	require.Equal(t, validate.Duplicate, change.Dropped[0].Reason)
}

func TestAMoveNeedsAPositionThatIsLeft(t *testing.T) {
	f := newFixture(t)
	known := f.withHost(nil)
	to := f.otherHost()
	last, _, err := f.CreateService(f.ctx, service.Draft{HostID: to})
	require.NoError(t, err)
	last.Position = math.MaxInt32
	_, _, err = f.UpdateService(f.ctx, last)
	require.NoError(t, err)
	f.invalidAt("position", func() error {
		_, _, err := f.MoveService(f.ctx, known[0].ID, to)
		return err
	})
}
