package memstore

import (
	"context"
	"net/netip"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/sorted"
	"github.com/bindset/bindset/store"
)

// A listKey says what the hosts on a list have in common: their network, and an
// address or a MAC in it, if there is one. All hosts are on the list of the zero key.
type listKey struct {
	network uuid.UUID
	addr    netip.Addr
	mac     string
}

// allNetworks is the key of the list of networks; no host has this MAC.
var allNetworks = listKey{mac: "networks"}

// A list is hosts, or networks, in order.
type list = sorted.Set[orderedID]

// keysOf returns the keys of the lists that a host is on.
func keysOf(inv *host.Inventory) []listKey {
	h := inv.Host()
	keys := []listKey{{}, {network: h.NetworkID}}
	addrs, macs := store.HostsWithKeysOf(&h)
	for _, a := range addrs {
		keys = append(keys, listKey{network: h.NetworkID, addr: a})
	}
	for _, m := range macs {
		keys = append(keys, listKey{network: h.NetworkID, mac: m})
	}
	return keys
}

// listHost and unlistHost add a host to, and remove it from, its lists. The network
// of the first or last host comes and goes with it.

func (w *writer) listHost(inv *host.Inventory) {
	network := listKey{network: inv.NetworkID()}
	if w.list(network).IsEmpty() {
		w.setList(allNetworks, w.list(allNetworks).With(ordered(inv.NetworkID())))
	}
	for _, key := range keysOf(inv) {
		w.setList(key, w.list(key).With(ordered(inv.HostID())))
	}
}

func (w *writer) unlistHost(inv *host.Inventory) {
	for _, key := range keysOf(inv) {
		w.setList(key, w.list(key).Without(ordered(inv.HostID())))
	}
	network := listKey{network: inv.NetworkID()}
	if w.list(network).IsEmpty() {
		w.setList(allNetworks, w.list(allNetworks).Without(ordered(inv.NetworkID())))
	}
}

func (r *reader) list(key listKey) list {
	if l := r.tables.lists.Get(r.at, key); l != nil {
		return *l
	}
	return list{}
}

func (w *writer) setList(key listKey, l list) {
	if l.IsEmpty() {
		w.tables.lists.Delete(w.tx, key)
		return
	}
	w.tables.lists.Put(w.tx, key, l)
}

// page returns the IDs on a list that are greater than after, limit of them at most,
// or all.
func (r *reader) page(key listKey, after uuid.UUID, limit int) (ids []uuid.UUID) {
	for id := range r.list(key).From(ordered(after)) {
		if id == ordered(after) {
			continue
		}
		if ids = append(ids, id.uuid()); len(ids) == limit {
			break
		}
	}
	return ids
}

func (r *reader) readHosts(ids []uuid.UUID) (hosts []host.Host) {
	for _, id := range ids {
		hosts = append(hosts, r.host(id).read())
	}
	return hosts
}

func (r *reader) Networks(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	return r.page(allNetworks, after, limit), nil
}

func (r *reader) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	return r.readHosts(r.page(listKey{network: networkID}, after, limit)), nil
}

func (r *reader) HostsWith(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error) {
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	addrs, macs = store.HostsWithKeys(addrs, macs)
	for _, a := range addrs {
		ids = append(ids, r.page(listKey{network: networkID, addr: a}, uuid.Nil, 0)...)
	}
	for _, m := range macs {
		ids = append(ids, r.page(listKey{network: networkID, mac: m}, uuid.Nil, 0)...)
	}
	slices.SortFunc(ids, compareIDs)
	return r.readHosts(slices.Compact(ids)), nil
}
