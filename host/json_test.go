package host_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
)

// numbered returns the ID of a series that ends in n, and its text.
func numbered(n int) uuid.UUID { return bindingtest.IDs(7, n)[n-1] }

var expand = strings.NewReplacer(
	"<1>", `"`+numbered(1).String()+`"`, "<2>", `"`+numbered(2).String()+`"`, "<3>", `"`+numbered(3).String()+`"`,
	"<4>", `"`+numbered(4).String()+`"`, "<nil>", `"`+uuid.Nil.String()+`"`,
)

func decode(t require.TestingT, text string) host.Host {
	var h host.Host
	require.NoError(t, binding.DecodeJSON([]byte(expand.Replace(text)), &h), text)
	return h
}

func TestAnInterfaceOfTheFirstDialectHasAnAddressOfItsOwn(t *testing.T) {
	h := decode(t, `{"interfaces":[{"id":<1>,"host_id":<nil>,"network_id":<nil>,"ip_address":"::ffff:172.25.0.4","mac_address":"16:6C:97:10:88:AC",
		"name":"eth0","if_name":"ignored","if_descr":"kept","position":3,"subnet_id":<2>,"created_at":"2026-01-26T14:03:24.343892222Z"}]}`)
	require.Equal(t, host.Host{Interfaces: []host.Interface{{
		ID: numbered(1), Name: "eth0", Description: "kept", MAC: "16:6c:97:10:88:ac", Position: 3,
		Address: netip.MustParseAddr("172.25.0.4"), SubnetID: numbered(2),
	}}}, h)
}

func TestAnInterfaceOfTheSecondDialectIsCalledByItsIfName(t *testing.T) {
	for text, want := range map[string]string{
		`"if_name":"eth0"`:                        "eth0",
		`"if_name":"eth0","name":"other"`:         "eth0",
		`"name":"eth0"`:                           "eth0",
		`"if_name":null,"name":"eth0"`:            "eth0",
		`"if_name":"","name":"eth0"`:              "eth0",
		`"if_name":null,"name":null,"if_descr":5`: "",
	} {
		text = `{"interfaces":[{"id":<1>,` + strings.ReplaceAll(text, `,"if_descr":5`, "") + `,"if_descr":"Intel","mac_address":null,"ip_address_id":null}]}`
		require.Equal(t, host.Host{Interfaces: []host.Interface{{ID: numbered(1), Name: want, Description: "Intel"}}}, decode(t, text))
	}
}

func TestEitherSideMayStateTheLink(t *testing.T) {
	want := decode(t, `{"interfaces":[{"id":<1>,"if_name":"eth0"}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.5","interface_id":<1>}]}`)
	require.Equal(t, numbered(1), want.IPAddresses[0].InterfaceID)
	for _, text := range []string{
		`{"interfaces":[{"id":<1>,"if_name":"eth0","ip_address_id":<2>}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.5"}]}`,
		`{"interfaces":[{"id":<1>,"if_name":"eth0","ip_address_id":<2>}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.5","interface_id":null}]}`,
		`{"interfaces":[{"id":<1>,"if_name":"eth0","ip_address_id":<2>}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.5","interface_id":<nil>}]}`,
		`{"interfaces":[{"id":<1>,"if_name":"eth0","ip_address_id":<2>}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.5","interface_id":<1>}]}`,
		`{"interfaces":[{"id":<1>,"if_name":"eth0","ip_address_id":<nil>}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.5","interface_id":<1>}]}`,
	} {
		require.Equal(t, want, decode(t, text), text)
	}

	several := decode(t, `{"interfaces":[{"id":<1>,"ip_address_id":<3>}],
		"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.5","interface_id":<1>},{"id":<3>,"ip_address":"10.0.0.6"}]}`)
	require.Equal(t, numbered(1), several.IPAddresses[0].InterfaceID)
	require.Equal(t, numbered(1), several.IPAddresses[1].InterfaceID)
}

func TestNamesNeverImplyALink(t *testing.T) {
	h := decode(t, `{"interfaces":[{"id":<1>,"if_name":"eth0","mac_address":"m"}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.5","name":"eth0","mac_address":"m"}]}`)
	require.Equal(t, uuid.Nil, h.IPAddresses[0].InterfaceID)
}

