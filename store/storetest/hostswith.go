package storetest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/store"
)

// testHostsWith checks which hosts are found by addresses and MACs.
func testHostsWith(t *testing.T, open opener) {
	addr := netip.MustParseAddr
	ids := []uuid.UUID{{0: 1, 15: 1}, {0: 1, 15: 2}, {0: 1, 15: 3}, {0: 1, 15: 4}}
	network, other := uuid.UUID{0: 2}, uuid.UUID{0: 3}
	hosts := []host.Host{
		{ID: ids[0], NetworkID: network, Interfaces: []host.Interface{
			{ID: uuid.UUID{1}, Name: "eth0", MAC: "00:00:5e:00:53:01"}, {ID: uuid.UUID{2}, Address: addr("192.0.2.1"), MAC: "none"},
		}},
		{ID: ids[1], NetworkID: network, IPAddresses: []host.IPAddress{
			{ID: uuid.UUID{1}, Address: addr("192.0.2.1"), MAC: "00:00:5e:00:53:01"}, {ID: uuid.UUID{2}, Address: addr("192.0.2.1")},
		}},
		{ID: ids[2], NetworkID: network, IPAddresses: []host.IPAddress{
			{ID: uuid.UUID{1}, Address: addr("fe80::1%eth0"), MAC: "none at all"}, {ID: uuid.UUID{2}, Address: addr("::1")},
		}},
		{ID: ids[3], NetworkID: other, IPAddresses: []host.IPAddress{
			{ID: uuid.UUID{1}, Address: addr("192.0.2.1"), MAC: "00:00:5e:00:53:01"},
		}},
	}
	put := func(f *fixture) {
		f.update(func(ctx context.Context, w store.Writer) error {
			var errs []error
			for _, h := range hosts {
				errs = append(errs, w.PutHost(ctx, h))
			}
			return errors.Join(errs...)
		})
	}
	find := func(f *fixture, network uuid.UUID, addrs []netip.Addr, macs ...string) (found []uuid.UUID) {
		f.view(func(ctx context.Context, r store.Reader) error {
			got, err := r.HostsWith(ctx, network, addrs, macs)
			for _, h := range got {
				want, errHost := r.Host(ctx, h.ID)
				require.Equal(f.t, want, h)
				err = errors.Join(err, errHost)
			}
			found = hostIDs(got)
			return err
		})
		return found
	}
	for _, test := range []struct {
		name    string
		network uuid.UUID
		addrs   []netip.Addr
		macs    []string
		want    []uuid.UUID
	}{
		{"an address is on an interface or an IP address", network, []netip.Addr{addr("192.0.2.1")}, nil, ids[:2]},
		{"a MAC is of an interface or an IP address", network, nil, []string{"00:00:5e:00:53:01"}, ids[:2]},
		{"a MAC has one form", network, nil, []string{"00-00-5E-00-53-01"}, ids[:2]},
		{"any text is a MAC", network, nil, []string{"none", "non"}, ids[:1]},
		{"a text that begins as a MAC is another one", network, nil, []string{"none at", "none at all"}, ids[2:3]},
		{"any of several will do", network, []netip.Addr{addr("::1"), addr("::2")}, []string{"none"}, []uuid.UUID{ids[0], ids[2]}},
		{"a mapped address is unmapped", network, []netip.Addr{addr("::ffff:192.0.2.1")}, nil, ids[:2]},
		{"an address of the other family is another one", network, []netip.Addr{addr("::192.0.2.1")}, nil, nil},
		{"a zone means nothing", network, []netip.Addr{addr("fe80::1%2")}, nil, ids[2:3]},
		{"no zone means nothing", network, []netip.Addr{addr("fe80::1")}, nil, ids[2:3]},
		{"no host has no address and no MAC", network, []netip.Addr{{}}, []string{""}, nil},
		{"nothing finds nothing", network, nil, nil, nil},
		{"a host of another network is not found", other, []netip.Addr{addr("192.0.2.1"), addr("::1")}, nil, ids[3:]},
		{"no network has no hosts", uuid.Nil, []netip.Addr{addr("192.0.2.1")}, []string{"none"}, nil},
	} {
		open.test(t, "hosts with: "+test.name, func(f *fixture) {
			put(f)
			addrs, macs := slices.Clone(test.addrs), slices.Clone(test.macs)
			require.Equal(f.t, normal(test.want), normal(find(f, test.network, addrs, macs...)))
			require.Equal(f.t, test.addrs, addrs)
			require.Equal(f.t, test.macs, macs)
		})
	}
	open.test(t, "hosts with: what a host has no more does not find it", func(f *fixture) {
		put(f)
		changed := hosts[0].Clone()
		changed.Interfaces[0].MAC, changed.Interfaces[1].Address = "00:00:5e:00:53:02", addr("192.0.2.2")
		f.update(func(ctx context.Context, w store.Writer) error { return w.PutHost(ctx, changed) })
		require.Equal(f.t, ids[1:2], find(f, network, []netip.Addr{addr("192.0.2.1")}, "00:00:5e:00:53:01"))
		require.Equal(f.t, ids[:1], find(f, network, []netip.Addr{addr("192.0.2.2")}))
		require.Equal(f.t, ids[:1], find(f, network, nil, "00:00:5e:00:53:02"))

		changed.NetworkID = other
		f.update(func(ctx context.Context, w store.Writer) error {
			return errors.Join(w.PutHost(ctx, changed), w.DeleteHost(ctx, ids[3]))
		})
		require.Empty(f.t, find(f, network, []netip.Addr{addr("192.0.2.2")}, "00:00:5e:00:53:02", "none"))
		require.Equal(f.t, ids[:1], find(f, other, []netip.Addr{addr("192.0.2.1"), addr("192.0.2.2")}, "00:00:5e:00:53:01"))
	})
}
