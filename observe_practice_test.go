package bindset_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// MACs and addresses that are for examples.
const mac1, mac2 = "00:00:5e:00:53:01", "00:00:5e:00:53:02"

// What scanners really do, and what a user rightly expects to be stored then. The
// scans of each story come one after the other.
func TestWhatIsStoredAfterScansFromPractice(t *testing.T) {
	containers := func(ports ...string) *sight {
		s := look()
		for _, port := range ports {
			s.runs("Nginx", "nginx", s.all(port))
		}
		return s
	}
	twoNICs := func(on ...string) *sight {
		s := look().nic("red", mac1).nic("blue", mac2)
		for _, nic := range on {
			s.ip("10.0.0.1", nic)
		}
		return s
	}
	bridges := func(zone bool, on ...string) *sight {
		s := look()
		for _, name := range on {
			address := "fe80::1"
			if zone {
				address += "%" + name
			}
			s.nic(name, "").ip(address, name)
			s.runs("DNS", "dns on "+name, s.on("53/udp", address+"@"+name))
		}
		return s
	}
	dns := func(s *sight, at string) *sight { return s.runs("DNS", "dns", s.on("53/udp", at)) }
	presence := func(s *sight, name, at string) *sight { return s.runs(name, name, s.present(at)) }
	sshOn := func(s *sight, at string) *sight { return s.runs("SSH", "ssh", s.on("22/tcp", at)) }

	for name, story := range map[string]struct {
		exclusive bool
		scans     []*sight
		want      []string
	}{
		"services of one name come in another order": {
			scans: []*sight{containers("8081/tcp", "8082/tcp"), containers("8082/tcp", "8081/tcp")},
			want:  []string{"nginx: 8081/tcp on all interfaces", "nginx: 8082/tcp on all interfaces"},
		},
		"the first of two services of one name is missing": {
			scans: []*sight{containers("8081/tcp", "8082/tcp"), containers("8082/tcp")},
			want:  []string{"nginx: 8081/tcp on all interfaces", "nginx: 8082/tcp on all interfaces"},
		},
		"one IP on two interfaces comes in another order": {
			scans: []*sight{dns(twoNICs("red", "blue"), "10.0.0.1@red"), twoNICs("blue", "red")},
			want:  []string{"dns: 53/udp on 10.0.0.1 (red)"},
		},
		"one IP on two interfaces is seen on the second only": {
			scans: []*sight{dns(twoNICs("red", "blue"), "10.0.0.1@red"), twoNICs("blue")},
			want:  []string{"dns: 53/udp on 10.0.0.1 (red)"},
		},
		"a link-local address on two bridges comes in another order": {
			scans: []*sight{bridges(false, "br-a", "br-b"), bridges(false, "br-b", "br-a")},
			want:  []string{"dns on br-a: 53/udp on fe80::1 (br-a)", "dns on br-b: 53/udp on fe80::1 (br-b)"},
		},
		"a link-local address comes without its zone, then with it": {
			scans: []*sight{bridges(false, "br-a", "br-b"), bridges(true, "br-b", "br-a")},
			want:  []string{"dns on br-a: 53/udp on fe80::1 (br-a)", "dns on br-b: 53/udp on fe80::1 (br-b)"},
		},
		"the bridge of a link-local address goes": {
			scans: []*sight{bridges(false, "br-a", "br-b"), bridges(false, "br-b"), bridges(false, "br-c", "br-b")},
			want: []string{
				"dns on br-a: 53/udp on fe80::1 (br-a)", "dns on br-b: 53/udp on fe80::1 (br-b)", "dns on br-c: 53/udp on fe80::1 (br-c)",
			},
		},
		"an interface gets another name": {
			scans: []*sight{
				presence(look().nic("eth0", mac1).ip("192.0.2.5", "eth0"), "router", "eth0"),
				presence(look().nic("enp3s0", mac1).ip("192.0.2.5", "enp3s0"), "router", "enp3s0"),
			},
			want: []string{"router: presence at enp3s0 (192.0.2.5)"},
		},
		"a card is replaced": {
			scans: []*sight{
				presence(look().nic("eth0", mac1), "router", "eth0"),
				presence(look().nic("eth0", mac2), "router", "eth0"),
			},
			want: []string{"router: presence at eth0"},
		},
		"a presence turns out to be a listener": {
			scans: []*sight{
				presence(look().nic("eth0", "").ip("192.0.2.5", "eth0"), "printer", "192.0.2.5"),
				func() *sight {
					s := look().nic("eth0", "").ip("192.0.2.5", "eth0")
					return s.runs("printer", "printer", s.on("631/tcp", "192.0.2.5"))
				}(),
			},
			want: []string{"printer: 631/tcp on 192.0.2.5 (eth0)"},
		},
		"a ping after a port scan": {
			scans: []*sight{
				func() *sight {
					s := look().nic("eth0", "").ip("192.0.2.5", "eth0")
					return s.runs("printer", "printer", s.on("631/tcp", "192.0.2.5"))
				}(),
				presence(look().nic("eth0", "").ip("192.0.2.5", "eth0"), "printer", "192.0.2.5"),
			},
			want: []string{"printer: 631/tcp on 192.0.2.5 (eth0)"},
		},
		"another service took the port": {
			exclusive: true,
			scans: []*sight{
				func() *sight { s := look(); return s.runs("Apache", "apache", s.all("80/tcp")) }(),
				func() *sight { s := look(); return s.runs("Nginx", "nginx", s.all("80/tcp")) }(),
			},
			want: []string{"nginx: 80/tcp on all interfaces"},
		},
		"two share a port": {
			exclusive: true,
			scans: []*sight{
				func() *sight {
					s := look()
					return s.runs("Avahi", "avahi", s.all("5353/udp")).runs("Chrome", "chrome", s.all("5353/udp"))
				}(),
				func() *sight {
					s := look()
					return s.runs("Chrome", "chrome", s.all("5353/udp")).runs("Avahi", "avahi", s.all("5353/udp"))
				}(),
			},
			want: []string{"avahi: 5353/udp on all interfaces", "chrome: 5353/udp on all interfaces"},
		},
		"two workers of one name on two ports, the first of which dies": {
			exclusive: true,
			scans: []*sight{
				func() *sight {
					s := look()
					return s.runs("W", "worker", s.all("7101/tcp")).runs("W", "worker", s.all("7102/tcp"))
				}(),
				func() *sight { s := look(); return s.runs("W", "worker", s.all("7102/tcp")) }(),
			},
			want: []string{"worker: 7101/tcp on all interfaces", "worker: 7102/tcp on all interfaces"},
		},
		"0.0.0.0 and [::] with a program each": {
			exclusive: true,
			scans: []*sight{func() *sight {
				s := look()
				return s.runs("Apache", "apache", binding.Port(s.port("80/tcp"), binding.AllIPv4())).
					runs("Nginx", "nginx", binding.Port(s.port("80/tcp"), binding.AllIPv6()))
			}()},
			want: []string{"apache: 80/tcp on all IPv4", "nginx: 80/tcp on all IPv6"},
		},
		"an address goes to the bridge": {
			scans: []*sight{
				sshOn(look().nic("eth0", "").ip("192.0.2.5", "eth0"), "192.0.2.5"),
				look().nic("eth0", "").nic("br0", "").ip("192.0.2.5", "br0"),
			},
			want: []string{"ssh: 22/tcp on 192.0.2.5 (br0)"},
		},
		"a scan that knows less": {
			scans: []*sight{
				sshOn(look().nic("eth0", mac1).ip("192.0.2.5", "eth0"), "eth0"),
				look().nic("eth0", "").ip("192.0.2.5", ""),
			},
			want: []string{"ssh: 22/tcp on eth0 (192.0.2.5)"},
		},
		"seen from outside, from inside, from outside": {
			scans: []*sight{
				sshOn(look().ip("192.0.2.5", ""), "192.0.2.5"),
				func() *sight { s := look().ip("192.0.2.5", ""); return s.runs("SSH", "ssh", s.all("22/tcp")) }(),
				sshOn(look().ip("192.0.2.5", ""), "192.0.2.5"),
			},
			want: []string{"ssh: 22/tcp on all interfaces"},
		},
		"rows that stand twice": {
			scans: []*sight{func() *sight {
				s := look()
				return s.runs("X", "x", s.all("8080/tcp"), s.all("8080/tcp"), s.all("54082/tcp"), s.all("54082/tcp"))
			}()},
			want: []string{"x: 54082/tcp on all interfaces", "x: 8080/tcp on all interfaces"},
		},
		"a new container of one image": {
			scans: []*sight{
				sshOn(look().nic("br-0a1b", mac1).ip("172.18.0.1", "br-0a1b").ip("172.18.0.2", "br-0a1b"), "172.18.0.2"),
				sshOn(look().nic("br-0a1b", mac1).ip("172.18.0.1", "br-0a1b").ip("172.18.0.2", "br-0a1b"), "172.18.0.2"),
			},
			want: []string{"ssh: 22/tcp on 172.18.0.2 (br-0a1b)"},
		},
		"an address of its own is seen as an IP address": {
			scans: []*sight{
				sshOn(look().own("eth0", "192.0.2.5").own("eth1", "192.0.2.5"), "192.0.2.5@eth0"),
				look().nic("eth1", "").nic("eth0", "").ip("192.0.2.5", "eth1").ip("192.0.2.5", "eth0"),
			},
			want: []string{"ssh: 22/tcp on 192.0.2.5 (eth0)"},
		},
		"unknown software on the port of a known service": {
			scans: []*sight{
				func() *sight { s := look(); return s.runs("", "open", s.all("80/tcp"), s.all("81/tcp")) }(),
				func() *sight {
					s := look()
					return s.runs("", "open", s.all("80/tcp"), s.all("81/tcp")).runs("Nginx", "nginx", s.all("80/tcp"))
				}(),
			},
			want: []string{"nginx: 80/tcp on all interfaces", "open: 81/tcp on all interfaces"},
		},
		"unknown software beside a known service": {
			scans: []*sight{
				sshOn(look().nic("eth0", ""), "eth0"),
				func() *sight { s := look(); return s.runs("", "open", s.all("22/tcp")) }(),
			},
			want: []string{"open: 22/tcp on all interfaces", "ssh: 22/tcp on eth0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var opts []bindset.Option
			if story.exclusive {
				opts = append(opts, exclusivePorts())
			}
			f := newFixture(t, append(opts, bindset.WithIDs(uuid.New))...)
			for _, s := range story.scans {
				f.sees(s)
			}
			require.Equal(t, story.want, f.lines())
			last := story.scans[len(story.scans)-1]
			before := f.snapshot()
			again := f.observes(rescan(last.Discovery, uuid.New))
			require.Empty(t, again.Added)
			require.Empty(t, again.Hosts)
			require.Empty(t, again.Services)
			require.Len(t, f.snapshot().bindings, len(before.bindings))
		})
	}
}