func TestOfChildrenWithOneIDALinkMeansTheFirst(t *testing.T) {
	h := decode(t, `{"interfaces":[{"id":<1>,"ip_address_id":<2>}],
		"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.5"},{"id":<2>,"ip_address":"10.0.0.6"}]}`)
	require.Equal(t, numbered(1), h.IPAddresses[0].InterfaceID)
	require.Equal(t, uuid.Nil, h.IPAddresses[1].InterfaceID)
}

func TestAddressesAreReadWithoutTheZoneOfTheirInterface(t *testing.T) {
	h := decode(t, `{"interfaces":[{"id":<1>,"ip_address_id":<2>},{"id":<4>,"name":"eth0","ip_address":"fe80::1%eth0"}],
		"ip_addresses":[{"id":<2>,"ip_address":"fe80::1%3"},{"id":<3>,"ip_address":"fe80::1%3","interface_id":<1>},{"id":<3>,"ip_address":"fe80::1%3"}]}`)
	require.Equal(t, netip.MustParseAddr("fe80::1"), h.Interfaces[1].Address)
	require.Equal(t, netip.MustParseAddr("fe80::1"), h.IPAddresses[0].Address)
	require.Equal(t, netip.MustParseAddr("fe80::1"), h.IPAddresses[1].Address)
	require.Equal(t, netip.MustParseAddr("fe80::1%3"), h.IPAddresses[2].Address)
}

func TestAPortKeepsTheTypeItCameWith(t *testing.T) {
	for text, want := range map[string]struct{ held, written string }{
		`,"type":"Https"`:  {"Https", `,"type":"Https"`},
		`,"type":"Custom"`: {"", `,"type":"Custom"`},
		`,"type":null`:     {"", `,"type":"Custom"`},
		``:                 {"", `,"type":"Custom"`},
	} {
		port := func(protocol, text string) string {
			return expand.Replace(`{"id":<1>,"number":443,"protocol":"` + protocol + `"` + text + `}`)
		}
		for _, protocol := range []string{"Tcp", "tcp", "TCP", "tCP"} {
			var p host.Port
			require.NoError(t, binding.DecodeJSON([]byte(port(protocol, text)), &p))
			require.Equal(t, host.Port{ID: numbered(1), Number: 443, Protocol: host.TCP, Type: want.held}, p)
			written, err := p.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, port("Tcp", want.written), string(written))
		}
	}
}

func TestAbsentAndNullListsAreEmpty(t *testing.T) {
	for _, text := range []string{`{}`, `{"interfaces":null,"ip_addresses":null,"ports":null,"name":null}`, `{"interfaces":[],"ip_addresses":[],"ports":[]}`} {
		require.Equal(t, host.Host{}, decode(t, text))
	}
}

