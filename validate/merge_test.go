package validate_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/validate"
	"github.com/bindset/bindset/validate/validatetest"
)

func TestMergeTakesListenersFirstAndWideOnesBeforeNarrow(t *testing.T) {
	everywhere, eth0, address := listen("443/tcp", "everywhere"), listen("443/tcp", "eth0"), listen("443/tcp", "10.0.0.5")
	http, dns := listen("80/tcp", "everywhere"), listen("53/udp", "everywhere")
	limit := []validate.Option{validate.WithMaxBindings(2)}
	for _, c := range []struct {
		fact          string
		opts          []validate.Option
		set, observed []binding.Target
		kept          []binding.Target
		dropped       []validate.Drop
		absorbed      []validate.Drop
		skipped       []validate.Violation
	}{
		{fact: "nothing into nothing"},
		{fact: "new ones behind the set", set: []binding.Target{http}, observed: []binding.Target{dns, eth0}, kept: []binding.Target{http, dns, eth0}},
		{
			fact: "equal ones are absorbed, also by one observed before",
			set:  []binding.Target{http}, observed: []binding.Target{http, dns, dns},
			kept: []binding.Target{http, dns}, absorbed: []validate.Drop{{1, 0, validate.Duplicate}, {3, 2, validate.Duplicate}},
		},
		{
			fact: "covered ones are absorbed",
			set:  []binding.Target{eth0}, observed: []binding.Target{address},
			kept: []binding.Target{eth0}, absorbed: []validate.Drop{{1, 0, validate.Superseded}},
		},
		{
			fact: "stored ones are lost to precedence",
			set:  []binding.Target{address, http}, observed: []binding.Target{eth0},
			kept: []binding.Target{http, eth0}, dropped: []validate.Drop{{0, 2, validate.Superseded}},
		},
		{
			fact: "the widest one takes in all others, wherever it stands",
			set:  []binding.Target{address}, observed: []binding.Target{address, eth0, address, eth0, everywhere, eth0},
			kept:    []binding.Target{everywhere},
			dropped: []validate.Drop{{0, 5, validate.Superseded}},
			absorbed: []validate.Drop{
				{1, 5, validate.Superseded}, {2, 5, validate.Superseded}, {3, 5, validate.Superseded}, {4, 5, validate.Superseded}, {6, 5, validate.Superseded},
			},
		},
		{
			fact: "what breaks a rule is skipped, the rest is not",
			set:  []binding.Target{http}, observed: []binding.Target{{}, present("eth0"), binding.Interface(nginx), dns},
			kept: []binding.Target{http, dns},
			skipped: []validate.Violation{
				violation("V1", validate.ErrInvalid, 1), against("V5", validate.ErrConflict, 2, http), crossHost(3),
			},
		},
		{
			fact: "presences come last, and none in the set is lost to a listener",
			set:  []binding.Target{present("eth0")}, observed: []binding.Target{everywhere, listen("443/tcp", "eth1"), present("10.0.1.5")},
			kept: []binding.Target{present("eth0"), listen("443/tcp", "eth1")},
			skipped: []validate.Violation{
				against("V5", validate.ErrConflict, 1, present("eth0")), against("V5", validate.ErrConflict, 3, listen("443/tcp", "eth1")),
			},
		},
		{
			fact: "the first in the set is named, not one that has left",
			set:  []binding.Target{address, listen("443/tcp", "10.0.0.6")}, observed: []binding.Target{eth0, present("10.0.0.6")},
			kept: []binding.Target{eth0}, dropped: []validate.Drop{{0, 2, validate.Superseded}, {1, 2, validate.Superseded}},
			skipped: []validate.Violation{against("V5", validate.ErrConflict, 3, eth0)},
		},
		{
			fact: "one too many is skipped, what is absorbed or makes room is not", opts: limit,
			set: []binding.Target{http, eth0}, observed: []binding.Target{dns, address, everywhere, listen("53/udp", "eth0")},
			kept: []binding.Target{http, everywhere}, dropped: []validate.Drop{{1, 4, validate.Superseded}},
			absorbed: []validate.Drop{{3, 4, validate.Superseded}},
			skipped:  []validate.Violation{violation("V1", validate.ErrInvalid, 2), violation("V1", validate.ErrInvalid, 5)},
		},
		{
			fact: "what is superseded makes room for others", opts: []validate.Option{validate.WithMaxBindings(3)},
			set: []binding.Target{http, address, listen("443/tcp", "10.0.0.6")},
			observed: []binding.Target{
				listen("53/udp", "10.0.1.5"), eth0, listen("53/udp", "eth1"), listen("53/udp", "eth0"),
			},
			kept:    []binding.Target{http, eth0, listen("53/udp", "eth1")},
			dropped: []validate.Drop{{1, 4, validate.Superseded}, {2, 4, validate.Superseded}}, absorbed: []validate.Drop{{3, 5, validate.Superseded}},
			skipped: []validate.Violation{violation("V1", validate.ErrInvalid, 6)},
		},
	} {
		t.Run(c.fact, func(t *testing.T) {
			in := validate.Input{Inventory: office, Service: web, Bindings: setOf(c.set...)}
			observed := setOf(c.observed...)
			for i := range observed {
				observed[i].ID = bindingtest.IDs(0x0b5, i+1)[i]
			}
			res, err := validate.New(c.opts...).Merge(in, observed)
			require.NoError(t, err)
			validatetest.RequireKept(t, office, res, c.kept...)
			validatetest.RequireDropped(t, office, res, c.dropped...)
			validatetest.RequireAbsorbed(t, office, res, c.absorbed...)
			validatetest.RequireSkipped(t, office, res, c.skipped...)
			validatetest.RequireAccounted(t, office, res)
		})
	}
}

