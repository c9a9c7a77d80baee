package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// TestRecordedTrafficIsAnsweredAsItWas replays exchanges between real daemons and
// servers. They are not ours to publish, so the test runs only where they lie
// beside the repository.
func TestRecordedTrafficIsAnsweredAsItWas(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "payloads", "*.json"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no recorded payloads in ../shared/payloads, seen from the root of the repository")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var exchange struct {
				Method   string          `json:"method"`
				Path     string          `json:"path"`
				Request  json.RawMessage `json:"request_body"`
				Status   int             `json:"response_status"`
				Response struct {
					Data service.HostWithServices `json:"data"`
				} `json:"response_body"`
			}
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(data, &exchange))

			s := newServer(t, "")
			for range 2 {
				a := s.do(exchange.Method, exchange.Path, string(exchange.Request))
				require.Equal(t, exchange.Status, a.status, "%s", a.raw)
				got, want := decoded[service.HostWithServices](t, a), exchange.Response.Data
				require.NotEmpty(t, want.Services)
				require.Equal(t, said(want.Services), said(got.Services))
				want.Host.Name, want.Host.Revision = got.Host.Name, 1 // that server had named the host before
				for _, seen := range got.Host.Sighted() {
					*seen = binding.Sightings{} // the recorded versions do not say
				}
				require.Equal(t, want.Host, got.Host)
			}
		})
	}
}

// said returns services without what the server assigned that the recorded
// versions do not have.
func said(services []service.Service) []service.Service {
	for i := range services {
		services[i].Revision, services[i].Sightings = 0, binding.Sightings{}
		for k := range services[i].Bindings {
			services[i].Bindings[k].Sightings = binding.Sightings{}
		}
	}
	return services
}

// scans are one host as scanners of two API versions see it: the same, under
// other IDs.
var scans = []string{"scan-0.14.json", "scan-0.17.json"}

func scanned(t testing.TB, file string) string {
	data, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	return string(data)
}

func TestAScanOfEitherDialectIsTakenInOnce(t *testing.T) {
	for _, file := range scans {
		t.Run(file, func(t *testing.T) {
			s := newServer(t, "")
			first := s.ok("POST", "/api/v1/hosts/discovery", scanned(t, file))
			require.Len(t, first.Changes.Added, 6)
			require.Empty(t, first.Changes.Skipped)
			h := decoded[service.HostWithServices](t, first)
			requireFileServer(t, h)

			var payload service.Discovery
			require.NoError(t, binding.DecodeJSON([]byte(scanned(t, file)), &payload))
			require.ElementsMatch(t, idsOf(payload.Services), idsOf(h.Services), "IDs that nothing has are kept")
			require.ElementsMatch(t, createdAt(payload.Services), createdAt(h.Services))
			require.ElementsMatch(t, unseenPorts(payload.Host), unseenPorts(h.Host))

			again := s.ok("POST", "/api/v1/hosts/discovery", scanned(t, file))
			require.Nil(t, again.Changes)
			same := decoded[service.HostWithServices](t, again)
			require.Equal(t, said(h.Services), said(same.Services))
			require.Equal(t, unseenPorts(h.Host), unseenPorts(same.Host))
			require.Equal(t, h.Host.Revision, same.Host.Revision)
		})
	}
}

// unseenPorts returns the ports of a host without their Sightings.
func unseenPorts(h host.Host) []host.Port {
	ports := slices.Clone(h.Ports)
	for i := range ports {
		ports[i].Sightings = binding.Sightings{}
	}
	return ports
}

func createdAt(services []service.Service) (times []time.Time) {
	for i := range services {
		times = append(times, services[i].CreatedAt)
	}
	return times
}

func TestARescanInAnotherDialectLeavesNoDuplicate(t *testing.T) {
	for _, order := range [][]string{{scans[0], scans[1]}, {scans[1], scans[0]}, {scans[0], scans[1], scans[0], scans[1]}} {
		s := newServer(t, "")
		first := decoded[service.HostWithServices](t, s.ok("POST", "/api/v1/hosts/discovery", scanned(t, order[0])))
		for _, file := range order[1:] {
			a := s.ok("POST", "/api/v1/hosts/discovery", scanned(t, file))
			h := decoded[service.HostWithServices](t, a)
			requireFileServer(t, h)
			require.Equal(t, unseenPorts(first.Host), unseenPorts(h.Host))
			require.Equal(t, idsOf(first.Services), idsOf(h.Services), "what was stored keeps its IDs")
			if a.Changes != nil {
				require.Empty(t, a.Changes.Added)
				require.Empty(t, a.Changes.Removed)
				require.Empty(t, a.Changes.Dropped)
				require.Empty(t, a.Changes.Skipped)
			}
		}
	}
}

// requireFileServer checks that a host is the one of the scans, with nothing on it
// twice, and that what its services name is there.
func requireFileServer(t *testing.T, h service.HostWithServices) {
	t.Helper()
	var places []string
	for _, f := range h.Host.Interfaces {
		if f.HasAddress() {
			places = append(places, f.Address.String())
		}
	}
	for _, a := range h.Host.IPAddresses {
		places = append(places, a.Address.String())
	}
	require.ElementsMatch(t, []string{"127.0.0.1", "192.0.2.10", "192.0.2.11"}, places)

	inv, err := host.NewInventory(h.Host)
	require.NoError(t, err)
	described := map[string][]string{}
	for _, s := range h.Services {
		for _, b := range s.Bindings {
			require.True(t, inv.Has(b.Target))
			require.Equal(t, b.Target, inv.Canonical(b.Target), "the answer uses what the place is")
			described[s.Name] = append(described[s.Name], where(inv, b.Target))
		}
	}
	require.Equal(t, map[string][]string{
		"SSH":        {"22/tcp everywhere"},
		"Samba":      {"445/tcp at 192.0.2.10", "445/tcp at 192.0.2.11"},
		"DNS Server": {"53/udp at 127.0.0.1", "53/udp at 192.0.2.10"},
		"Gateway":    {"at 192.0.2.10"},
	}, described)
}

// where says a target by numbers and addresses, which are the same in both
// dialects.
func where(inv *host.Inventory, t binding.Target) string {
	place := "everywhere"
	if id, ok := t.IPAddressID(); ok {
		a, _ := inv.IPAddress(id)
		place = "at " + a.Address.String()
	} else if id, ok := t.InterfaceID(); ok {
		f, _ := inv.Interface(id)
		place = "at " + f.Address.String()
	}
	if id, ok := t.PortID(); ok {
		p, _ := inv.Port(id)
		return p.String() + " " + place
	}
	return place
}

func idsOf(services []service.Service) []uuid.UUID {
	var list []uuid.UUID
	for _, s := range services {
		list = append(list, s.ID)
		for _, b := range s.Bindings {
			list = append(list, b.ID)
		}
	}
	return list
}