func TestEveryWrongFieldOfAHostIsNamed(t *testing.T) {
	const port = `{"id":<1>,"number":80,"protocol":"Tcp"}`
	for _, test := range []struct {
		text      string
		path      string
		malformed bool
	}{
		{`{"id":"x"}`, "id", true},
		{`{"network_id":<1>,"site_id":<2>}`, "site_id", false},
		{`{"name":5}`, "name", true},
		{`{"name":"\u0000"}`, "name", true},
		{`{"revision":-1}`, "revision", false},
		{`{"revision":"1"}`, "revision", true},
		{`{"interfaces":{}}`, "interfaces", true},
		{`{"interfaces":[null]}`, "interfaces[0]", true},
		{`{"interfaces":[{"id":<1>},{}]}`, "interfaces[1].id", true},
		{`{"interfaces":[{"id":<nil>}]}`, "interfaces[0].id", false},
		{`{"interfaces":[{"id":<1>,"if_name":5}]}`, "interfaces[0].if_name", true},
		{`{"interfaces":[{"id":<1>,"name":"\ud800"}]}`, "interfaces[0].name", true},
		{`{"interfaces":[{"id":<1>,"if_descr":[]}]}`, "interfaces[0].if_descr", true},
		{`{"interfaces":[{"id":<1>,"mac_address":{}}]}`, "interfaces[0].mac_address", true},
		{`{"interfaces":[{"id":<1>,"position":2147483648}]}`, "interfaces[0].position", false},
		{`{"interfaces":[{"id":<1>,"ip_address":"eth0"}]}`, "interfaces[0].ip_address", true},
		{`{"interfaces":[{"id":<1>,"ip_address":"10.0.0.0/8"}]}`, "interfaces[0].ip_address", true},
		{`{"interfaces":[{"id":<1>,"subnet_id":<2>}]}`, "interfaces[0].subnet_id", false},
		{`{"interfaces":[{"id":<1>,"ip_address_id":"x"}]}`, "interfaces[0].ip_address_id", true},
		{`{"interfaces":[{"id":<1>,"ip_address_id":<2>}]}`, "interfaces[0].ip_address_id", false},
		{`{"interfaces":[{"id":<1>,"host_id":5}]}`, "interfaces[0].host_id", true},
		{`{"interfaces":[{"id":<1>,"network_id":<2>,"site_id":<3>}]}`, "interfaces[0].site_id", false},
		{`{"interfaces":[{"id":<1>,"ip_address":"10.0.0.5","ip_address_id":<2>}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.6"}]}`, "interfaces[0].ip_address_id", false},
		{`{"interfaces":[{"id":<1>,"ip_address_id":<2>},{"id":<3>,"ip_address_id":<2>}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.6"}]}`, "interfaces[1].ip_address_id", false},
		{`{"interfaces":[{"id":<1>},{"id":<3>,"ip_address_id":<2>}],"ip_addresses":[{"id":<2>,"ip_address":"10.0.0.6","interface_id":<1>}]}`, "interfaces[1].ip_address_id", false},
		{`{"interfaces":[{"id":<1>,"ip_address_id":<3>}],"ports":[{"id":<3>,"number":80,"protocol":"Tcp"}]}`, "interfaces[0].ip_address_id", false},
		{`{"ip_addresses":5}`, "ip_addresses", true},
		{`{"ip_addresses":[{"ip_address":"10.0.0.5"}]}`, "ip_addresses[0].id", true},
		{`{"ip_addresses":[{"id":<1>}]}`, "ip_addresses[0].ip_address", true},
		{`{"ip_addresses":[{"id":<1>,"ip_address":null}]}`, "ip_addresses[0].ip_address", true},
		{`{"ip_addresses":[{"id":<1>,"ip_address":167772165}]}`, "ip_addresses[0].ip_address", true},
		{`{"ip_addresses":[{"id":<1>,"ip_address":"10.0.0.5","interface_id":<2>}]}`, "ip_addresses[0].interface_id", false},
		{`{"ip_addresses":[{"id":<1>,"ip_address":"10.0.0.5"},{"id":<3>,"ip_address":"10.0.0.6","interface_id":<2>}]}`, "ip_addresses[1].interface_id", false},
		{`{"ip_addresses":[{"id":<1>,"ip_address":"10.0.0.5","interface_id":<2>}],"interfaces":[{"id":<2>,"ip_address":"10.0.0.6"}]}`, "ip_addresses[0].interface_id", false},
		{`{"ip_addresses":[{"id":<1>,"ip_address":"10.0.0.5","subnet_id":"x"}]}`, "ip_addresses[0].subnet_id", true},
		{`{"ip_addresses":[{"id":<1>,"ip_address":"10.0.0.5","site_id":"x"}]}`, "ip_addresses[0].site_id", true},
		{`{"ports":"443"}`, "ports", true},
		{`{"ports":[443]}`, "ports[0]", true},
		{`{"ports":[` + port + `,{"number":80,"protocol":"Tcp"}]}`, "ports[1].id", true},
		{`{"ports":[{"id":<1>,"protocol":"Tcp"}]}`, "ports[0].number", true},
		{`{"ports":[{"id":<1>,"number":"80","protocol":"Tcp"}]}`, "ports[0].number", true},
		{`{"ports":[{"id":<1>,"number":0,"protocol":"Tcp"}]}`, "ports[0].number", false},
		{`{"ports":[{"id":<1>,"number":65536,"protocol":"Tcp"}]}`, "ports[0].number", false},
		{`{"ports":[{"id":<1>,"number":80.5,"protocol":"Tcp"}]}`, "ports[0].number", true},
		{`{"ports":[{"id":<1>,"number":80}]}`, "ports[0].protocol", true},
		{`{"ports":[{"id":<1>,"number":80,"protocol":6}]}`, "ports[0].protocol", true},
		{`{"ports":[{"id":<1>,"number":80,"protocol":"Icmp"}]}`, "ports[0].protocol", false},
		{`{"ports":[{"id":<1>,"number":80,"protocol":""}]}`, "ports[0].protocol", false},
		{`{"ports":[{"id":<1>,"number":80,"protocol":"Tcp","type":5}]}`, "ports[0].type", true},
		{`{"ports":[` + port + `,` + port, "", true},
		{`[]`, "", true},
	} {
		was := host.Host{Name: "was"}
		h := was
		bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(expand.Replace(test.text)), &h), test.path, test.malformed)
		require.Equal(t, was, h, "an error changes nothing")
	}
}

