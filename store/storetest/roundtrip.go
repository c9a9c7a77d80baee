package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// testRoundTrip checks that what comes out is what went in.
func testRoundTrip(t *testing.T, open opener) {
	open.test(t, "a host with every field", func(f *fixture) { f.requireHostRoundTrip(fullHost(f.place)) })
	open.test(t, "a host with no field but its IDs", func(f *fixture) {
		f.requireHostRoundTrip(host.Host{ID: f.place.hosts[2], NetworkID: f.place.network})
	})
	open.test(t, "a service with every field", func(f *fixture) { f.requireServiceRoundTrip(fullService(f.place)) })
	open.test(t, "a service with no field but its IDs", func(f *fixture) {
		f.requireServiceRoundTrip(service.Service{ID: f.place.services[2], HostID: f.place.second.ID})
	})
	open.test(t, "raw JSON byte for byte", func(f *fixture) {
		for _, raw := range rawJSON {
			s := f.place.service(2)
			s.Virtualization, s.Source.Rest = raw, raw
			f.requireServiceRoundTrip(s)
		}
	})
	open.test(t, "the least and the greatest numbers", func(f *fixture) {
		s := f.place.service(2)
		for _, s.Position = range []int32{math.MinInt32, -1, 0, math.MaxInt32} {
			for _, s.Revision = range []uint64{0, 1, math.MaxUint32 + 1, math.MaxInt64} {
				f.requireServiceRoundTrip(s)
			}
		}
	})
	for _, target := range targetsOfEveryForm() {
		open.test(t, "a binding with every field and the target "+target.Kind().String()+" "+target.Scope().Kind().String(), func(f *fixture) {
			b := fullBinding(f.place.binding(5, f.web, target))
			f.requireBindingRoundTrip(b)
			b.LastDiscoveryID, b.ValidTo, b.NetworkID = uuid.Nil, time.Time{}, uuid.UUID{1}
			f.requireBindingRoundTrip(b)
		})
	}
	open.test(t, "a binding with no field but its IDs and target", func(f *fixture) {
		f.requireBindingRoundTrip(binding.Binding{
			ID: f.place.bindings[5], ServiceID: f.web.ID, Target: binding.Interface(f.place.eth0),
		})
	})
	open.test(t, "times of every year", func(f *fixture) {
		b := f.place.binding(5, f.web, binding.Interface(f.place.eth0))
		for _, at := range []time.Time{
			time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
			time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), // a microsecond after the zero time
			time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
			time.Unix(0, 0).UTC(),
			time.Date(2262, 4, 12, 0, 0, 0, 0, time.UTC), // more nanoseconds than an int64 holds
			time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		} {
			b.CreatedAt, b.UpdatedAt, b.LastSeenAt, b.ValidFrom, b.ValidTo = at, at, at, at, at
			f.requireBindingRoundTrip(b)
		}
	})
	open.test(t, "times become as binding.Time makes them", func(f *fixture) {
		at := time.Date(2024, 5, 6, 23, 8, 9, 123456789, time.FixedZone("east", 3600))
		b := f.place.binding(5, f.web, binding.Port(f.place.free, binding.AllInterfaces()))
		b.CreatedAt, b.UpdatedAt, b.LastSeenAt, b.ValidFrom, b.ValidTo = at, time.Now(), at, at, at
		s := f.place.service(2)
		s.CreatedAt, s.UpdatedAt, s.LastSeenAt = at, time.Now(), at
		h := f.place.second.Clone()
		h.LastSeenAt, h.Interfaces[0].LastSeenAt, h.IPAddresses[0].LastSeenAt, h.Ports[0].LastSeenAt = at, at, at, at
		f.update(func(ctx context.Context, w store.Writer) error {
			return errors.Join(w.PutHost(ctx, h), w.PutService(ctx, s), w.PutBindings(ctx, f.web.ID, []binding.Binding{b}, nil))
		})
		got := f.state().HostsByID[h.ID]
		for _, seen := range got.Sighted() {
			require.True(f.t, seen.LastSeenAt == binding.Time(at) || seen.LastSeenAt.IsZero())
		}
		require.True(f.t, got.Interfaces[0].LastSeenAt == binding.Time(at))
		s = s.WithTimes()
		require.True(f.t, s.UpdatedAt == f.service(s.ID).UpdatedAt)
		require.Equal(f.t, s, f.service(s.ID))
		require.True(f.t, b.WithTimes() == f.service(f.web.ID).Bindings[2])
		require.True(f.t, b.WithTimes() == f.listeners(f.place.first.ID, f.place.free)[0].Binding)
	})
	open.test(t, "empty slices become nil", func(f *fixture) {
		h, s := f.place.second.Clone(), f.place.service(2)
		h.Interfaces, h.IPAddresses, h.Ports = []host.Interface{}, []host.IPAddress{}, []host.Port{}
		s.Tags, s.Virtualization, s.Source.Rest = []string{}, json.RawMessage{}, json.RawMessage{}
		f.update(func(ctx context.Context, w store.Writer) error {
			return errors.Join(w.PutHost(ctx, h), w.PutService(ctx, s), w.PutBindings(ctx, s.ID, []binding.Binding{}, []uuid.UUID{}))
		})
		h.Interfaces, h.IPAddresses, h.Ports = nil, nil, nil
		s.Tags, s.Virtualization, s.Source.Rest = nil, nil, nil
		require.Equal(f.t, h, f.state().HostsByID[h.ID])
		require.Equal(f.t, s, f.service(s.ID))
		require.Equal(f.t, []service.Service{s}, f.state().OnHost[f.place.first.ID][2:])
	})
	open.test(t, "IPv4-mapped addresses are unmapped", func(f *fixture) {
		h := f.place.second.Clone()
		h.IPAddresses[0].Address = netip.MustParseAddr("::ffff:10.0.0.5")
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, h) })
		require.Equal(f.t, f.place.second, f.state().HostsByID[h.ID])
	})
	open.test(t, "what is put again replaces every field", func(f *fixture) {
		s, b := fullService(f.place), fullBinding(f.place.binding(5, f.web, binding.Interface(f.place.eth0)))
		f.requireHostRoundTrip(fullHost(f.place))
		f.requireHostRoundTrip(host.Host{ID: fullHost(f.place).ID, NetworkID: f.place.network})
		f.requireServiceRoundTrip(s)
		f.requireServiceRoundTrip(service.Service{ID: s.ID, HostID: s.HostID})
		f.requireBindingRoundTrip(b)
		f.requireBindingRoundTrip(binding.Binding{
			ID: b.ID, ServiceID: f.web.ID, Target: binding.Port(f.place.free, binding.OnIPAddress(f.place.unknown)),
		})
	})
	t.Run("whatever is generated", func(t *testing.T) {
		f := newFixture(t, open)
		rapid.Check(t, func(t *rapid.T) {
			f.t = t
			h := hosttest.Seen().Draw(t, "host")
			h.ID, h.NetworkID = f.place.hosts[2], f.place.network
			f.requireHostRoundTrip(h)
			f.requireServiceRoundTrip(drawService(t, f.place.services[2], f.place.second.ID))
			b := bindingtest.Binding(bindingtest.Target()).Draw(t, "binding")
			b.ID, b.ServiceID = f.place.bindings[5], f.web.ID
			f.requireBindingRoundTrip(b)
		})
	})
}

