package service_test

import (
	"encoding/json"
	"fmt"
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
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store/storetest"
)

// wireID returns the ID that ends in n of the series that testdata uses.
func wireID(n int) uuid.UUID { return bindingtest.IDs(9, n)[n-1] }

func readTestdata(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return data
}

func TestADiscoveryOfTheFirstDialectIsRead(t *testing.T) {
	var d service.Discovery
	require.NoError(t, binding.DecodeJSON(readTestdata(t, "discovery-0.14.json"), &d))
	at := time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC)
	require.Equal(t, service.Discovery{
		Host: host.Host{
			ID: wireID(1), NetworkID: wireID(2),
			Interfaces: []host.Interface{{
				ID: wireID(3), Name: "eth0", MAC: "00:00:5e:00:53:07", Address: netip.MustParseAddr("192.0.2.7"), SubnetID: wireID(4),
			}},
			Ports: []host.Port{{ID: wireID(5), Number: 631, Protocol: host.TCP, Type: "Ipp"}},
		},
		Services: []service.Service{{
			ID: wireID(6), HostID: wireID(1), NetworkID: wireID(2), Name: "CUPS", Definition: "CUPS",
			Source: service.Source{
				Type: "DiscoveryWithMatch",
				Rest: json.RawMessage(`{"details":{"confidence":"High","reason":{"data":["port \u003c631\u003e",1.0],"type":"reason"}},"metadata":[]}`),
			},
			Virtualization: json.RawMessage(`{"type":"Docker","details":{"container_name":"cups"}}`),
			Bindings: []binding.Binding{
				{
					Target: binding.Port(wireID(5), binding.OnInterface(wireID(3))), ID: wireID(7),
					CreatedAt: at.Add(time.Second / 2), UpdatedAt: at.Add(time.Second / 2),
				},
				{Target: binding.Port(wireID(5), binding.AllInterfaces()), ID: wireID(8)},
			},
			CreatedAt: at, UpdatedAt: at,
		}},
	}, d)
	bindingtest.RequireJSONSurvives(t, d)
}

func TestADiscoveryOfTheSecondDialectIsRead(t *testing.T) {
	var d service.Discovery
	require.NoError(t, binding.DecodeJSON(readTestdata(t, "discovery-0.17.json"), &d))
	at := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)
	require.Equal(t, service.Discovery{
		Host: host.Host{
			ID: wireID(1), NetworkID: wireID(2), Name: "print-1",
			Interfaces: []host.Interface{
				{ID: wireID(9), Name: "eth0", Description: "Printer port", MAC: "00:00:5e:00:53:07"},
				{ID: wireID(10), Name: "wlan0"},
			},
			IPAddresses: []host.IPAddress{
				{ID: wireID(3), Address: netip.MustParseAddr("192.0.2.7"), SubnetID: wireID(4), InterfaceID: wireID(9)},
				{ID: wireID(11), Address: netip.MustParseAddr("fe80::7"), Name: "link local", Position: 1, InterfaceID: wireID(10)},
			},
			Ports: []host.Port{{ID: wireID(5), Number: 631, Protocol: host.TCP, Type: "Ipp"}, {ID: wireID(12), Number: 5353, Protocol: host.UDP}},
		},
		Services: []service.Service{
			{
				ID: wireID(6), NetworkID: wireID(2), Name: "CUPS", Definition: "CUPS",
				Source: service.Source{Type: "Discovery"}, Tags: []string{"office", "print"},
				Bindings: []binding.Binding{{
					Target: binding.Port(wireID(5), binding.OnIPAddress(wireID(3))), ID: wireID(7),
					Sightings: binding.Sightings{LastSeenAt: at, LastDiscoveryID: wireID(13)}, ValidFrom: at,
				}},
			},
			{Name: "Gateway", Bindings: []binding.Binding{{Target: binding.IPAddress(wireID(11))}}},
			{Name: "Nothing bound"},
		},
	}, d)
	bindingtest.RequireJSONSurvives(t, d)
}

