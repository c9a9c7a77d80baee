package scan_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A watcher keeps what scans find, as a daemon does.
type watcher struct{ manager *bindset.Manager }

func newWatcher(rules ...validate.Option) watcher {
	return watcher{bindset.NewManager(memstore.New(), bindset.WithValidator(validate.New(rules...)))}
}

// see observes a scan.
func (w watcher) see(t *testing.T, m scan.Machine) bindset.Change {
	t.Helper()
	change, err := w.manager.Observe(t.Context(), m.Discover(network).Discovery)
	require.NoError(t, err)
	require.Empty(t, change.Skipped)
	return change
}

// lines says what is stored, one line for every binding.
func (w watcher) lines(t *testing.T) []string {
	t.Helper()
	lines := []string{}
	require.NoError(t, w.manager.View(t.Context(), func(ctx context.Context, r store.Reader) error {
		hosts, err := r.Hosts(ctx, network, uuid.Nil, 100)
		for _, h := range hosts {
			inv, err := r.Inventory(ctx, h.ID)
			require.NoError(t, err)
			services, err := r.ServicesOnHost(ctx, h.ID)
			require.NoError(t, err)
			for _, s := range services {
				for _, b := range s.Bindings {
					lines = append(lines, h.Name+" "+s.Name+": "+inv.Describe(b.Target))
				}
			}
		}
		return err
	}))
	slices.Sort(lines)
	return lines
}

// with returns a machine with processes, all of them children of systemd.
func with(processes map[int]string, sockets ...scan.Socket) scan.Machine {
	m := machine(sockets...)
	m.Processes = map[int]scan.Process{1: {PID: 1, Name: "systemd"}}
	for pid, name := range processes {
		m.Processes[pid] = scan.Process{PID: pid, Parent: 1, Name: name}
	}
	return m
}

func TestScansOfAMachineThatChanges(t *testing.T) {
	router := func(name string) scan.Machine {
		m := machine()
		m.Interfaces[1].Name, m.Interfaces[1].MAC = name, "00:00:5e:00:53:01"
		m.Interfaces[1].Forwards, m.Interfaces[2].Forwards = true, true
		return m
	}
	renamed := machine(tcp("10.0.0.5:22"))
	renamed.Name = "localhost"
	for _, test := range []struct {
		name  string
		scans []scan.Machine
		want  []string
	}{
		{
			name: "one more program of a name starts, on a lower port",
			scans: []scan.Machine{
				with(map[int]string{10: "node", 11: "node"}, tcp("[::]:3000", 10), tcp("[::]:4000", 11)),
				with(map[int]string{10: "node", 11: "node", 12: "node"}, tcp("[::]:2000", 12), tcp("[::]:3000", 10), tcp("[::]:4000", 11)),
			},
			want: []string{
				"web-1 node: 2000/tcp on all interfaces", "web-1 node: 3000/tcp on all interfaces", "web-1 node: 4000/tcp on all interfaces",
			},
		},
		{
			name: "systemd hands a socket over",
			scans: []scan.Machine{
				with(nil, tcp("[::]:22", 1)),
				with(map[int]string{700: "sshd"}, tcp("[::]:22", 1, 700)),
			},
			want: []string{"web-1 sshd: 22/tcp on all interfaces"},
		},
		{
			name: "and takes it back",
			scans: []scan.Machine{
				with(map[int]string{700: "sshd"}, tcp("[::]:22", 1, 700)),
				with(nil, tcp("[::]:22", 1)),
			},
			want: []string{"web-1 sshd: 22/tcp on all interfaces"},
		},
		{
			name:  "the host is renamed",
			scans: []scan.Machine{machine(tcp("10.0.0.5:22")), renamed},
			want:  []string{"web-1 Unclaimed Open Ports: 22/tcp on 10.0.0.5 (eth0)"},
		},
		{
			name:  "an interface is renamed",
			scans: []scan.Machine{router("eth0"), router("enp1s0")},
			want:  []string{"web-1 router: presence at enp1s0 (10.0.0.5, fe80::1)", "web-1 router: presence at eth1 (10.1.0.5, fe80::1)"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, rules := range [][]validate.Option{nil, {validate.WithExclusivePorts()}} {
				w := newWatcher(rules...)
				for _, m := range test.scans {
					w.see(t, m)
				}
				require.Equal(t, test.want, w.lines(t))
				require.Empty(t, w.see(t, test.scans[len(test.scans)-1]).Added, "the last scan again changes nothing")
			}
		})
	}
}

func TestAProgramIsUpgradedUnderAnotherName(t *testing.T) {
	php := func(version string) scan.Machine {
		return with(map[int]string{10: "php-fpm" + version}, tcp("127.0.0.1:9000", 10))
	}
	w := newWatcher(validate.WithExclusivePorts())
	w.see(t, php("8.2"))
	w.see(t, php("8.3"))
	require.Equal(t, []string{"web-1 php-fpm8.3: 9000/tcp on 127.0.0.1 (lo)"}, w.lines(t))
}

func TestSharedPortsAreStoredThoughPortsAreExclusive(t *testing.T) {
	w := newWatcher(validate.WithExclusivePorts())
	m := with(map[int]string{10: "apache2", 11: "nginx", 12: "proxy"}, v6only(tcp("[::]:80", 10)), tcp("0.0.0.0:80", 11), tcp("10.0.0.5:80", 12))
	w.see(t, m)
	want := []string{"web-1 apache2: 80/tcp on all IPv6", "web-1 nginx: 80/tcp on all IPv4", "web-1 proxy: 80/tcp on 10.0.0.5 (eth0)"}
	require.Equal(t, want, w.lines(t))
	w.see(t, m)
	require.Equal(t, want, w.lines(t))
}
