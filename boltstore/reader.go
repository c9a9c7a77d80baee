package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/uuid"
	"go.etcd.io/bbolt"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/boltstore/internal/record"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A reader reads in a transaction. The exported methods are those of a
// store.Reader; the others do the work, inside of run. Keys and values are
// memory of the mapped file: they are decoded or copied, never handed out.
type reader struct {
	store   *Store
	tx      *bbolt.Tx
	buckets [tableCount]*bbolt.Bucket
	changed map[uuid.UUID]inventory // of the hosts that the transaction put
	broken  error                   // why the transaction cannot go on
	over    bool                    // the function that was given it has returned
}

func (r *reader) end() { r.over = true }

// run runs a method, unless the transaction is over or cannot go on, or the
// context is done.
func run[T any](ctx context.Context, r *reader, method func() (T, error)) (result T, err error) {
	switch {
	case r.over:
		return result, errOver
	case r.broken != nil:
		return result, r.broken
	case ctx.Err() != nil:
		return result, ctx.Err()
	}
	err = protect(func() (err error) {
		result, err = method()
		return err
	})
	return result, err
}

func (r *reader) bucket(t table) *bbolt.Bucket {
	if r.buckets[t] == nil {
		r.buckets[t] = r.tx.Bucket([]byte(tableNames[t]))
	}
	return r.buckets[t]
}

// has reports whether the file has a table: one of an older format lacks some.
func (r *reader) has(t table) bool { return r.bucket(t) != nil }

// get returns what a table has under a key, nil where there is nothing. An empty
// value is not nil.
func (r *reader) get(t table, k []byte) []byte { return r.bucket(t).Get(k) }

// from yields what a table has under the keys that start with prefix and are not
// below start, in their order. The table must not be changed meanwhile.
func (r *reader) from(t table, start, prefix []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		c := r.bucket(t).Cursor()
		for k, v := c.Seek(start); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if !yield(k, v) {
				return
			}
		}
	}
}

// under yields what a table has under the keys that start with prefix.
func (r *reader) under(t table, prefix []byte) iter.Seq2[[]byte, []byte] {
	return r.from(t, prefix, prefix)
}

func notFound(entity string, id uuid.UUID) error {
	return &store.EntityError{Code: store.ErrNotFound, Entity: entity, ID: id}
}

// missing says that a table names an entity that is not there.
func missing(t table, entity string, id uuid.UUID) error {
	return damaged(fmt.Errorf("table %s names %s %s, which is not there", tableNames[t], entity, id))
}

func (r *reader) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	return run(ctx, r, func() (host.Host, error) { return r.host(id) })
}

func (r *reader) host(id uuid.UUID) (host.Host, error) {
	rec := r.get(hosts, id[:])
	if rec == nil {
		return host.Host{}, notFound(store.EntityHost, id)
	}
	latest, err := r.latestScan(id)
	if err != nil {
		return host.Host{}, err
	}
	h, err := record.DecodeHost(id, rec, latest)
	if err != nil {
		return host.Host{}, damaged(err)
	}
	return h, nil
}

// latestScan returns the latest scan of a host, the zero one where there is none.
func (r *reader) latestScan(hostID uuid.UUID) (record.Scan, error) {
	if !r.has(scans) {
		return record.Scan{}, nil
	}
	rec := r.get(scans, hostID[:])
	if rec == nil {
		return record.Scan{}, nil
	}
	scan, err := record.DecodeScan(hostID, rec)
	if err != nil {
		return record.Scan{}, damaged(err)
	}
	return scan, nil
}

func (r *reader) Inventory(ctx context.Context, hostID uuid.UUID) (*host.Inventory, error) {
	return run(ctx, r, func() (*host.Inventory, error) { return r.inventory(hostID) })
}

