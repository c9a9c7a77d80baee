package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

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
	h, err := record.DecodeHost(id, rec)
	if err != nil {
		return host.Host{}, damaged(err)
	}
	return h, nil
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
	h, err := record.DecodeHost(hostID, rec)
	if err != nil {
		return nil, damaged(err)
	}
	inv, err := host.NewInventory(h)
	if err != nil {
		return nil, damaged(fmt.Errorf("host %s cannot be: %w", hostID, err))
	}
	return r.store.inventories.add(inventory{v, inv, len(rec)}), nil
}

func (r *reader) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	return run(ctx, r, func() (list []host.Host, err error) {
		for k := range r.from(networks, key(networkID, after), networkID[:]) {
			id := idAt(k, 1)
			if id == after {
				continue
			}
			if r.get(hosts, id[:]) == nil {
				return nil, missing(networks, store.EntityHost, id)
			}
			h, err := r.host(id)
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

func (r *reader) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	return run(ctx, r, func() (service.Service, error) { return r.serviceWithBindings(id) })
}

func (r *reader) serviceWithBindings(id uuid.UUID) (service.Service, error) {
	s, err := r.service(id)
	if err != nil {
		return service.Service{}, err
	}
	s.Bindings, err = r.bindingsOf(id)
	return s, err
}

// service returns a service without its bindings.
func (r *reader) service(id uuid.UUID) (service.Service, error) {
	rec := r.get(services, id[:])
	if rec == nil {
		return service.Service{}, notFound(store.EntityService, id)
	}
	s, err := record.DecodeService(id, rec)
	if err != nil {
		return service.Service{}, damaged(err)
	}
	return s, nil
}

// bindingsOf returns the bindings of a service, by ID.
func (r *reader) bindingsOf(serviceID uuid.UUID) (set []binding.Binding, err error) {
	for k, rec := range r.under(bindings, serviceID[:]) {
		b, err := record.DecodeBinding(serviceID, idAt(k, 1), rec)
		if err != nil {
			return nil, damaged(err)
		}
		set = append(set, b)
	}
	return set, nil
}

func (r *reader) ServicesOnHost(ctx context.Context, hostID uuid.UUID) ([]service.Service, error) {
	return run(ctx, r, func() (list []service.Service, err error) {
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
	})
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
		ports := slices.Clone(portIDs)
		slices.SortFunc(ports, compareIDs)
		var claims []validate.Claim
		names := map[uuid.UUID]string{} // of the services that listen
		for _, portID := range slices.Compact(ports) {
			for k, v := range r.under(listeners, key(hostID, portID)) {
				claim, err := r.claim(uuid.UUID(v), idAt(k, 2), names)
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

// claim returns a binding with the name of its service, which it looks up in
// names first.
func (r *reader) claim(serviceID, bindingID uuid.UUID, names map[uuid.UUID]string) (validate.Claim, error) {
	rec := r.get(bindings, key(serviceID, bindingID))
	if rec == nil {
		return validate.Claim{}, missing(listeners, store.EntityBinding, bindingID)
	}
	b, err := record.DecodeBinding(serviceID, bindingID, rec)
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
