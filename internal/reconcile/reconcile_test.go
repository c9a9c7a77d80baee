package reconcile_test

import (
	"net/netip"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/internal/reconcile"
)

// ids returns a source of IDs that are in nothing else.
func ids() func() uuid.UUID {
	n := 0
	return func() uuid.UUID {
		n++
		id := uuid.UUID{0: 0xff, 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
		return id
	}
}

var (
	stored = bindingtest.IDs(1, 8)
	fresh  = bindingtest.IDs(2, 8)
	subnet = bindingtest.IDs(3, 2)
	ip     = netip.MustParseAddr("10.0.0.5")
)

func TestAPortIsMatchedByNumberAndProtocol(t *testing.T) {
	known := host.Host{Ports: []host.Port{{ID: stored[0], Number: 443, Protocol: host.TCP}}}
	seen := host.Host{Ports: []host.Port{
		{ID: fresh[0], Number: 443, Protocol: host.UDP},
		{ID: fresh[1], Number: 443, Protocol: host.TCP},
		{ID: fresh[2], Number: 443, Protocol: host.TCP},
		{ID: stored[0], Number: 8443, Protocol: host.TCP},
	}}
	m, err := reconcile.Host(known, seen, ids())
	require.NoError(t, err)
	require.Len(t, m.Host.Ports, 3)
	require.Equal(t, known.Ports[0], m.Host.Ports[0])
	require.Equal(t, seen.Ports[0], m.Host.Ports[1])
	require.Equal(t, host.Port{ID: ids()(), Number: 8443, Protocol: host.TCP}.Number, m.Host.Ports[2].Number)
	require.NotEqual(t, stored[0], m.Host.Ports[2].ID, "that is the ID of another port")

	all := binding.AllInterfaces()
	for seen, kept := range map[uuid.UUID]uuid.UUID{fresh[0]: fresh[0], fresh[1]: stored[0], fresh[2]: stored[0], stored[0]: m.Host.Ports[2].ID} {
		require.Equal(t, binding.Port(kept, all), m.Target(binding.Port(seen, all)))
	}
}

func TestAnAddressIsMatchedByItsIPAndEqualSubnetsFirst(t *testing.T) {
	known := host.Host{IPAddresses: []host.IPAddress{
		{ID: stored[0], Address: ip},
		{ID: stored[1], Address: ip, SubnetID: subnet[0]},
	}}
	for name, tc := range map[string]struct {
		subnets []uuid.UUID
		kept    []uuid.UUID
	}{
		"equal subnets":                     {[]uuid.UUID{subnet[0], uuid.Nil}, []uuid.UUID{stored[1], stored[0]}},
		"the stored one has none":           {[]uuid.UUID{subnet[1]}, []uuid.UUID{stored[0]}},
		"the observed one has none":         {[]uuid.UUID{uuid.Nil, uuid.Nil}, []uuid.UUID{stored[0], stored[1]}},
		"the k-th is the k-th":              {[]uuid.UUID{subnet[0], subnet[0]}, []uuid.UUID{stored[1], stored[0]}},
		"another subnet is another address": {[]uuid.UUID{subnet[1], subnet[1]}, []uuid.UUID{stored[0], fresh[1]}},
	} {
		t.Run(name, func(t *testing.T) {
			var seen host.Host
			for i, s := range tc.subnets {
				seen.IPAddresses = append(seen.IPAddresses, host.IPAddress{ID: fresh[i], Address: ip, SubnetID: s})
			}
			m, err := reconcile.Host(known, seen, ids())
			require.NoError(t, err)
			for i, kept := range tc.kept {
				require.Equal(t, binding.IPAddress(kept), m.Target(binding.IPAddress(fresh[i])), "address %d", i)
			}
		})
	}
}

func TestOneMoreOfAnIPSeenWithoutASubnetIsInTheKnownOne(t *testing.T) {
	known := host.Host{IPAddresses: []host.IPAddress{{ID: stored[0], Address: ip, SubnetID: subnet[0]}}}
	for name, tc := range map[string]struct{ seen, want uuid.UUID }{
		"seen without": {uuid.Nil, subnet[0]},
		"seen in it":   {subnet[0], uuid.Nil},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := reconcile.Host(known, host.Host{IPAddresses: []host.IPAddress{
				{ID: fresh[0], Address: ip, SubnetID: tc.seen}, {ID: fresh[1], Address: ip},
			}}, ids())
			require.NoError(t, err)
			require.Len(t, m.Host.IPAddresses, 2)
			require.Equal(t, subnet[0], m.Host.IPAddresses[0].SubnetID)
			require.Equal(t, tc.want, m.Host.IPAddresses[1].SubnetID)
		})
	}
}