func (r *reader) inventory(hostID uuid.UUID) (*host.Inventory, error) {
	if inv, ok := r.changed[hostID]; ok {
		return inv.Inventory, nil
	}
	rec := r.get(hosts, hostID[:])
	if rec == nil {
		return nil, notFound(store.EntityHost, hostID)
	}
	v := version{hostID, record.Generation(rec)}
	if inv := r.store.inventories.get(v); inv != nil {
		return inv, nil
	}
	h, err := record.DecodeHost(hostID, rec, record.Scan{})
	if err != nil {
		return nil, damaged(err)
	}
	inv, err := host.NewInventory(h)
	if err != nil {
		return nil, damaged(fmt.Errorf("host %s cannot be: %w", hostID, err))
	}
	return r.store.inventories.add(inventory{v, inv, len(rec)}), nil
}

func (r *reader) Networks(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	return run(ctx, r, func() (list []uuid.UUID, err error) {
		c := r.bucket(networks).Cursor()
		for k, _ := c.Seek(behind(after)); k != nil; k, _ = c.Seek(behind(idAt(k, 0))) {
			if list = append(list, idAt(k, 0)); len(list) == limit {
				break
			}
		}
		return list, nil
	})
}

// behind returns a key that is greater than those of an ID and another one, and less
// than those of any greater ID.
func behind(id uuid.UUID) []byte { return append(key(id), bytes.Repeat([]byte{0xff}, idSize+1)...) }

func (r *reader) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	return run(ctx, r, func() (list []host.Host, err error) {
		table, start, prefix := networks, key(networkID, after), networkID[:]
		if networkID == uuid.Nil {
			table, start, prefix = hosts, after[:], nil
		}
		for k := range r.from(table, start, prefix) {
			id := idAt(k, len(k)/idSize-1)
			if id == after {
				continue
			}
			h, err := r.hostIn(table, id)
			if err != nil {
				return nil, err
			}
			if list = append(list, h); len(list) == limit {
				break
			}
		}
		return list, nil
	})
}

// hostIn returns a host that a table names.
func (r *reader) hostIn(t table, id uuid.UUID) (host.Host, error) {
	if r.get(hosts, id[:]) == nil {
		return host.Host{}, missing(t, store.EntityHost, id)
	}
	return r.host(id)
}

func (r *reader) HostsWith(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error) {
	return run(ctx, r, func() (list []host.Host, err error) {
		addrs, macs := store.HostsWithKeys(addrs, macs)
		var ids []uuid.UUID
		for _, e := range evidenceOf(addrs, macs) {
			for k := range r.under(evidence, key(networkID, e)) {
				ids = append(ids, idAt(k, 2))
			}
		}
		slices.SortFunc(ids, compareIDs)
		for _, id := range slices.Compact(ids) {
			h, err := r.hostIn(evidence, id)
			if err != nil {
				return nil, err
			}
			if has, hasMACs := store.HostsWithKeysOf(&h); meet(addrs, has, netip.Addr.Compare) || meet(macs, hasMACs, strings.Compare) {
				list = append(list, h)
			}
		}
		return list, nil
	})
}

// meet reports whether two lists, the second one in order, have something in common.
func meet[T any](some, ordered []T, compare func(a, b T) int) bool {
	return slices.ContainsFunc(some, func(v T) bool {
		_, found := slices.BinarySearchFunc(ordered, v, compare)
		return found
	})
}

func (r *reader) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	return run(ctx, r, func() (service.Service, error) { return r.serviceWithBindings(id) })
}

func (r *reader) serviceWithBindings(id uuid.UUID) (service.Service, error) {
	s, err := r.service(id)
	if err != nil {
		return service.Service{}, err
	}
	latest, err := r.latestScan(s.HostID)
	if err != nil {
		return service.Service{}, err
	}
	s.Bindings, err = r.bindingsOf(id, latest)
	return s, err
}

// service returns a service without its bindings.
func (r *reader) service(id uuid.UUID) (service.Service, error) {
	rec := r.get(services, id[:])
	if rec == nil {
		return service.Service{}, notFound(store.EntityService, id)
	}
	s, err := record.DecodeService(id, rec, r.latestScan)
	if err != nil {
		return service.Service{}, damaged(err)
	}
	return s, nil
}

