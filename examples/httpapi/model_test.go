package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// TestTheServerDoesWhatTheManagerDoes sends random requests, valid and not, to the
// server, makes the same calls on a Manager of its own, and compares statuses,
// codes, answers and everything that is stored.
func TestTheServerDoesWhatTheManagerDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rules []validate.Option
		if rapid.Bool().Draw(t, "exclusive ports") {
			rules = append(rules, validate.WithExclusivePorts())
		}
		p := &pair{T: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		p.server = serve(t, p.newManager(rules), "")
		p.model = p.newManager(rules)
		for _, body := range []string{webJSON, dbJSON} {
			p.createHost(named.Replace(body))
		}
		t.Repeat(map[string]func(*rapid.T){
			"":                func(*rapid.T) { p.requireSame() },
			"create binding":  func(*rapid.T) { p.createBinding() },
			"put binding":     func(*rapid.T) { p.putBinding() },
			"delete binding":  func(*rapid.T) { p.deleteBinding() },
			"transfer":        func(*rapid.T) { p.transfer() },
			"move":            func(*rapid.T) { p.move() },
			"create service":  func(*rapid.T) { p.createService() },
			"put service":     func(*rapid.T) { p.putService() },
			"delete service":  func(*rapid.T) { p.deleteService() },
			"delete services": func(*rapid.T) { p.deleteServices() },
			"put host":        func(*rapid.T) { p.putHost() },
			"delete host":     func(*rapid.T) { p.deleteHost() },
			"create host": func(t *rapid.T) {
				p.createHost(named.Replace(rapid.SampledFrom([]string{webJSON, dbJSON}).Draw(t, "host")))
			},
			"observe":            func(*rapid.T) { p.observe() },
			"send what is wrong": func(*rapid.T) { p.sendWhatIsWrong() },
		})
	})
}

// pair is a server and a Manager that get the same requests.
type pair struct {
	*rapid.T
	*server
	model *bindset.Manager
	now   time.Time
}

// newManager returns a Manager whose IDs come in one order.
func (p *pair) newManager(rules []validate.Option) *bindset.Manager {
	var last uint64
	return bindset.NewManager(memstore.New(), bindset.WithValidator(validate.New(rules...)),
		bindset.WithClock(func() time.Time { return p.now }),
		bindset.WithIDs(func() uuid.UUID {
			last++
			id := uuid.UUID{0: 0xaa, 6: 0x40, 8: 0x80}
			binary.BigEndian.PutUint32(id[12:], uint32(last))
			return id
		}))
}

// expect sends a request, and compares the answer with what the Manager returned
// for it.
func (p *pair) expect(data any, err error, method, path string, body any, headers ...string) {
	text := ""
	if body != nil {
		raw, err := json.Marshal(body)
		require.NoError(p.T, err)
		text = string(raw)
	}
	a := p.do(method, path, text, headers...)
	status, code := wanted(err, strings.HasPrefix(path, "/api/v1/bindings"))
	require.Equal(p.T, status, a.status, "%s %s %s: %s, want %v", method, path, text, a.raw, err)
	require.Equal(p.T, code, a.Code)
	if err != nil {
		require.Equal(p.T, err.Error(), a.Error)
		return
	}
	want, err := json.Marshal(data)
	require.NoError(p.T, err)
	require.JSONEq(p.T, tracked(p.T, want), string(a.Data))
	p.now = p.now.Add(time.Second)
}

// tracked returns JSON in which every binding has all its tracking fields.
func tracked(t tb, data []byte) string {
	var value any
	require.NoError(t, json.Unmarshal(data, &value))
	track(value)
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return string(data)
}

func track(value any) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			track(v)
		}
	case map[string]any:
		if _, bound := value["service_id"]; bound {
			for _, field := range []string{"last_seen_at", "first_discovery_id", "last_discovery_id", "valid_from", "valid_to", "lineage_id"} {
				if _, there := value[field]; !there {
					value[field] = nil
				}
			}
		}
		for _, v := range value {
			track(v)
		}
	}
}

// wanted says how the contract answers an error.
func wanted(err error, onBindings bool) (int, binding.Code) {
	var rules *validate.Error
	var entity *store.EntityError
	switch {
	case err == nil:
		return 200, ""
	case errors.As(err, &rules):
		code := rules.Violations[0].Code
		if onBindings && (code == "conflict" || code == "port_claimed") {
			return 409, code
		}
		return 400, code
	case errors.As(err, &entity):
		return map[binding.Code]int{"not_found": 404, "exists": 409, "in_use": 409, "stale": 412}[entity.Code], entity.Code
	case errors.Is(err, binding.ErrMalformed):
		return 400, "malformed"
	default:
		return 400, "invalid"
	}
}

