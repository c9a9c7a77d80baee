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

// keysOf returns the keys of the lists that a host is on; none for nil.
func keysOf(inv *host.Inventory) map[listKey]struct{} {
	keys := map[listKey]struct{}{}
	if inv == nil {
		return keys
	}
	h := inv.Host()
	keys[listKey{}], keys[listKey{network: h.NetworkID}] = struct{}{}, struct{}{}
	addrs, macs := store.HostsWithKeysOf(&h)
	for _, a := range addrs {
		keys[listKey{network: h.NetworkID, addr: a}] = struct{}{}
	}
	for _, m := range macs {
		keys[listKey{network: h.NetworkID, mac: m}] = struct{}{}
	}
	return keys
}

// relistHost brings the lists up to a change of a host. Where there was none, or is none
// any more, that inventory is nil. A network comes with its first host and goes with
// its last one.
func (w *writer) relistHost(id uuid.UUID, was, is *host.Inventory) {
	had, has := keysOf(was), keysOf(is)
	for key := range had {
		if _, stays := has[key]; stays {
			continue
		}
		l := w.list(key).Without(ordered(id))
		w.setList(key, l)
		if key.isNetwork() && l.IsEmpty() {
			w.setList(allNetworks, w.list(allNetworks).Without(ordered(key.network)))
		}
	}
	for key := range has {
		if _, stays := had[key]; stays {
			continue
		}
		l := w.list(key)
		w.setList(key, l.With(ordered(id)))
		if key.isNetwork() && l.IsEmpty() {
			w.setList(allNetworks, w.list(allNetworks).With(ordered(key.network)))
		}
	}
}

// isNetwork reports whether all hosts of a network are on the list.
func (k listKey) isNetwork() bool { return k != listKey{} && k == listKey{network: k.network} }

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