func TestALinkIsTakenOverBehindAnAddressWithoutOne(t *testing.T) {
	m, err := reconcile.Host(host.Host{}, host.Host{
		Interfaces: []host.Interface{{ID: fresh[0], Name: "eth0"}},
		IPAddresses: []host.IPAddress{
			{ID: fresh[1], Address: netip.MustParseAddr("127.0.0.1")}, {ID: fresh[2], Address: ip, InterfaceID: fresh[0]},
		},
	}, ids())
	require.NoError(t, err)
	require.Equal(t, []reconcile.Link{{IPAddressID: fresh[2], To: fresh[0]}}, m.Links)
}

func TestWhatIsKnownStaysWhereTheObservationDoesNotKnowIt(t *testing.T) {
	known := host.Host{
		Interfaces:  []host.Interface{{ID: stored[0], Name: "eth0", Description: "uplink", MAC: "00:00:5e:00:53:01", Position: 3}},
		IPAddresses: []host.IPAddress{{ID: stored[1], Address: ip, SubnetID: subnet[0], Name: "web", InterfaceID: stored[0], Position: 4}},
	}
	seen := host.Host{
		Interfaces:  []host.Interface{{ID: fresh[0], Name: "eth0", MAC: "00:00:5e:00:53:02"}},
		IPAddresses: []host.IPAddress{{ID: fresh[1], Address: netip.MustParseAddr("::ffff:10.0.0.5")}},
	}
	m, err := reconcile.Host(known, seen, ids())
	require.NoError(t, err)
	want := known.Clone()
	want.Interfaces[0].MAC = "00:00:5e:00:53:02"
	require.Equal(t, want, m.Host)
	require.Empty(t, m.Links)
}

func TestAnInterfaceWithAnAddressBecomesAnIPAddressUnderItsID(t *testing.T) {
	old := host.Host{Interfaces: []host.Interface{{ID: stored[0], Name: "eth0", Address: ip, SubnetID: subnet[0], Position: 2}}}
	now := host.Host{
		Interfaces:  []host.Interface{{ID: fresh[0], Name: "eth0"}},
		IPAddresses: []host.IPAddress{{ID: fresh[1], Address: ip, InterfaceID: fresh[0]}},
	}
	m, err := reconcile.Host(old, now, ids())
	require.NoError(t, err)
	want := host.Host{
		Interfaces:  []host.Interface{{ID: fresh[0], Name: "eth0"}},
		IPAddresses: []host.IPAddress{{ID: stored[0], Name: "eth0", Address: ip, SubnetID: subnet[0], Position: 2, InterfaceID: fresh[0]}},
	}
	require.Equal(t, want.Interfaces, m.Host.Interfaces)
	require.Equal(t, want.IPAddresses, m.Host.IPAddresses)
	require.Equal(t, []reconcile.Link{{IPAddressID: stored[0], To: fresh[0]}}, m.Links)
	require.Equal(t, binding.IPAddress(stored[0]), m.Target(binding.IPAddress(fresh[1])))

	// The other way round the stored address stays one, and its link.
	old.Interfaces[0].ID = fresh[5]
	back, err := reconcile.Host(m.Host, old, ids())
	require.NoError(t, err)
	require.Equal(t, m.Host, back.Host)
	require.Equal(t, binding.IPAddress(stored[0]), back.Target(binding.Interface(fresh[5])))
}

