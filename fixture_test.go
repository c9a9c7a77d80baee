package bindset_test

import (
	"context"
	"net/netip"
	"sync/atomic"
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

// The IDs of the host web-1, and some that nothing has.
var (
	network = bindingtest.IDs(0x0e, 1)[0]
	webID   = bindingtest.IDs(0x05, 1)[0]

	ports              = bindingtest.IDs(bindingtest.SeriesPort, 3)
	https, http80, dns = ports[0], ports[1], ports[2]
	interfaces         = bindingtest.IDs(bindingtest.SeriesInterface, 3)
	eth0, eth1, wlan0  = interfaces[0], interfaces[1], interfaces[2]
	addresses          = bindingtest.IDs(bindingtest.SeriesIPAddress, 3)
	addr5, addr6, loop = addresses[0], addresses[1], addresses[2]

	unknown = bindingtest.IDs(0xff, 4)
)

// web1 returns the host web-1: eth0 carries 10.0.0.5 and 10.0.0.6, eth1 carries
// nothing, wlan0 has an address of its own, and nothing is known to carry
// 127.0.0.1.
func web1() host.Host {
	return host.Host{
		ID: webID, NetworkID: network, Name: "web-1",
		Interfaces: []host.Interface{
			{ID: eth0, Name: "eth0"},
			{ID: eth1, Name: "eth1"},
			{ID: wlan0, Name: "wlan0", Address: netip.MustParseAddr("192.168.1.7")},
		},
		IPAddresses: []host.IPAddress{
			{ID: addr5, Address: netip.MustParseAddr("10.0.0.5"), InterfaceID: eth0},
			{ID: addr6, Address: netip.MustParseAddr("10.0.0.6"), InterfaceID: eth0},
			{ID: loop, Address: netip.MustParseAddr("127.0.0.1")},
		},
		Ports: []host.Port{
			{ID: https, Number: 443, Protocol: host.TCP},
			{ID: http80, Number: 80, Protocol: host.TCP},
			{ID: dns, Number: 53, Protocol: host.UDP},
		},
	}
}

func everywhere(port uuid.UUID) binding.Target { return binding.Port(port, binding.AllInterfaces()) }

func onInterface(port, id uuid.UUID) binding.Target {
	return binding.Port(port, binding.OnInterface(id))
}

func onAddress(port, id uuid.UUID) binding.Target { return binding.Port(port, binding.OnIPAddress(id)) }

// set returns new bindings with the given targets.
func set(targets ...binding.Target) []binding.Binding {
	bindings := make([]binding.Binding, len(targets))
	for i, target := range targets {
		bindings[i].Target = target
	}
	return bindings
}

func targetsOf(bindings []binding.Binding) []binding.Target {
	targets := make([]binding.Target, len(bindings))
	for i := range bindings {
		targets[i] = bindings[i].Target
	}
	return targets
}

// A fixture is a Manager on a memstore. Its clock goes on by a second for every
// use case, its IDs count up.
type fixture struct {
	*testing.T
	*bindset.Manager
	ctx      context.Context
	store    store.Store
	observed []bindset.Change
	clock    atomic.Int64
}

func newFixture(t *testing.T, opts ...bindset.Option) *fixture {
	return newFixtureOn(t, newMemstore(), opts...)
}

func newFixtureOn(t *testing.T, store store.Store, opts ...bindset.Option) *fixture {
	f := &fixture{T: t, ctx: context.Background(), store: store}
	f.Manager = bindset.NewManager(store, append([]bindset.Option{
		bindset.WithClock(func() time.Time { return epoch.Add(time.Duration(f.clock.Add(1)) * time.Second) }),
		bindset.WithIDs(counting(0x1d)),
		bindset.WithObserver(func(_ context.Context, c bindset.Change) { f.observed = append(f.observed, c) }),
	}, opts...)...)
	return f
}

var epoch = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// now returns the time of the last use case.
func (f *fixture) now() time.Time { return epoch.Add(time.Duration(f.clock.Load()) * time.Second) }

// counting returns a source of the IDs of a series.
func counting(series uint32) func() uuid.UUID {
	var n atomic.Int64
	ids := bindingtest.IDs(series, 4096)
	return func() uuid.UUID { return ids[n.Add(1)-1] }
}

func (f *fixture) snapshot() snapshot { return takeSnapshot(f, f.Manager, network, unknown[0]) }

// does runs a use case that must succeed, account for what it did, tell the
// observers of it and leave valid sets.
func (f *fixture) does(useCase func() (bindset.Change, error)) bindset.Change {
	f.Helper()
	return f.accountsFor(RequireAccounts, useCase)
}

// doesInTx runs several use cases in one transaction, as does runs one.
func (f *fixture) doesInTx(useCases func(ctx context.Context, m *bindset.Manager) error) bindset.Change {
	f.Helper()
	return f.accountsFor(RequireTxAccounts, func() (bindset.Change, error) { return f.InTx(f.ctx, useCases) })
}

func (f *fixture) accountsFor(
	requireAccounts func(t require.TestingT, before, after snapshot, c bindset.Change), useCase func() (bindset.Change, error),
) bindset.Change {
	f.Helper()
	before, observed := f.snapshot(), len(f.observed)
	change, err := useCase()
	require.NoError(f, err)
	after := f.snapshot()
	RequireValid(f, after)
	requireAccounts(f, before, after, change)
	if change.IsZero() {
		require.Len(f, f.observed, observed)
	} else {
		require.Equal(f, []bindset.Change{change}, f.observed[observed:])
	}
	return change
}

// refuses runs a use case that must fail with a code, change nothing and tell
// no observer, and returns the error.
func (f *fixture) refuses(code binding.Code, useCase func() error) error {
	f.Helper()
	before, observed := f.snapshot(), len(f.observed)
	err := useCase()
	require.ErrorIs(f, err, code)
	require.Equal(f, code, bindset.CodeOf(err), "%v", err)
	requireSame(f, before, f.snapshot())
	require.Len(f, f.observed, observed)
	return err
}

// invalidAt requires that a use case is refused for a field.
func (f *fixture) invalidAt(path string, useCase func() error) {
	f.Helper()
	var field *binding.FieldError
	require.ErrorAs(f, f.refuses(binding.ErrInvalid, useCase), &field)
	require.Equal(f, path, field.Path)
	require.NotEmpty(f, field.Problem)
}

// violates requires that a use case is refused by rules, and returns what they
// say.
func (f *fixture) violates(code binding.Code, useCase func() error) []validate.Violation {
	f.Helper()
	var broken *validate.Error
	require.ErrorAs(f, f.refuses(code, useCase), &broken)
	return broken.Violations
}

// withHost stores web-1 and on it services that have only a name and bindings.
func (f *fixture) withHost(sets ...[]binding.Binding) []service.Service {
	f.Helper()
	drafts := make([]service.Draft, len(sets))
	for i := range sets {
		drafts[i] = service.Draft{Name: []string{"nginx", "unbound", "sshd"}[i], Bindings: sets[i]}
	}
	var services []service.Service
	f.does(func() (change bindset.Change, err error) {
		var onHost service.HostWithServices
		onHost, change, err = f.CreateHost(f.ctx, web1(), drafts)
		services = onHost.Services
		return change, err
	})
	return services
}

// stored returns a service as it is stored now.
func (f *fixture) stored(id uuid.UUID) service.Service {
	f.Helper()
	s, ok := f.snapshot().services[id]
	require.True(f, ok)
	return s
}

func inventoryOf(f *fixture, hostID uuid.UUID) *host.Inventory {
	inv, err := host.NewInventory(f.snapshot().hosts[hostID])
	require.NoError(f, err)
	return inv
}
