package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A body of each kind that is well, for tests of what is wrong elsewhere.
const (
	aBinding = `{"type":"Port","port_id":"$p53","service_id":"$nginx"}`
	aService = `{"name":"x","host_id":"$web"}`
	aHost    = `{"name":"x","network_id":"$net1"}`
)

func TestWhatIsWrongIsRefused(t *testing.T) {
	s := newOffice(t)
	for _, c := range []struct {
		name               string
		status             int
		code               string
		method, path, body string
		headers            []string
	}{
		// Methods and paths.
		{"a path that is not there", 404, "not_found", "GET", "/api/v1/networks", "", nil},
		{"the root", 404, "not_found", "GET", "/", "", nil},
		{"a path with two slashes", 404, "not_found", "GET", "/api//v1/hosts/$web", "", nil},
		{"a path that goes up", 404, "not_found", "GET", "/api/v1/services/../hosts/$web", "", nil},
		{"a path that ends in a slash", 404, "not_found", "GET", "/api/v1/hosts/", "", nil},
		{"an escaped slash in an ID", 404, "not_found", "GET", "/api/v1/hosts/a%2Fb", "", nil},
		{"a method of no host", 405, "method_not_allowed", "PATCH", "/api/v1/hosts/$web", "", nil},
		{"a method of no hosts", 405, "method_not_allowed", "PUT", "/api/v1/hosts", aHost, nil},
		{"a method of no service", 405, "method_not_allowed", "POST", "/api/v1/services/$nginx", aService, nil},
		{"a method of no services", 405, "method_not_allowed", "DELETE", "/api/v1/services", "", nil},
		{"a method of no binding", 405, "method_not_allowed", "POST", "/api/v1/bindings/$n443", aBinding, nil},
		{"a method of no bindings", 405, "method_not_allowed", "PUT", "/api/v1/bindings", aBinding, nil},
		{"a method of no discovery", 405, "method_not_allowed", "GET", "/api/v1/hosts/discovery", "", nil},
		{"a method of no bulk delete", 405, "method_not_allowed", "DELETE", "/api/v1/services/bulk-delete", "", nil},
		{"another method of no bulk delete", 405, "method_not_allowed", "PATCH", "/api/v1/bindings/bulk-delete", "", nil},
		{"another method of the health check", 405, "method_not_allowed", "POST", "/healthz", "", nil},

		// Content types.
		{"a form", 415, "unsupported_media_type", "POST", "/api/v1/bindings", aBinding, []string{"Content-Type: application/x-www-form-urlencoded"}},
		{"text", 415, "unsupported_media_type", "PUT", "/api/v1/services/$nginx", aService, []string{"Content-Type: text/json"}},
		{"no type at all", 415, "unsupported_media_type", "POST", "/api/v1/hosts", aHost, []string{"Content-Type: ;"}},

		// Sizes and JSON.
		{"too large", 413, "too_large", "POST", "/api/v1/hosts", strings.Repeat(" ", maxBody) + aHost, nil},
		{"too large a list", 413, "too_large", "POST", "/api/v1/services/bulk-delete", "[" + strings.Repeat(" ", maxBody) + "]", nil},
		{"no body", 400, "malformed", "POST", "/api/v1/hosts", "", nil},
		{"no JSON", 400, "malformed", "POST", "/api/v1/bindings", `{"type":`, nil},
		{"two values", 400, "malformed", "POST", "/api/v1/bindings", aBinding + aBinding, nil},
		{"not UTF-8", 400, "malformed", "POST", "/api/v1/services", `{"name":"` + "\xff" + `","host_id":"$web"}`, nil},
		{"no JSON for a deletion", 400, "malformed", "DELETE", "/api/v1/services/$none", `{"revision":"1"}`, nil},
		{"a field that stands twice", 400, "malformed", "POST", "/api/v1/services", `{"name":"a","name":"b","host_id":"$web"}`, nil},
		{"null for a host", 400, "malformed", "POST", "/api/v1/hosts", `null`, nil},
		{"a list for a binding", 400, "malformed", "POST", "/api/v1/bindings", `[]`, nil},
		{"null for IDs", 400, "malformed", "POST", "/api/v1/bindings/bulk-delete", `null`, nil},
		{"an object for IDs", 400, "malformed", "POST", "/api/v1/services/bulk-delete", `{}`, nil},
		{"a number for an ID", 400, "malformed", "POST", "/api/v1/services/bulk-delete", `[1]`, nil},
		{"an ID without dashes", 400, "malformed", "POST", "/api/v1/bindings/bulk-delete", `["` + strings.ReplaceAll(idOf("$n443").String(), "-", "") + `"]`, nil},

		// Fields that are missing or of the wrong type.
		{"a host without a name", 400, "malformed", "POST", "/api/v1/hosts", `{"network_id":"$net1"}`, nil},
		{"a host without a network", 400, "malformed", "POST", "/api/v1/hosts", `{"name":"x"}`, nil},
		{"a host with a null name", 400, "malformed", "PUT", "/api/v1/hosts/$web", `{"name":null,"network_id":"$net1"}`, nil},
		{"a host with a number as name", 400, "malformed", "POST", "/api/v1/hosts", `{"name":7,"network_id":"$net1"}`, nil},
		{"a child without an ID", 400, "malformed", "POST", "/api/v1/hosts", `{"name":"x","network_id":"$net1","ports":[{"number":1,"protocol":"Tcp"}]}`, nil},
		{"a service of a host without a name", 400, "malformed", "POST", "/api/v1/hosts", `{"name":"x","network_id":"$net1","services":[{}]}`, nil},
		{"a payload without a host", 400, "malformed", "POST", "/api/v1/hosts/discovery", `{}`, nil},
		{"a payload without ID and evidence", 400, "invalid", "POST", "/api/v1/hosts/discovery", `{"host":{"name":"x","network_id":"$net1"}}`, nil},
		{"a service without a name", 400, "malformed", "POST", "/api/v1/services", `{"host_id":"$web"}`, nil},
		{"a service without a host", 400, "malformed", "PUT", "/api/v1/services/$nginx", `{"name":"x"}`, nil},
		{"a service with a text as position", 400, "malformed", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$web","position":"1"}`, nil},
		{"a binding without a service", 400, "malformed", "POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p53"}`, nil},
		{"a binding without a type", 400, "malformed", "POST", "/api/v1/bindings", `{"port_id":"$p53","service_id":"$nginx"}`, nil},
		{"a listener without a port", 400, "malformed", "PUT", "/api/v1/bindings/$n443", `{"type":"Port","service_id":"$nginx"}`, nil},
		{"a presence without an interface", 400, "malformed", "POST", "/api/v1/bindings", `{"type":"Interface","service_id":"$nginx"}`, nil},
		{"no query for hosts", 400, "malformed", "GET", "/api/v1/hosts", "", nil},
		{"no query for services", 400, "malformed", "GET", "/api/v1/services?network_id=$net1", "", nil},
		{"no query for bindings", 400, "malformed", "GET", "/api/v1/bindings", "", nil},
		{"a query that the call does not know", 400, "malformed", "GET", "/api/v1/services?host_id=$web&limit=1", "", nil},
		{"a dry run of a call that writes nothing", 400, "malformed", "GET", "/api/v1/hosts/$web?dry_run=true", "", nil},
		{"an identify that is neither true nor false", 400, "malformed", "POST", "/api/v1/hosts/discovery?identify=yes", `{"host":{"id":"$web"}}`, nil},
		{"a dry run that is neither true nor false", 400, "malformed", "DELETE", "/api/v1/hosts/$web?dry_run=1", "", nil},
		{"a query twice", 400, "malformed", "DELETE", "/api/v1/hosts/$web?dry_run=true&dry_run=false", "", nil},
		{"a query that is none", 400, "malformed", "DELETE", "/api/v1/hosts/$web?%zz", "", nil},
		{"a limit of 0", 400, "malformed", "GET", "/api/v1/hosts?network_id=$net1&limit=0", "", nil},
		{"a limit that is too high", 400, "malformed", "GET", "/api/v1/hosts?network_id=$net1&limit=1001", "", nil},
		{"a page after what is no ID", 400, "malformed", "GET", "/api/v1/hosts?network_id=$net1&after=1", "", nil},
		{"an expiry without a time", 400, "malformed", "POST", "/api/v1/hosts/$web/expire", `{}`, nil},
		{"an expiry of a time that is none", 400, "malformed", "POST", "/api/v1/hosts/$web/expire", `{"before":"yesterday"}`, nil},
		{"a move to nowhere", 400, "malformed", "POST", "/api/v1/services/$nginx/move", `{}`, nil},
		{"a transfer to nothing", 400, "malformed", "POST", "/api/v1/bindings/$n443/transfer", `{}`, nil},
		{"a query that is no UUID", 400, "malformed", "GET", "/api/v1/services?host_id=web", "", nil},

		// Values that cannot be.
		{"a nil network", 400, "invalid", "POST", "/api/v1/hosts", `{"name":"x","network_id":"00000000-0000-0000-0000-000000000000"}`, nil},
		{"two names for the network", 400, "invalid", "POST", "/api/v1/hosts", `{"name":"x","network_id":"$net1","site_id":"$net2"}`, nil},
		{"port 0", 400, "invalid", "POST", "/api/v1/hosts", `{"name":"x","network_id":"$net1","ports":[{"id":"$new1","number":0,"protocol":"Tcp"}]}`, nil},
		{"a link to nothing", 400, "invalid", "PUT", "/api/v1/hosts/$web", `{"name":"x","network_id":"$net1","ip_addresses":[{"id":"$new1","ip_address":"10.0.0.9","interface_id":"$none"}]}`, nil},
		{"a nil host", 400, "invalid", "POST", "/api/v1/services", `{"name":"x","host_id":"00000000-0000-0000-0000-000000000000"}`, nil},
		{"a long name", 400, "invalid", "POST", "/api/v1/services", `{"name":"` + strings.Repeat("x", 101) + `","host_id":"$web"}`, nil},
		{"a nil service", 400, "invalid", "PUT", "/api/v1/bindings/$n443", `{"type":"Port","port_id":"$p53","service_id":"00000000-0000-0000-0000-000000000000"}`, nil},
		{"a nil port", 400, "invalid", "POST", "/api/v1/bindings", `{"type":"Port","port_id":"00000000-0000-0000-0000-000000000000","service_id":"$nginx"}`, nil},
		{"a binding at an interface and an address", 400, "invalid", "POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p53","interface_id":"$eth0","ip_address_id":"$addr5","service_id":"$nginx"}`, nil},

		// What is not there.
		{"an unknown host", 404, "not_found", "GET", "/api/v1/hosts/$none", "", nil},
		{"a host by name", 404, "not_found", "GET", "/api/v1/hosts/web-1", "", nil},
		{"an unknown host to put", 404, "not_found", "PUT", "/api/v1/hosts/$none", aHost, nil},
		{"a host to put by name", 404, "not_found", "PUT", "/api/v1/hosts/web-1", aHost, nil},
		{"an unknown host to delete", 404, "not_found", "DELETE", "/api/v1/hosts/$none", "", nil},
		{"an unknown service", 404, "not_found", "GET", "/api/v1/services/$none", "", nil},
		{"an unknown service to put", 404, "not_found", "PUT", "/api/v1/services/$none", aService, nil},
		{"the nil service to put", 404, "not_found", "PUT", "/api/v1/services/00000000-0000-0000-0000-000000000000", aService, nil},
		{"an unknown service to delete", 404, "not_found", "DELETE", "/api/v1/services/$none", "", nil},
		{"an unknown binding", 404, "not_found", "GET", "/api/v1/bindings/$none", "", nil},
		{"an unknown binding to put", 404, "not_found", "PUT", "/api/v1/bindings/$none", aBinding, nil},
		{"a binding to delete by no UUID", 404, "not_found", "DELETE", "/api/v1/bindings/1", "", nil},
		{"a service on an unknown host", 404, "not_found", "POST", "/api/v1/services", `{"name":"x","host_id":"$none"}`, nil},
		{"a service put on an unknown host", 404, "not_found", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$none"}`, nil},
		{"a binding of an unknown service", 404, "not_found", "POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p53","service_id":"$none"}`, nil},
		{"a binding put into an unknown service", 404, "not_found", "PUT", "/api/v1/bindings/$n443", `{"type":"Port","port_id":"$p53","service_id":"$none"}`, nil},

		{"an expiry of an unknown host", 404, "not_found", "POST", "/api/v1/hosts/$none/expire", `{"before":"2026-01-01T00:00:00Z"}`, nil},
		{"a move to an unknown host", 404, "not_found", "POST", "/api/v1/services/$nginx/move", `{"host_id":"$none"}`, nil},
		{"a transfer to an unknown service", 404, "not_found", "POST", "/api/v1/bindings/$n443/transfer", `{"service_id":"$none"}`, nil},

		// What there is already, or is still needed.
		{"a host that exists", 409, "exists", "POST", "/api/v1/hosts", webJSON, nil},
		{"a service that exists on a new host", 409, "exists", "POST", "/api/v1/hosts", `{"name":"x","network_id":"$net1","services":[{"id":"$nginx","name":"x"}]}`, nil},
		{"the ID of another service's binding", 409, "exists", "PUT", "/api/v1/services/$caddy", `{"name":"x","host_id":"$web","bindings":[{"id":"$n443","type":"Port","port_id":"$p80"}]}`, nil},
		{"an inventory without what is used", 409, "in_use", "PUT", "/api/v1/hosts/$web", `{"name":"web-1","network_id":"$net1"}`, nil},

		// Revisions.
		{"another tag for a host", 412, "stale", "PUT", "/api/v1/hosts/$web", webJSON, []string{`If-Match: "2"`}},
		{"another revision in a host", 412, "stale", "PUT", "/api/v1/hosts/$web", `{"name":"x","network_id":"$net1","revision":9}`, nil},
		{"another tag for a service", 412, "stale", "PUT", "/api/v1/services/$nginx", aService, []string{`If-Match: "2"`}},
		{"another revision in a service", 412, "stale", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$web","revision":2}`, []string{`If-Match: "1"`}},
		{"another revision of a host to delete", 412, "stale", "DELETE", "/api/v1/hosts/$web", `{"revision":9}`, nil},
		{"another revision of a service to delete", 412, "stale", "DELETE", "/api/v1/services/$nginx", `{"revision":9}`, nil},
		{"another tag for a binding", 412, "stale", "PUT", "/api/v1/bindings/$n443", `{"type":"Port","port_id":"$p80","service_id":"$nginx"}`, []string{`If-Match: "2"`}},
		{"another tag for a binding to delete", 412, "stale", "DELETE", "/api/v1/bindings/$n443", "", []string{`If-Match: "2"`}},
		{"another tag for an expiry", 412, "stale", "POST", "/api/v1/hosts/$web/expire", `{"before":"2026-01-01T00:00:00Z"}`, []string{`If-Match: "2"`}},
		{"another tag for a move", 412, "stale", "POST", "/api/v1/services/$nginx/move", `{"host_id":"$db"}`, []string{`If-Match: "2"`}},
		{"another tag for a transfer", 412, "stale", "POST", "/api/v1/bindings/$n443/transfer", `{"service_id":"$caddy"}`, []string{`If-Match: "2"`}},
		{"a weak tag", 412, "stale", "DELETE", "/api/v1/services/$nginx", "", []string{`If-Match: W/"1"`}},
		{"two tags", 412, "stale", "DELETE", "/api/v1/hosts/$web", "", []string{`If-Match: "1", "2"`}},
		{"a tag without quotes", 412, "stale", "DELETE", "/api/v1/hosts/$web", "", []string{`If-Match: 1`}},
		{"a tag with a zero", 412, "stale", "DELETE", "/api/v1/hosts/$web", "", []string{`If-Match: "01"`}},
		{"the tag 0", 412, "stale", "DELETE", "/api/v1/hosts/$web", "", []string{`If-Match: "0"`}},
		{"an empty tag", 412, "stale", "DELETE", "/api/v1/services/$nginx", "", []string{`If-Match: `}},

		// Rules, and what a PUT must not change.
		{"a binding in conflict", 409, "conflict", "POST", "/api/v1/bindings", `{"type":"Interface","interface_id":"$wlan","service_id":"$nginx"}`, nil},
		{"a binding put into conflict", 409, "conflict", "PUT", "/api/v1/bindings/$c53", `{"type":"Port","port_id":"$p53","service_id":"$caddy"}`, nil},
		{"a service in conflict", 400, "conflict", "POST", "/api/v1/services", `{"name":"x","host_id":"$web","bindings":[{"type":"Port","port_id":"$p80"},{"type":"IPAddress","ip_address_id":"$addr5"}]}`, nil},
		{"a service put into conflict", 400, "conflict", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$web","bindings":[{"type":"Port","port_id":"$p80"},{"type":"IPAddress","ip_address_id":"$addr5"}]}`, nil},
		{"a host in conflict", 400, "conflict", "POST", "/api/v1/hosts", `{"name":"x","network_id":"$net1","interfaces":[{"id":"$new1"}],"ports":[{"id":"$new2","number":1,"protocol":"Udp"}],
			"services":[{"name":"x","bindings":[{"type":"Interface","interface_id":"$new1"},{"type":"Port","port_id":"$new2"}]}]}`, nil},
		{"a binding of another host's port", 400, "cross_host", "POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p5432","service_id":"$nginx"}`, nil},
		{"a service with another host's port", 400, "cross_host", "POST", "/api/v1/services", `{"name":"x","host_id":"$web","bindings":[{"type":"Port","port_id":"$p5432"}]}`, nil},
		{"a binding in another network", 400, "network_mismatch", "POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p53","service_id":"$nginx","network_id":"$net2"}`, nil},
		{"a binding put into another network", 400, "network_mismatch", "PUT", "/api/v1/bindings/$n443", `{"type":"Port","port_id":"$p53","service_id":"$nginx","site_id":"$net2"}`, nil},
		{"a service in another network", 400, "network_mismatch", "POST", "/api/v1/services", `{"name":"x","host_id":"$web","network_id":"$net2"}`, nil},
		{"a service put into another network", 400, "network_mismatch", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$web","network_id":"$net2"}`, nil},
		{"a host put into another network", 400, "network_mismatch", "PUT", "/api/v1/hosts/$web", `{"name":"x","network_id":"$net2"}`, nil},
		{"a host observed in another network", 400, "network_mismatch", "POST", "/api/v1/hosts/discovery", `{"host":{"id":"$web","name":"x","network_id":"$net2"}}`, nil},
		{"a service put on another host", 400, "invalid", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$db"}`, nil},
		{"a binding put into another service", 400, "invalid", "PUT", "/api/v1/bindings/$n443", `{"type":"Port","port_id":"$p443","service_id":"$caddy"}`, nil},
		{"two bindings with one ID", 400, "invalid", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$web","bindings":[{"id":"$new1","type":"Port","port_id":"$p80"},{"id":"$new1","type":"Port","port_id":"$p53"}]}`, nil},

		// The order of the checks.
		{"method before type", 405, "method_not_allowed", "PATCH", "/api/v1/hosts", "x", []string{"Content-Type: text/plain"}},
		{"path before type", 404, "not_found", "POST", "/api/v1/networks", "x", []string{"Content-Type: text/plain"}},
		{"type before size", 415, "unsupported_media_type", "POST", "/api/v1/hosts", strings.Repeat(" ", maxBody+1), []string{"Content-Type: text/plain"}},
		{"size before JSON", 413, "too_large", "POST", "/api/v1/hosts", "x" + strings.Repeat(" ", maxBody), nil},
		{"JSON before 404", 400, "malformed", "PUT", "/api/v1/services/$none", `{"name":"x"}`, nil},
		{"404 before 412", 404, "not_found", "PUT", "/api/v1/services/$none", aService, []string{`If-Match: "7"`}},
		{"404 of the body before 412", 404, "not_found", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$none"}`, []string{`If-Match: "7"`}},
		{"404 before 412 of a host", 404, "not_found", "PUT", "/api/v1/hosts/$none", aHost, []string{`If-Match: "7"`}},
		{"404 before rules", 404, "not_found", "PUT", "/api/v1/bindings/$none", `{"type":"Port","port_id":"$p5432","service_id":"$nginx"}`, nil},
		{"412 before rules", 412, "stale", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$web","network_id":"$net2","bindings":[{"type":"Port","port_id":"$p5432"}]}`, []string{`If-Match: "7"`}},
		{"412 before another host", 412, "stale", "PUT", "/api/v1/services/$nginx", `{"name":"x","host_id":"$db"}`, []string{`If-Match: "7"`}},
		{"412 before another network", 412, "stale", "PUT", "/api/v1/hosts/$web", `{"name":"x","network_id":"$net2"}`, []string{`If-Match: "7"`}},
		{"412 before what is used", 412, "stale", "PUT", "/api/v1/hosts/$web", aHost, []string{`If-Match: "7"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &server{t, s.handler, s.manager}
			s.fails(c.status, c.code, c.method, c.path, c.body, c.headers...)
		})
	}
}

func TestARefusalOfAMethodSaysWhichAreAllowed(t *testing.T) {
	a := newOffice(t).fails(405, "method_not_allowed", "PATCH", "/api/v1/hosts/$web", "")
	require.Equal(t, "DELETE, GET, HEAD, PUT", a.header.Get("Allow"))
}

func TestViolationsSayWhatIsWrongAndWhere(t *testing.T) {
	s := newOffice(t)
	a := s.fails(409, "conflict", "POST", "/api/v1/bindings", `{"type":"Interface","interface_id":"$wlan","service_id":"$nginx"}`)
	require.Len(t, a.Params.Violations, 1)
	v := a.Params.Violations[0]
	require.Equal(t, "V5", v.Rule)
	require.Zero(t, v.Index)
	require.Empty(t, v.Path, "on /bindings there is one binding only")
	require.NotContains(t, string(a.raw), `"id":"00000000`, "what is not stored has no ID")
	require.Equal(t, idOf("$n443"), v.Other.ID)
	require.Nil(t, v.Service)
	require.Equal(t, a.Error, v.Message)
	require.Contains(t, a.Error, "wlan0")

	a = s.fails(400, "network_mismatch", "POST", "/api/v1/services", `{"name":"x","host_id":"$web","network_id":"$net2","bindings":[
		{"type":"Port","port_id":"$p80"},{"type":"Port","port_id":"$p5432"}]}`)
	require.Len(t, a.Params.Violations, 2)
	whole, one := a.Params.Violations[0], a.Params.Violations[1]
	require.Equal(t, -1, whole.Index)
	require.Nil(t, whole.Binding)
	require.Equal(t, validate.ErrCrossHost, one.Code)
	require.Equal(t, 1, one.Index)
	require.Equal(t, "bindings[1]", one.Path)
	require.Equal(t, everywhere("$p5432"), one.Binding.Target)
	require.Nil(t, one.Other)

	a = s.fails(400, "cross_host", "POST", "/api/v1/hosts", `{"name":"x","network_id":"$net1","services":[{"name":"a"},{"name":"b","bindings":[{"type":"Port","port_id":"$p80"}]}]}`)
	require.Equal(t, "services[1].bindings[0]", a.Params.Violations[0].Path)
}

func TestExclusivePortsNameTheOwner(t *testing.T) {
	s := newOffice(t, validate.WithExclusivePorts())
	claim := `{"type":"Port","port_id":"$p443","ip_address_id":"$addr6","service_id":"$caddy"}`
	a := s.fails(409, "port_claimed", "POST", "/api/v1/bindings", claim)
	require.Equal(t, &owner{idOf("$nginx"), "nginx"}, a.Params.Violations[0].Service)
	require.Equal(t, idOf("$n443"), a.Params.Violations[0].Other.ID)
	s.fails(409, "port_claimed", "PUT", "/api/v1/bindings/$c53", claim)
	s.fails(400, "port_claimed", "PUT", "/api/v1/services/$caddy", `{"name":"caddy","host_id":"$web","bindings":[`+claim+`]}`)
	newOffice(t).ok("POST", "/api/v1/bindings", claim)
}

func TestTheKeyIsNeededBeforeAnythingElse(t *testing.T) {
	s := newServer(t, "sesame")
	for _, given := range []string{"", "Authorization: Bearer", "Authorization: Bearer sesam", "Authorization: Bearer sesame ", "Authorization: sesame", "Authorization: Basic sesame"} {
		for _, path := range []string{"/api/v1/hosts", "/nowhere", "/api//v1", "/api/v1/hosts/discovery"} {
			a := s.do("PATCH", path, "x", given)
			require.Equal(t, http.StatusUnauthorized, a.status)
			require.Equal(t, errUnauthorized, a.Code)
			require.Equal(t, "Bearer", a.header.Get("WWW-Authenticate"))
		}
	}
	require.Equal(t, http.StatusOK, s.do("GET", "/api/v1/hosts?network_id=$net1", "", "Authorization: Bearer sesame").status)
	require.Equal(t, http.StatusOK, s.do("GET", "/healthz", "").status)
}

// broken is a store that is out of order.
type broken struct{ store.Store }

func (broken) View(context.Context, func(context.Context, store.Reader) error) error {
	return errors.New("disk 7 on fire")
}

func (broken) Update(context.Context, func(context.Context, store.Writer) error) error {
	return store.ErrUnknownOutcome
}

func TestFaultsOfTheStoreAreNotShown(t *testing.T) {
	s := newServerOn(t, broken{memstore.New()}, "")
	for _, a := range []answer{
		s.do("GET", "/api/v1/hosts/$web", ""),
		s.do("GET", "/api/v1/services?host_id=$web", ""),
		s.do("POST", "/api/v1/hosts", aHost),
		s.do("PUT", "/api/v1/bindings/$n443", aBinding),
	} {
		require.Equal(t, http.StatusInternalServerError, a.status)
		require.Equal(t, errInternal, a.Code)
		require.NotContains(t, string(a.raw), "fire")
		require.NotContains(t, string(a.raw), "outcome")
	}
}

// A code of the library that has no status is a fault of the server: these are.
func TestEveryCodeOfTheLibraryHasAStatus(t *testing.T) {
	faults := []binding.Code{store.ErrNestedTx, store.ErrClosed, store.ErrLocked, store.ErrUnknownOutcome}
	for _, code := range bindset.Codes() {
		_, known := statuses[code]
		require.NotEqual(t, slices.Contains(faults, code), known, code)
	}
}
