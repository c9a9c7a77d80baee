package bindset_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
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
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// Small worlds: two of everything are enough for most ways in which things can be
// taken for each other.
var (
	worldNames = []string{"", "a", "b"}
	worldMACs  = []string{"", mac1, mac2}
	worldIPs   = []string{"10.0.0.1", "10.0.0.2", "fe80::1"}
	worldPorts = []string{"80/tcp", "81/tcp"}
	worldKinds = []string{"", "D", "E"}
)

// smallWorld generates what a scanner may see of web-1.
func smallWorld(newID func() uuid.UUID) *rapid.Generator[*sight] {
	return rapid.Custom(func(t *rapid.T) *sight {
		s := look()
		s.newID = newID
		name := func(names []string, label string) string { return rapid.SampledFrom(names).Draw(t, label) }
		for i := range rapid.IntRange(0, 3).Draw(t, "interfaces") {
			s.nic(name(worldNames, "interface"), name(worldMACs, "MAC"))
			s.ids[fmt.Sprint("place", i)] = s.Host.Interfaces[i].ID
			if rapid.IntRange(0, 4).Draw(t, "own address") == 0 {
				s.Host.Interfaces[i].Address = netip.MustParseAddr(name(worldIPs, "own IP"))
			}
		}
		n := len(s.Host.Interfaces)
		subnets := []uuid.UUID{{}, {}, {1}, {2}}
		for i := range rapid.IntRange(0, 3).Draw(t, "addresses") {
			s.ip(name(worldIPs, "IP"), "")
			a := &s.Host.IPAddresses[i]
			s.ids[fmt.Sprint("place", n+i)] = a.ID
			a.SubnetID = rapid.SampledFrom(subnets).Draw(t, "subnet")
			if on := rapid.IntRange(-1, n-1).Draw(t, "carrier"); on >= 0 && !s.Host.Interfaces[on].HasAddress() {
				a.InterfaceID = s.Host.Interfaces[on].ID
			}
		}
		places := n + len(s.Host.IPAddresses)
		for range rapid.IntRange(0, 3).Draw(t, "services") {
			var targets []binding.Target
			for range rapid.IntRange(0, 3).Draw(t, "bindings") {
				port, at := name(worldPorts, "port"), rapid.IntRange(-3, places-1).Draw(t, "place")
				switch presence := rapid.IntRange(0, 3).Draw(t, "kind") == 0; {
				case at < 0:
					scope := []binding.Scope{binding.AllInterfaces(), binding.AllIPv4(), binding.AllIPv6()}[-1-at]
					targets = append(targets, binding.Port(s.port(port), scope))
				case presence:
					targets = append(targets, s.present(fmt.Sprint("place", at)))
				default:
					targets = append(targets, s.on(port, fmt.Sprint("place", at)))
				}
			}
			s.runs(name(worldKinds, "definition"), name(worldNames, "name"), targets...)
		}
		return s
	})
}

