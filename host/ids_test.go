package host_test

import (
	"net/netip"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

func TestChildrenWithoutAnIDGetOneFromWhatTheyAre(t *testing.T) {
	nameless := func(id uuid.UUID) host.Host {
		return host.Host{
			ID:         id,
			Interfaces: []host.Interface{{Name: "eth0"}, {Name: "eth1"}, {Name: "eth1"}, {ID: ids[1], Name: "eth2"}},
			IPAddresses: []host.IPAddress{
				{Address: netip.MustParseAddr("10.0.0.5")},
				{Address: netip.MustParseAddr("10.0.0.5")},
				{Address: netip.MustParseAddr("fe80::1%eth0")},
				{Address: netip.MustParseAddr("fe80::1"), Name: "eth2"},
			},
			Ports: []host.Port{{Number: 443, Protocol: host.TCP}, {Number: 443, Protocol: host.UDP}},
		}
	}
	given := nameless(ids[0])
	h := host.WithIDs(given)
	require.Equal(t, nameless(ids[0]), given, "the host passed in stays as it was")
	require.Equal(t, h, host.WithIDs(given), "the same every time")
	require.Equal(t, h, host.WithIDs(h), "what has an ID keeps it")
	_, err := host.NewInventory(h)
	require.NoError(t, err, "no ID stands twice")
	require.Equal(t, ids[1], h.Interfaces[3].ID)

	// What changes elsewhere on the host changes no ID.
	fewer := nameless(ids[0])
	fewer.Interfaces, fewer.IPAddresses, fewer.Ports = fewer.Interfaces[1:], fewer.IPAddresses[3:], fewer.Ports[1:]
	fewer.Interfaces[0].MAC, fewer.Ports[0].Type = "00:00:5e:00:53:01", "Dns"
	fewer = host.WithIDs(fewer)
	require.Equal(t, h.Interfaces[1].ID, fewer.Interfaces[0].ID)
	require.Equal(t, h.IPAddresses[3].ID, fewer.IPAddresses[0].ID)
	require.Equal(t, h.Ports[1].ID, fewer.Ports[0].ID)

	other := host.WithIDs(nameless(ids[9]))
	require.NotEqual(t, h.Interfaces[0].ID, other.Interfaces[0].ID, "of another host")

	// One more of the same, added to what has IDs.
	h.Interfaces = append(h.Interfaces, host.Interface{Name: "eth0"})
	_, err = host.NewInventory(host.WithIDs(h))
	require.NoError(t, err)
}

func TestWithIDsLinksAddressesByTheNameOfOneInterface(t *testing.T) {
	address := netip.MustParseAddr("10.0.0.5")
	h := host.WithIDs(host.Host{
		Interfaces: []host.Interface{
			{ID: ids[1], Name: "eth0"},
			{ID: ids[2], Name: "eth1"},
			{ID: ids[3], Name: "eth1"},
			{ID: ids[4], Name: "own", Address: netip.MustParseAddr("10.0.0.1")},
			{ID: ids[5], Name: ""},
		},
		IPAddresses: []host.IPAddress{
			{Address: address, Name: "eth0"},
			{Address: address, Name: "eth1"},                      // two of that name
			{Address: address, Name: "own"},                       // carries none
			{Address: address},                                    // no name
			{Address: address, Name: "eth7"},                      // nothing
			{Address: address, Name: "eth1", InterfaceID: ids[3]}, // said already
			{Address: address, Name: "eth0", ID: ids[6]},          // has an ID
			{Address: netip.MustParseAddr("fe80::1%eth0")},
		},
	})
	var carriers []uuid.UUID
	for _, a := range h.IPAddresses {
		carriers = append(carriers, a.InterfaceID)
	}
	require.Equal(t, []uuid.UUID{ids[1], {}, {}, {}, {}, ids[3], {}, ids[1]}, carriers)
	require.Equal(t, "eth0", h.IPAddresses[0].Name)
}

func TestEveryHostWithoutIDsGetsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := hosttest.Host().Draw(t, "host")
		forget := func(id *uuid.UUID) {
			if rapid.Bool().Draw(t, "without ID") {
				*id = uuid.Nil
			}
		}
		for i := range h.IPAddresses {
			forget(&h.IPAddresses[i].ID)
		}
		for i := range h.Ports {
			forget(&h.Ports[i].ID)
		}
		carriers := map[uuid.UUID]bool{}
		for _, a := range h.IPAddresses {
			carriers[a.InterfaceID] = true
		}
		for i := range h.Interfaces {
			if !carriers[h.Interfaces[i].ID] {
				forget(&h.Interfaces[i].ID)
			}
		}
		got := host.WithIDs(h)
		require.Equal(t, got, host.WithIDs(h))
		require.Equal(t, got, host.WithIDs(got))
		_, err := host.NewInventory(got)
		require.NoError(t, err)
	})
}