var (
	texts = []string{
		"", "nginx", "Büro 3 / Nord", "名前", "e\u0301", "\u202eht0\u202c", " trailing ", "\x01\x1b[2J\r\n\t", "\uFFFD", "\U0001F600",
		"'; DROP TABLE services; --", `{"id":null}`, `back\slash`, "%s%n", "{a,b}", "NULL", strings.Repeat("n", 1000),
	}
	rawJSON = []json.RawMessage{
		nil,
		json.RawMessage(`null`),
		json.RawMessage(`{}`),
		json.RawMessage(" {\"b\" :\t1.0,\n\"a\":2, \"b\":10000000000000000000001} "),
		json.RawMessage(`["\u00e9", "\ud83d\ude00", "\u0000", "\/", 1e400, -0.0, "é"]`),
		json.RawMessage(`"` + strings.Repeat("x", 10_000) + `"`),
	}
)

// fullHost returns a host with every field set, and everything on it seen, each thing
// by another scan.
func fullHost(p place) host.Host {
	h := host.Host{
		ID: p.hosts[2], NetworkID: p.network, Name: strings.Join(texts, "|"), Revision: math.MaxInt64,
		Interfaces: []host.Interface{
			{ID: uuid.UUID{1}, Name: "eth0", Description: "uplink", MAC: "00:00:5e:00:53:01", Position: math.MaxInt32},
			{ID: uuid.UUID{2}, Name: "eth0", Position: math.MinInt32, Address: netip.MustParseAddr("fe80::1"), SubnetID: uuid.UUID{9}},
		},
		IPAddresses: []host.IPAddress{
			{
				ID: uuid.UUID{6}, Address: netip.MustParseAddr("fe80::1%\"'\\ü"), SubnetID: uuid.UUID{9}, Name: "link",
				MAC: "none", Position: -1,
			},
			{ID: uuid.UUID{5}, Address: netip.MustParseAddr("0.0.0.0")},
			{ID: uuid.UUID{7}, Address: netip.MustParseAddr("::1"), InterfaceID: uuid.UUID{1}},
			{ID: uuid.UUID{8}, Address: netip.MustParseAddr("::1")},
		},
		Ports: []host.Port{
			{ID: uuid.UUID{4}, Number: 65535, Protocol: host.SCTP},
			{ID: uuid.UUID{3}, Number: 1, Protocol: host.TCP},
			{ID: uuid.UUID{10}, Number: 1, Protocol: host.UDP, Type: "Ntp"},
		},
	}
	n := byte(0)
	for _, s := range h.Sighted() {
		n++
		*s = binding.Sightings{LastSeenAt: day(int(n)), FirstDiscoveryID: uuid.UUID{n}, LastDiscoveryID: uuid.UUID{100 + n}}
	}
	h.Ports[1].Sightings = binding.Sightings{}
	h.Ports[2].FirstDiscoveryID = uuid.Nil
	return h
}