// told says what is in a scan, or on a host, with names.
func told(h host.Host, services []service.Service) string {
	inv, err := host.NewInventory(host.Host{Ports: h.Ports})
	if err != nil {
		return err.Error()
	}
	var text strings.Builder
	place := map[uuid.UUID]string{}
	for i, f := range h.Interfaces {
		place[f.ID] = fmt.Sprintf("i%d", i)
		fmt.Fprintf(&text, "  i%d: %q %s %v\n", i, f.Name, f.MAC, f.Address)
	}
	for i, a := range h.IPAddresses {
		place[a.ID] = fmt.Sprintf("a%d", i)
		fmt.Fprintf(&text, "  a%d: %v on %s, subnet %d\n", i, a.Address, place[a.InterfaceID], a.SubnetID[0])
	}
	for _, s := range services {
		fmt.Fprintf(&text, "  %q %q %s:", s.Definition, s.Name, s.Source.Type)
		for _, b := range s.Bindings {
			target := b.Target
			at := target.Scope().Kind().String()
			if id, ok := target.InterfaceID(); ok {
				at = place[id]
			} else if id, ok := target.IPAddressID(); ok {
				at = place[id]
			}
			port := "present"
			if id, ok := target.PortID(); ok {
				p, _ := inv.Port(id)
				port = p.String()
			}
			stated := ""
			if b.Stated() {
				stated = "!"
			}
			fmt.Fprintf(&text, " %s@%s%s", port, at, stated)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// shuffled returns a scan with fresh IDs and every list in another order.
func shuffled(r *rand.Rand, newID func() uuid.UUID, d service.Discovery) service.Discovery {
	d = rescan(d, newID)
	shuffle(r, d.Host.Interfaces)
	shuffle(r, d.Host.IPAddresses)
	shuffle(r, d.Host.Ports)
	shuffle(r, d.Services)
	for i := range d.Services {
		shuffle(r, d.Services[i].Bindings)
	}
	return d
}

func shuffle[E any](r *rand.Rand, list []E) {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// A worlds is a Manager that small worlds are observed with, and a second one that
// sees the same in another order and with other IDs.
type worlds struct {
	t             *rapid.T
	first, second *bindset.Manager
	clock         time.Time
	ids           [2]int
}

func newWorlds(t *rapid.T, exclusive bool) *worlds {
	w := &worlds{t: t, clock: epoch}
	var opts []validate.Option
	if exclusive {
		opts = append(opts, validate.WithExclusivePorts())
	}
	manager := func(k int) *bindset.Manager {
		return bindset.NewManager(newMemstore(), bindset.WithValidator(validate.New(opts...)),
			bindset.WithClock(func() time.Time { return w.clock }), bindset.WithIDs(func() uuid.UUID {
				w.ids[k]++
				return uuid.UUID{0: byte(k + 1), 14: byte(w.ids[k] >> 8), 15: byte(w.ids[k])}
			}))
	}
	w.first, w.second = manager(0), manager(1)
	return w
}

func (w *worlds) observe(m *bindset.Manager, d service.Discovery) bindset.Change {
	change, err := m.Observe(context.Background(), d)
	require.NoError(w.t, err)
	return change
}

func (w *worlds) told(m *bindset.Manager) string {
	var text string
	require.NoError(w.t, m.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		h, err := r.Host(ctx, webID)
		if err != nil {
			return err
		}
		services, err := r.ServicesOnHost(ctx, webID)
		for i := range services {
			slices.SortFunc(services[i].Bindings, func(a, b binding.Binding) int {
				inv, _ := host.NewInventory(h)
				x, _ := inv.Locate(&a.Target)
				y, _ := inv.Locate(&b.Target)
				return strings.Compare(fmt.Sprint(x), fmt.Sprint(y))
			})
		}
		text = told(h, services)
		return err
	}))
	return text
}

// counts says how much of everything a Change reports.
func counts(c bindset.Change) string {
	return fmt.Sprint(len(c.Hosts), len(c.Services), len(c.Added), len(c.Updated), len(c.Removed), len(c.Rewritten),
		len(c.Dropped), len(c.Displaced), len(c.Absorbed), len(c.Skipped), len(c.Faults))
}

// state puts some things of a person into the store.
func (w *worlds) state(d service.Discovery, m *bindset.Manager) {
	_, _, err := m.CreateHost(context.Background(), d.Host, nil)
	if err != nil {
		return
	}
	for _, s := range d.Services {
		_, _, _ = m.CreateService(context.Background(), service.Draft{HostID: webID, Name: s.Name, Definition: s.Definition, Bindings: s.Bindings})
	}
}

func TestLawsOfObserveHoldInSmallWorlds(t *testing.T) {
	seen := map[string]int{}
	runs := 0
	law := func(t *rapid.T) {
		runs++
		random, newID := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0)), endless(0x5c)
		w := newWorlds(t, rapid.Bool().Draw(t, "exclusive ports"))
		if rapid.IntRange(0, 2).Draw(t, "stated before") == 0 {
			d := smallWorld(newID).Draw(t, "stated").Discovery
			w.state(d, w.first)
			w.state(d, w.second)
		}
		for range rapid.IntRange(1, 3).Draw(t, "scans") {
			w.clock = w.clock.Add(time.Minute)
			s := smallWorld(newID).Draw(t, "scan")
			t.Logf("seen:\n%s", told(s.Host.Clone(), s.Services))
			before := takeSnapshot(t, w.first, network)
			change := w.observe(w.first, s.Discovery)
			after := takeSnapshot(t, w.first, network)
			t.Logf("stored:\n%s", w.told(w.first))
			RequireValid(t, after)
			RequireAccounts(t, before, after, change)
			requireNothingMoved(t, before, after, change)

			other := w.observe(w.second, shuffled(random, newID, s.Discovery))
			require.Equal(t, w.told(w.first), w.told(w.second), "fresh IDs and another order")
			require.Equal(t, counts(change), counts(other), "fresh IDs and another order")

			w.clock = w.clock.Add(time.Minute)
			again := w.observe(w.first, shuffled(random, newID, s.Discovery))
			if tellable(s.Discovery) {
				requireNothingNew(t, again)
				seen["seen again"]++
			}
			w.clock = w.clock.Add(time.Minute)
			w.observe(w.second, s.Discovery)
			for what, n := range map[string]int{
				"skipped": len(change.Skipped), "dropped": len(change.Dropped), "displaced": len(change.Displaced),
				"absorbed": len(change.Absorbed), "rewritten": len(change.Rewritten), "faults": len(change.Faults), "added": len(change.Added),
			} {
				seen[what] += min(n, 1)
			}
		}
	}
	for range 10 { // what happens rarely must happen
		rapid.Check(t, law)
	}
	t.Log(runs, seen)
	if !testing.Short() {
		for _, what := range []string{"skipped", "dropped", "displaced", "absorbed", "rewritten", "faults", "added", "seen again"} {
			require.Greater(t, seen[what], runs/300, what)
		}
	}
}

