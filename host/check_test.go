package host_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

// ids are the IDs of the children of whole, and of what tests put beside them.
var ids = bindingtest.IDs(1, 20)

// whole returns a host that shows every form of child and is valid.
func whole() host.Host {
	return host.Host{
		ID: ids[0], NetworkID: ids[1], Name: "web-1", Revision: 7,
		Interfaces: []host.Interface{
			{ID: ids[2], Name: "eth0", Description: "uplink", MAC: "00:00:5e:00:53:01", Position: 1},
			{ID: ids[3], Name: "eth1", Address: netip.MustParseAddr("192.0.2.7"), SubnetID: ids[9]},
			{ID: ids[4]},
		},
		IPAddresses: []host.IPAddress{
			{ID: ids[5], Address: netip.MustParseAddr("10.0.0.5"), SubnetID: ids[9], Name: "vip", InterfaceID: ids[2]},
			{ID: ids[6], Address: netip.MustParseAddr("fe80::1"), InterfaceID: ids[2]},
			{ID: ids[7], Address: netip.MustParseAddr("10.0.0.5"), MAC: "00:00:5e:00:53:02", Position: 3},
		},
		Ports: []host.Port{
			{ID: ids[10], Number: 443, Protocol: host.TCP},
			{ID: ids[11], Number: 443, Protocol: host.UDP},
			{ID: ids[12], Number: 65535, Protocol: host.SCTP},
		},
	}
}

func TestInventoryHoldsTheHostItWasMadeFrom(t *testing.T) {
	for name, h := range map[string]host.Host{
		"whole":              whole(),
		"empty":              {},
		"no host ID":         {NetworkID: ids[1], Ports: whole().Ports},
		"no network ID":      {ID: ids[0], Ports: whole().Ports},
		"only own addresses": {Interfaces: whole().Interfaces[1:2]},
	} {
		t.Run(name, func(t *testing.T) {
			inv, err := host.NewInventory(h)
			require.NoError(t, err)
			require.Equal(t, h, inv.Host())
			require.Equal(t, h.ID, inv.HostID())
			require.Equal(t, h.NetworkID, inv.NetworkID())
			require.Equal(t, h.Name, inv.Name())
		})
	}
}

func TestZeroInventoryIsThatOfAnEmptyHost(t *testing.T) {
	var zero host.Inventory
	empty, err := host.NewInventory(host.Host{})
	require.NoError(t, err)
	require.Equal(t, empty.Host(), zero.Host())
	require.False(t, zero.Has(binding.Interface(ids[0])))
	require.Equal(t, "unknown port "+ids[0].String()+" on all interfaces",
		zero.Describe(binding.Port(ids[0], binding.AllInterfaces())))
}

func TestAnInventoryDoesNotSayWhenThingsWereSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := hosttest.Seen().Draw(t, "host")
		before := h.Clone()
		inv, err := host.NewInventory(h)
		require.NoError(t, err)
		require.Equal(t, before, h, "the host passed in stays as it was")

		got := inv.Host()
		require.Zero(t, got.Sightings)
		for i, f := range got.Interfaces {
			h.Interfaces[i].Sightings = binding.Sightings{}
			require.Equal(t, h.Interfaces[i], f)
		}
		for i, a := range got.IPAddresses {
			h.IPAddresses[i].Sightings = binding.Sightings{}
			require.Equal(t, h.IPAddresses[i], a)
		}
		for i, p := range got.Ports {
			h.Ports[i].Sightings = binding.Sightings{}
			require.Equal(t, h.Ports[i], p)
		}
	})
}

func TestInventoryUnmapsAddresses(t *testing.T) {
	h := whole()
	h.Interfaces[1].Address = netip.MustParseAddr("::ffff:192.0.2.7")
	h.IPAddresses[0].Address = netip.MustParseAddr("::ffff:10.0.0.5")
	inv, err := host.NewInventory(h)
	require.NoError(t, err)
	require.Equal(t, whole(), inv.Host())
	require.True(t, h.Interfaces[1].Address.Is4In6(), "the host passed in stays as it was")
	require.True(t, h.IPAddresses[0].Address.Is4In6(), "the host passed in stays as it was")
}

