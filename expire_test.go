package bindset_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// expires runs Expire on web-1.
func (f *fixture) expires(before time.Time) bindset.Change {
	f.Helper()
	return f.does(func() (bindset.Change, error) { return f.Expire(f.ctx, webID, before) })
}

// inventory says which interfaces, addresses and ports web-1 has.
func (f *fixture) inventory() (names []string) {
	f.Helper()
	h, err := f.Host(f.ctx, webID)
	require.NoError(f, err)
	for _, i := range h.Interfaces {
		names = append(names, i.Name)
	}
	for _, a := range h.IPAddresses {
		names = append(names, a.Address.String())
	}
	for _, p := range h.Ports {
		names = append(names, p.String())
	}
	return names
}

func TestWhatIsNotSeenExpires(t *testing.T) {
	t.Run("an address of yesterday's lease, with its listener", func(t *testing.T) {
		f := newFixture(t)
		lease := func(ip string) *sight {
			s := look().nic("eth0", mac1).ip(ip, "eth0")
			return s.runs("SSH", "ssh", s.on("22/tcp", ip+"@eth0"))
		}
		f.sees(lease("192.0.2.10"))
		f.sees(lease("192.0.2.11"))
		require.Len(t, f.lines(), 2)
		change := f.expires(f.now())
		require.Len(t, change.Removed, 1)
		require.Equal(t, []string{"ssh: 22/tcp on 192.0.2.11 (eth0)"}, f.lines())
		require.Equal(t, []string{"eth0", "192.0.2.11", "22/tcp"}, f.inventory())
		require.Equal(t, bindset.Updated, change.Hosts[0].Did)
	})

	t.Run("interfaces that come and go", func(t *testing.T) {
		f := newFixture(t)
		for _, name := range []string{"veth1", "veth2", "veth3"} {
			s := look().nic("eth0", mac1).ip("192.0.2.5", "eth0").nic(name, "")
			f.sees(s.ip("fe80::"+name[4:], name))
		}
		f.expires(f.now())
		require.Equal(t, []string{"eth0", "veth3", "192.0.2.5", "fe80::3"}, f.inventory())
	})

	t.Run("a service with its last binding, and no other one", func(t *testing.T) {
		f := newFixture(t)
		both := look()
		f.sees(both.runs("A", "a", both.all("7101/tcp")).runs("B", "b", both.all("7102/tcp")))
		kept := f.named("b").Bindings[0].ID
		var limit time.Time
		for range 3 {
			one := look()
			f.sees(one.runs("B", "b", one.all("7102/tcp")))
			limit = f.now()
		}
		change := f.expires(limit)
		require.Equal(t, []string{"b: 7102/tcp on all interfaces"}, f.lines())
		require.Equal(t, kept, f.named("b").Bindings[0].ID)
		require.Equal(t, "a", change.Services[0].Name)
		require.Equal(t, bindset.Removed, change.Services[0].Did)
		require.Len(t, change.Services, 1, "nothing of b changed")
		require.Zero(t, f.expires(limit), "once is enough")
	})
}

func TestExpireLeavesWhatItMust(t *testing.T) {
	t.Run("what a person stated, also if scanners saw it", func(t *testing.T) {
		f := newFixture(t)
		s := f.withHost(set(everywhere(http80)))[0]
		stated := s.Bindings[0]
		seen := look()
		f.sees(seen.runs("", s.Name, seen.all("80/tcp")))
		require.Zero(t, f.expires(f.now().Add(time.Hour)))
		after, err := f.Binding(f.ctx, stated.ID)
		require.NoError(t, err)
		require.False(t, after.LastSeenAt.IsZero())
	})

	t.Run("what was seen since somebody read it", func(t *testing.T) {
		f := newFixture(t)
		scan := func() *sight { s := look(); return s.runs("SSH", "ssh", s.all("22/tcp")) }
		f.sees(scan())
		limit := f.now().Add(time.Second)
		f.clock.Add(10)
		f.sees(scan())
		require.Zero(t, f.expires(limit))
		require.Len(t, f.lines(), 1)
	})

	t.Run("what was seen in the microsecond of the limit", func(t *testing.T) {
		f := newFixture(t)
		s := look()
		f.sees(s.runs("SSH", "ssh", s.all("22/tcp")))
		require.Zero(t, f.expires(f.now().Add(time.Microsecond-1)))
		require.Len(t, f.expires(f.now().Add(time.Microsecond)).Removed, 1)
	})

	t.Run("places and ports that stated bindings name", func(t *testing.T) {
		f := newFixture(t)
		f.sees(func() *sight {
			s := look().nic("eth0", mac1).ip("192.0.2.5", "eth0")
			s.port("22/tcp")
			s.port("80/tcp")
			return s
		}())
		h, err := f.Host(f.ctx, webID)
		require.NoError(t, err)
		f.does(func() (bindset.Change, error) {
			_, change, err := f.CreateService(f.ctx, service.Draft{
				HostID: webID, Name: "mine",
				Bindings: []binding.Binding{{Target: binding.Port(h.Ports[0].ID, binding.OnIPAddress(h.IPAddresses[0].ID))}},
			})
			return change, err
		})
		f.expires(f.now())
		require.Equal(t, []string{"eth0", "192.0.2.5", h.Ports[0].String()}, f.inventory())
	})

	t.Run("what was put back by an older revision", func(t *testing.T) {
		f := newFixture(t)
		f.sees(func() *sight { s := look(); return s.runs("SSH", "ssh", s.all("22/tcp")) }())
		f.refuses(store.ErrStale, func() error {
			_, err := f.Expire(f.ctx, webID, f.now().Add(time.Hour), bindset.IfRevision(7))
			return err
		})
		f.refuses(store.ErrNotFound, func() error {
			_, err := f.Expire(f.ctx, unknown[0], f.now())
			return err
		})
		dry, err := f.Expire(f.ctx, webID, f.now().Add(time.Hour), bindset.DryRun())
		require.NoError(t, err)
		require.Len(t, dry.Removed, 1)
		require.Len(t, f.lines(), 1, "a dry run removes nothing")
	})
}

// A scanner that sees everything expires what it did not see, in the transaction of
// its scan: nobody finds one without the other.
func ExampleManager_Expire() {
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	m := bindset.NewManager(newMemstore(), bindset.WithClock(func() time.Time { return now }))
	ctx := context.Background()
	scanned := func(ports ...uint16) service.Discovery {
		d := service.Discovery{Host: host.Host{ID: exampleHost.ID, NetworkID: exampleHost.NetworkID, Name: "web-1"}, SeenAt: now}
		for _, number := range ports {
			p := host.Port{ID: uuid.New(), Number: number, Protocol: host.TCP}
			d.Host.Ports = append(d.Host.Ports, p)
			d.Services = append(d.Services, service.Service{
				Name: "app", Bindings: []binding.Binding{{Target: binding.Port(p.ID, binding.AllInterfaces())}},
			})
		}
		return d
	}
	if _, err := m.Observe(ctx, scanned(80, 443)); err != nil {
		panic(err)
	}

	now = now.Add(time.Hour)
	change, err := m.InTx(ctx, func(ctx context.Context, m *bindset.Manager) error {
		if _, err := m.Observe(ctx, scanned(443)); err != nil {
			return err
		}
		_, err := m.Expire(ctx, exampleHost.ID, now)
		return err
	})
	if err != nil {
		panic(err)
	}
	for _, s := range change.Services {
		fmt.Println(s.Name, s.Did)
	}
	fmt.Println(len(change.Removed), "binding removed")
	// Output:
	// app removed
	// 1 binding removed
}