// TestRecordedExchangesAreRead replays payloads that were recorded between real
// daemons and servers. They are not ours to publish, so the test runs only where
// they lie beside the repository.
func TestRecordedExchangesAreRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "payloads", "*.json"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no recorded payloads in ../shared/payloads, seen from the root of the repository")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var exchange struct {
			Request  json.RawMessage `json:"request_body"`
			Response struct {
				Data json.RawMessage `json:"data"`
			} `json:"response_body"`
		}
		require.NoError(t, json.Unmarshal(data, &exchange))
		var sent service.Discovery
		var answered service.HostWithServices
		require.NoError(t, binding.DecodeJSON(exchange.Request, &sent), file)
		require.NoError(t, binding.DecodeJSON(exchange.Response.Data, &answered), file)
		bindingtest.RequireJSONSurvives(t, sent)
		bindingtest.RequireJSONSurvives(t, answered)
		require.NotEmpty(t, sent.Services)

		sent.Host.Name = answered.Host.Name // a host is never renamed
		for i := range sent.Services {
			for j := range sent.Services[i].Bindings {
				sent.Services[i].Bindings[j].ServiceID = sent.Services[i].ID
				sent.Services[i].Bindings[j].NetworkID = sent.Host.NetworkID
			}
		}
		require.Equal(t, answered, service.HostWithServices{Host: sent.Host, Services: sent.Services}, file)
	}
}

func TestTheBodyOfTheReferenceIsRead(t *testing.T) {
	const body = `{ "bindings": [ { "created_at": "2026-01-12T14:59:13.659334Z", "id": "17e02403-98fe-4406-8133-df42a43de7de",
		"interface_id": "550e8400-e29b-41d4-a716-446655440005", "network_id": "550e8400-e29b-41d4-a716-446655440002",
		"port_id": "550e8400-e29b-41d4-a716-446655440006", "service_id": "550e8400-e29b-41d4-a716-446655440007", "type": "Port",
		"updated_at": "2026-01-12T14:59:13.659334Z" } ], "created_at": "2026-01-15T10:30:00Z", "host_id": "550e8400-e29b-41d4-a716-446655440003",
		"id": "550e8400-e29b-41d4-a716-446655440007", "name": "nginx", "network_id": "550e8400-e29b-41d4-a716-446655440002", "position": 0,
		"service_definition": "Remote Desktop", "source": { "type": "Manual" }, "tags": [], "updated_at": "2026-01-15T10:30:00Z", "virtualization": null }`
	var s service.Service
	require.NoError(t, binding.DecodeJSON([]byte(body), &s))
	require.Equal(t, "nginx", s.Name)
	require.Equal(t, "Remote Desktop", s.Definition)
	require.Equal(t, service.Source{Type: service.SourceManual}, s.Source)
	require.Len(t, s.Bindings, 1)

	written, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, body, string(written))
}

func TestASourceAloneIsReadAsInItsService(t *testing.T) {
	var s service.Source
	require.NoError(t, binding.DecodeJSON([]byte(`{"x":1,"type":"Discovery"}`), &s))
	require.Equal(t, service.Source{Type: "Discovery", Rest: json.RawMessage(`{"x":1}`)}, s)
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(`{"type":[]}`), &s), "type", true)
	require.Equal(t, "Discovery", s.Type, "an error changes nothing")
	require.NoError(t, binding.DecodeJSON([]byte(`null`), &s))
	require.Zero(t, s)
}

func TestAServiceIsWrittenWithEmptyLists(t *testing.T) {
	written, err := json.Marshal(service.Service{})
	require.NoError(t, err)
	const none = `"00000000-0000-0000-0000-000000000000"`
	require.Equal(t, `{"id":`+none+`,"host_id":`+none+`,"network_id":`+none+`,"name":"","service_definition":"","source":null,`+
		`"position":0,"tags":[],"virtualization":null,"bindings":[]}`, string(written))
	bindingtest.RequireJSONSurvives(t, service.Service{})
}

func TestHostsAndDiscoveriesDifferInWhereTheListsStand(t *testing.T) {
	h := host.Host{Name: "web-1", Ports: []host.Port{{ID: wireID(1), Number: 80, Protocol: host.TCP}}}
	const none = `"00000000-0000-0000-0000-000000000000"`
	own := `"id":` + none + `,"network_id":` + none + `,"name":"web-1"`
	lists := `"interfaces":[],"ip_addresses":[],"ports":[{"id":"` + wireID(1).String() + `","host_id":` + none + `,"network_id":` + none +
		`,"number":80,"protocol":"Tcp","type":"Custom"}],"services":[]`

	written, err := json.Marshal(service.HostWithServices{Host: h})
	require.NoError(t, err)
	require.Equal(t, `{`+own+`,`+lists+`}`, string(written))
	written, err = json.Marshal(service.Discovery{Host: h})
	require.NoError(t, err)
	require.Equal(t, `{"host":{`+own+`},`+lists+`}`, string(written))
}