// requireSame compares everything that is stored, and checks that it is valid.
func (p *pair) requireSame() {
	require.Equal(p.T, inventoryOf(p.T, p.model), inventoryOf(p.T, p.manager))
	p.requireValid(idOf("$net1"))
}

func inventoryOf(t tb, m *bindset.Manager) (all []service.HostWithServices) {
	require.NoError(t, m.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		hosts, err := r.Hosts(ctx, idOf("$net1"), uuid.Nil, 0)
		require.NoError(t, err)
		for _, h := range hosts {
			services, err := r.ServicesOnHost(ctx, h.ID)
			require.NoError(t, err)
			all = append(all, service.HostWithServices{Host: h, Services: services})
		}
		return nil
	}))
	return all
}

// Generators.

func (p *pair) pick(label string, names ...string) uuid.UUID {
	name := rapid.SampledFrom(names).Draw(p.T, label)
	if name == "" {
		return uuid.Nil
	}
	return idOf(name)
}

func (p *pair) target() binding.Target {
	port := p.pick("port", "$p443", "$p80", "$p53", "$p443", "$p80", "$p53", "$p5432")
	place := p.pick("place", "$eth0", "$eth1", "$wlan", "$addr5", "$addr6", "$lan")
	switch rapid.IntRange(0, 5).Draw(p.T, "form") {
	case 0:
		return binding.Interface(place)
	case 1:
		return binding.IPAddress(place)
	case 2:
		return binding.Port(port, binding.AllInterfaces())
	case 3:
		return binding.Port(port, binding.OnInterface(place))
	default:
		return binding.Port(port, binding.OnIPAddress(place))
	}
}

// serviceID draws the ID of a service, mostly of one that is there.
func (p *pair) serviceID() uuid.UUID {
	ids := []uuid.UUID{idOf("$nginx"), idOf("$caddy"), idOf("$none")}
	for _, h := range inventoryOf(p.T, p.model) {
		for _, s := range h.Services {
			ids = append(ids, s.ID)
		}
	}
	return rapid.SampledFrom(ids).Draw(p.T, "service")
}

// bindingID draws the ID of a binding, mostly of one that is there.
func (p *pair) bindingID() uuid.UUID {
	ids := []uuid.UUID{idOf("$n443"), idOf("$none"), idOf("$new1")}
	for _, h := range inventoryOf(p.T, p.model) {
		for _, s := range h.Services {
			for _, b := range s.Bindings {
				ids = append(ids, b.ID)
			}
		}
	}
	return rapid.SampledFrom(ids).Draw(p.T, "binding")
}

func (p *pair) networkID() uuid.UUID {
	return p.pick("network", "", "", "$net1", "$net1", "$net2")
}

// fields returns a binding as a client may send it, with what the server is to
// ignore.
func (p *pair) fields(b binding.Binding) map[string]any {
	if rapid.Bool().Draw(p.T, "with what is ignored") {
		b.CreatedAt, b.LastSeenAt, b.LineageID = p.now.AddDate(-9, 0, 0), p.now, idOf("$none")
	}
	raw, err := b.MarshalJSON()
	require.NoError(p.T, err)
	var fields map[string]any
	require.NoError(p.T, json.Unmarshal(raw, &fields))
	return fields
}

func (p *pair) set() []binding.Binding {
	set := make([]binding.Binding, rapid.IntRange(0, 4).Draw(p.T, "bindings"))
	for i := range set {
		set[i].Target = p.target()
	}
	return set
}

func (p *pair) fieldsOf(set []binding.Binding) []any {
	list := make([]any, len(set))
	for i := range set {
		list[i] = p.fields(set[i])
	}
	return list
}

// match draws a header If-Match, and what it asks of the Manager.
func (p *pair) match() (headers []string, revision uint64) {
	switch rapid.IntRange(0, 5).Draw(p.T, "match") {
	case 0:
		return []string{"If-Match: *"}, 0
	case 1:
		return []string{`If-Match: W/"1"`}, noRevision
	case 2:
		n := rapid.Uint64Range(1, 4).Draw(p.T, "revision")
		return []string{fmt.Sprintf(`If-Match: "%d"`, n)}, n
	default:
		return nil, 0
	}
}

// Requests.

func (p *pair) createBinding() {
	b := binding.Binding{Target: p.target(), ServiceID: p.serviceID(), NetworkID: p.networkID()}
	stored, _, err := p.model.CreateBinding(p.Context(), b)
	sent := b
	sent.ID = p.bindingID() // is ignored
	p.expect(stored, err, "POST", "/api/v1/bindings", p.fields(sent))
}

