package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/examples/internal/stores"
	"github.com/bindset/bindset/service"
)

func TestWhatNoScanHasSeenForLongIsRemovedAndNamed(t *testing.T) {
	now := time.Now()
	yesterday := machine(80, 443)
	yesterday.Interfaces = append(yesterday.Interfaces, scan.Interface{Name: "veth1", Up: true, Kind: scan.Bridge})
	at := func(ago time.Duration, m scan.Machine) service.Discovery {
		return seenAt(now.Add(-ago), m.Discover(network).Discovery)
	}
	to := &embedded{open: new(stores.Flag).Open}
	came, err := to.report(t.Context(), at(25*time.Hour, yesterday), now.Add(-49*time.Hour))
	require.NoError(t, err)
	require.Equal(t, outcome{services: 2, bindings: 3, added: 3}, came)
	came, err = to.report(t.Context(), at(time.Hour, machine(80)), now.Add(-26*time.Hour))
	require.NoError(t, err)
	require.Equal(t, outcome{services: 2, bindings: 3}, came, "what was seen since stays")
	came, err = to.report(t.Context(), at(0, machine(80)), now.Add(-24*time.Hour))
	require.NoError(t, err)
	require.Equal(t, outcome{services: 1, bindings: 1, expired: []string{
		"bridge veth1: presence at veth1", "nginx: 443/tcp on all IPv4", "service bridge veth1", "interface veth1", "port 443/tcp",
	}}, sortedBindings(came))
}

// sortedBindings puts the two bindings first in an outcome in order.
func sortedBindings(o outcome) outcome {
	if len(o.expired) > 1 && o.expired[0] > o.expired[1] {
		o.expired[0], o.expired[1] = o.expired[1], o.expired[0]
	}
	return o
}

func TestAServerIsAskedToExpireTheHostThatItKnows(t *testing.T) {
	before := machine(80, 443).Discover(network).Discovery
	after := before
	after.Host.Ports = before.Host.Ports[:1]
	after.Services = []service.Service{before.Services[0].Clone()}
	after.Services[0].Bindings = after.Services[0].Bindings[:1]
	var asked struct{ Before time.Time }
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := map[string]any{"success": true, "data": service.HostWithServices{Host: before.Host, Services: before.Services}}
		switch r.URL.Path {
		case "/api/v1/hosts/discovery":
		case "/api/v1/hosts/" + before.Host.ID.String() + "/expire":
			body, _ := io.ReadAll(r.Body)
			if err := json.Unmarshal(body, &asked); err != nil {
				t.Error(err)
			}
			reply["data"] = service.HostWithServices{Host: after.Host, Services: after.Services}
			reply["changes"] = map[string]any{"removed": before.Services[0].Bindings[1:]}
		default:
			w.WriteHeader(http.StatusNotFound)
		}
		out, err := json.Marshal(reply)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(w, "%s", out)
	}))
	defer api.Close()
	limit := time.Now().UTC().Truncate(time.Microsecond)
	came, err := newServer(api.URL, "").report(t.Context(), seenAt(time.Now(), before), limit)
	require.NoError(t, err)
	require.Equal(t, outcome{services: 1, bindings: 1, expired: []string{"nginx: 443/tcp on all IPv4", "port 443/tcp"}}, came)
	require.Equal(t, limit, asked.Before)
}
