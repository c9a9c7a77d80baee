package storetest

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// findFlaws are those of stores that find other networks, hosts and services than
// they are asked for.
var findFlaws = []flaw{
	{"keeps networks whose hosts are gone", []string{
		"Indexes/networks follow their hosts",
	}, func() store.Store {
		var all []uuid.UUID
		return hookStore(memstore.New(), func(h *hooked) {
			h.putHost = func(ctx context.Context, v host.Host) error {
				if !slices.Contains(all, v.NetworkID) && v.NetworkID != uuid.Nil {
					all = append(all, v.NetworkID)
				}
				return h.Writer.PutHost(ctx, v)
			}
			h.networks = func(context.Context, uuid.UUID, int) ([]uuid.UUID, error) {
				slices.SortFunc(all, compareIDs)
				return slices.Clone(all), nil
			}
		})
	}},
	{"begins a page with the last network of the one before", []string{
		"Order/networks that have hosts come by ID, page by page",
	}, hook(func(h *hooked) {
		h.networks = func(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
			if after != uuid.Nil {
				after = before(after)
			}
			return h.Writer.Networks(ctx, after, limit)
		}
	})},
	{"lists a network once for each of its hosts", []string{
		"Order/networks that have hosts come by ID, page by page",
	}, hook(func(h *hooked) {
		h.networks = func(ctx context.Context, after uuid.UUID, limit int) (all []uuid.UUID, err error) {
			hosts, err := h.Writer.Hosts(ctx, uuid.Nil, uuid.Nil, 0)
			slices.SortFunc(hosts, func(a, b host.Host) int { return compareIDs(a.NetworkID, b.NetworkID) })
			for _, v := range hosts {
				if compareIDs(v.NetworkID, after) > 0 && (limit < 1 || len(all) < limit) {
					all = append(all, v.NetworkID)
				}
			}
			return all, err
		}
	})},
	{"takes no network for one without hosts", []string{
		"Order/the hosts of all networks come by ID, page by page", "Machine/the store does what the model does",
	}, hook(func(h *hooked) {
		h.hosts = func(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
			if networkID == uuid.Nil {
				return nil, nil
			}
			return h.Writer.Hosts(ctx, networkID, after, limit)
		}
	})},
	{"lists the hosts of all networks by network", []string{
		"Order/the hosts of all networks come by ID, page by page",
	}, hook(func(h *hooked) {
		h.hosts = func(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
			hosts, err := h.Writer.Hosts(ctx, networkID, after, limit)
			slices.SortStableFunc(hosts, func(a, b host.Host) int { return compareIDs(a.NetworkID, b.NetworkID) })
			return hosts, err
		}
	})},
	{"returns services as they are asked for", []string{
		"Order/hosts that are found, and services that are asked for, come by ID",
		"Indexes/services are those that exist, each once",
	}, hook(func(h *hooked) {
		h.services = func(ctx context.Context, ids []uuid.UUID) (all []service.Service, err error) {
			for _, id := range ids {
				s, err := h.Writer.Service(ctx, id)
				switch {
				case err == nil:
					all = append(all, s)
				case !errors.Is(err, store.ErrNotFound):
					return nil, err
				}
			}
			return all, nil
		}
	})},
	{"fails for a service that does not exist", []string{
		"Indexes/services are those that exist, each once",
	}, hook(func(h *hooked) {
		h.services = func(ctx context.Context, ids []uuid.UUID) ([]service.Service, error) {
			for _, id := range ids {
				if _, err := h.Writer.Service(ctx, id); err != nil {
					return nil, err
				}
			}
			return h.Writer.Services(ctx, ids...)
		}
	})},
	{"finds hosts in all networks", []string{
		"Indexes/hosts with: a host of another network is not found", "Indexes/hosts with: no network has no hosts",
	}, finding(func(search) bool { return true })},
	{"finds hosts by the addresses of interfaces only", []string{
		"Indexes/hosts with: an address is on an interface or an IP address",
	}, finding(func(s search) bool {
		return s.inNetwork && (s.hasMAC || slices.ContainsFunc(s.host.Interfaces, func(f host.Interface) bool { return slices.Contains(s.addrs, f.Address) }))
	})},
	{"finds hosts by the MACs of interfaces only", []string{
		"Indexes/hosts with: a MAC is of an interface or an IP address",
	}, finding(func(s search) bool {
		return s.inNetwork && (s.hasAddress || slices.ContainsFunc(s.host.Interfaces, func(f host.Interface) bool { return slices.Contains(s.macs, f.MAC) }))
	})},
	{"finds hosts that have both an address and a MAC", []string{
		"Indexes/hosts with: any of several will do",
	}, finding(func(s search) bool { return s.inNetwork && s.hasAddress && s.hasMAC })},
	{"compares zones", []string{
		"Indexes/hosts with: a zone means nothing", "Indexes/hosts with: no zone means nothing",
	}, finding(func(s search) bool {
		return s.inNetwork && (s.hasMAC || slices.ContainsFunc(s.host.IPAddresses, func(a host.IPAddress) bool { return slices.Contains(s.addrs, a.Address) }))
	})},
	{"compares MACs as they are written", []string{
		"Indexes/hosts with: a MAC has one form",
	}, finding(func(s search) bool {
		_, macs := store.HostsWithKeysOf(&s.host)
		return s.inNetwork && (s.hasAddress || slices.ContainsFunc(macs, func(m string) bool { return slices.Contains(s.macs, m) }))
	})},
	{"finds hosts that have no MAC by none", []string{
		"Indexes/hosts with: no host has no address and no MAC",
	}, finding(func(s search) bool { return s.inNetwork && (s.hasAddress || s.hasMAC || slices.Contains(s.macs, "")) })},
	{"finds hosts by what they had first", []string{
		"Indexes/hosts with: what a host has no more does not find it",
	}, func() store.Store {
		first := map[uuid.UUID]host.Host{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.hostsWith = func(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) (found []host.Host, err error) {
				all, err := h.Writer.Hosts(ctx, uuid.Nil, uuid.Nil, 0)
				for _, v := range all {
					if _, ok := first[v.ID]; !ok {
						first[v.ID] = v
					}
					if s := newSearch(first[v.ID], networkID, addrs, macs); s.inNetwork && (s.hasAddress || s.hasMAC) {
						found = append(found, v)
					}
				}
				return found, err
			}
		})
	}},
	{"finds a host once for each address", []string{
		"Indexes/hosts with: an address is on an interface or an IP address",
	}, hook(func(h *hooked) {
		h.hostsWith = func(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) (found []host.Host, err error) {
			hosts, err := h.Writer.HostsWith(ctx, networkID, addrs, macs)
			for _, v := range hosts {
				for range max(1, len(v.IPAddresses)) {
					found = append(found, v)
				}
			}
			return found, err
		}
	})},
	{"has no code for a transaction that is over", []string{
		"Rollback/a Writer whose transaction is over writes nothing",
		"Rollback/a Reader whose transaction is over reads nothing",
	}, hook(func(h *hooked) {
		h.networks = func(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
			all, err := h.Writer.Networks(ctx, after, limit)
			if err != nil {
				err = errors.New(err.Error())
			}
			return all, err
		}
	})},
}