func (p *pair) putBinding() {
	b := binding.Binding{ID: p.bindingID(), Target: p.target(), ServiceID: p.serviceID(), NetworkID: p.networkID()}
	if rapid.Bool().Draw(p.T, "of its own service") {
		_ = p.model.View(p.Context(), func(ctx context.Context, r store.Reader) error {
			owners, err := r.BindingOwners(ctx, b.ID)
			if id, ok := owners[b.ID]; ok {
				b.ServiceID = id
			}
			return err
		})
	}
	headers, revision := p.match()
	stored, _, err := p.model.UpdateBinding(p.Context(), b, bindset.IfRevision(revision))
	sent := b
	sent.ID = p.bindingID() // the path says which
	p.expect(stored, err, "PUT", "/api/v1/bindings/"+b.ID.String(), p.fields(sent), headers...)
}

func (p *pair) deleteBinding() {
	id := p.bindingID()
	headers, revision := p.match()
	_, err := p.model.DeleteBinding(p.Context(), id, bindset.IfRevision(revision))
	p.expect(nil, err, "DELETE", "/api/v1/bindings/"+id.String(), nil, headers...)
}

func (p *pair) transfer() {
	id, to := p.bindingID(), p.serviceID()
	headers, revision := p.match()
	stored, _, err := p.model.TransferListener(p.Context(), id, to, bindset.IfRevision(revision))
	p.expect(stored, err, "POST", "/api/v1/bindings/"+id.String()+"/transfer", map[string]any{"service_id": to}, headers...)
}

func (p *pair) move() {
	id, to := p.serviceID(), p.pick("host", "$web", "$db", "$db", "$none")
	headers, revision := p.match()
	opts := []bindset.MoveOption{bindset.IfRevision(revision)}
	drop := rapid.Bool().Draw(p.T, "drop")
	if drop {
		opts = append(opts, bindset.DropUnfit())
	}
	stored, _, err := p.model.MoveService(p.Context(), id, to, opts...)
	p.expect(stored, err, "POST", "/api/v1/services/"+id.String()+"/move", map[string]any{"host_id": to, "drop": drop}, headers...)
}

func (p *pair) createService() {
	d := service.Draft{
		HostID: p.pick("host", "$web", "$web", "$db", "$none"), NetworkID: p.networkID(),
		Name: rapid.SampledFrom([]string{"a", "", strings.Repeat("é", 100), strings.Repeat("é", 101)}).Draw(p.T, "name"), Bindings: p.set(),
	}
	stored, _, err := p.model.CreateService(p.Context(), d)
	p.expect(stored, err, "POST", "/api/v1/services", map[string]any{
		"id": p.serviceID(), "host_id": d.HostID, "network_id": d.NetworkID, "name": d.Name, "position": 7,
		"source": map[string]any{"type": "System"}, "bindings": p.fieldsOf(d.Bindings),
	})
}

func (p *pair) putService() {
	s := service.Service{
		ID: p.serviceID(), HostID: p.pick("host", "$web", "$web", "$web", "$db", "$none"), NetworkID: p.networkID(),
		Name: "b", Position: rapid.Int32Range(-2, 2).Draw(p.T, "position"), Bindings: p.set(),
		Revision: rapid.SampledFrom([]uint64{0, 0, 0, 1, 2}).Draw(p.T, "revision"),
	}
	for i := range s.Bindings {
		if rapid.Bool().Draw(p.T, "with ID") {
			s.Bindings[i].ID = p.bindingID()
		}
	}
	body := map[string]any{
		"id": idOf("$none"), "host_id": s.HostID, "network_id": s.NetworkID, "name": s.Name, "position": s.Position,
		"revision": s.Revision, "bindings": p.fieldsOf(s.Bindings),
	}
	headers, revision := p.match()
	if rapid.Bool().Draw(p.T, "without position") {
		delete(body, "position")
		for _, h := range inventoryOf(p.T, p.model) {
			for _, was := range h.Services {
				if was.ID == s.ID {
					s.Position = was.Position
				}
			}
		}
	}
	stored, _, err := p.model.UpdateService(p.Context(), s, bindset.IfRevision(revision))
	p.expect(stored, err, "PUT", "/api/v1/services/"+s.ID.String(), body, headers...)
}

func (p *pair) deleteService() {
	id := p.serviceID()
	headers, revision := p.match()
	_, err := p.model.DeleteService(p.Context(), id, bindset.IfRevision(revision))
	p.expect(nil, err, "DELETE", "/api/v1/services/"+id.String(), nil, headers...)
}

func (p *pair) deleteServices() {
	list := []uuid.UUID{p.serviceID(), p.serviceID()}
	n, _, err := p.model.DeleteServices(p.Context(), list)
	p.expect(map[string]int{"deleted_count": n, "requested_count": len(slices.Compact(slices.Clone(list)))}, err, "POST", "/api/v1/services/bulk-delete", list)
}