func TestALinkLocalAddressIsTheSameWithAndWithoutItsZone(t *testing.T) {
	for given, want := range map[string]struct{ carried, alone string }{
		"fe80::1":            {"fe80::1", "fe80::1"},
		"fe80::1%eth0":       {"fe80::1", "fe80::1%eth0"},
		"fe80::1%3":          {"fe80::1", "fe80::1%3"},
		"fe80::1%other":      {"fe80::1", "fe80::1%other"},
		"fec0::1%eth0":       {"fec0::1%eth0", "fec0::1%eth0"}, // not link-local
		"::ffff:169.254.1.1": {"169.254.1.1", "169.254.1.1"},
	} {
		address := netip.MustParseAddr(given)
		inv, err := host.NewInventory(host.Host{
			Interfaces: []host.Interface{{ID: ids[2], Name: "eth0"}, {ID: ids[3], Name: "eth0", Address: address}},
			IPAddresses: []host.IPAddress{
				{ID: ids[4], Address: address, InterfaceID: ids[2]},
				{ID: ids[5], Address: address},
			},
		})
		require.NoError(t, err)
		h := inv.Host()
		require.Equal(t, want.carried, h.Interfaces[1].Address.String(), "an address of its own")
		require.Equal(t, want.carried, h.IPAddresses[0].Address.String(), "carried")
		require.Equal(t, want.alone, h.IPAddresses[1].Address.String(), "alone")
	}
}

func TestMACsHaveOneForm(t *testing.T) {
	for given, want := range map[string]string{
		"00:00:5e:00:53:01":       "00:00:5e:00:53:01",
		"00-00-5E-00-53-01":       "00:00:5e:00:53:01",
		"0000.5E00.5301":          "00:00:5e:00:53:01",
		"02-00-5E-10-00-00-00-01": "02:00:5e:10:00:00:00:01",
		"":                        "",
		"00:00:5E:00:53":          "00:00:5E:00:53",
		" 00-00-5E-00-53-01":      " 00-00-5E-00-53-01",
		"Nowhere":                 "Nowhere",
	} {
		require.Equal(t, want, host.MAC(given))
		inv, err := host.NewInventory(host.Host{
			Interfaces:  []host.Interface{{ID: ids[2], MAC: given}},
			IPAddresses: []host.IPAddress{{ID: ids[3], MAC: given, Address: netip.MustParseAddr("10.0.0.5")}},
		})
		require.NoError(t, err)
		require.Equal(t, want, inv.Host().Interfaces[0].MAC)
		require.Equal(t, want, inv.Host().IPAddresses[0].MAC)
	}
}

