package pgstore_test

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// Whatever is written together and whatever by itself: every thing has the time
// and the ID of the scan that saw it last.
func TestSightingsAreThoseOfTheScanThatSawAThingLast(t *testing.T) {
	db := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture()
		f.host.ID, f.host.NetworkID = uuid.New(), uuid.New()
		other := host.Host{ID: uuid.New(), NetworkID: f.host.NetworkID}
		for i := range f.services {
			s := &f.services[i]
			s.ID, s.HostID, s.Bindings[0].ID = uuid.New(), f.host.ID, uuid.New()
			s.Bindings[0].ServiceID = s.ID
		}
		inUpdate(t, db, func(ctx context.Context, w store.Writer) error {
			require.NoError(t, w.PutHost(ctx, other))
			return f.put(ctx, w)
		})
		want := sightingsOf(f.host, f.services)
		rt.Repeat(map[string]func(*rapid.T){
			"scan": func(rt *rapid.T) {
				seen := rapid.SliceOfDistinct(rapid.SampledFrom(slices.Collect(maps.Keys(want))), rapid.ID[uuid.UUID]).Draw(rt, "seen")
				if rapid.Bool().Draw(rt, "all") {
					seen = slices.Collect(maps.Keys(want))
				}
				at := time.Unix(int64(rapid.IntRange(1, 20).Draw(rt, "at")), 0).UTC()
				scan := bindingtest.OptionalID().Draw(rt, "scan")
				inUpdate(t, db, func(ctx context.Context, w store.Writer) error {
					return w.Saw(ctx, f.host.ID, at, scan, append(seen, uuid.New()))
				})
				for _, id := range seen {
					want[id] = want[id].Seen(at, scan)
				}
			},
			"write": func(rt *rapid.T) {
				given := bindingtest.Binding(bindingtest.Target()).Draw(rt, "Sightings").Sightings
				inUpdate(t, db, func(ctx context.Context, w store.Writer) error {
					h, err := w.Host(ctx, f.host.ID)
					require.NoError(t, err)
					services, err := w.ServicesOnHost(ctx, f.host.ID)
					require.NoError(t, err)
					switch rapid.IntRange(0, 4).Draw(rt, "what") {
					case 0:
						h.Name, h.Sightings, want[h.ID] = h.Name+"!", given, given
						return w.PutHost(ctx, h)
					case 1:
						h.Ports[1].Sightings, want[h.Ports[1].ID] = given, given
						h.Interfaces[0].Name += "!"
						return w.PutHost(ctx, h)
					case 2:
						services[1].Sightings, want[services[1].ID] = given, given
						return w.PutService(ctx, services[1])
					case 3:
						b := services[2].Bindings[0]
						b.Sightings, want[b.ID] = given, given
						return w.PutBindings(ctx, b.ServiceID, []binding.Binding{b}, nil)
					default: // to the other host and back
						s := services[0]
						s.HostID = other.ID
						require.NoError(t, w.PutService(ctx, s))
						require.NoError(t, w.Saw(ctx, f.host.ID, time.Unix(100, 0), uuid.New(), []uuid.UUID{s.ID, s.Bindings[0].ID}))
						s.HostID = f.host.ID
						return w.PutService(ctx, s)
					}
				})
			},
			"": func(*rapid.T) {
				require.NoError(t, db.View(context.Background(), func(ctx context.Context, r store.Reader) error {
					h, err := r.Host(ctx, f.host.ID)
					require.NoError(t, err)
					require.Equal(t, want, sightingsOf(h, services(t, db, h.ID)))
					return nil
				}))
			},
		})
	})
}

func inUpdate(t testing.TB, db store.Store, fn func(ctx context.Context, w store.Writer) error) {
	t.Helper()
	require.NoError(t, db.Update(context.Background(), fn))
}

// sightingsOf returns the Sightings of a host and of all on it.
func sightingsOf(h host.Host, services []service.Service) map[uuid.UUID]binding.Sightings {
	all := map[uuid.UUID]binding.Sightings{h.ID: h.Sightings}
	for _, f := range h.Interfaces {
		all[f.ID] = f.Sightings
	}
	for _, a := range h.IPAddresses {
		all[a.ID] = a.Sightings
	}
	for _, p := range h.Ports {
		all[p.ID] = p.Sightings
	}
	for _, s := range services {
		all[s.ID] = s.Sightings
		for _, b := range s.Bindings {
			all[b.ID] = b.Sightings
		}
	}
	return all
}