func TestIDsMatchWithinAKindOnly(t *testing.T) {
	known := host.Host{
		Interfaces:  []host.Interface{{ID: stored[0], Name: "eth0"}},
		IPAddresses: []host.IPAddress{{ID: stored[1], Address: ip}},
	}
	other := netip.MustParseAddr("10.0.0.9")
	seen := host.Host{
		Interfaces: []host.Interface{
			{ID: stored[1], Name: "eth1"},                  // the ID of an address
			{ID: fresh[0], Name: "eth2"},                   // its own
			{ID: fresh[0], Name: "eth3"},                   // taken earlier
			{ID: uuid.Nil, Name: "eth4"},                   // none
			{ID: stored[0], Name: "renamed"},               // matches, and has a new name
			{ID: fresh[1], Address: other, Name: "vlan10"}, // another kind of interface
		},
		IPAddresses: []host.IPAddress{{ID: stored[1], Address: other}}, // moved
	}
	m, err := reconcile.Host(known, seen, ids())
	require.NoError(t, err)
	names := map[string]uuid.UUID{}
	for _, f := range m.Host.Interfaces {
		names[f.Name] = f.ID
	}
	require.Equal(t, stored[0], names["renamed"])
	require.Equal(t, fresh[0], names["eth2"])
	require.Equal(t, fresh[1], names["vlan10"])
	require.NotContains(t, []uuid.UUID{stored[1], fresh[0], uuid.Nil}, names["eth1"])
	require.NotContains(t, []uuid.UUID{stored[1], fresh[0], uuid.Nil}, names["eth3"])
	require.Len(t, m.Host.Interfaces, 6)
	require.Equal(t, []host.IPAddress{{ID: stored[1], Address: other}}, m.Host.IPAddresses)
}

func TestLinksGoToWhatCarriesAndCanBeTakenBack(t *testing.T) {
	known := host.Host{
		Interfaces:  []host.Interface{{ID: stored[0], Name: "eth0"}, {ID: stored[1], Name: "eth1"}},
		IPAddresses: []host.IPAddress{{ID: stored[2], Address: ip, InterfaceID: stored[0]}},
	}
	seen := host.Host{
		Interfaces:  []host.Interface{{ID: fresh[0], Name: "eth1"}},
		IPAddresses: []host.IPAddress{{ID: fresh[1], Address: ip, InterfaceID: fresh[0]}},
	}
	m, err := reconcile.Host(known, seen, ids())
	require.NoError(t, err)
	require.Equal(t, stored[1], m.Host.IPAddresses[0].InterfaceID)
	require.Equal(t, []reconcile.Link{{IPAddressID: stored[2], From: stored[0], To: stored[1]}}, m.Links)
	m.Revert(map[uuid.UUID]bool{stored[2]: true})
	require.Equal(t, known, m.Host)
	require.Empty(t, m.Links)

	seen.IPAddresses[0].InterfaceID = fresh[7]
	_, err = reconcile.Host(known, seen, ids())
	requireField(t, err, "ip_addresses[0].interface_id")
	seen.Interfaces[0].Address = netip.MustParseAddr("10.0.0.77")
	seen.IPAddresses[0].InterfaceID = fresh[0]
	_, err = reconcile.Host(known, seen, ids())
	requireField(t, err, "ip_addresses[0].interface_id")
}

func TestWhatCannotBeIsRefusedWithItsPlace(t *testing.T) {
	for path, seen := range map[string]host.Host{
		"ports[1].number":            {Ports: []host.Port{{Number: 1, Protocol: host.TCP}, {Protocol: host.TCP}}},
		"ports[2].protocol":          {Ports: []host.Port{{Number: 1, Protocol: host.TCP}, {Number: 1, Protocol: host.TCP}, {Number: 1}}},
		"interfaces[0].name":         {Interfaces: []host.Interface{{Name: "\xff"}}},
		"ip_addresses[0].ip_address": {IPAddresses: []host.IPAddress{{}}},
	} {
		_, err := reconcile.Host(host.Host{}, seen, ids())
		requireField(t, err, path)
	}
}

func requireField(t *testing.T, err error, path string) {
	t.Helper()
	var field *binding.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, path, field.Path)
}