func TestAHostIsWrittenInTheDialectOfEachInterface(t *testing.T) {
	h := host.Host{
		ID: numbered(1), NetworkID: numbered(2), Name: "web-1", Revision: 7,
		Interfaces: []host.Interface{
			{ID: numbered(3), Name: "eth0", Description: "Intel", MAC: "00:00:5e:00:53:01", Position: 1},
			{ID: numbered(4), Name: "eth1", Address: netip.MustParseAddr("fe80::1")},
		},
		IPAddresses: []host.IPAddress{{ID: numbered(5), Address: netip.MustParseAddr("10.0.0.5"), SubnetID: numbered(6), InterfaceID: numbered(3)}},
		Ports:       []host.Port{{ID: numbered(7), Number: 443, Protocol: host.TCP, Type: "Https"}},
	}
	written, err := json.MarshalIndent(h, "", "  ")
	require.NoError(t, err)
	requireGolden(t, "host.json", written)

	written, err = json.Marshal(host.Host{})
	require.NoError(t, err)
	require.Equal(t, expand.Replace(`{"id":<nil>,"network_id":<nil>,"name":"","interfaces":[],"ip_addresses":[],"ports":[]}`), string(written))
}

func TestAnInterfaceIsWrittenWithTheFirstAddressThatMeansIt(t *testing.T) {
	at := func(id int, address string, carrier uuid.UUID) host.IPAddress {
		return host.IPAddress{ID: numbered(id), Address: netip.MustParseAddr(address), InterfaceID: carrier}
	}
	written, err := json.Marshal(host.Host{
		Interfaces: []host.Interface{{ID: numbered(1), Name: "eth0"}, {ID: numbered(2), Name: "eth1"}, {ID: numbered(8), Name: "eth2"}},
		IPAddresses: []host.IPAddress{
			at(3, "10.0.0.3", uuid.Nil),
			at(4, "10.0.0.4", numbered(1)), at(5, "10.0.0.5", numbered(1)),
			at(5, "10.0.0.6", numbered(8)), // a link to the ID 5 means the one before
			at(6, "10.0.0.7", numbered(2)),
		},
	})
	require.NoError(t, err)
	var read struct {
		Interfaces []struct {
			Name    string    `json:"if_name"`
			Carries uuid.UUID `json:"ip_address_id"`
		} `json:"interfaces"`
	}
	require.NoError(t, json.Unmarshal(written, &read))
	got := map[string]uuid.UUID{}
	for _, f := range read.Interfaces {
		got[f.Name] = f.Carries
	}
	require.Equal(t, map[string]uuid.UUID{"eth0": numbered(4), "eth1": numbered(6), "eth2": uuid.Nil}, got)
}

// requireGolden compares with a file that is written by hand: what the library
// writes today is what a reader of tomorrow must still find.
func requireGolden(t *testing.T, name string, written []byte) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(want)), string(written))
}

func TestAHostThatCannotBeReadIsNotWritten(t *testing.T) {
	address := netip.MustParseAddr("10.0.0.5")
	for path, h := range map[string]host.Host{
		"name":                        {Name: "\xff"},
		"interfaces[0].id":            {Interfaces: []host.Interface{{}}},
		"interfaces[1].name":          {Interfaces: []host.Interface{{ID: numbered(1)}, {ID: numbered(2), Name: "a\x00"}}},
		"interfaces[0].ip_address":    {Interfaces: []host.Interface{{ID: numbered(1), Address: netip.MustParseAddr("fec0::1").WithZone("\xff")}}},
		"ip_addresses[0].ip_address":  {IPAddresses: []host.IPAddress{{ID: numbered(1)}}},
		"ip_addresses[0].mac_address": {IPAddresses: []host.IPAddress{{ID: numbered(1), Address: address, MAC: "\x00"}}},
		"ports[0].number":             {Ports: []host.Port{{ID: numbered(1), Protocol: host.TCP}}},
		"ports[0].protocol":           {Ports: []host.Port{{ID: numbered(1), Number: 80}}},
	} {
		_, err := json.Marshal(h)
		bindingtest.RequireFieldError(t, err, path, false)
	}
	for path, child := range map[string]any{"id": host.Interface{}, "ip_address": host.IPAddress{ID: numbered(1)}, "number": host.Port{ID: numbered(1)}} {
		_, err := json.Marshal(child)
		bindingtest.RequireFieldError(t, err, path, false)
	}
}