func TestTheListsOfADiscoveryMayStandInItsHost(t *testing.T) {
	port := `{"id":"` + wireID(1).String() + `","number":80,"protocol":"Tcp"}`
	var d service.Discovery
	for _, text := range []string{
		`{"host":{"ports":[` + port + `]}}`,
		`{"host":{"ports":[` + port + `]},"interfaces":[],"ports":null}`,
		`{"host":{"ports":[]},"ports":[` + port + `]}`,
	} {
		require.NoError(t, binding.DecodeJSON([]byte(text), &d))
		require.Equal(t, []host.Port{{ID: wireID(1), Number: 80, Protocol: host.TCP}}, d.Host.Ports)
	}
	interfaces := `"interfaces":[{"id":"` + wireID(2).String() + `"}]`
	both := []byte(`{"host":{"ports":[` + port + `]},` + interfaces + `}`)
	bindingtest.RequireFieldError(t, binding.DecodeJSON(both, &d, binding.Strict), "host", false)
	require.NoError(t, binding.DecodeJSON(both, &d))
	require.Equal(t, "host", d.Faults[0].Path)
	require.Empty(t, d.Host.Ports, "what stands beside the host counts")
}

func TestEveryWrongFieldOfAServiceIsNamed(t *testing.T) {
	for _, test := range []struct {
		text      string
		path      string
		malformed bool
	}{
		{`{"id":5}`, "id", true},
		{`{"host_id":"x"}`, "host_id", true},
		{`{"network_id":[]}`, "network_id", true},
		{`{"name":null,"site_id":""}`, "site_id", true},
		{`{"name":7}`, "name", true},
		{`{"name":"a\u0000b"}`, "name", true},
		{`{"service_definition":{}}`, "service_definition", true},
		{`{"source":"Manual"}`, "source", true},
		{`{"source":{"type":5}}`, "source.type", true},
		{`{"source":{"type":"a","type":"b"}}`, "source.type", true},
		{`{"source":{"details":["\u0000"]}}`, "source", true},
		{`{"position":1.5}`, "position", true},
		{`{"position":-2147483649}`, "position", false},
		{`{"tags":"a"}`, "tags", true},
		{`{"tags":["a",null]}`, "tags[1]", true},
		{`{"tags":["a",["b"]]}`, "tags[1]", true},
		{`{"tags":["\udc00"]}`, "tags[0]", true},
		{`{"virtualization":{"x":"\ud800"}}`, "virtualization", true},
		{`{"virtualization":` + strings.Repeat("[", 1001) + strings.Repeat("]", 1001) + `}`, "virtualization", true},
		{`{"revision":-1}`, "revision", false},
		{`{"revision":1e2}`, "revision", true},
		{`{"created_at":5}`, "created_at", true},
		{`{"updated_at":"9999-12-31T23:59:59-23:00"}`, "updated_at", false},
		{`{"bindings":{}}`, "bindings", true},
		{`{"bindings":[null]}`, "bindings[0]", true},
		{`{"bindings":[{"type":"Interface","interface_id":"` + wireID(1).String() + `"},{"type":"Interface"}]}`, "bindings[1].interface_id", true},
		{`{"bindings":[{"type":"Nothing"}]}`, "bindings[0].type", false},
		{`null`, "", true},
		{`{"name":"x"`, "", true},
	} {
		was := service.Service{Name: "was"}
		s := was
		bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(test.text), &s), test.path, test.malformed)
		require.Equal(t, was, s, "an error changes nothing")

		if test.path == "" {
			continue
		}
		payload := []byte(`{"host":{},"services":[{},{},` + test.text + `]}`)
		requireFault(t, payload, "services[2]."+test.path, test.malformed)
		bindingtest.RequireFieldError(t, binding.DecodeJSON(payload, new(service.HostWithServices)), "services[2]."+test.path, test.malformed)
	}
}

