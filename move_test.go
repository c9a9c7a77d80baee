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

func TestATransferredListenerKeepsItsIDAndDropsWhatItCovers(t *testing.T) {
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

func TestAMoveFindsTheFirstOfWhatIsThereTwiceAndNothingWithoutAName(t *testing.T) {
	f := newFixture(t)
	ids, own := bindingtest.IDs(0x98, 7), netip.MustParseAddr("192.168.1.7")
	h := web1()
	h.Interfaces = append(h.Interfaces, host.Interface{ID: ids[0]})
	onHost, _, err := f.CreateHost(f.ctx, h, []service.Draft{
		{Bindings: set(onInterface(https, eth0), onInterface(https, wlan0))},
		{Bindings: set(onInterface(https, ids[0]))},
		{Bindings: set(onInterface(https, wlan0))},
	})
	services := onHost.Services
	require.NoError(t, err)
	to := host.Host{
		ID: ids[1], NetworkID: network, Name: "web-2",
		Interfaces: []host.Interface{
			{ID: ids[2], Name: "eth0"},
			{ID: ids[3], Name: "eth0"},
			{ID: ids[4]},
			{ID: ids[5], Address: own},
			{ID: ids[6], Address: own},
		},
		Ports: []host.Port{{ID: unknown[1], Number: 443, Protocol: host.TCP}},
	}
	_, _, err = f.PutHost(f.ctx, to)
	require.NoError(t, err)
	move := func(n int) (change bindset.Change, err error) {
		_, change, err = f.MoveService(f.ctx, services[n].ID, to.ID)
		return change, err
	}
	f.does(func() (bindset.Change, error) { return move(0) })
	require.ElementsMatch(t, []binding.Target{onInterface(unknown[1], ids[2]), onInterface(unknown[1], ids[5])},
		targetsOf(f.stored(services[0].ID).Bindings))
	refused := func(n int) []validate.Violation {
		return f.violates(validate.ErrCrossHost, func() error { _, err := move(n); return err })
	}
	require.Contains(t, refused(1)[0].Message, "host web-2 has no interface")

	to.Interfaces = to.Interfaces[:3]
	_, _, err = f.PutHost(f.ctx, to, bindset.Cascade())
	require.NoError(t, err)
	require.Contains(t, refused(2)[0].Message, "host web-2 has no interface wlan0 (192.168.1.7)")
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