func TestMergeRewritesWhatItObserves(t *testing.T) {
	address := listen("443/tcp", "10.0.0.5")
	res, err := validate.New().Merge(validate.Input{Inventory: office, Bindings: setOf(address)},
		[]binding.Binding{{Target: misnamed(address)}, {Target: misnamed(present("tun0"))}, {Target: misnamed(present("10.0.0.5"))}})
	require.NoError(t, err)
	require.Equal(t, []validate.Rewrite{
		{Index: 1, From: misnamed(address), To: address},
		{Index: 2, From: misnamed(present("tun0")), To: present("tun0")},
		{Index: 3, From: misnamed(present("10.0.0.5")), To: present("10.0.0.5")},
	}, res.Rewritten)
	validatetest.RequireAbsorbed(t, office, res, validate.Drop{Index: 1, By: 0, Reason: validate.Duplicate})
	validatetest.RequireKept(t, office, res, address, present("tun0"))
	require.Equal(t, "bindings[2]", res.Skipped[0].Path, "paths count what was observed")
	require.Equal(t, present("10.0.0.5"), res.Skipped[0].Binding.Target)
	require.Equal(t, misnamed(present("10.0.0.5")), res.Input(3).Target)
}

func TestMergeRefreshesWhatWasSeenAgain(t *testing.T) {
	eth0, address := listen("443/tcp", "eth0"), listen("443/tcp", "10.0.0.5")
	at := func(minute int) time.Time { return time.Date(2026, 5, 1, 12, minute, 0, 0, time.UTC) }
	scan := bindingtest.IDs(0x5c, 2)
	stored := binding.Binding{ID: bindingID(1), Target: eth0, Sightings: binding.Sightings{LastSeenAt: at(10), LastDiscoveryID: scan[0], FirstDiscoveryID: scan[0]}}

	for _, c := range []struct {
		fact     string
		seen     binding.Binding
		lastSeen time.Time
		lastScan uuid.UUID
	}{
		{"later", binding.Binding{Target: eth0, Sightings: binding.Sightings{LastSeenAt: at(11), LastDiscoveryID: scan[1]}}, at(11), scan[1]},
		{"earlier: nothing goes back", binding.Binding{Target: eth0, Sightings: binding.Sightings{LastSeenAt: at(9), LastDiscoveryID: scan[1]}}, at(10), scan[0]},
		{"at the same time, by another scan", binding.Binding{Target: eth0, Sightings: binding.Sightings{LastSeenAt: at(10), LastDiscoveryID: scan[1]}}, at(10), scan[1]},
		{"later, by no scan that is known", binding.Binding{Target: eth0, Sightings: binding.Sightings{LastSeenAt: at(11)}}, at(11), scan[0]},
		{"at no known time", binding.Binding{Target: eth0, Sightings: binding.Sightings{LastDiscoveryID: scan[1]}}, at(10), scan[0]},
		{"through what it covers: that is not its own sighting", binding.Binding{Target: address, Sightings: binding.Sightings{LastSeenAt: at(11), LastDiscoveryID: scan[1]}}, at(10), scan[0]},
		{"under another ID", binding.Binding{ID: bindingID(9), Target: eth0, Sightings: binding.Sightings{LastSeenAt: at(11), LastDiscoveryID: scan[1]}}, at(11), scan[1]},
		{"and nothing else of it", binding.Binding{Target: eth0, Sightings: binding.Sightings{LastSeenAt: at(11), FirstDiscoveryID: scan[1]}, LineageID: scan[1], ValidTo: at(1)}, at(11), scan[0]},
	} {
		t.Run(c.fact, func(t *testing.T) {
			in := validate.Input{Inventory: office, Bindings: []binding.Binding{stored}}
			res, err := validate.New().Merge(in, []binding.Binding{c.seen})
			require.NoError(t, err)
			want := stored
			want.LastSeenAt, want.LastDiscoveryID = c.lastSeen, c.lastScan
			require.Equal(t, []binding.Binding{want}, res.Bindings)
			require.Len(t, res.Absorbed, 1)
			require.Equal(t, stored, in.Bindings[0], "the set given is left alone")
			require.Equal(t, c.seen, res.Input(1))
			require.Equal(t, stored, res.Input(0))
		})
	}
}