func TestEveryWrongFieldOfADiscoveryIsNamed(t *testing.T) {
	for _, test := range []struct {
		text      string
		path      string
		malformed bool
	}{
		{`{}`, "host", true},
		{`{"host":null}`, "host", true},
		{`{"host":"x"}`, "host", true},
		{`{"host":{"name":5}}`, "host.name", true},
		{`{"host":{"ports":[{}]}}`, "host.ports[0].id", true},
		{`{"host":{},"ports":[{}]}`, "ports[0].id", true},
		{`{"host":{},"interfaces":5}`, "interfaces", true},
		{`{"host":{},"ports":[],"ports":[]}`, "ports", true},
		{`{"host":{},"interfaces":[{"id":"` + wireID(1).String() + `","ip_address_id":"` + wireID(2).String() + `"}]}`, "interfaces[0].ip_address_id", false},
		{`{"host":{},"services":{}}`, "services", true},
		{`{"host":{},"services":[5]}`, "services[0]", true},
	} {
		requireFault(t, []byte(test.text), test.path, test.malformed)
	}
	for _, text := range []string{`[]`, `null`, `{"host":{}}{}`, `{"host":{}`, ``} {
		was := service.Discovery{Host: host.Host{Name: "was"}}
		d := was
		bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(text), &d), "", true)
		require.Equal(t, was, d, "an error changes nothing")
	}
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte("{\"host\":{\"x\":\"\xff\"}}"), new(service.Discovery), binding.Strict), "", true)
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(`{"ports":[{}]}`), new(service.HostWithServices)), "ports[0].id", true)
}

// requireFault requires that a payload is taken with a fault at path, and is an error
// there where it is read strictly.
func requireFault(t *testing.T, payload []byte, path string, malformed bool) {
	t.Helper()
	var d service.Discovery
	require.NoError(t, binding.DecodeJSON(payload, &d), "%s", payload)
	require.NotEmpty(t, d.Faults, "%s", payload)
	require.Equal(t, path, d.Faults[0].Path, "%s", payload)
	bindingtest.RequireFieldError(t, binding.DecodeJSON(payload, new(service.Discovery), binding.Strict), path, malformed)
}