func (p *pair) createHost(body string) {
	var h service.HostWithServices
	require.NoError(p.T, binding.DecodeJSON([]byte(body), &h))
	drafts := make([]service.Draft, len(h.Services))
	for i, s := range h.Services {
		drafts[i] = service.Draft{ID: s.ID, Name: s.Name, Bindings: s.Bindings}
	}
	onHost, _, err := p.model.CreateHost(p.Context(), h.Host, drafts)
	stored, services := onHost.Host, onHost.Services
	p.expect(service.HostWithServices{Host: stored, Services: services}, err, "POST", "/api/v1/hosts", json.RawMessage(body))
}

// webHost draws the inventory of the host web with other links, and perhaps
// without one of its ports.
func (p *pair) webHost() host.Host {
	var h host.Host
	require.NoError(p.T, binding.DecodeJSON([]byte(named.Replace(webJSON)), &h))
	for i := range h.IPAddresses {
		h.IPAddresses[i].InterfaceID = p.pick("carrier", "", "$eth0", "$eth1", "$none", "$eth0", "$eth1")
	}
	if rapid.Bool().Draw(p.T, "without 53/udp") {
		h.Ports = h.Ports[:2]
	}
	return h
}

func (p *pair) putHost() {
	h := p.webHost()
	h.Revision = rapid.SampledFrom([]uint64{0, 0, 0, 1, 2}).Draw(p.T, "revision")
	body, err := h.MarshalJSON()
	require.NoError(p.T, err)
	headers, revision := p.match()
	if err = binding.DecodeJSON(body, &host.Host{}); err != nil { // a link to nothing
		p.expect(nil, err, "PUT", "/api/v1/hosts/$web", json.RawMessage(body), headers...)
		return
	}
	stored, _, err := p.model.PutHost(p.Context(), h, bindset.IfRevision(revision), bindset.IfExists())
	p.expect(service.HostWithServices{Host: stored, Services: p.servicesOnWeb()}, err, "PUT", "/api/v1/hosts/$web", json.RawMessage(body), headers...)
}

func (p *pair) servicesOnWeb() []service.Service {
	for _, h := range inventoryOf(p.T, p.model) {
		if h.Host.ID == idOf("$web") {
			return h.Services
		}
	}
	return nil
}

func (p *pair) deleteHost() {
	headers, revision := p.match()
	_, err := p.model.DeleteHost(p.Context(), idOf("$web"), bindset.IfRevision(revision), bindset.Cascade())
	p.expect(nil, err, "DELETE", "/api/v1/hosts/$web", nil, headers...)
}

func (p *pair) observe() {
	d := service.Discovery{Host: p.webHost()}
	for _, name := range []string{"nginx", "caddy"} {
		d.Services = append(d.Services, service.Service{Name: name, Bindings: p.set()})
	}
	body, err := d.MarshalJSON()
	require.NoError(p.T, err)
	if err = binding.DecodeJSON(body, &service.Discovery{}); err != nil { // a link to nothing
		p.expect(nil, err, "POST", "/api/v1/hosts/discovery", json.RawMessage(body))
		return
	}
	_, err = p.model.Observe(p.Context(), d)
	var stored service.HostWithServices
	for _, h := range inventoryOf(p.T, p.model) {
		if h.Host.ID == d.Host.ID {
			stored = h
		}
	}
	p.expect(stored, err, "POST", "/api/v1/hosts/discovery", json.RawMessage(body))
}

// sendWhatIsWrong sends a body without a field that it needs, or with one that is
// something else. The Manager hears nothing of it.
func (p *pair) sendWhatIsWrong() {
	c := rapid.SampledFrom([]struct{ method, path, body, needs string }{
		{"POST", "/api/v1/bindings", aBinding, "type port_id service_id"},
		{"PUT", "/api/v1/bindings/$n443", aBinding, "type port_id service_id"},
		{"POST", "/api/v1/services", aService, "name host_id"},
		{"PUT", "/api/v1/services/$nginx", aService, "name host_id"},
		{"POST", "/api/v1/hosts", aHost, "name network_id"},
		{"PUT", "/api/v1/hosts/$web", aHost, "name network_id"},
	}).Draw(p.T, "request")
	var body map[string]any
	require.NoError(p.T, json.Unmarshal([]byte(named.Replace(c.body)), &body))
	field := rapid.SampledFrom(strings.Fields(c.needs)).Draw(p.T, "field")
	switch rapid.IntRange(0, 2).Draw(p.T, "wrong") {
	case 0:
		delete(body, field)
	case 1:
		body[field] = nil
	case 2:
		body[field] = rapid.SampledFrom([]any{1, true, []string{}, maps.Clone(body)}).Draw(p.T, "value")
	}
	raw, err := json.Marshal(body)
	require.NoError(p.T, err)
	a := p.do(c.method, c.path, string(raw))
	require.Equal(p.T, http.StatusBadRequest, a.status, "%s", a.raw)
	require.Equal(p.T, binding.ErrMalformed, a.Code)
	require.Contains(p.T, a.Error, field)
}
