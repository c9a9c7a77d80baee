package record_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/boltstore/internal/record"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// Golden files that are there are never written again: what they hold is in
// files of users.
var writeMissing = flag.Bool("write-missing-golden", false, "write the golden files that are not there yet")

var (
	ids       = bindingtest.IDs(1, 20)
	hostID    = ids[0]
	serviceID = ids[1]
	bindingID = ids[2]
	networkID = ids[3]
	portID    = ids[4]
	place     = ids[5]
	at        = time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC)
)

var fullBinding = binding.Binding{
	ID: bindingID, ServiceID: serviceID, NetworkID: networkID, Target: binding.Port(portID, binding.OnIPAddress(place)),
	CreatedAt: at, UpdatedAt: at.Add(time.Microsecond), Sightings: binding.Sightings{LastSeenAt: time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), FirstDiscoveryID: ids[6], LastDiscoveryID: ids[7]},
	ValidFrom: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), ValidTo: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	LineageID: ids[8],
}

// latest is the latest scan of the golden hosts.
var latest = record.Scan{At: at.Add(time.Minute), DiscoveryID: ids[15]}

// byLatest are the Sightings of what that scan saw, byAnother those of what it did
// not see.
var (
	byLatest  = binding.Sightings{FirstDiscoveryID: ids[6], LastSeenAt: latest.At, LastDiscoveryID: latest.DiscoveryID}
	byAnother = binding.Sightings{FirstDiscoveryID: ids[6], LastSeenAt: at, LastDiscoveryID: ids[7]}
)

func scanOf(uuid.UUID) (record.Scan, error) { return latest, nil }

var fullHost = host.Host{
	ID: hostID, NetworkID: networkID, Name: "web-1", Revision: 300,
	Interfaces: []host.Interface{
		{ID: ids[6], Name: "eth0", Description: "uplink", MAC: "00:00:5e:00:53:01", Position: -1},
		{ID: ids[7], Name: "Büro", Address: netip.MustParseAddr("10.0.0.5"), SubnetID: ids[8], Position: math.MaxInt32},
	},
	IPAddresses: []host.IPAddress{
		{ID: ids[9], Address: netip.MustParseAddr("2001:db8::5"), SubnetID: ids[8], Name: "a", MAC: "b", InterfaceID: ids[6]},
		{ID: ids[10], Address: netip.MustParseAddr("fe80::1%eth0"), Position: math.MinInt32},
		{ID: ids[11], Address: netip.MustParseAddr("192.0.2.1"), Position: 3},
	},
	Ports: []host.Port{
		{ID: ids[12], Number: 443, Protocol: host.TCP},
		{ID: ids[13], Number: 53, Protocol: host.UDP},
		{ID: ids[14], Number: 65535, Protocol: host.SCTP},
	},
}

var fullService = service.Service{
	ID: serviceID, HostID: hostID, NetworkID: networkID, Name: "nginx", Definition: "Web Server",
	Source:   service.Source{Type: "Scanner", Rest: json.RawMessage(`{"b": 1,  "a":2}`)},
	Position: math.MinInt32, Tags: []string{"public", "", "Büro"}, Virtualization: json.RawMessage(`{"type":"Docker"}`),
	Revision: math.MaxUint64, CreatedAt: at, UpdatedAt: at.Add(time.Hour),
}

// A golden is a value and the record of it that a file pins.
type golden struct {
	name, kind string
	value      any
	record     []byte // as this version writes it
	decode     func(rec []byte) (any, error)
	versions   []int // that have the value
}

func goldens() []golden {
	var all []golden
	for name, target := range map[string]binding.Target{
		"binding_interface":         binding.Interface(place),
		"binding_ip_address":        binding.IPAddress(place),
		"binding_port":              binding.Port(portID, binding.AllInterfaces()),
		"binding_port_ipv4":         binding.Port(portID, binding.AllIPv4()),
		"binding_port_ipv6":         binding.Port(portID, binding.AllIPv6()),
		"binding_port_on_interface": binding.Port(portID, binding.OnInterface(place)),
		"binding_seen":              binding.Port(portID, binding.AllInterfaces()),
		"binding_full":              fullBinding.Target,
	} {
		b := binding.Binding{ID: bindingID, ServiceID: serviceID, NetworkID: networkID, Target: target, CreatedAt: at}
		if name == "binding_full" {
			b = fullBinding
		}
		versions := []int{1, 2}
		switch {
		case strings.Contains(name, "_ipv"):
			versions = []int{2}
		case name == "binding_seen":
			b.Sightings, versions = byLatest, []int{2}
		}
		all = append(all, golden{name, "binding", b, record.EncodeBinding(&b, latest), func(rec []byte) (any, error) {
			return record.DecodeBinding(serviceID, bindingID, rec, latest)
		}, versions})
	}
	seenHost := fullHost.Clone()
	seenHost.Sightings = byLatest
	seenHost.Interfaces[0].Sightings, seenHost.Interfaces[1].Sightings = byLatest, byAnother
	seenHost.IPAddresses[0].Sightings, seenHost.IPAddresses[1].Sightings = byLatest, byAnother
	seenHost.Ports[0].Sightings, seenHost.Ports[1].Sightings = byLatest, byAnother
	seenHost.Ports[0].Type = "Https"
	for name, h := range map[string]host.Host{
		"host_empty": {ID: hostID, NetworkID: networkID}, "host_full": fullHost, "host_seen": seenHost,
	} {
		versions := []int{1, 2}
		if name == "host_seen" {
			versions = []int{2}
		}
		all = append(all, golden{name, "host", h, record.EncodeHost(&h, 7, latest), func(rec []byte) (any, error) {
			return record.DecodeHost(hostID, rec, latest)
		}, versions})
	}
	seenService := fullService.Clone()
	seenService.Sightings = byAnother
	for name, s := range map[string]service.Service{
		"service_empty": {ID: serviceID, HostID: hostID}, "service_full": fullService, "service_seen": seenService,
	} {
		versions := []int{1, 2}
		if name == "service_seen" {
			versions = []int{2}
		}
		all = append(all, golden{name, "service", s, record.EncodeService(&s, latest), func(rec []byte) (any, error) {
			return record.DecodeService(serviceID, rec, scanOf)
		}, versions})
	}
	all = append(all, golden{"scan", "scan", latest, record.EncodeScan(hostID, latest), func(rec []byte) (any, error) {
		return record.DecodeScan(hostID, rec)
	}, []int{2}})
	return all
}

const lastVersion = 2

func TestRecordsAreThoseOfTheGoldenFiles(t *testing.T) {
	for _, g := range goldens() {
		for _, version := range g.versions {
			t.Run(fmt.Sprintf("v%d/%s", version, g.name), func(t *testing.T) {
				file := filepath.Join("testdata", fmt.Sprintf("v%d", version), g.name+".hex")
				if _, err := os.Stat(file); *writeMissing && version == lastVersion && errors.Is(err, fs.ErrNotExist) {
					require.NoError(t, os.WriteFile(file, lines(g.record), 0o644))
				}
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				want, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
				require.NoError(t, err)

				got, err := g.decode(want)
				require.NoError(t, err, "records in users' files cannot be read any more")
				require.Equal(t, g.value, got)
				if version == lastVersion {
					require.Equal(t, want, g.record, "it is written differently; that needs a new version")
				}
			})
		}
	}
}

// lines writes a record as hex, 32 bytes a line.
func lines(rec []byte) []byte {
	var text []byte
	for len(rec) > 0 {
		n := min(32, len(rec))
		text = append(hex.AppendEncode(text, rec[:n]), '\n')
		rec = rec[n:]
	}
	return text
}