// What a scan costs is how many rows it writes.
func TestAScanWritesWhicheverIsFewer(t *testing.T) {
	schema := pgtest.Schema(t)
	db := openIn(t, schema)
	f := populate(t, db) // a host with an interface, an address and three ports; three services with a binding each
	all := slices.Collect(maps.Keys(sightingsOf(f.host, f.services)))
	const things = 12
	require.Len(t, all, things)
	var clock int64
	writes := func(want int, what string, seen []uuid.UUID) {
		t.Helper()
		before := versions(t, schema)
		clock++
		inUpdate(t, db, func(ctx context.Context, w store.Writer) error {
			return w.Saw(ctx, f.host.ID, time.Unix(clock, 0), uuid.New(), seen)
		})
		after := versions(t, schema)
		maps.DeleteFunc(after, func(thing, version string) bool { return before[thing] == version })
		require.Len(t, after, want, what)
	}
	isHost := func(id uuid.UUID) bool { return id == f.host.ID }
	withoutHost := slices.DeleteFunc(slices.Clone(all), isHost)

	writes(things, "the first scan", all)
	writes(1, "one that sees the same", all)
	writes(1, "one that misses only the host, whose row it writes in any case", withoutHost)
	writes(1+1, "one that misses one thing more", withoutHost[1:])
	writes(1, "again", withoutHost[1:])
	writes(2, "one that sees two things", withoutHost[1:3])
	writes(1+1+1, "one that sees all again, two of which are by themselves now", withoutHost[1:])
}

// versions returns which version of its row each thing has.
func versions(t *testing.T, schema string) map[string]string {
	t.Helper()
	rows, err := connect(t).Query(context.Background(), inSchema(schema, `
		SELECT 'host' || id, ctid::text FROM bindset.hosts
		UNION ALL SELECT 'interface' || id, ctid::text FROM bindset.interfaces
		UNION ALL SELECT 'address' || id, ctid::text FROM bindset.ip_addresses
		UNION ALL SELECT 'port' || id, ctid::text FROM bindset.ports
		UNION ALL SELECT 'service' || id, ctid::text FROM bindset.services
		UNION ALL SELECT 'binding' || id, ctid::text FROM bindset.bindings`))
	require.NoError(t, err)
	all := make(map[string]string)
	var thing, version string
	_, err = pgx.ForEachRow(rows, []any{&thing, &version}, func() error {
		all[thing] = version
		return nil
	})
	require.NoError(t, err)
	return all
}

func TestHostsAreFoundByTheAddressesAndMACsOnThem(t *testing.T) {
	db := open(t)
	network, elsewhere := uuid.UUID{1}, uuid.UUID{2}
	const mac, other = "00:00:5e:00:53:01", "00:00:5e:00:53:02"
	ip, local := netip.MustParseAddr("192.0.2.5"), netip.MustParseAddr("fe80::1")
	hosts := map[string]host.Host{
		"address":     {IPAddresses: []host.IPAddress{{ID: uuid.UUID{1}, Address: ip}}},
		"address MAC": {IPAddresses: []host.IPAddress{{ID: uuid.UUID{1}, Address: netip.MustParseAddr("192.0.2.9"), MAC: mac}}},
		"own address": {Interfaces: []host.Interface{{ID: uuid.UUID{1}, Address: ip}}},
		"MAC":         {Interfaces: []host.Interface{{ID: uuid.UUID{1}, MAC: mac}, {ID: uuid.UUID{2}, MAC: other}}},
		"link-local":  {IPAddresses: []host.IPAddress{{ID: uuid.UUID{1}, Address: local.WithZone("eth7")}}},
		"nothing":     {Interfaces: []host.Interface{{ID: uuid.UUID{1}, Name: "eth0"}}},
		"elsewhere":   {NetworkID: elsewhere, IPAddresses: []host.IPAddress{{ID: uuid.UUID{1}, Address: ip}}},
	}
	inUpdate(t, db, func(ctx context.Context, w store.Writer) error {
		for name, h := range hosts {
			h.ID, h.Name = uuid.New(), name
			if h.NetworkID == uuid.Nil {
				h.NetworkID = network
			}
			require.NoError(t, w.PutHost(ctx, h))
		}
		return nil
	})
	find := func(addrs []netip.Addr, macs ...string) (names []string) {
		inUpdate(t, db, func(ctx context.Context, w store.Writer) error {
			found, err := w.HostsWith(ctx, network, addrs, macs)
			for _, h := range found {
				names = append(names, h.Name)
				require.Equal(t, len(hosts[h.Name].Interfaces), len(h.Interfaces))
			}
			return err
		})
		return names
	}
	require.ElementsMatch(t, []string{"address", "own address"}, find([]netip.Addr{ip}))
	require.ElementsMatch(t, []string{"address", "own address"}, find([]netip.Addr{netip.MustParseAddr("::ffff:192.0.2.5"), ip}))
	require.ElementsMatch(t, []string{"address MAC", "MAC"}, find(nil, "00-00-5E-00-53-01", other))
	require.ElementsMatch(t, []string{"address", "own address", "MAC"}, find([]netip.Addr{ip}, other))
	require.ElementsMatch(t, []string{"link-local"}, find([]netip.Addr{local.WithZone("en1")}))
	require.Empty(t, find(nil))
	require.Empty(t, find([]netip.Addr{{}}, ""))
}
