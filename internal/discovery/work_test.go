package discovery

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// numbered returns the n-th ID of a series.
func numbered(series byte, n int) (id uuid.UUID) {
	id[0] = series
	binary.BigEndian.PutUint64(id[8:], uint64(n+1))
	return id
}

// crowds are hosts on which n things are alike in what tells others apart.
var crowds = map[string]func(series byte, n int) service.Discovery{
	"interfaces of one name": func(series byte, n int) (d service.Discovery) {
		for i := range n {
			d.Host.Interfaces = append(d.Host.Interfaces, host.Interface{ID: numbered(series, i), Name: "eth0"})
		}
		return d
	},
	"interfaces of one MAC": func(series byte, n int) (d service.Discovery) {
		for i := range n {
			d.Host.Interfaces = append(d.Host.Interfaces, host.Interface{ID: numbered(series, i), MAC: "00:00:5e:00:53:01", Description: fmt.Sprint(i % 7)})
		}
		return d
	},
	"addresses of one IP": func(series byte, n int) (d service.Discovery) {
		for i := range n {
			d.Host.IPAddresses = append(d.Host.IPAddresses, host.IPAddress{ID: numbered(series, i), Address: netip.MustParseAddr("192.0.2.5"), Name: fmt.Sprint(i % 5)})
		}
		return d
	},
	"one port over and over": func(series byte, n int) (d service.Discovery) {
		for i := range n {
			d.Host.Ports = append(d.Host.Ports, host.Port{ID: numbered(series, i), Number: 80, Protocol: host.TCP})
		}
		return d
	},
	"services on one port": func(series byte, n int) (d service.Discovery) {
		d.Host.Ports = []host.Port{{ID: numbered(series, n), Number: 80, Protocol: host.TCP}}
		for i := range n {
			d.Services = append(d.Services, service.Service{
				ID: numbered(series, i), Name: "nginx", Definition: "Nginx",
				Bindings: []binding.Binding{{ID: numbered(series, i), Target: binding.Port(numbered(series, n), binding.AllInterfaces())}},
			})
		}
		return d
	},
	"services on one port with a port of their own": func(series byte, n int) (d service.Discovery) {
		d.Host.Ports = []host.Port{{ID: numbered(series, n), Number: 80, Protocol: host.TCP}}
		for i := range n {
			port := host.Port{ID: numbered(series, n+1+i), Number: uint16(i%60000 + 1024), Protocol: host.UDP}
			d.Host.Ports = append(d.Host.Ports, port)
			d.Services = append(d.Services, service.Service{
				ID: numbered(series, i), Name: "nginx", Definition: "Nginx",
				Bindings: []binding.Binding{
					{ID: numbered(series, 2*i), Target: binding.Port(numbered(series, n), binding.AllInterfaces())},
					{ID: numbered(series, 2*i+1), Target: binding.Port(port.ID, binding.AllInterfaces())},
				},
			})
		}
		return d
	},
}

// Twice as many entries that are alike take about twice the work: pairs that were
// looked at are counted.
func TestWorkGrowsWithTheEntriesAndNotWithTheirPairs(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, crowd := range crowds {
		t.Run(name, func(t *testing.T) {
			work := func(n int) int {
				stored := crowd(1, n)
				scan := Read(crowd(2, n), now, uuid.New)
				known := Read(stored, now, uuid.New) // without what stands twice
				c := PairChildren(scan, &known.Host, stored.Services)
				m := Merge(scan, &known.Host, c, uuid.New)
				inv, err := host.NewInventory(m.Host)
				require.NoError(t, err)
				p := matchServices(inv, known.Observed(Merge(known, &host.Host{}, PairChildren(known, &host.Host{}, nil), uuid.New)), scan.Observed(m))
				return c.Ports.work + c.Interfaces.work + c.Addressed.work + p.work
			}
			const n = 2000
			once, twice := work(n), work(2*n)
			require.LessOrEqual(t, twice, 3*once+n, "%d for %d, %d for %d", once, n, twice, 2*n)
			require.Less(t, once, 200*n)
		})
	}
}

func TestEntriesThatNothingTellsApartAreSorted(t *testing.T) {
	for name, crowd := range crowds {
		t.Run(name, func(t *testing.T) {
			scan := Read(crowd(1, 1000), time.Now(), uuid.New)
			h := &scan.Host
			require.LessOrEqual(t, len(h.Interfaces)+len(h.IPAddresses)+len(h.Ports)+len(scan.Services), 2001)
			require.NotZero(t, len(h.Interfaces)+len(h.IPAddresses)+len(h.Ports))
		})
	}
}
