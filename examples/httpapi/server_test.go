package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// names are what the tests call IDs in paths and bodies. No name is the start of
// another one.
var names = []string{
	"$net1", "$net2", // networks
	"$web", "$db", // hosts
	"$eth0", "$eth1", "$wlan", "$addr5", "$addr6", "$p443", "$p80", "$p53", // on web
	"$lan", "$p5432", // on db
	"$nginx", "$caddy", "$postgres", // services
	"$n443", "$n80", "$c53", "$cwlan", // bindings
	"$none", "$new1", "$new2", // nothing has them
}

// idOf returns the ID with a name.
func idOf(name string) uuid.UUID {
	return uuid.UUID{0: 0x55, 6: 0x40, 8: 0x80, 15: byte(slices.Index(names, name) + 1)}
}

// named puts IDs in the place of names.
var named = func() *strings.Replacer {
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, name, idOf(name).String())
	}
	return strings.NewReplacer(pairs...)
}()

const (
	// web has an interface that carries an address, one that carries none, and
	// one with an address of its own; nginx listens, caddy also is present.
	webJSON = `{"id":"$web","name":"web-1","network_id":"$net1",
		"interfaces":[{"id":"$eth0","if_name":"eth0"},{"id":"$eth1","if_name":"eth1"},{"id":"$wlan","name":"wlan0","ip_address":"192.168.1.7"}],
		"ip_addresses":[{"id":"$addr5","ip_address":"10.0.0.5","interface_id":"$eth0"},{"id":"$addr6","ip_address":"10.0.0.6"}],
		"ports":[{"id":"$p443","number":443,"protocol":"Tcp"},{"id":"$p80","number":80,"protocol":"Tcp"},{"id":"$p53","number":53,"protocol":"Udp"}],
		"services":[
			{"id":"$nginx","name":"nginx","bindings":[{"id":"$n443","type":"Port","port_id":"$p443"},{"id":"$n80","type":"Port","port_id":"$p80","interface_id":"$eth0"}]},
			{"id":"$caddy","name":"caddy","bindings":[{"id":"$c53","type":"Port","port_id":"$p53","ip_address_id":"$addr5"},{"id":"$cwlan","type":"Interface","interface_id":"$wlan"}]}]}`
	dbJSON = `{"id":"$db","name":"db-1","network_id":"$net1",
		"interfaces":[{"id":"$lan","name":"lan","ip_address":"10.0.1.1"}],
		"ports":[{"id":"$p5432","number":5432,"protocol":"Tcp"}],
		"services":[{"id":"$postgres","name":"postgres"}]}`
)

// tb is a *testing.T or a *rapid.T.
type tb interface {
	require.TestingT
	Helper()
}

// server is a server in this process, and what it stores.
type server struct {
	t       tb
	handler http.Handler
	manager *bindset.Manager
}

func newServer(t tb, key string, rules ...validate.Option) *server {
	return newServerOn(t, memstore.New(), key, rules...)
}

func newServerOn(t tb, store store.Store, key string, rules ...validate.Option) *server {
	return serve(t, bindset.NewManager(store, bindset.WithValidator(validate.New(rules...))), key)
}

// serve returns a server with a Manager of one's own.
func serve(t tb, m *bindset.Manager, key string) *server {
	return &server{t, newAPI(m, key, slog.New(slog.DiscardHandler)), m}
}

// newOffice returns a server that has the hosts web and db.
func newOffice(t tb, rules ...validate.Option) *server {
	s := newServer(t, "", rules...)
	s.ok("POST", "/api/v1/hosts", webJSON)
	s.ok("POST", "/api/v1/hosts", dbJSON)
	return s
}

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	raw    []byte

	Success *bool           `json:"success"`
	Data    json.RawMessage `json:"data"`
	Changes *struct {
		Added, Updated, Removed []binding.Binding
		Rewritten               []struct{ From, To binding.Binding }
		Dropped                 []struct {
			Binding, By binding.Binding
			Reason      string
		}
		Absorbed, Displaced []struct{ Binding, By binding.Binding }
		Skipped             []struct {
			Binding   binding.Binding
			Violation saidViolation
		}
	} `json:"changes"`
	Meta   *meta        `json:"meta"`
	Error  string       `json:"error"`
	Code   binding.Code `json:"code"`
	Params struct {
		Violations []saidViolation `json:"violations"`
		Hosts      []uuid.UUID     `json:"hosts"`
	} `json:"params"`
}