// tellable reports whether everything in a scan says what it is: no two services
// of a definition, no two interfaces of a name or MAC, no IP twice.
func tellable(d service.Discovery) bool {
	said := map[any]bool{}
	alone := func(what any) bool {
		again := said[what]
		said[what] = true
		return !again
	}
	for _, s := range d.Services {
		if s.Definition == "" || !alone([2]string{"service", s.Definition}) {
			return false
		}
	}
	for _, f := range d.Host.Interfaces {
		if f.Name == "" || !alone([2]string{"interface", f.Name}) || f.MAC != "" && !alone([2]string{"MAC", f.MAC}) ||
			f.HasAddress() && !alone(f.Address) {
			return false
		}
	}
	for _, a := range d.Host.IPAddresses {
		if !alone(a.Address) {
			return false
		}
	}
	return true
}

// requireNothingNew fails if a scan that saw the same again changed anything.
func requireNothingNew(t require.TestingT, c bindset.Change) {
	require.Empty(t, slices.Concat(c.Added, c.Updated, c.Removed), "seen again")
	require.Empty(t, c.Dropped, "seen again")
	require.Empty(t, c.Displaced, "seen again")
	require.Empty(t, slices.Concat(c.Hosts, c.Services), "seen again")
}

// requireNothingMoved fails if a stored binding has another service, another port
// or another place now, and the Change does not say so.
func requireNothingMoved(t require.TestingT, before, after snapshot, c bindset.Change) {
	require.Empty(t, c.Removed)
	said := map[uuid.UUID]bool{}
	for _, r := range c.Rewritten {
		said[r.From.ID] = true
	}
	for id, b := range before.bindings {
		now, ok := after.bindings[id]
		if ok && !said[id] {
			require.Equal(t, b.Target, now.Target)
			require.Equal(t, b.ServiceID, now.ServiceID)
		}
	}
	for id, h := range before.hosts {
		now := map[uuid.UUID]bool{}
		for _, childID := range children(after.hosts[id]) {
			now[childID] = true
		}
		for _, childID := range children(h) {
			require.True(t, now[childID], "not seen is not gone")
		}
	}
}

// endless returns a source of IDs.
func endless(series byte) func() uuid.UUID {
	n := 0
	return func() uuid.UUID {
		n++
		return uuid.UUID{0: series, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
	}
}

// unseen returns what is stored without when and by what it was last seen.
func unseen(s snapshot) snapshot {
	hosts, bindings := map[uuid.UUID]host.Host{}, map[uuid.UUID]binding.Binding{}
	for id, h := range s.hosts {
		hosts[id] = unseenHost(h)
	}
	for id, b := range s.bindings {
		b.LastSeenAt, b.LastDiscoveryID = time.Time{}, uuid.Nil
		bindings[id] = b
	}
	s.hosts, s.bindings = hosts, bindings
	s.services = nil // their fields are in the Change, which is empty
	return s
}

func children(h host.Host) (ids []uuid.UUID) {
	for _, f := range h.Interfaces {
		ids = append(ids, f.ID)
	}
	for _, a := range h.IPAddresses {
		ids = append(ids, a.ID)
	}
	for _, p := range h.Ports {
		ids = append(ids, p.ID)
	}
	return ids
}