func TestOneBadValueOfAPayloadCostsThatValue(t *testing.T) {
	eth0, address, https, ssh, nginx := wireID(1), wireID(2), wireID(3), wireID(4), wireID(5)
	good := service.Discovery{
		Host: host.Host{
			ID: wireID(6), NetworkID: wireID(7), Name: "web-1",
			Interfaces:  []host.Interface{{ID: eth0, Name: "eth0", Description: "uplink", MAC: "00:00:5e:00:53:01", Position: 7}},
			IPAddresses: []host.IPAddress{{ID: address, Address: netip.MustParseAddr("192.0.2.5"), Name: "vip", InterfaceID: eth0}},
			Ports:       []host.Port{{ID: https, Number: 443, Protocol: host.TCP, Type: "Https"}, {ID: ssh, Number: 22, Protocol: host.TCP}},
		},
		Services: []service.Service{{ID: nginx, Name: "nginx", Tags: []string{"public"}, Bindings: []binding.Binding{
			{Target: binding.Port(https, binding.OnIPAddress(address)), ID: wireID(8), Sightings: binding.Sightings{LastSeenAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}},
			{Target: binding.Port(ssh, binding.AllInterfaces()), ID: wireID(9)},
		}}},
	}
	text, err := good.MarshalJSON()
	require.NoError(t, err)
	for name, test := range map[string]struct {
		old, new string
		paths    []string // of the faults
		want     func(d *service.Discovery)
	}{
		"nothing":                       {"", "", nil, func(*service.Discovery) {}},
		"a prefix length":               {`"192.0.2.5"`, `"192.0.2.5/24"`, []string{"ip_addresses[0].ip_address"}, func(*service.Discovery) {}},
		"leading zeros":                 {`"192.0.2.5"`, `"192.000.002.005"`, []string{"ip_addresses[0].ip_address"}, func(*service.Discovery) {}},
		"no address":                    {`"192.0.2.5"`, `""`, []string{"ip_addresses[0].ip_address"}, func(d *service.Discovery) { d.Host.IPAddresses[0].Address = netip.Addr{} }},
		"a zone that is a number":       {`"192.0.2.5"`, `"fe80::1%3"`, nil, func(d *service.Discovery) { d.Host.IPAddresses[0].Address = netip.MustParseAddr("fe80::1") }},
		"a mapped address":              {`"192.0.2.5"`, `"::ffff:192.0.2.5"`, nil, func(*service.Discovery) {}},
		"NUL":                           {`"uplink"`, `"up\u0000link"`, []string{"interfaces[0].if_descr"}, func(*service.Discovery) {}},
		"half a surrogate pair":         {`"uplink"`, `"x\ud800"`, []string{"interfaces[0].if_descr"}, func(d *service.Discovery) { d.Host.Interfaces[0].Description = "x\uFFFD" }},
		"text that is not UTF-8":        {`"eth0"`, "\"eth\xff\"", []string{"interfaces[0].if_name"}, func(d *service.Discovery) { d.Host.Interfaces[0].Name = "eth\uFFFD" }},
		"the host's name is not UTF-8":  {`"web-1"`, "\"web\xff\"", []string{"host.name"}, func(d *service.Discovery) { d.Host.Name = "web\uFFFD" }},
		"a tag with NUL":                {`"public"`, `"pub\u0000lic"`, []string{"services[0].tags[0]"}, func(*service.Discovery) {}},
		"a tag that is no text":         {`"public"`, `5`, []string{"services[0].tags[0]"}, func(d *service.Discovery) { d.Services[0].Tags = nil }},
		"a number where a text belongs": {`"vip"`, `5`, []string{"ip_addresses[0].name"}, func(d *service.Discovery) { d.Host.IPAddresses[0].Name = "" }},
		"an ID that is none":            {`"subnet_id":null`, `"subnet_id":"x"`, []string{"ip_addresses[0].subnet_id"}, func(*service.Discovery) {}},
		"a time without zone":           {`"2026-03-01T12:00:00Z"`, `"2026-03-01T12:00:00"`, []string{"services[0].bindings[0].last_seen_at"}, func(d *service.Discovery) { d.Services[0].Bindings[0].LastSeenAt = time.Time{} }},
		"a time of another millennium":  {`"2026-03-01T12:00:00Z"`, `"10000-01-01T00:00:00Z"`, []string{"services[0].bindings[0].last_seen_at"}, func(d *service.Discovery) { d.Services[0].Bindings[0].LastSeenAt = time.Time{} }},
		"a position too large":          {`"position":7`, `"position":7000000000`, []string{"interfaces[0].position"}, func(d *service.Discovery) { d.Host.Interfaces[0].Position = 0 }},
		"a protocol in lower case":      {`"Tcp"`, `"tcp"`, nil, func(*service.Discovery) {}},
		"a protocol of another layer":   {`"protocol":"Tcp"`, `"protocol":"Icmp"`, []string{"ports[0].protocol"}, func(d *service.Discovery) { d.Host.Ports[0].Protocol = 0 }},
		"port 0":                        {`"number":22`, `"number":0`, nil, func(d *service.Discovery) { d.Host.Ports[1].Number = 0 }},
		"port 70000":                    {`"number":22`, `"number":70000`, []string{"ports[1].number"}, func(d *service.Discovery) { d.Host.Ports[1].Number = 0 }},
		"a child without ID":            {`"ports":[{"id"`, `"ports":[{"no_id"`, []string{"ports[0].id"}, func(d *service.Discovery) { d.Host.Ports[0].ID = uuid.Nil }},
		"an entry that is no object":    {`"ports":[{`, `"ports":[null,{`, []string{"ports[0]"}, func(*service.Discovery) {}},
		"a list that is none":           {`"tags":["public"]`, `"tags":"public"`, []string{"services[0].tags"}, func(d *service.Discovery) { d.Services[0].Tags = nil }},
		"a link to nothing":             {`"interface_id":"` + eth0.String(), `"interface_id":"` + ssh.String(), []string{"interfaces[0].ip_address_id"}, func(d *service.Discovery) { d.Host.IPAddresses[0].InterfaceID = uuid.Nil }},
		"an address of two interfaces": {`"interfaces":[`, `"interfaces":[{"id":"` + wireID(20).String() + `","ip_address_id":"` + address.String() + `"},`, []string{"interfaces[0].ip_address_id"}, func(d *service.Discovery) {
			d.Host.Interfaces = append([]host.Interface{{ID: wireID(20)}}, d.Host.Interfaces...)
			d.Host.IPAddresses[0].InterfaceID = uuid.Nil
		}},
		"a binding of no type":            {`"type":"Port"`, `"type":"Portal"`, []string{"services[0].bindings[0].type"}, func(d *service.Discovery) { d.Services[0].Bindings = d.Services[0].Bindings[1:] }},
		"a binding without its port":      {`"port_id":"` + https.String(), `"port_id":"x`, []string{"services[0].bindings[0].port_id", "services[0].bindings[0].port_id"}, func(d *service.Discovery) { d.Services[0].Bindings = d.Services[0].Bindings[1:] }},
		"opaque JSON that no store keeps": {`"virtualization":null`, `"virtualization":"\u0000"`, []string{"services[0].virtualization"}, func(*service.Discovery) {}},
		"a scan at no time":               {`"services":[`, `"seen_at":"now","services":[`, []string{"seen_at"}, func(*service.Discovery) {}},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(string(text), test.old, test.new, 1)
			require.True(t, name == "nothing" || bad != string(text))
			var want, got service.Discovery
			require.NoError(t, binding.DecodeJSON(text, &want))
			test.want(&want)
			require.NoError(t, binding.DecodeJSON([]byte(bad), &got))
			var paths []string
			for _, f := range got.Faults {
				paths = append(paths, f.Path)
				require.NotEmpty(t, f.Problem)
				require.Less(t, len(f.Problem), 200)
			}
			require.Equal(t, test.paths, paths)
			got.Faults = nil
			if len(got.Services[0].Tags) == 0 {
				got.Services[0].Tags = nil
			}
			require.Equal(t, want, got)
		})
	}
}