func TestAServiceThatAPersonRenamedIsFoundAgain(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	kuma := func() *sight { s := look(); return s.runs("Uptime Kuma", "Uptime Kuma", s.all("3001/tcp")) }
	f.sees(kuma())
	s := f.named("Uptime Kuma")
	s.Name = "Status page"
	_, _, err := f.UpdateService(f.ctx, s)
	require.NoError(t, err)
	f.sees(kuma())
	require.Equal(t, []string{"Status page: 3001/tcp on all interfaces"}, f.lines())
}

func TestInterfacesOfOneNameAreToldApartByTheirMACs(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	s := look().nic("Adapter", mac1).nic("Adapter", mac2)
	f.sees(s.runs("Bridge", "bridge", s.present("Adapter "+mac1)))
	f.sees(look().nic("Adapter", mac2).nic("Adapter", mac1))
	id, _ := f.named("bridge").Bindings[0].Target.InterfaceID()
	bridged, _ := inventoryOf(f, webID).Interface(id)
	require.Equal(t, mac1, bridged.MAC)
}

func TestNamesAddressesAndMACsMayBeMissingOrWrittenDifferently(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	s := look().nic("", "").ip("::ffff:192.0.2.5", "")
	s.Host.Name = ""
	f.sees(s)
	s = look().nic("", "").ip("192.0.2.5", "")
	s.Host.Name = "two words, ünïcode"
	f.sees(s)
	h := f.snapshot().hosts[webID]
	require.Len(t, h.Interfaces, 1)
	require.Len(t, h.IPAddresses, 1)

	f.sees(look().nic("eth0", "00:00:5e:00:53:0a"))
	require.Empty(t, f.sees(look().nic("eth0", "00-00-5E-00-53-0A")).Hosts)
}