// rescan is the same host seen again under other IDs, links with them.
func rescan(seen host.Host, newID func(uuid.UUID) uuid.UUID) (host.Host, map[uuid.UUID]uuid.UUID) {
	again, renamed := seen.Clone(), map[uuid.UUID]uuid.UUID{uuid.Nil: uuid.Nil}
	rename := func(id *uuid.UUID) {
		renamed[*id] = newID(*id)
		*id = renamed[*id]
	}
	for i := range again.Interfaces {
		rename(&again.Interfaces[i].ID)
	}
	for i := range again.IPAddresses {
		rename(&again.IPAddresses[i].ID)
		again.IPAddresses[i].InterfaceID = renamed[again.IPAddresses[i].InterfaceID]
	}
	for i := range again.Ports {
		rename(&again.Ports[i].ID)
	}
	return again, renamed
}

func TestObservingKeepsWhatIsStoredAndIsIdempotent(t *testing.T) {
	converted, matched := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		newID := ids()
		pair := hosttest.Pair().Draw(t, "stored and observed, IDs fresh")
		known, seen := pair[0].Host(), pair[1].Host()
		sameIDs := rapid.Bool().Draw(t, "IDs collide")
		if sameIDs {
			known, seen = hosttest.Host().Draw(t, "stored"), hosttest.Host().Draw(t, "observed")
		}
		m, err := reconcile.Host(known, seen, newID)
		require.NoError(t, err)
		inv, err := host.NewInventory(m.Host)
		require.NoError(t, err)
		require.Equal(t, m.Host.Clone(), inv.Host(), "addresses are unmapped")

		for _, p := range known.Ports {
			require.Contains(t, m.Host.Ports, p)
		}
		for _, f := range known.Interfaces {
			_, isInterface := inv.Interface(f.ID)
			_, isAddress := inv.IPAddress(f.ID)
			require.True(t, isInterface || f.HasAddress() && isAddress, "interface %s is there", f.Name)
			if isAddress {
				converted++
			}
		}
		for _, a := range known.IPAddresses {
			_, ok := inv.IPAddress(a.ID)
			require.True(t, ok, "address %s is there", a.Address)
		}
		requireReferences(t, m, inv, &seen)
		if grown := len(known.Interfaces) + len(seen.Interfaces); len(m.Host.Interfaces) < grown {
			matched++
		}

		// Where IDs matched one way and natural keys would match another way, only
		// the same IDs match the same way again.
		again, renamed := rescan(seen, func(uuid.UUID) uuid.UUID { return newID() })
		if sameIDs {
			again, renamed = rescan(seen, func(id uuid.UUID) uuid.UUID { return id })
		}
		second, err := reconcile.Host(m.Host, again, newID)
		require.NoError(t, err)
		require.Equal(t, m.Host.Clone(), second.Host.Clone(), "the same thing seen twice changes nothing")
		require.Empty(t, second.Links)
		for _, p := range seen.Ports {
			all := binding.AllInterfaces()
			require.Equal(t, m.Target(binding.Port(p.ID, all)), second.Target(binding.Port(renamed[p.ID], all)))
		}
	})
	require.Positive(t, converted, "dialects met")
	require.Positive(t, matched)
}

// requireReferences checks that every observed child is there, and the right
// one.
func requireReferences(t *rapid.T, m *reconcile.Merged, inv *host.Inventory, seen *host.Host) {
	for _, p := range seen.Ports {
		id, _ := m.Target(binding.Port(p.ID, binding.AllInterfaces())).PortID()
		kept, ok := inv.Port(id)
		require.True(t, ok)
		require.Equal(t, p.String(), kept.String())
	}
	for _, f := range seen.Interfaces {
		to := m.Target(binding.Interface(f.ID))
		require.True(t, inv.Has(to), "%s %s", f.Name, inv.Describe(to))
		if f.HasAddress() {
			require.Equal(t, f.Address.Unmap(), addressAt(inv, to))
		}
	}
	for _, a := range seen.IPAddresses {
		to := m.Target(binding.IPAddress(a.ID))
		require.True(t, inv.Has(to), "%s %s", a.Address, inv.Describe(to))
		require.Equal(t, a.Address.Unmap(), addressAt(inv, to))
	}
}

func addressAt(inv *host.Inventory, to binding.Target) netip.Addr {
	if id, ok := to.IPAddressID(); ok {
		a, _ := inv.IPAddress(id)
		return a.Address
	}
	id, _ := to.InterfaceID()
	f, _ := inv.Interface(id)
	return f.Address
}