// A search says whether a host is to be found.
type search struct {
	host                          host.Host
	addrs                         []netip.Addr // as they were given
	macs                          []string
	inNetwork, hasAddress, hasMAC bool
}

func newSearch(h host.Host, networkID uuid.UUID, addrs []netip.Addr, macs []string) search {
	has, hasMACs := store.HostsWithKeysOf(&h)
	keys, keyMACs := store.HostsWithKeys(addrs, macs)
	return search{
		h, addrs, macs, h.NetworkID == networkID,
		slices.ContainsFunc(keys, func(a netip.Addr) bool { return slices.Contains(has, a) }),
		slices.ContainsFunc(keyMACs, func(m string) bool { return slices.Contains(hasMACs, m) }),
	}
}

// finding returns how to open a memstore that finds other hosts.
func finding(found func(s search) bool) func() store.Store {
	return hook(func(h *hooked) {
		h.hostsWith = func(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error) {
			_, errOver := h.Writer.HostsWith(ctx, networkID, addrs, macs)
			all, err := h.Writer.Hosts(ctx, uuid.Nil, uuid.Nil, 0)
			return slices.DeleteFunc(all, func(v host.Host) bool { return !found(newSearch(v, networkID, addrs, macs)) }), cmp.Or(errOver, err)
		}
	})
}
