package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
)

func TestAHostIsCreatedWithItsChildrenUnderTheirIDs(t *testing.T) {
	s := newServer(t, "")
	a := s.ok("POST", "/api/v1/hosts", webJSON)
	require.Equal(t, `"1"`, a.header.Get("ETag"))
	require.Nil(t, a.Changes)
	h := decoded[service.HostWithServices](t, a)
	require.Equal(t, idOf("$web"), h.Host.ID)
	require.Len(t, h.Host.Interfaces, 3)
	require.Len(t, h.Services, 2)
	nginx := h.Services[0]
	require.Equal(t, idOf("$nginx"), nginx.ID)
	require.Equal(t, idOf("$n443"), nginx.Bindings[0].ID)
	require.Equal(t, idOf("$nginx"), nginx.Bindings[0].ServiceID)
	require.Equal(t, idOf("$net1"), nginx.Bindings[0].NetworkID)
	require.Equal(t, "Manual", nginx.Source.Type)
	require.EqualValues(t, 1, h.Services[1].Position)

	got := s.ok("GET", "/api/v1/hosts/$web", "")
	require.JSONEq(t, string(a.Data), string(got.Data))
	require.Equal(t, `"1"`, got.header.Get("ETag"))

	created := decoded[service.HostWithServices](t, s.ok("POST", "/api/v1/hosts", aHost)).Host
	require.NotEqual(t, uuid.Nil, created.ID, "a host without an ID gets one")
}

func TestHostsServicesAndBindingsAreListed(t *testing.T) {
	s := newOffice(t)
	hosts := s.stored()
	require.Len(t, hosts, 2)
	require.Equal(t, "web-1", hosts[0].Host.Name)
	require.Len(t, hosts[0].Services, 2)

	s.ok("PUT", "/api/v1/services/$nginx", `{"name":"nginx","host_id":"$web","position":5}`)
	services := decoded[[]service.Service](t, s.ok("GET", "/api/v1/services?host_id=$web", ""))
	require.Equal(t, "caddy", services[0].Name, "by position")
	require.Equal(t, "nginx", services[1].Name)
	require.Equal(t, []binding.Target{onAddress("$p53", "$addr5"), binding.Interface(idOf("$wlan"))}, targetsOf(s.bindingsOf("$caddy")))

	for _, path := range []string{
		"/api/v1/hosts?network_id=$none", "/api/v1/services?host_id=$none", "/api/v1/bindings?service_id=$none",
		"/api/v1/hosts?network_id=00000000-0000-0000-0000-000000000000", "/api/v1/bindings?service_id=$postgres",
	} {
		require.Equal(t, "[]", string(s.ok("GET", path, "").Data), path)
	}
}

func TestAHostPutHasTheNewInventoryAndTheOldServices(t *testing.T) {
	s := newOffice(t)
	body := strings.Replace(webJSON, `"name":"web-1"`, `"name":"web-2"`, 1)
	body = strings.Replace(body, `"services":[`, `"services":[{"id":7},`, 1)
	a := s.ok("PUT", "/api/v1/hosts/$web", body, `If-Match: "1"`)
	require.Equal(t, `"2"`, a.header.Get("ETag"))
	h := decoded[service.HostWithServices](t, a)
	require.Equal(t, "web-2", h.Host.Name)
	require.Len(t, h.Services, 2, "services in the body are ignored")
	require.JSONEq(t, string(a.Data), string(s.ok("GET", "/api/v1/hosts/$web", "").Data))

	a = s.ok("PUT", "/api/v1/hosts/$web", strings.Replace(body, `"id":"$web"`, `"id":"$db"`, 1), `If-Match: *`)
	require.Equal(t, `"2"`, a.header.Get("ETag"), "what changes nothing counts for nothing, and the path says which host")
}