func TestMergeRespectsWhatAPersonStated(t *testing.T) {
	eth0, address, everywhere := listen("443/tcp", "eth0"), listen("443/tcp", "10.0.0.5"), listen("443/tcp", "everywhere")
	scan := bindingtest.IDs(0x5c, 1)[0]
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	seen := func(to binding.Target) binding.Binding {
		return binding.Binding{Target: to, Sightings: binding.Sightings{LastSeenAt: noon, FirstDiscoveryID: scan, LastDiscoveryID: scan}}
	}
	t.Run("what it covers is a sighting of a stated listener", func(t *testing.T) {
		res, err := validate.New().Merge(validate.Input{Inventory: office, Bindings: setOf(eth0)}, []binding.Binding{seen(address)})
		require.NoError(t, err)
		require.Equal(t, binding.Sightings{LastSeenAt: noon, LastDiscoveryID: scan}, res.Bindings[0].Sightings)
	})
	t.Run("what supersedes a stated listener is stated", func(t *testing.T) {
		res, err := validate.New().Merge(validate.Input{Inventory: office, Bindings: setOf(eth0)}, []binding.Binding{seen(everywhere)})
		require.NoError(t, err)
		require.Equal(t, binding.Sightings{LastSeenAt: noon, LastDiscoveryID: scan}, res.Bindings[0].Sightings)
		require.True(t, res.Bindings[0].Stated())
	})
	t.Run("what supersedes another one is not", func(t *testing.T) {
		res, err := validate.New().Merge(validate.Input{Inventory: office, Bindings: []binding.Binding{seen(eth0)}}, []binding.Binding{seen(everywhere)})
		require.NoError(t, err)
		require.False(t, res.Bindings[0].Stated())
	})
}

func TestMergeTakesAnIDForOneTarget(t *testing.T) {
	eth0, everywhere, http := listen("443/tcp", "eth0"), listen("443/tcp", "everywhere"), listen("80/tcp", "everywhere")
	in := validate.Input{Inventory: office, Bindings: setOf(eth0)}
	res, err := validate.New().Merge(in, []binding.Binding{
		{ID: bindingID(0), Target: http},       // that of eth0
		{ID: bindingID(0), Target: everywhere}, // the same, although it would supersede eth0
		{ID: bindingID(1), Target: everywhere},
		{ID: bindingID(0), Target: http}, // the same, although eth0 goes
		{ID: bindingID(1), Target: eth0}, // that of one seen before, although it would be absorbed
		{ID: bindingID(2), Target: http},
	})
	require.NoError(t, err)
	validatetest.RequireKept(t, office, res, everywhere, http)
	validatetest.RequireSkipped(t, office, res,
		against("V1", validate.ErrInvalid, 1, eth0), against("V1", validate.ErrInvalid, 2, eth0),
		against("V1", validate.ErrInvalid, 4, eth0), against("V1", validate.ErrInvalid, 5, everywhere))
	validatetest.RequireDropped(t, office, res, validate.Drop{Index: 0, By: 3, Reason: validate.Superseded})
}

func TestMergeLeavesASetInAnotherNetworkAlone(t *testing.T) {
	service := web
	service.NetworkID = bindingtest.IDs(0x28, 1)[0]
	in := validate.Input{Inventory: office, Service: service, Bindings: setOf(listen("443/tcp", "eth0"))}
	res, err := validate.New().Merge(in, setOf(listen("80/tcp", "eth0"), binding.Target{}))
	require.NoError(t, err)
	validatetest.RequireKept(t, office, res, listen("443/tcp", "eth0"))
	validatetest.RequireSkipped(t, office, res, violation("V2", validate.ErrNetworkMismatch, -1))
	require.Equal(t, "network_id", res.Skipped[0].Path)
}
