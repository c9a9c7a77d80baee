package main

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// routes are the calls of the API, each on something that is there.
var routes = []struct{ method, path, body string }{
	{"POST", "/api/v1/hosts", `{"id":"$new1","name":"new","network_id":"$net1","interfaces":[{"id":"$new2","ip_address":"::1"}],"services":[{"name":"x","bindings":[{"type":"Interface","interface_id":"$new2"}]}]}`},
	{"PUT", "/api/v1/hosts/$web", webJSON},
	{"POST", "/api/v1/hosts/discovery", `{"host":{"id":"$web","name":"web-1","network_id":"$net1"},"ports":[{"id":"$new1","number":53,"protocol":"Udp"}],"services":[{"name":"caddy","bindings":[{"type":"Port","port_id":"$new1"}]}]}`},
	{"POST", "/api/v1/services", `{"name":"x","host_id":"$web","bindings":[{"type":"Port","port_id":"$p80"},{"type":"Port","port_id":"$p80","ip_address_id":"$addr5"}]}`},
	{"PUT", "/api/v1/services/$nginx", `{"name":"nginx","host_id":"$web","bindings":[{"id":"$n80","type":"Port","port_id":"$p53","interface_id":"$addr5"}]}`},
	{"POST", "/api/v1/services/bulk-delete", `["$nginx","$none","$nginx"]`},
	{"POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p53","interface_id":"$eth0","service_id":"$caddy"}`},
	{"PUT", "/api/v1/bindings/$n80", `{"type":"Port","port_id":"$p443","ip_address_id":"$addr5","service_id":"$nginx"}`},
	{"POST", "/api/v1/bindings/bulk-delete", `["$n443","$cwlan"]`},
	{"DELETE", "/api/v1/hosts/$web", ""},
	{"DELETE", "/api/v1/services/$nginx", ""},
	{"DELETE", "/api/v1/bindings/$n443", ""},
	{"GET", "/api/v1/hosts/$web", ""},
	{"GET", "/api/v1/services/$nginx", ""},
	{"GET", "/api/v1/bindings/$n443", ""},
	{"GET", "/api/v1/hosts?network_id=$net1", ""},
	{"GET", "/api/v1/services?host_id=$web", ""},
	{"GET", "/api/v1/bindings?service_id=$nginx", ""},
}

// FuzzAPI sends any body, and any If-Match, to every call: no answer is a fault of
// the server, none panics, and every set that is stored then is one that Set
// leaves as it is.
func FuzzAPI(f *testing.F) {
	for i, r := range routes {
		f.Add(uint8(i), named.Replace(r.body), `"1"`)
	}
	for i, body := range []string{webJSON, dbJSON, aHost, aService, aBinding, `[]`, `null`, ``, `{"host":null}`, `{"services":[[]]}`, "\xff"} {
		for r := range routes {
			if routes[r].body != "" {
				f.Add(uint8(r), named.Replace(body), []string{`*`, `W/"1"`, ``}[i%3])
			}
		}
	}
	f.Fuzz(func(t *testing.T, route uint8, body, match string) {
		s := newOffice(t)
		r := routes[int(route)%len(routes)]
		a := s.do(r.method, r.path, body, "If-Match: "+match, "Content-Type: application/json")
		require.Less(t, a.status, http.StatusInternalServerError, "%s", a.raw)
		require.Equal(t, a.status == http.StatusOK, a.Code == "")
		networks := []uuid.UUID{idOf("$net1")}
		if r.path == "/api/v1/hosts" || r.path == "/api/v1/hosts/discovery" {
			var host struct {
				NetworkID uuid.UUID `json:"network_id"`
			}
			_ = json.Unmarshal(a.Data, &host) // nothing, where it was refused
			networks = append(networks, host.NetworkID)
		}
		s.requireValid(networks...)
	})
}

// requireValid checks that the rules have nothing to say of any set that is stored
// in the networks.
func (s *server) requireValid(networks ...uuid.UUID) {
	s.t.Helper()
	rules := validate.New()
	require.NoError(s.t, s.manager.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		for _, network := range networks {
			hosts, err := r.Hosts(ctx, network, uuid.Nil, 0)
			require.NoError(s.t, err)
			for _, h := range hosts {
				inv, err := r.Inventory(ctx, h.ID)
				require.NoError(s.t, err)
				services, err := r.ServicesOnHost(ctx, h.ID)
				require.NoError(s.t, err)
				for i := range services {
					var res validate.Result
					require.NoError(s.t, rules.SetInto(&res, validate.Input{Inventory: inv, Service: services[i].Info(), Bindings: services[i].Bindings}))
					require.Equal(s.t, services[i].Bindings, res.Bindings)
					require.Empty(s.t, res.Rewritten)
				}
			}
		}
		return nil
	}))
}