type saidViolation struct {
	Code    binding.Code
	Rule    string
	Index   int
	Path    string
	Message string
	Binding *binding.Binding
	Other   *binding.Binding
	Service *owner
}

// do sends a request. Names in path, body and headers stand for their IDs;
// headers are written "Name: value". A body is JSON unless they say otherwise.
func (s *server) do(method, path, body string, headers ...string) answer {
	r := httptest.NewRequest(method, named.Replace(path), strings.NewReader(named.Replace(body)))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, named.Replace(value))
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.Bytes()}
	require.Equal(s.t, "application/json", a.header.Get("Content-Type"))
	require.NoError(s.t, json.Unmarshal(a.raw, &a), "%s", a.raw)
	require.Equal(s.t, a.status == http.StatusOK, *a.Success)
	require.Equal(s.t, 1, a.Meta.APIVersion)
	require.NotEmpty(s.t, a.Meta.ServerVersion)
	return a
}

// ok sends a request that must succeed.
func (s *server) ok(method, path, body string, headers ...string) answer {
	a := s.do(method, path, body, headers...)
	require.Equal(s.t, http.StatusOK, a.status, "%s %s: %s", method, path, a.raw)
	require.Contains(s.t, string(a.raw), `"data":`)
	require.Empty(s.t, a.Error)
	return a
}

// fails sends a request that must be refused, and change nothing.
func (s *server) fails(status int, code string, method, path, body string, headers ...string) answer {
	before := s.stored()
	a := s.do(method, path, body, headers...)
	require.Equal(s.t, status, a.status, "%s %s: %s", method, path, a.raw)
	require.Equal(s.t, binding.Code(code), a.Code, "%s", a.raw)
	require.NotEmpty(s.t, a.Error)
	require.NotContains(s.t, string(a.raw), `"data":`)
	require.NotNil(s.t, a.Params.Violations)
	require.Equal(s.t, before, s.stored(), "a refusal leaves everything as it was")
	return a
}

// stored returns the hosts of the first network with everything on them.
func (s *server) stored() []service.HostWithServices {
	return decoded[[]service.HostWithServices](s.t, s.ok("GET", "/api/v1/hosts?network_id=$net1", ""))
}

// bindingsOf returns the stored set of a service.
func (s *server) bindingsOf(name string) []binding.Binding {
	return decoded[[]binding.Binding](s.t, s.ok("GET", "/api/v1/bindings?service_id="+name, ""))
}

// decoded returns the data of an answer.
func decoded[T any](t tb, a answer) T {
	var v T
	require.NoError(t, json.Unmarshal(a.Data, &v), "%s", a.raw)
	return v
}

func targetsOf(bindings []binding.Binding) []binding.Target {
	targets := make([]binding.Target, len(bindings))
	for i := range bindings {
		targets[i] = bindings[i].Target
	}
	return targets
}

func everywhere(port string) binding.Target {
	return binding.Port(idOf(port), binding.AllInterfaces())
}

func onInterface(port, id string) binding.Target {
	return binding.Port(idOf(port), binding.OnInterface(idOf(id)))
}

func onAddress(port, id string) binding.Target {
	return binding.Port(idOf(port), binding.OnIPAddress(idOf(id)))
}

// httpDo sends a request whose answer may have no JSON.
func httpDo(t tb, h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, named.Replace(path), strings.NewReader(named.Replace(body))))
	return w
}