func TestWhatCannotBeReadIsNotWritten(t *testing.T) {
	late := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for path, s := range map[string]service.Service{
		"name":                     {Name: "\xff"},
		"service_definition":       {Definition: "\x00"},
		"tags[1]":                  {Tags: []string{"a", "\xff"}},
		"created_at":               {CreatedAt: late},
		"updated_at":               {UpdatedAt: late},
		"source.type":              {Source: service.Source{Type: "\x00"}},
		"source.type ":             {Source: service.Source{Rest: json.RawMessage(`{"type":null}`)}},
		"source":                   {Source: service.Source{Rest: json.RawMessage(`[]`)}},
		"source ":                  {Source: service.Source{Rest: json.RawMessage(`{`)}},
		"source  ":                 {Source: service.Source{Rest: json.RawMessage(`{"a":"\u0000"}`)}},
		"virtualization":           {Virtualization: json.RawMessage(`{`)},
		"virtualization ":          {Virtualization: json.RawMessage("\"\xff\"")},
		"bindings[1].type":         {Bindings: []binding.Binding{{Target: binding.Interface(wireID(1))}, {}}},
		"bindings[0].interface_id": {Bindings: []binding.Binding{{Target: binding.Interface(uuid.Nil)}}},
	} {
		path = strings.TrimSpace(path)
		_, err := json.Marshal(s)
		bindingtest.RequireFieldError(t, err, path, false)
		_, err = json.Marshal(service.Discovery{Services: []service.Service{{}, s}})
		bindingtest.RequireFieldError(t, err, "services[1]."+path, false)
	}
	_, err := json.Marshal(service.Discovery{Host: host.Host{Ports: []host.Port{{}}}})
	bindingtest.RequireFieldError(t, err, "ports[0].id", false)
	_, err = json.Marshal(service.HostWithServices{Host: host.Host{Ports: []host.Port{{}}}})
	bindingtest.RequireFieldError(t, err, "ports[0].id", false)
}