func TestAChildAloneIsReadByTheRulesOfItsList(t *testing.T) {
	var port host.Port
	require.NoError(t, binding.DecodeJSON([]byte(expand.Replace(`{"id":<1>,"number":80,"protocol":"Udp"}`)), &port))
	require.Equal(t, host.Port{ID: numbered(1), Number: 80, Protocol: host.UDP}, port)
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(`{"id":5}`), &port), "id", true)
	require.Equal(t, host.Port{ID: numbered(1), Number: 80, Protocol: host.UDP}, port, "an error changes nothing")

	var f host.Interface
	require.NoError(t, binding.DecodeJSON([]byte(expand.Replace(`{"id":<1>,"if_name":"eth0","ip_address_id":<2>}`)), &f))
	require.Equal(t, host.Interface{ID: numbered(1), Name: "eth0"}, f, "the address holds the link")
}

func TestJSONSurvivesForEveryHostAndChild(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := hosttest.Seen().Draw(t, "host")
		bindingtest.RequireJSONSurvives(t, h)
		for _, f := range h.Interfaces {
			bindingtest.RequireJSONSurvives(t, f)
		}
		for _, a := range h.IPAddresses {
			bindingtest.RequireJSONSurvives(t, a)
		}
		for _, p := range h.Ports {
			bindingtest.RequireJSONSurvives(t, p)
		}
	})
}

func TestEverythingOnAHostSaysWhenItWasSeen(t *testing.T) {
	const seen = `"last_seen_at":"2026-01-15T10:30:00.1234567+02:00","first_discovery_id":<3>,"last_discovery_id":<4>`
	want := binding.Sightings{
		LastSeenAt:       time.Date(2026, 1, 15, 8, 30, 0, 123456000, time.UTC),
		FirstDiscoveryID: numbered(3), LastDiscoveryID: numbered(4),
	}
	h := decode(t, `{`+seen+`,"interfaces":[{"id":<1>,`+seen+`},{"id":<1>,"ip_address":"10.0.0.5",`+seen+`}],
		"ip_addresses":[{"id":<1>,"ip_address":"10.0.0.5",`+seen+`}],"ports":[{"id":<1>,"number":80,"protocol":"Tcp",`+seen+`}]}`)
	require.Equal(t, host.Host{
		Sightings:   want,
		Interfaces:  []host.Interface{{ID: numbered(1), Sightings: want}, {ID: numbered(1), Address: netip.MustParseAddr("10.0.0.5"), Sightings: want}},
		IPAddresses: []host.IPAddress{{ID: numbered(1), Address: netip.MustParseAddr("10.0.0.5"), Sightings: want}},
		Ports:       []host.Port{{ID: numbered(1), Number: 80, Protocol: host.TCP, Sightings: want}},
	}, h)

	written, err := json.Marshal(h)
	require.NoError(t, err)
	require.Equal(t, 5, strings.Count(string(written), expand.Replace(`"last_seen_at":"2026-01-15T08:30:00.123456Z","first_discovery_id":<3>,"last_discovery_id":<4>`)))
}