func fullService(p place) service.Service {
	s := p.service(2)
	s.HostID, s.NetworkID, s.Name, s.Definition = p.second.ID, p.unknown, strings.Join(texts, "|"), texts[2]
	s.Tags = append([]string{"again", "again", "a"}, texts...)
	s.Source.Type, s.Position, s.Revision = texts[6], -5, math.MaxInt64
	s.Sightings = binding.Sightings{LastSeenAt: day(9), FirstDiscoveryID: uuid.UUID{9}, LastDiscoveryID: uuid.UUID{99}}
	return s
}

// fullBinding returns the binding with all other fields set, each to something
// else.
func fullBinding(b binding.Binding) binding.Binding {
	b.CreatedAt, b.UpdatedAt, b.LastSeenAt, b.ValidFrom, b.ValidTo = day(1), day(2), day(3), day(4), day(5)
	b.FirstDiscoveryID, b.LastDiscoveryID, b.LineageID = uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}
	return b
}

func targetsOfEveryForm() []binding.Target {
	port, place := uuid.UUID{1}, uuid.UUID{2}
	return []binding.Target{
		binding.Interface(place), binding.IPAddress(place), binding.Port(port, binding.AllInterfaces()),
		binding.Port(port, binding.AllIPv4()), binding.Port(port, binding.AllIPv6()),
		binding.Port(port, binding.OnInterface(place)), binding.Port(port, binding.OnIPAddress(place)),
	}
}

// Service generates services as a store may be given them, without bindings: every
// field, its extremes among them, and often nothing. IDs are set.
func Service() *rapid.Generator[service.Service] {
	return rapid.Custom(func(t *rapid.T) service.Service {
		return drawService(t, bindingtest.ID().Draw(t, "ID"), bindingtest.ID().Draw(t, "HostID"))
	})
}

func drawService(t *rapid.T, id, hostID uuid.UUID) service.Service {
	text, raw := rapid.OneOf(rapid.SampledFrom(texts), plainText()), rapid.SampledFrom(rawJSON)
	s := service.Service{
		ID: id, HostID: hostID,
		NetworkID:      bindingtest.OptionalID().Draw(t, "NetworkID"),
		Name:           text.Draw(t, "Name"),
		Definition:     text.Draw(t, "Definition"),
		Source:         service.Source{Type: text.Draw(t, "Source.Type"), Rest: raw.Draw(t, "Source.Rest")},
		Position:       rapid.Int32().Draw(t, "Position"),
		Tags:           rapid.SliceOfN(text, 0, 4).Draw(t, "Tags"),
		Virtualization: raw.Draw(t, "Virtualization"),
		Revision:       rapid.Uint64Max(math.MaxInt64).Draw(t, "Revision"),
		CreatedAt:      bindingtest.Time().Draw(t, "CreatedAt"),
		UpdatedAt:      bindingtest.Time().Draw(t, "UpdatedAt"),
		Sightings:      bindingtest.Sightings().Draw(t, "Sightings"),
	}
	return s.Clone() // which makes what is empty nil
}

// plainText generates any text that a store can be given.
func plainText() *rapid.Generator[string] {
	return rapid.Map(rapid.StringN(0, 30, -1), func(s string) string {
		return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
	})
}

func (f *fixture) requireHostRoundTrip(h host.Host) {
	f.t.Helper()
	f.update(func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, h) })
	after := f.state()
	require.Equal(f.t, h, after.HostsByID[h.ID])
	require.Contains(f.t, after.Hosts, h)
	require.Contains(f.t, after.AllHosts, h)
	inv, err := host.NewInventory(h)
	require.NoError(f.t, err)
	require.Equal(f.t, inv.Host(), after.Inventories[h.ID], "which has no Sightings")
}

func (f *fixture) requireServiceRoundTrip(s service.Service) {
	f.t.Helper()
	f.update(func(ctx context.Context, w store.Writer) error { return w.PutService(ctx, s) })
	after := f.state()
	require.Equal(f.t, s, after.Services[s.ID])
	require.Contains(f.t, after.ServiceList, s)
	require.Contains(f.t, after.OnHost[s.HostID], s)
}

// requireBindingRoundTrip puts a binding of the web service.
func (f *fixture) requireBindingRoundTrip(b binding.Binding) {
	f.t.Helper()
	f.update(func(ctx context.Context, w store.Writer) error {
		return w.PutBindings(ctx, f.web.ID, []binding.Binding{b}, nil)
	})
	web := f.service(f.web.ID)
	require.Len(f.t, web.Bindings, 3)
	require.Contains(f.t, web.Bindings, b)
	if portID, ok := b.Target.PortID(); ok {
		require.Contains(f.t, f.listeners(f.place.first.ID, portID), validate.Claim{Binding: b, ServiceName: web.Name})
	}
}
