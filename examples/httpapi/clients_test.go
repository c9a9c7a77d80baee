package main

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// TestManyClientsAtOneHostLoseNothing lets 64 clients change one host at once, its
// inventory, a service that all of them share, and one of each client's own.
// Afterwards every set is valid, and what any of them was told is stored.
func TestManyClientsAtOneHostLoseNothing(t *testing.T) {
	const clients = 64
	s := newOffice(t)
	all := make([]*client, clients)
	var running sync.WaitGroup
	for i := range all {
		all[i] = &client{server: &server{goroutineT{t}, s.handler, s.manager}, number: i}
		running.Go(all[i].run)
	}
	running.Wait()
	if t.Failed() {
		return
	}
	s.requireValid(idOf("$net1"))

	web := decoded[service.HostWithServices](t, s.ok("GET", "/api/v1/hosts/$web", ""))
	require.EqualValues(t, 1+clients, web.Host.Revision, "every port that was added counts")
	stored := map[uuid.UUID]service.Service{}
	for _, svc := range web.Services {
		stored[svc.ID] = svc
	}
	shared := stored[idOf("$nginx")]
	revisions := map[string]int{}
	for _, c := range all {
		require.Contains(t, web.Host.Ports, c.port)
		require.Equal(t, c.own, stored[c.own.ID])
		require.Contains(t, shared.Bindings, c.shared)
		if c.tag != "" {
			require.NotContains(t, revisions, c.tag, "two clients were told that they made one revision")
			revisions[c.tag] = c.number
		}
	}
	require.NotEmpty(t, revisions, "of those who read one revision, one is the first to change it")
	require.EqualValues(t, 1+clients+len(revisions), shared.Revision)
}

// goroutineT ends the goroutine that fails, not the test.
type goroutineT struct{ *testing.T }

func (goroutineT) FailNow() { runtime.Goexit() }

// client is one of many, and what it was told last.
type client struct {
	*server
	number int

	port   host.Port
	own    service.Service
	shared binding.Binding
	tag    string // of the revision of the shared service that it made, if it was quick enough
}

func (c *client) run() {
	c.addPort()
	c.addToShared()
	c.renameShared()
	c.ownService()
}

// addPort sees a port that the host has not been seen with.
func (c *client) addPort() {
	number := fmt.Sprint(1000 + c.number)
	a := c.ok("POST", "/api/v1/hosts/discovery", `{"host":{"id":"$web","name":"web-1","network_id":"$net1"},"ports":[
		{"id":"`+uuid.NewString()+`","number":`+number+`,"protocol":"Tcp"},{"id":"`+uuid.NewString()+`","number":443,"protocol":"Tcp"}]}`)
	for _, p := range decoded[host.Host](c.t, a).Ports {
		if p.String() == number+"/tcp" {
			c.port = p
		}
	}
}

// addToShared adds a listener on that port to the service that all clients share.
func (c *client) addToShared() {
	a := c.ok("POST", "/api/v1/bindings", `{"type":"Port","port_id":"`+c.port.ID.String()+`","service_id":"$nginx"}`)
	c.shared = decoded[binding.Binding](c.t, a)
}

// renameShared renames that service, unless somebody else is quicker.
func (c *client) renameShared() {
	read := c.ok("GET", "/api/v1/services/$nginx", "")
	s := decoded[service.Service](c.t, read)
	s.Name, s.Revision = fmt.Sprint("named by ", c.number), 0 // the tag says it
	body, err := s.MarshalJSON()
	require.NoError(c.t, err)
	a := c.do("PUT", "/api/v1/services/$nginx", string(body), "If-Match: "+read.header.Get("ETag"))
	if a.status != http.StatusPreconditionFailed {
		require.Equal(c.t, http.StatusOK, a.status, "%s", a.raw)
		c.tag = a.header.Get("ETag")
	}
}

// ownService makes a service and changes it in every way there is.
func (c *client) ownService() {
	c.own = decoded[service.Service](c.t, c.ok("POST", "/api/v1/services", fmt.Sprintf(`{"name":"client %d","host_id":"$web","bindings":[{"type":"Port","port_id":"$p80","interface_id":"$eth0"}]}`, c.number)))
	id := c.own.ID.String()
	onAddress := decoded[binding.Binding](c.t, c.ok("POST", "/api/v1/bindings", `{"type":"Port","port_id":"$p53","ip_address_id":"$addr5","service_id":"`+id+`"}`))
	c.ok("PUT", "/api/v1/bindings/"+onAddress.ID.String(), `{"type":"Port","port_id":"$p53","service_id":"`+id+`"}`)
	c.ok("POST", "/api/v1/bindings/bulk-delete", `["`+c.own.Bindings[0].ID.String()+`"]`)
	c.own = decoded[service.Service](c.t, c.ok("GET", "/api/v1/services/"+id, ""))
	require.Len(c.t, c.own.Bindings, 1)
	require.EqualValues(c.t, 4, c.own.Revision)
}