func TestAScanThatSawNothingChangesNothing(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	s := look().nic("eth0", mac1).ip("192.0.2.5", "eth0")
	f.sees(s.runs("SSH", "ssh", s.all("22/tcp")))
	before := f.lines()
	again := f.sees(look())
	require.True(t, again.IsZero())
	require.Equal(t, before, f.lines())
}

func TestTimesNeverLieInTheFutureNorGoBack(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f := newFixture(t, bindset.WithIDs(uuid.New), bindset.WithClock(func() time.Time { return now }))
	ssh := func(at time.Time) *sight {
		s := look()
		s.runs("SSH", "ssh", s.all("22/tcp"))
		s.Services[0].Bindings[0].LastSeenAt = at
		return s
	}
	seen := func() time.Time { return f.named("ssh").Bindings[0].LastSeenAt }
	change := f.sees(ssh(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.Len(t, change.Faults, 1)
	require.Equal(t, now, seen())
	f.sees(ssh(time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.Equal(t, now, seen())
	now = now.Add(-time.Hour)
	again := f.sees(ssh(time.Time{}))
	require.True(t, again.IsZero())
	require.Equal(t, 12, seen().Hour())
}

func TestOneBadValueCostsThatValue(t *testing.T) {
	ssh := func() *sight {
		s := look().nic("eth0", mac1).ip("192.0.2.5", "eth0")
		return s.runs("SSH", "ssh", s.all("22/tcp"))
	}
	for name, test := range map[string]struct {
		spoil func(s *sight)
		fault service.Fault
	}{
		"a NUL":       {func(s *sight) { s.Host.Interfaces[0].Name = "eth0\x00" }, service.Fault{Path: "interfaces[0].name", Mended: true}},
		"no UTF-8":    {func(s *sight) { s.Host.Interfaces[0].Description = "\xff" }, service.Fault{Path: "interfaces[0].description", Mended: true}},
		"a long name": {func(s *sight) { s.Services[0].Name = strings.Repeat("ü", 101) }, service.Fault{Path: "services[0].name", Mended: true}},
		"port 0":      {func(s *sight) { s.Host.Ports = append(s.Host.Ports, host.Port{ID: uuid.New(), Protocol: host.TCP}) }, service.Fault{Path: "ports[1]"}},
		"no protocol": {func(s *sight) { s.Host.Ports = append(s.Host.Ports, host.Port{ID: uuid.New(), Number: 1}) }, service.Fault{Path: "ports[1]"}},
		"no address":  {func(s *sight) { s.Host.IPAddresses = append(s.Host.IPAddresses, host.IPAddress{ID: uuid.New()}) }, service.Fault{Path: "ip_addresses[1]"}},
		"a port twice": {func(s *sight) {
			s.Host.Ports = append(s.Host.Ports, host.Port{ID: uuid.New(), Number: 22, Protocol: host.TCP})
		}, service.Fault{Path: "ports[1]"}},
		"an address twice":   {func(s *sight) { s.ip("192.0.2.5", "eth0") }, service.Fault{Path: "ip_addresses[1]"}},
		"an interface twice": {func(s *sight) { s.nic("eth0", mac1) }, service.Fault{Path: "interfaces[1]"}},
		"a link to nothing":  {func(s *sight) { s.Host.IPAddresses[0].InterfaceID = uuid.New() }, service.Fault{Path: "ip_addresses[0].interface_id", Mended: true}},
		"a bad time":         {func(s *sight) { s.Services[0].CreatedAt = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC) }, service.Fault{Path: "services[0].created_at", Mended: true}},
		"bad JSON":           {func(s *sight) { s.Services[0].Virtualization = json.RawMessage(`{`) }, service.Fault{Path: "services[0].virtualization", Mended: true}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, bindset.WithIDs(uuid.New))
			s := ssh()
			test.spoil(s)
			change := f.sees(s)
			require.Len(t, change.Faults, 1)
			require.Equal(t, test.fault.Path, change.Faults[0].Path)
			require.Equal(t, test.fault.Mended, change.Faults[0].Mended)
			require.NotEmpty(t, change.Faults[0].Problem)
			stored := f.snapshot()
			require.Len(t, stored.bindings, 1)
			require.Len(t, stored.hosts[webID].Ports, 1)
			require.Len(t, stored.hosts[webID].IPAddresses, 1)
			require.Len(t, stored.hosts[webID].Interfaces, 1)
		})
	}
}

func TestWhatNamesWhatIsLeftOutIsLeftOutWithIt(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	s := look()
	zero, shared := uuid.New(), uuid.New()
	s.Host.Ports = []host.Port{
		{ID: zero, Protocol: host.TCP}, {ID: shared, Number: 80, Protocol: host.TCP}, {ID: shared, Number: 81, Protocol: host.TCP},
	}
	s.runs("SSH", "ssh", everywhere(zero), s.all("22/tcp"), everywhere(shared))
	change := f.sees(s)
	var paths []string
	for _, fault := range change.Faults {
		paths = append(paths, fault.Path)
	}
	require.ElementsMatch(t, []string{"ports[0]", "ports[2].id", "services[0].bindings[0]", "services[0].bindings[2]"}, paths)
	require.Equal(t, []string{"ssh: 22/tcp on all interfaces"}, f.lines())
	require.Len(t, f.snapshot().hosts[webID].Ports, 3)
}

// A person gives a port that nobody knew to a service; scans go on as before.
func TestAnUnclaimedPortWithAnOwnerIsASightingOfThat(t *testing.T) {
	for _, exclusive := range []bool{false, true} {
		t.Run(fmt.Sprint("exclusive ports: ", exclusive), func(t *testing.T) {
			opts := []bindset.Option{bindset.WithIDs(uuid.New)}
			if exclusive {
				opts = append(opts, exclusivePorts())
			}
			f := newFixture(t, opts...)
			portainer := func() *sight {
				s := look().runs("Portainer Agent", "agent")
				return s.runs("Unclaimed Open Ports", "Unclaimed Open Ports", s.all("9001/tcp"))
			}
			f.sees(portainer())
			_, _, err := f.TransferListener(f.ctx, f.named("Unclaimed Open Ports").Bindings[0].ID, f.named("agent").ID)
			require.NoError(t, err)
			want := f.lines()
			f.sees(portainer())
			require.Equal(t, want, f.lines())
			require.Equal(t, f.now(), f.named("agent").Bindings[0].LastSeenAt, "9001 was seen now")
		})
	}
}

func TestWhatAPersonStatedIsNotDisplaced(t *testing.T) {
	f := newFixture(t, exclusivePorts(), bindset.WithIDs(uuid.New))
	apache := f.withHost(set(everywhere(http80)))[0]
	change := f.sees(func() *sight { s := look(); return s.runs("Caddy", "caddy", s.all("80/tcp")) }())
	require.Len(t, change.Skipped, 1)
	require.Equal(t, validate.ErrPortClaimed, change.Skipped[0].Violation.Code)
	require.Equal(t, apache.ID, change.Skipped[0].Violation.Other.ServiceID)
	require.Empty(t, change.Displaced)
	require.Empty(t, change.Services, "no service is made of what was refused")
}

func TestADisplacedServiceGoesAndTheChangeSaysByWhat(t *testing.T) {
	f := newFixture(t, exclusivePorts(), bindset.WithIDs(uuid.New))
	f.sees(func() *sight { s := look(); return s.runs("Apache", "apache", s.all("80/tcp"), s.all("443/tcp")) }())
	apache := f.named("apache")
	change := f.sees(func() *sight { s := look(); return s.runs("Nginx", "nginx", s.all("80/tcp")) }())
	require.Len(t, change.Displaced, 1)
	require.Equal(t, apache.ID, change.Displaced[0].Binding.ServiceID)
	require.Equal(t, f.named("nginx").Bindings[0], change.Displaced[0].By)
	require.Equal(t, []string{"apache: 443/tcp on all interfaces", "nginx: 80/tcp on all interfaces"}, f.lines())

	change = f.sees(func() *sight { s := look(); return s.runs("Caddy", "caddy", s.all("80/tcp"), s.all("443/tcp")) }())
	require.Len(t, change.Displaced, 2)
	require.Equal(t, []string{"caddy: 443/tcp on all interfaces", "caddy: 80/tcp on all interfaces"}, f.lines())
	var removed []string
	for _, s := range change.Services {
		if s.Did == bindset.Removed {
			removed = append(removed, s.Name)
		}
	}
	require.ElementsMatch(t, []string{"apache", "nginx"}, removed)
}

func TestAListenerSeenNarrowerDoesNotRefreshAWiderOneUnlessThatIsStated(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	redis := func() *sight { s := look(); return s.runs("Redis", "redis", s.all("6379/tcp")) }
	narrow := func() *sight {
		s := look().ip("127.0.0.1", "")
		return s.runs("Redis", "redis", s.on("6379/tcp", "127.0.0.1"))
	}
	f.sees(redis())
	first := f.now()
	change := f.sees(narrow())
	require.Len(t, change.Absorbed, 1)
	require.Equal(t, first, f.named("redis").Bindings[0].LastSeenAt)
	require.Equal(t, f.now(), f.named("redis").LastSeenAt, "the service was seen")

	stated := f.named("redis").Bindings[0]
	require.NoError(t, f.restate(stated))
	f.sees(narrow())
	require.Equal(t, f.now(), f.named("redis").Bindings[0].LastSeenAt)
}

// restate makes a stored binding one that a person stated.
func (f *fixture) restate(b binding.Binding) error {
	b.FirstDiscoveryID = uuid.Nil
	return f.put(b)
}

func TestWhatSupersedesAStatedListenerIsStated(t *testing.T) {
	f := newFixture(t, bindset.WithIDs(uuid.New))
	f.withHost(set(onInterface(http80, eth0)))
	name := f.lines()[0][:5]
	change := f.sees(func() *sight { s := look(); return s.runs("", name, s.all("80/tcp")) }())
	require.Len(t, change.Dropped, 1)
	require.Len(t, change.Added, 1)
	require.True(t, change.Added[0].Stated())
}

func TestAMatcherGetsTargetsOfTheStoredHost(t *testing.T) {
	shared := 0
	matcher := func(inv *host.Inventory, stored, observed []service.Service) []int {
		matches := make([]int, len(observed))
		for i := range observed {
			matches[i] = -1
			for j := range stored {
				if inv.Has(observed[i].Bindings[0].Target) && observed[i].Bindings[0].Target == stored[j].Bindings[0].Target {
					matches[i], shared = j, shared+1
				}
			}
		}
		return matches
	}
	f := newFixture(t, bindset.WithMatcher(matcher), bindset.WithIDs(uuid.New))
	for _, name := range []string{"ssh", "other"} {
		s := look().nic("eth0", mac1).ip("192.0.2.5", "eth0")
		f.sees(s.runs(name, name, s.on("22/tcp", "192.0.2.5")))
	}
	require.Equal(t, 1, shared)
	require.Equal(t, []string{"ssh: 22/tcp on 192.0.2.5 (eth0)"}, f.lines())
}

func TestManyAddressesOrPortsOfOneService(t *testing.T) {
	f := newFixture(t, exclusivePorts(), bindset.WithIDs(uuid.New))
	for name, scan := range map[string]func() *sight{
		"addresses": func() *sight {
			s := look().nic("eth0", "")
			var targets []binding.Target
			for i := range 2000 {
				ip := fmt.Sprintf("10.0.%d.%d", i>>8, i&255)
				targets = append(targets, s.ip(ip, "eth0").on("443/tcp", ip))
			}
			return s.runs("Nginx", "nginx", targets...)
		},
		"ports": func() *sight {
			s := look().ip("192.0.2.5", "")
			var targets []binding.Target
			for n := 1; n <= 4000; n++ {
				targets = append(targets, s.on(fmt.Sprintf("%d/tcp", n), "192.0.2.5"))
			}
			return s.runs("", "Unclaimed Open Ports", targets...)
		},
	} {
		first := f.observes(scan().Discovery)
		require.Empty(t, first.Skipped, name)
		require.NotEmpty(t, first.Added, name)
		again := f.observes(scan().Discovery)
		require.True(t, again.IsZero(), name)
	}
}