func TestInventoryRefusesAHostThatCannotBeAndSaysWhere(t *testing.T) {
	const broken, null = "a\xffb", "a\x00b"
	site := netip.MustParseAddr("fec0::1")
	tests := map[string]struct {
		change  func(h *host.Host)
		path    string
		problem string // a part of it
	}{
		"host name not UTF-8": {func(h *host.Host) { h.Name = broken }, "name", "UTF-8"},
		"host name with NUL":  {func(h *host.Host) { h.Name = null }, "name", "NUL"},

		"interface without ID":          {func(h *host.Host) { h.Interfaces[2].ID = uuid.Nil }, "interfaces[2].id", "is nil"},
		"interface name not UTF-8":      {func(h *host.Host) { h.Interfaces[1].Name = broken }, "interfaces[1].name", "UTF-8"},
		"interface description and NUL": {func(h *host.Host) { h.Interfaces[0].Description = null }, "interfaces[0].description", "NUL"},
		"interface MAC not UTF-8":       {func(h *host.Host) { h.Interfaces[0].MAC = broken }, "interfaces[0].mac_address", "UTF-8"},
		"interface zone not UTF-8":      {func(h *host.Host) { h.Interfaces[1].Address = site.WithZone(broken) }, "interfaces[1].ip_address", "UTF-8"},
		"subnet without an address":     {func(h *host.Host) { h.Interfaces[0].SubnetID = ids[9] }, "interfaces[0].subnet_id", "no subnet"},

		"address without ID":          {func(h *host.Host) { h.IPAddresses[0].ID = uuid.Nil }, "ip_addresses[0].id", "is nil"},
		"address without an address":  {func(h *host.Host) { h.IPAddresses[1].Address = netip.Addr{} }, "ip_addresses[1].ip_address", "is missing"},
		"address name with NUL":       {func(h *host.Host) { h.IPAddresses[1].Name = null }, "ip_addresses[1].name", "NUL"},
		"address MAC not UTF-8":       {func(h *host.Host) { h.IPAddresses[1].MAC = broken }, "ip_addresses[1].mac_address", "UTF-8"},
		"address zone with NUL":       {func(h *host.Host) { h.IPAddresses[2].Address = site.WithZone(null) }, "ip_addresses[2].ip_address", "NUL"},
		"carried by nothing":          {func(h *host.Host) { h.IPAddresses[2].InterfaceID = ids[19] }, "ip_addresses[2].interface_id", "no interface of this host has the ID"},
		"carried by a port":           {func(h *host.Host) { h.IPAddresses[2].InterfaceID = ids[10] }, "ip_addresses[2].interface_id", "no interface of this host has the ID"},
		"carried by an address":       {func(h *host.Host) { h.IPAddresses[2].InterfaceID = ids[5] }, "ip_addresses[2].interface_id", "no interface of this host has the ID"},
		"carried by an own address":   {func(h *host.Host) { h.IPAddresses[2].InterfaceID = ids[3] }, "ip_addresses[2].interface_id", "interface eth1 has an address of its own"},
		"carried by a nameless own":   {func(h *host.Host) { h.Interfaces[1].Name = ""; h.IPAddresses[2].InterfaceID = ids[3] }, "ip_addresses[2].interface_id", "interface " + ids[3].String() + " has"},
		"port without ID":             {func(h *host.Host) { h.Ports[2].ID = uuid.Nil }, "ports[2].id", "is nil"},
		"port 0":                      {func(h *host.Host) { h.Ports[0].Number = 0 }, "ports[0].number", "1 to 65535"},
		"port without protocol":       {func(h *host.Host) { h.Ports[0].Protocol = 0 }, "ports[0].protocol", "TCP, UDP and SCTP"},
		"port of an unknown protocol": {func(h *host.Host) { h.Ports[0].Protocol = host.SCTP + 1 }, "ports[0].protocol", "TCP, UDP and SCTP"},
		"port type not UTF-8":         {func(h *host.Host) { h.Ports[0].Type = broken }, "ports[0].type", "UTF-8"},
		"port number twice":           {func(h *host.Host) { h.Ports[2] = host.Port{ID: ids[12], Number: 443, Protocol: host.TCP} }, "ports[2].number", "443/tcp"},

		"two interfaces with one ID":       {func(h *host.Host) { h.Interfaces[2].ID = ids[2] }, "interfaces[2].id", ids[2].String()},
		"two addresses with one ID":        {func(h *host.Host) { h.IPAddresses[2].ID = ids[5] }, "ip_addresses[2].id", ids[5].String()},
		"two ports with one ID":            {func(h *host.Host) { h.Ports[1].ID = ids[10] }, "ports[1].id", ids[10].String()},
		"address with an interface's ID":   {func(h *host.Host) { h.IPAddresses[0].ID = ids[4] }, "ip_addresses[0].id", ids[4].String()},
		"port with an interface's ID":      {func(h *host.Host) { h.Ports[0].ID = ids[4] }, "ports[0].id", ids[4].String()},
		"port with an address's ID":        {func(h *host.Host) { h.Ports[0].ID = ids[6] }, "ports[0].id", ids[6].String()},
		"what is wrong with the list wins": {func(h *host.Host) { h.Ports[1].ID = ids[10]; h.Ports[2].Number = 0 }, "ports[2].number", "is 0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := whole()
			test.change(&h)
			inv, err := host.NewInventory(h)
			require.Nil(t, inv)
			require.ErrorIs(t, err, binding.ErrInvalid)
			require.NotErrorIs(t, err, binding.ErrMalformed)
			var field *binding.FieldError
			require.ErrorAs(t, err, &field)
			require.Equal(t, test.path, field.Path)
			require.Contains(t, field.Problem, test.problem)
		})
	}
}

func TestRefusalsStayShortWhateverTheNames(t *testing.T) {
	h := whole()
	h.Interfaces[1].Name = strings.Repeat("\x1b", 1<<20)
	h.IPAddresses[2].InterfaceID = ids[3]
	_, err := host.NewInventory(h)
	require.ErrorIs(t, err, binding.ErrInvalid)
	require.Less(t, len(err.Error()), 500)
	require.NotContains(t, err.Error(), "\x1b")
}