func TestJSONSurvivesForEveryServiceAndPayload(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := service.Discovery{Host: hosttest.Host().Draw(t, "host")}
		for range rapid.IntRange(0, 3).Draw(t, "services") {
			d.Services = append(d.Services, anyService().Draw(t, "service"))
		}
		d.SeenAt = rapid.SampledFrom([]time.Time{{}, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}).Draw(t, "seen at")
		d.DiscoveryID = rapid.SampledFrom([]uuid.UUID{{}, wireID(40)}).Draw(t, "discovery")
		bindingtest.RequireJSONSurvives(t, d)
		bindingtest.RequireJSONSurvives(t, service.HostWithServices{Host: d.Host, Services: d.Services})
		for _, s := range d.Services {
			bindingtest.RequireJSONSurvives(t, s)
			bindingtest.RequireJSONSurvives(t, s.Source)
		}
	})
}

// anyService generates services with everything that the codec must keep, valid
// or not, and JSON as it writes that.
func anyService() *rapid.Generator[service.Service] {
	opaque := rapid.SampledFrom([]json.RawMessage{nil, json.RawMessage(`{"type":"Docker","details":{"name":"\u003cx\u003e"}}`), json.RawMessage(`[1e400,"é"]`), json.RawMessage(`0`)})
	source := rapid.SampledFrom([]service.Source{
		{},
		{Type: service.SourceManual},
		{Type: "Discovery", Rest: json.RawMessage(`{"metadata":[{"type":"SelfReport","n":1.50}],"metadata":null}`)},
		{Rest: json.RawMessage(`{"":{}}`)},
	})
	return rapid.Custom(func(t *rapid.T) service.Service {
		s := storetest.Service().Draw(t, "service")
		s.ID, s.HostID = bindingtest.OptionalID().Draw(t, "optional ID"), bindingtest.OptionalID().Draw(t, "optional HostID")
		s.Source, s.Virtualization = source.Draw(t, "Source"), opaque.Draw(t, "Virtualization")
		s.Bindings = rapid.SliceOfN(bindingtest.Binding(bindingtest.Target()), 0, 3).Draw(t, "bindings")
		s.Sightings = bindingtest.Binding(bindingtest.Target()).Draw(t, "seen").Sightings
		return s.Clone()
	})
}

func TestHostilePayloadsAreReadInOnePassOrRefused(t *testing.T) {
	const size = 4 << 20
	for name, text := range map[string]string{
		"many empty services":       `{"host":{},"services":[{}` + strings.Repeat(",{}", size/3) + `]}`,
		"many numbers for services": `{"host":{},"services":[0` + strings.Repeat(",0", size/2) + `]}`,
		"many lists for bindings":   `{"host":{},"services":[{"bindings":[[]` + strings.Repeat(",[]", size/3) + `]}]}`,
		"many ports without number": `{"host":{},"ports":[{}` + strings.Repeat(",{}", size/3) + `]}`,
		"a deep virtualization":     `{"host":{},"services":[{"virtualization":` + strings.Repeat("[", size/2) + strings.Repeat("]", size/2) + `}]}`,
		"many hosts":                `{"host":{}` + strings.Repeat(`,"host":{}`, size/10) + `}`,
		"services in services":      strings.Repeat(`{"services":[`, size/13),
	} {
		var d service.Discovery
		if err := binding.DecodeJSON([]byte(text), &d); err == nil {
			require.NotEmpty(t, d.Faults, name)
			require.Less(t, len(d.Faults), 20_000, name)
		}
		var field *binding.FieldError
		err := binding.DecodeJSON([]byte(text), new(service.Discovery), binding.Strict)
		require.ErrorAs(t, err, &field, name)
		require.Less(t, len(err.Error()), 400, name)
	}
}

func TestAPayloadHasSoManyServicesAtMost(t *testing.T) {
	most := `{"host":{},"services":[{}` + strings.Repeat(",{}", service.MaxServices-1)
	var d service.Discovery
	require.NoError(t, binding.DecodeJSON([]byte(most+`]}`), &d))
	require.Len(t, d.Services, service.MaxServices)
	require.NoError(t, binding.DecodeJSON([]byte(most+`,{},{}]}`), &d))
	require.Len(t, d.Services, service.MaxServices)
	require.Equal(t, fmt.Sprintf("services[%d]", service.MaxServices), d.Faults[0].Path)
	require.Len(t, d.Faults, 1)
	err := binding.DecodeJSON([]byte(most+`,{}]}`), new(service.HostWithServices))
	bindingtest.RequireFieldError(t, err, fmt.Sprintf("services[%d]", service.MaxServices), false)
}

func FuzzServiceJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"name":"nginx","source":{"type":"Manual"},"tags":["a"],"virtualization":{"a":[1.0,"<"]}}`,
		`{"source":{"x":1,"type":"T","x":2},"position":-5,"revision":3}`, `{"source":{}}`, `{"source":{"\u0074ype":"T","y":"\u2028"}}`,
		`{"bindings":[{"type":"Port","port_id":"` + wireID(1).String() + `"}],"created_at":"2026-01-15T10:30:00.000000999Z"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { bindingtest.RequireLawfulJSON[service.Service](t, data) })
}

func FuzzHostWithServicesJSON(f *testing.F) {
	f.Add([]byte(`{"id":"` + wireID(1).String() + `","name":"web-1","services":[{"name":"nginx"}],"ports":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) { bindingtest.RequireLawfulJSON[service.HostWithServices](t, data) })
}

func FuzzDiscoveryJSON(f *testing.F) {
	for _, name := range []string{"discovery-0.14.json", "discovery-0.17.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`{"host":{"ports":[],"\u0069nterfaces":null},"interfaces":[],"services":null}`))
	f.Add([]byte("{\"host\":{\"name\":\"\xff\"},\"ports\":[{\"number\":0},5],\"services\":[{\"bindings\":[{}]}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var d service.Discovery
		if err := binding.DecodeJSON(data, &d); err != nil {
			bindingtest.RequireFieldError(t, err, "", true)
			require.Zero(t, d)
			return
		}
		require.LessOrEqual(t, len(d.Faults), len(data))
		err := binding.DecodeJSON(data, new(service.Discovery), binding.Strict)
		if len(d.Faults) > 0 {
			require.ErrorIs(t, err, binding.ErrInvalid, "what is a fault is an error where it is read strictly")
		}
		if err == nil {
			bindingtest.RequireJSONSurvives(t, d)
		}
	})
}

func TestStrictNamesAMisspeltFieldAnywhere(t *testing.T) {
	d := service.Discovery{
		Host:     host.Host{Name: "web-1", Interfaces: []host.Interface{{ID: wireID(1), Name: "eth0"}}, Ports: []host.Port{{ID: wireID(2), Number: 80, Protocol: host.TCP}}},
		Services: []service.Service{{Name: "web", Source: service.Source{Type: "Manual"}, Bindings: []binding.Binding{{Target: binding.Interface(wireID(1))}}}},
	}
	payload, err := d.MarshalJSON()
	require.NoError(t, err)
	whole, err := service.HostWithServices{Host: d.Host, Services: d.Services}.MarshalJSON()
	require.NoError(t, err)
	require.NoError(t, binding.DecodeJSON(payload, &service.Discovery{}, binding.Strict))
	require.NoError(t, binding.DecodeJSON(whole, &service.HostWithServices{}, binding.Strict))

	for right, test := range map[string]struct{ wrong, path string }{
		`"services"`:       {`"servces"`, "servces"},
		`"if_name"`:        {`"if_nmae"`, "interfaces[0].if_nmae"},
		`"protocol":"Tcp"`: {`"protocol":"Tcp","port":80`, "ports[0].port"},
		`"tags"`:           {`"tgas"`, "services[0].tgas"},
		`"interface_id"`:   {`"interface_id":"` + wireID(1).String() + `","iface"`, "services[0].bindings[0].iface"},
	} {
		for data, v := range map[string]any{string(payload): &service.Discovery{}, string(whole): &service.HostWithServices{}} {
			misspelt := strings.Replace(data, right, test.wrong, 1)
			require.NoError(t, binding.DecodeJSON([]byte(misspelt), v), misspelt)
			bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(misspelt), v, binding.Strict), test.path, false)
		}
	}
	misspelt := strings.Replace(string(payload), `"name"`, `"nmae"`, 1)
	bindingtest.RequireFieldError(t, binding.DecodeJSON([]byte(misspelt), &service.Discovery{}, binding.Strict), "host.nmae", false)
	require.NoError(t, binding.DecodeJSON([]byte(`{"type":"x","anything":{"y":1}}`), &service.Source{}, binding.Strict), "a source is opaque")
}