func TestStrictKnowsEveryFieldOfTheAPI(t *testing.T) {
	const child = `"id":<1>,"host_id":<nil>,"network_id":<nil>,"site_id":<nil>,"created_at":"2026-01-26T14:03:24Z","updated_at":"2026-01-26T14:03:24Z","position":0,`
	for text, v := range map[string]any{
		`{` + child + `"name":"eth0","if_name":"eth0","if_descr":"","mac_address":null,"ip_address":"10.0.0.5","subnet_id":null,"ip_address_id":null}`:                              &host.Interface{},
		`{` + child + `"name":"eth0","if_name":"eth0","if_descr":"","mac_address":null,"ip_address_id":<2>}`:                                                                        &host.Interface{},
		`{` + child + `"name":"eth0","ip_address":"10.0.0.5","mac_address":null,"subnet_id":null,"interface_id":<2>}`:                                                               &host.IPAddress{},
		`{` + strings.Replace(child, `"position":0,`, "", 1) + `"number":80,"protocol":"Tcp","type":"Http"}`:                                                                        &host.Port{},
		`{"id":<1>,"network_id":<nil>,"name":"","hostname":null,"description":null,"hidden":false,"source":{},"tags":[],"virtualization":null,"created_at":null,"updated_at":null}`: &host.Host{},
	} {
		require.NoError(t, binding.DecodeJSON([]byte(expand.Replace(text)), v, binding.Strict), text)
		misspelt := strings.Replace(text, `{"id"`, `{"x":1,"id"`, 1)
		bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(expand.Replace(misspelt)), v, binding.Strict), "x", false)
	}
}

func TestTimesThatJSONCannotHoldAreNotWritten(t *testing.T) {
	for path, change := range map[string]func(h *host.Host, s binding.Sightings){
		"last_seen_at":                 func(h *host.Host, s binding.Sightings) { h.Sightings = s },
		"interfaces[1].last_seen_at":   func(h *host.Host, s binding.Sightings) { h.Interfaces[1].Sightings = s },
		"ip_addresses[0].last_seen_at": func(h *host.Host, s binding.Sightings) { h.IPAddresses[0].Sightings = s },
		"ports[2].last_seen_at":        func(h *host.Host, s binding.Sightings) { h.Ports[2].Sightings = s },
	} {
		h := whole()
		change(&h, binding.Sightings{LastSeenAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
		_, err := h.MarshalJSON()
		bindingtest.RequireFieldError(t, err, path, false)
	}
}

func TestADecodedHostMakesAnInventoryUnlessSomethingStandsTwice(t *testing.T) {
	h := decode(t, `{"ports":[{"id":<1>,"number":80,"protocol":"Tcp"},{"id":<1>,"number":80,"protocol":"Udp"}]}`)
	_, err := host.NewInventory(h)
	bindingtest.RequireFieldError(t, err, "ports[1].id", false)
	h = decode(t, `{"ports":[{"id":<1>,"number":80,"protocol":"Tcp"},{"id":<2>,"number":80,"protocol":"Tcp"}]}`)
	_, err = host.NewInventory(h)
	bindingtest.RequireFieldError(t, err, "ports[1].number", false)
}

func FuzzHostJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`,
		`{"id":<1>,"site_id":<2>,"name":"web-1","revision":3,"ports":[{"id":<3>,"number":443,"protocol":"Tcp","type":"Https"}]}`,
		`{"interfaces":[{"id":<1>,"ip_address":"fe80::1%eth0","name":"eth0","subnet_id":<2>,"position":-1}]}`,
		`{"interfaces":[{"id":<1>,"if_name":"eth0","if_descr":"","ip_address_id":<2>}],"ip_addresses":[{"id":<2>,"ip_address":"::ffff:10.0.0.5"}]}`,
		`{"id":<1>,"ip_address":"10.0.0.5","interface_id":<2>,"number":80,"protocol":"Sctp"}`,
		`{"last_seen_at":"2026-01-15T10:30:00.1234567+02:00","first_discovery_id":<1>,"ports":[{"id":<1>,"number":1,"protocol":"Tcp","last_discovery_id":<2>,"last_seen_at":"9999-12-31T23:59:59-01:00"}]}`,
		`{"interfaces":[{"id":<1>},{"id":<1>,"ip_address":"::1"}],"ip_addresses":[{"id":<1>,"ip_address":"::1","interface_id":<1>},{"id":<1>,"ip_address":"::1","interface_id":<1>}]}`,
		`{"interfaces":[{"id":<1>,"ip_address_id":<3>},{"id":<2>}],"ip_addresses":[{"id":<3>,"ip_address":"::1"},{"id":<3>,"ip_address":"::2","interface_id":<2>}]}`,
	} {
		f.Add([]byte(expand.Replace(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		bindingtest.RequireLawfulJSON[host.Host](t, data)
		bindingtest.RequireLawfulJSON[host.Interface](t, data)
		bindingtest.RequireLawfulJSON[host.IPAddress](t, data)
		bindingtest.RequireLawfulJSON[host.Port](t, data)
	})
}