func TestALinkDropsWhatItSupersedesOrIsRefused(t *testing.T) {
	s := newOffice(t)
	s.ok("PUT", "/api/v1/services/$nginx", `{"name":"nginx","host_id":"$web","bindings":[
		{"id":"$n443","type":"Port","port_id":"$p443","interface_id":"$eth1"},
		{"id":"$n80","type":"Port","port_id":"$p443","ip_address_id":"$addr6"}]}`)
	linked := strings.Replace(webJSON, `"ip_address":"10.0.0.6"`, `"ip_address":"10.0.0.6","interface_id":"$eth1"`, 1)
	a := s.ok("PUT", "/api/v1/hosts/$web", linked)
	require.Len(t, a.Changes.Dropped, 1)
	require.Equal(t, idOf("$n80"), a.Changes.Dropped[0].Binding.ID)
	require.Equal(t, idOf("$n443"), a.Changes.Dropped[0].By.ID)
	require.Equal(t, "superseded", a.Changes.Dropped[0].Reason)

	s = newOffice(t)
	s.ok("POST", "/api/v1/bindings", `{"type":"IPAddress","ip_address_id":"$addr6","service_id":"$caddy"}`)
	s.ok("POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p80","interface_id":"$eth1","service_id":"$caddy"}`)
	refused := s.fails(400, "conflict", "PUT", "/api/v1/hosts/$web", linked)
	require.Regexp(t, `^services\[1\]\.bindings\[\d\]$`, refused.Params.Violations[0].Path)
}

func TestADeletedHostTakesEverythingWithIt(t *testing.T) {
	s := newOffice(t)
	a := s.ok("DELETE", "/api/v1/hosts/$web", "", `If-Match: "1"`)
	require.Equal(t, "null", string(a.Data))
	require.Nil(t, a.Changes)
	for _, path := range []string{"/api/v1/hosts/$web", "/api/v1/services/$nginx", "/api/v1/bindings/$n443"} {
		s.fails(404, "not_found", "GET", path, "")
	}
}

func TestAServiceIsCreatedAsTheRulesHaveIt(t *testing.T) {
	s := newOffice(t)
	a := s.ok("POST", "/api/v1/services", `{"id":"$new1","name":"dns","host_id":"$web","service_definition":"DNS","tags":["a"],
		"source":{"type":"System"},"created_at":"2001-01-01T00:00:00Z","position":9,"virtualization":{"type":"Docker"},
		"bindings":[
			{"id":"$n443","type":"Port","port_id":"$p53","interface_id":"$eth0","last_seen_at":"2001-01-01T00:00:00Z","service_id":"$nginx"},
			{"id":"$n443","type":"Port","port_id":"$p53","ip_address_id":"$addr5"},
			{"type":"Port","port_id":"$p53","interface_id":"$addr6"},
			{"type":"Port","port_id":"$p53","ip_address_id":"$addr6"}]}`)
	require.Equal(t, `"1"`, a.header.Get("ETag"))
	got := decoded[service.Service](t, a)
	require.NotEqual(t, idOf("$new1"), got.ID, "the server assigns IDs")
	require.Equal(t, "Manual", got.Source.Type)
	require.EqualValues(t, 2, got.Position)
	require.NotEqual(t, 2001, got.CreatedAt.Year())
	require.ElementsMatch(t, []binding.Target{onInterface("$p53", "$eth0"), onAddress("$p53", "$addr6")}, targetsOf(got.Bindings))
	for _, b := range got.Bindings {
		require.NotEqual(t, idOf("$n443"), b.ID)
		require.Equal(t, got.ID, b.ServiceID)
		require.Zero(t, b.LastSeenAt)
		require.Equal(t, got.CreatedAt, b.CreatedAt)
	}
	require.Len(t, a.Changes.Rewritten, 1)
	require.Equal(t, onInterface("$p53", "$addr6"), a.Changes.Rewritten[0].From.Target)
	require.Len(t, a.Changes.Dropped, 2)
	require.Equal(t, "superseded", a.Changes.Dropped[0].Reason)
	require.Equal(t, "duplicate", a.Changes.Dropped[1].Reason)
	require.Equal(t, uuid.Nil, a.Changes.Dropped[0].Binding.ID)
	require.NotContains(t, string(a.raw), "00000000-0000", "what was never stored has no ID")
	require.NotContains(t, string(a.raw), `"added"`)
	require.JSONEq(t, string(a.Data), string(s.ok("GET", "/api/v1/services/"+got.ID.String(), "").Data))
}

func TestAServicePutKeepsItsBindingsByIDOrTarget(t *testing.T) {
	s := newOffice(t)
	was := decoded[service.Service](t, s.ok("GET", "/api/v1/services/$nginx", ""))
	a := s.ok("PUT", "/api/v1/services/$nginx", `{"id":"$caddy","name":"proxy","host_id":"$web","source":{"type":"System"},"bindings":[
		{"id":"$n80","type":"Port","port_id":"$p80","interface_id":"$eth1","first_discovery_id":"$none","created_at":"2001-01-01T00:00:00Z"},
		{"id":"$new1","type":"Port","port_id":"$p443"},
		{"id":"$new2","type":"Port","port_id":"$p53"}]}`, `If-Match: "1"`)
	require.Equal(t, `"2"`, a.header.Get("ETag"))
	require.Nil(t, a.Changes)
	got := decoded[service.Service](t, a)
	require.Equal(t, "proxy", got.Name)
	require.Equal(t, idOf("$nginx"), got.ID)
	require.Equal(t, "Manual", got.Source.Type)
	targets := map[uuid.UUID]binding.Target{}
	for _, b := range got.Bindings {
		targets[b.ID] = b.Target
		require.Equal(t, uuid.Nil, b.FirstDiscoveryID)
	}
	require.Equal(t, map[uuid.UUID]binding.Target{
		idOf("$n80"):  onInterface("$p80", "$eth1"), // the stored one with its ID
		idOf("$n443"): everywhere("$p443"),          // the stored one with its Target
		idOf("$new2"): everywhere("$p53"),           // a new one
	}, targets)
	require.Equal(t, was.CreatedAt, got.CreatedAt)

	a = s.ok("PUT", "/api/v1/services/$nginx", `{"name":"proxy","host_id":"$web","revision":2,"bindings":[]}`)
	require.Len(t, a.Changes.Removed, 3)
	require.Empty(t, s.bindingsOf("$nginx"))
}

func TestAServicePutWithoutAPositionStaysWhereItIs(t *testing.T) {
	s := newOffice(t)
	position := func(field string) int32 {
		return decoded[service.Service](t, s.ok("PUT", "/api/v1/services/$caddy", `{"name":"caddy","host_id":"$web"`+field+`}`)).Position
	}
	require.EqualValues(t, 1, position(""))
	require.EqualValues(t, -3, position(`,"position":-3`))
	require.EqualValues(t, -3, position(`,"position":null`))
	require.EqualValues(t, 0, position(`,"position":0`))
}

func TestServicesAndBindingsAreDeleted(t *testing.T) {
	s := newOffice(t)
	require.Equal(t, "null", string(s.ok("DELETE", "/api/v1/bindings/$n80", "", `If-Match: "1"`).Data), "the revision of a binding is that of its service")
	require.Equal(t, []binding.Target{everywhere("$p443")}, targetsOf(s.bindingsOf("$nginx")))
	require.JSONEq(t, `{"deleted_count":1,"requested_count":2}`, string(s.ok("POST", "/api/v1/bindings/bulk-delete", named.Replace(`["$c53","$none","$c53"]`)).Data))
	require.Equal(t, "null", string(s.ok("DELETE", "/api/v1/services/$nginx", `{"revision":2}`, `If-Match: *`).Data))
	a := s.ok("POST", "/api/v1/services/bulk-delete", `["$caddy","$nginx","$postgres","$postgres"]`)
	require.JSONEq(t, `{"deleted_count":2,"requested_count":3}`, string(a.Data))
	require.JSONEq(t, `{"deleted_count":0,"requested_count":0}`, string(s.ok("POST", "/api/v1/services/bulk-delete", `[]`).Data))
	for _, h := range s.stored() {
		require.Empty(t, h.Services)
	}
}

func TestANewBindingIsAddedAbsorbedOrSupersedes(t *testing.T) {
	s := newOffice(t)
	a := s.ok("POST", "/api/v1/bindings", `{"id":"$n443","type":"Port","port_id":"$p80","ip_address_id":"$addr6","service_id":"$nginx",
		"network_id":"00000000-0000-0000-0000-000000000000","lineage_id":"$none","created_at":"2001-01-01T00:00:00Z"}`, `If-Match: "99"`)
	added := decoded[binding.Binding](t, a)
	require.Nil(t, a.Changes)
	require.NotEqual(t, idOf("$n443"), added.ID)
	require.Equal(t, idOf("$net1"), added.NetworkID)
	require.Equal(t, uuid.Nil, added.LineageID)
	require.NotEqual(t, 2001, added.CreatedAt.Year())
	require.Equal(t, `"2"`, a.header.Get("ETag"), "that of its service")
	got := s.ok("GET", "/api/v1/bindings/"+added.ID.String(), "")
	require.JSONEq(t, string(a.Data), string(got.Data))
	require.Equal(t, `"2"`, got.header.Get("ETag"))

	a = s.ok("POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p80","ip_address_id":"$addr5","service_id":"$nginx"}`)
	require.Equal(t, idOf("$n80"), decoded[binding.Binding](t, a).ID, "eth0 carries that address")
	require.Len(t, a.Changes.Absorbed, 1)
	require.Equal(t, onAddress("$p80", "$addr5"), a.Changes.Absorbed[0].Binding.Target)
	require.Equal(t, idOf("$n80"), a.Changes.Absorbed[0].By.ID)

	a = s.ok("POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p80","service_id":"$nginx"}`)
	require.Len(t, a.Changes.Dropped, 2)
	require.ElementsMatch(t, []uuid.UUID{idOf("$n80"), added.ID}, []uuid.UUID{a.Changes.Dropped[0].Binding.ID, a.Changes.Dropped[1].Binding.ID})
	require.Equal(t, decoded[binding.Binding](t, a), a.Changes.Dropped[0].By)
	require.ElementsMatch(t, []binding.Target{everywhere("$p443"), everywhere("$p80")}, targetsOf(s.bindingsOf("$nginx")))
}

func TestABindingPutIsReplacedOrAbsorbed(t *testing.T) {
	s := newOffice(t)
	a := s.ok("PUT", "/api/v1/bindings/$n80", `{"id":"$none","type":"Port","port_id":"$p53","interface_id":"$addr5","service_id":"$nginx"}`)
	require.Equal(t, onAddress("$p53", "$addr5"), decoded[binding.Binding](t, a).Target)
	require.Len(t, a.Changes.Rewritten, 1)

	a = s.ok("PUT", "/api/v1/bindings/$n80", `{"type":"Port","port_id":"$p443","interface_id":"$eth0","service_id":"$nginx"}`)
	require.Equal(t, idOf("$n443"), decoded[binding.Binding](t, a).ID)
	require.Len(t, a.Changes.Removed, 1)
	require.Len(t, a.Changes.Absorbed, 1)
	require.Equal(t, idOf("$n80"), a.Changes.Removed[0].ID)
	require.Equal(t, []binding.Target{everywhere("$p443")}, targetsOf(s.bindingsOf("$nginx")))
}

func TestWhatWasObservedIsAnsweredWithAllThatChanged(t *testing.T) {
	s := newOffice(t)
	a := s.ok("POST", "/api/v1/hosts/discovery", `{"host":{"id":"$db","name":"renamed","network_id":"$net1"},
		"interfaces":[{"id":"$new1","name":"lan","ip_address":"10.0.1.1"}],
		"ports":[{"id":"$new2","number":5432,"protocol":"Tcp"}],
		"services":[{"id":"$postgres","name":"postgres","bindings":[
			{"type":"Port","port_id":"$new2"},
			{"type":"Port","port_id":"$new2","interface_id":"$new1"},
			{"type":"Interface","interface_id":"$new1"},
			{"type":"Port","port_id":"$p80"}]}]}`)
	h := decoded[service.HostWithServices](t, a)
	require.Equal(t, "db-1", h.Host.Name)
	require.Equal(t, `"1"`, a.header.Get("ETag"))
	require.JSONEq(t, string(a.Data), string(s.ok("GET", "/api/v1/hosts/$db", "").Data))
	require.Equal(t, []binding.Target{everywhere("$p5432")}, targetsOf(a.Changes.Added))
	require.Equal(t, h.Services[0].Bindings, a.Changes.Added)
	require.Len(t, a.Changes.Absorbed, 1)
	require.Len(t, a.Changes.Skipped, 2)
	codes := map[string]binding.Code{}
	for _, skipped := range a.Changes.Skipped {
		codes[skipped.Violation.Path] = skipped.Violation.Code
	}
	require.Equal(t, map[string]binding.Code{"services[0].bindings[2]": "conflict", "services[0].bindings[3]": "cross_host"}, codes)
}

func TestHealthAndOtherJSONTypes(t *testing.T) {
	s := newOffice(t)
	require.Equal(t, "null", string(s.ok("GET", "/healthz", "").Data))
	for _, kind := range []string{"application/json; charset=utf-8", "application/merge-patch+json", "Application/JSON", ""} {
		s.ok("POST", "/api/v1/services", aService, "Content-Type: "+kind)
	}
	head := httpDo(t, s.handler, "HEAD", "/api/v1/hosts/$web", "")
	require.Equal(t, http.StatusOK, head.Code)
}

func TestABodyOfExactlyTheLimitIsRead(t *testing.T) {
	s := newOffice(t)
	body := named.Replace(aService)
	s.ok("POST", "/api/v1/services", body+strings.Repeat(" ", maxBody-len(body)))
}

// The calls that the API publishes, as it does but for the host. Bodies and IDs
// are those of its versions 0.13 to 0.17.
func TestThePublishedCallsWork(t *testing.T) {
	const (
		firstHost = `{"id":"550e8400-e29b-41d4-a716-446655440003","name":"desktop","network_id":"550e8400-e29b-41d4-a716-446655440002",
			"interfaces":[{"id":"550e8400-e29b-41d4-a716-446655440005","name":"eth0","ip_address":"192.0.2.1"}],
			"ports":[{"id":"550e8400-e29b-41d4-a716-446655440006","number":3389,"protocol":"Tcp"},{"id":"550e8400-e29b-41d4-a716-446655440009","number":80,"protocol":"Tcp"}],
			"services":[{"id":"550e8400-e29b-41d4-a716-446655440007","name":"nginx","bindings":[
				{"id":"497f6eca-6276-4993-bfeb-53cbbbba6f08","type":"Port","port_id":"550e8400-e29b-41d4-a716-446655440009"}]},
				{"id":"497f6eca-6276-4993-bfeb-53cbbbba6f08","name":"rdp"}]}`
		create014 = `{ "created_at": "2026-02-10T02:29:34.873082Z", "id": "95f9056c-7bdf-43fe-92f2-3a352bd31797", "interface_id": "550e8400-e29b-41d4-a716-446655440005", "network_id": "550e8400-e29b-41d4-a716-446655440002", "port_id": "550e8400-e29b-41d4-a716-446655440006", "service_id": "550e8400-e29b-41d4-a716-446655440007", "type": "Port", "updated_at": "2026-02-10T02:29:34.873082Z" }`
		create015 = `{    "created_at": "2026-04-01T13:52:43.881679Z",    "id": "0b520733-e10c-429f-bde0-d2699db26c53",    "interface_id": "550e8400-e29b-41d4-a716-446655440005",    "network_id": "550e8400-e29b-41d4-a716-446655440002",    "port_id": "550e8400-e29b-41d4-a716-446655440006",    "service_id": "550e8400-e29b-41d4-a716-446655440007",    "type": "Port",    "updated_at": "2026-04-01T13:52:43.881679Z"  }`
		update013 = `{ "bindings": [ { "created_at": "2026-01-12T14:59:13.659334Z", "id": "17e02403-98fe-4406-8133-df42a43de7de", "interface_id": "550e8400-e29b-41d4-a716-446655440005", "network_id": "550e8400-e29b-41d4-a716-446655440002", "port_id": "550e8400-e29b-41d4-a716-446655440006", "service_id": "550e8400-e29b-41d4-a716-446655440007", "type": "Port", "updated_at": "2026-01-12T14:59:13.659334Z" } ], "created_at": "2026-01-15T10:30:00Z", "host_id": "550e8400-e29b-41d4-a716-446655440003", "id": "550e8400-e29b-41d4-a716-446655440007", "name": "nginx", "network_id": "550e8400-e29b-41d4-a716-446655440002", "position": 0, "service_definition": "Remote Desktop", "source": { "type": "Manual" }, "tags": [], "updated_at": "2026-01-15T10:30:00Z", "virtualization": null }`
		update017 = `{    "created_at": "2026-06-29T15:15:28.325774Z",    "first_discovery_id": null,    "id": "36e21825-a52b-4351-9429-716eb5bf230c",    "ip_address_id": "550e8400-e29b-41d4-a716-446655440005",    "last_discovery_id": null,    "last_seen_at": "2026-06-29T15:15:28.325774Z",    "lineage_id": null,    "network_id": "550e8400-e29b-41d4-a716-446655440002",    "port_id": "550e8400-e29b-41d4-a716-446655440006",    "service_id": "550e8400-e29b-41d4-a716-446655440007",    "type": "Port",    "updated_at": "2026-06-29T15:15:28.325774Z",    "valid_from": "2026-06-29T15:15:28.325774Z",    "valid_to": null  }`
	)
	// Before 0.16 an address is an interface, since then it is an IP address.
	laterHost := strings.Replace(firstHost, `"interfaces":[{"id":"550e8400-e29b-41d4-a716-446655440005","name":"eth0",`,
		`"ip_addresses":[{"id":"550e8400-e29b-41d4-a716-446655440005","name":"eth0",`, 1)
	const place = `"550e8400-e29b-41d4-a716-446655440005"`
	for _, inventory := range []struct{ name, host, place string }{
		{"interfaces with addresses", firstHost, `"interface_id":` + place},
		{"IP addresses", laterHost, `"ip_address_id":` + place},
	} {
		for _, c := range []struct{ name, method, path, body string }{
			{"create a binding, 0.14", "POST", "/api/v1/bindings", create014},
			{"create a binding, 0.15", "POST", "/api/v1/bindings", create015},
			{"update a service, 0.13", "PUT", "/api/v1/services/497f6eca-6276-4993-bfeb-53cbbbba6f08", update013},
			{"update a binding, 0.17", "PUT", "/api/v1/bindings/497f6eca-6276-4993-bfeb-53cbbbba6f08", update017},
		} {
			t.Run(inventory.name+": "+c.name, func(t *testing.T) {
				s := newServer(t, "")
				s.ok("POST", "/api/v1/hosts", inventory.host)
				a := s.ok(c.method, c.path, c.body)
				var data map[string]any
				require.NoError(t, json.Unmarshal(a.Data, &data))
				if bindings, ok := data["bindings"].([]any); ok {
					require.Equal(t, "Remote Desktop", data["service_definition"])
					require.Len(t, bindings, 1)
					data = bindings[0].(map[string]any)
					require.Equal(t, "17e02403-98fe-4406-8133-df42a43de7de", data["id"])
				} else {
					require.Equal(t, "550e8400-e29b-41d4-a716-446655440007", data["service_id"])
				}
				require.Equal(t, "Port", data["type"])
				require.Equal(t, "550e8400-e29b-41d4-a716-446655440006", data["port_id"])
				require.Equal(t, "550e8400-e29b-41d4-a716-446655440002", data["network_id"])
				require.Contains(t, string(a.Data), inventory.place, "the answer uses what the place is on the host")
			})
		}
	}
}

func TestADryRunAnswersTheSameAndStoresNothing(t *testing.T) {
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/api/v1/hosts", `{"id":"$new1","name":"x","network_id":"$net1","services":[{"id":"$new2","name":"y"}]}`},
		{"PUT", "/api/v1/hosts/$web", strings.Replace(webJSON, `"name":"web-1"`, `"name":"web-9"`, 1)},
		{"DELETE", "/api/v1/hosts/$web", ""},
		{"POST", "/api/v1/hosts/discovery", `{"host":{"id":"$new1","name":"x","network_id":"$net1"}}`},
		{"POST", "/api/v1/services", aService},
		{"PUT", "/api/v1/services/$nginx", aService},
		{"DELETE", "/api/v1/services/$nginx", ""},
		{"POST", "/api/v1/services/bulk-delete", `["$nginx"]`},
		{"POST", "/api/v1/services/$nginx/move", `{"host_id":"$db","drop":true}`},
		{"POST", "/api/v1/bindings", aBinding},
		{"PUT", "/api/v1/bindings/$n443", `{"type":"Port","port_id":"$p80","service_id":"$nginx"}`},
		{"DELETE", "/api/v1/bindings/$n443", ""},
		{"POST", "/api/v1/bindings/$n80/transfer", `{"service_id":"$caddy"}`},
		{"POST", "/api/v1/bindings/bulk-delete", `["$n443"]`},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			s := newOffice(t)
			before := s.stored()
			dry := s.ok(c.method, c.path+"?dry_run=true", c.body)
			require.Equal(t, before, s.stored())
			did := s.ok(c.method, c.path+"?dry_run=false", c.body)
			require.NotEqual(t, before, s.stored())
			require.Equal(t, did.header.Get("ETag"), dry.header.Get("ETag"))
			require.Equal(t, shape(t, did.raw), shape(t, dry.raw))
		})
	}
}

// shape returns JSON without the values in it that differ each time: texts.
func shape(t *testing.T, data []byte) any {
	var value any
	require.NoError(t, json.Unmarshal(data, &value))
	return shapeOf(value)
}

func shapeOf(value any) any {
	switch value := value.(type) {
	case string:
		return ""
	case []any:
		for i := range value {
			value[i] = shapeOf(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = shapeOf(value[name])
		}
	}
	return value
}

func TestHostsAreListedInPages(t *testing.T) {
	s := newOffice(t)
	all := s.stored()
	require.Len(t, all, 2)
	first := s.ok("GET", "/api/v1/hosts?network_id=$net1&limit=1", "")
	require.Equal(t, all[:1], decoded[[]service.HostWithServices](t, first))
	require.Equal(t, all[0].Host.ID, first.Meta.Next)
	second := s.ok("GET", "/api/v1/hosts?network_id=$net1&limit=1&after="+first.Meta.Next.String(), "")
	require.Equal(t, all[1:], decoded[[]service.HostWithServices](t, second))
	require.NotContains(t, string(second.raw), `"next"`)
}

func TestBindingsAreAnsweredWithAllTrackingFields(t *testing.T) {
	s := newOffice(t)
	for _, path := range []string{
		"/api/v1/bindings/$n443", "/api/v1/bindings?service_id=$nginx", "/api/v1/services/$nginx",
		"/api/v1/services?host_id=$web", "/api/v1/hosts/$web", "/api/v1/hosts?network_id=$net1",
	} {
		a := s.ok("GET", path, "")
		require.Contains(t, string(a.Data), `"lineage_id":null`)
		require.JSONEq(t, tracked(t, a.Data), string(a.Data), path)
	}
}

func TestAListenerIsTransferredAndAServiceMoved(t *testing.T) {
	s := newOffice(t)
	a := s.ok("POST", "/api/v1/bindings/$n80/transfer", `{"service_id":"$caddy"}`, `If-Match: "1"`)
	require.Equal(t, idOf("$caddy"), decoded[binding.Binding](t, a).ServiceID)
	require.Equal(t, `"2"`, a.header.Get("ETag"))

	s.fails(400, "cross_host", "POST", "/api/v1/services/$caddy/move", `{"host_id":"$db"}`)
	a = s.ok("POST", "/api/v1/services/$caddy/move", `{"host_id":"$db","drop":true}`)
	require.Equal(t, idOf("$db"), decoded[service.Service](t, a).HostID)
	require.NotEmpty(t, a.Changes.Removed)
}

func TestAScanWithoutTheIDOfItsHostIsIdentified(t *testing.T) {
	s := newOffice(t)
	const seen = `"name":"web","network_id":"$net1"},"interfaces":[],
		"ip_addresses":[{"id":"00000000-0000-4000-8000-000000000001","ip_address":"10.0.0.6"}]}`
	before := s.stored()
	a := s.ok("POST", "/api/v1/hosts/discovery", `{"host":{`+seen)
	require.Equal(t, idOf("$web"), decoded[service.HostWithServices](t, a).Host.ID)
	a = s.ok("POST", "/api/v1/hosts/discovery?identify=true", `{"host":{"id":"$none",`+seen)
	require.Equal(t, idOf("$web"), decoded[service.HostWithServices](t, a).Host.ID)
	require.Len(t, s.stored(), len(before))

	a = s.ok("POST", "/api/v1/hosts/discovery", `{"host":{"id":"$none",`+seen)
	require.Equal(t, idOf("$none"), decoded[service.HostWithServices](t, a).Host.ID, "an unknown ID is that of a new host")
	a = s.fails(409, "ambiguous", "POST", "/api/v1/hosts/discovery", `{"host":{`+seen)
	require.ElementsMatch(t, []uuid.UUID{idOf("$web"), idOf("$none")}, a.Params.Hosts)
}

func TestWhatWasNotSeenForLongExpires(t *testing.T) {
	s := newServer(t, "")
	s.ok("POST", "/api/v1/hosts/discovery", webJSONAsSeen)
	require.NotEmpty(t, s.stored()[0].Services)
	a := s.ok("POST", "/api/v1/hosts/$web/expire", `{"before":"2100-01-01T00:00:00Z"}`)
	require.Empty(t, decoded[service.HostWithServices](t, a).Services)
	require.NotEmpty(t, a.Changes.Removed)
}

func TestTwoRecordsOfAMachineBecomeOneHost(t *testing.T) {
	s := newServer(t, "")
	s.ok("POST", "/api/v1/hosts/discovery", webJSONAsSeen)
	s.ok("POST", "/api/v1/hosts/discovery", `{"host":{"id":"$db","name":"web-1","network_id":"$net1"},
		"ports":[{"id":"$p53","number":22,"protocol":"Tcp"}],
		"services":[{"id":"$caddy","name":"sshd","bindings":[{"type":"Port","port_id":"$p53"}]}]}`)
	s.fails(400, "malformed", "POST", "/api/v1/hosts/$web/merge", `{}`)
	s.fails(404, "not_found", "POST", "/api/v1/hosts/$web/merge", `{"from":"$none"}`)
	s.fails(400, "invalid", "POST", "/api/v1/hosts/$web/merge", `{"from":"$web"}`)
	a := s.ok("POST", "/api/v1/hosts/$web/merge", `{"from":"$db"}`)
	require.Len(t, decoded[service.HostWithServices](t, a).Services, 2)
	s.fails(404, "not_found", "GET", "/api/v1/hosts/$db", "")
}

// webJSONAsSeen is a scan of the host web.
const webJSONAsSeen = `{"host":{"id":"$web","name":"web-1","network_id":"$net1"},
	"ports":[{"id":"$p443","number":443,"protocol":"Tcp"}],
	"services":[{"id":"$nginx","name":"nginx","bindings":[{"type":"Port","port_id":"$p443"}]}]}`