// bindingsOf returns the bindings of a service, by ID, on a host whose latest scan
// is given.
func (r *reader) bindingsOf(serviceID uuid.UUID, latest record.Scan) (set []binding.Binding, err error) {
	for k, rec := range r.under(bindings, serviceID[:]) {
		b, err := record.DecodeBinding(serviceID, idAt(k, 1), rec, latest)
		if err != nil {
			return nil, damaged(err)
		}
		set = append(set, b)
	}
	return set, nil
}

func (r *reader) Services(ctx context.Context, ids ...uuid.UUID) ([]service.Service, error) {
	return run(ctx, r, func() (list []service.Service, err error) {
		ids := slices.Clone(ids)
		slices.SortFunc(ids, compareIDs)
		for _, id := range slices.Compact(ids) {
			if r.get(services, id[:]) == nil {
				continue
			}
			s, err := r.serviceWithBindings(id)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
		return list, nil
	})
}

func (r *reader) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	return run(ctx, r, func() ([]service.Service, error) { return r.servicesOnHost(hostID) })
}

func (r *reader) servicesOnHost(hostID uuid.UUID) (list []service.Service, err error) {
	for k := range r.under(positions, hostID[:]) {
		id := serviceOf(k)
		if r.get(services, id[:]) == nil {
			return nil, missing(positions, store.EntityService, id)
		}
		s, err := r.serviceWithBindings(id)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b service.Service) int { return cmp.Compare(a.Position, b.Position) })
	return list, nil
}

func (r *reader) LastPosition(ctx context.Context, hostID uuid.UUID) (pos int32, ok bool, err error) {
	_, err = run(ctx, r, func() (struct{}, error) {
		for k := range r.under(positions, hostID[:]) {
			pos, ok = positionOf(k), true
			break
		}
		return struct{}{}, nil
	})
	return pos, ok, err
}

func (r *reader) BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	return run(ctx, r, func() (map[uuid.UUID]uuid.UUID, error) {
		owned := make(map[uuid.UUID]uuid.UUID)
		for _, id := range ids {
			if owner, ok := r.owner(id); ok {
				owned[id] = owner
			}
		}
		return owned, nil
	})
}

// owner returns the service of a binding, and whether there is such a binding.
func (r *reader) owner(bindingID uuid.UUID) (serviceID uuid.UUID, ok bool) {
	v := r.get(owners, bindingID[:])
	if v == nil {
		return uuid.Nil, false
	}
	return uuid.UUID(v), true
}

func (r *reader) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	return run(ctx, r, func() ([]validate.Claim, error) {
		latest, err := r.latestScan(hostID)
		if err != nil {
			return nil, err
		}
		ports := slices.Clone(portIDs)
		slices.SortFunc(ports, compareIDs)
		var claims []validate.Claim
		names := map[uuid.UUID]string{} // of the services that listen
		for _, portID := range slices.Compact(ports) {
			for k, v := range r.under(listeners, key(hostID, portID)) {
				claim, err := r.claim(uuid.UUID(v), idAt(k, 2), latest, names)
				if err != nil {
					return nil, err
				}
				claims = append(claims, claim)
			}
		}
		slices.SortFunc(claims, func(a, b validate.Claim) int { return compareIDs(a.Binding.ID, b.Binding.ID) })
		return claims, nil
	})
}

// claim returns a binding, on a host whose latest scan is given, with the name of its
// service, which it looks up in names first.
func (r *reader) claim(serviceID, bindingID uuid.UUID, latest record.Scan, names map[uuid.UUID]string) (validate.Claim, error) {
	rec := r.get(bindings, key(serviceID, bindingID))
	if rec == nil {
		return validate.Claim{}, missing(listeners, store.EntityBinding, bindingID)
	}
	b, err := record.DecodeBinding(serviceID, bindingID, rec, latest)
	if err != nil {
		return validate.Claim{}, damaged(err)
	}
	name, ok := names[serviceID]
	if !ok {
		rec := r.get(services, serviceID[:])
		if rec == nil {
			return validate.Claim{}, missing(listeners, store.EntityService, serviceID)
		}
		if name, err = record.DecodeServiceName(serviceID, rec); err != nil {
			return validate.Claim{}, damaged(err)
		}
		names[serviceID] = name
	}
	return validate.Claim{Binding: b, ServiceName: name}, nil
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
