package storetest

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// snapshotFlaws are those of stores that keep what one method of a View returned, for
// later Views, until an Update commits: then a View that is older than the commit
// fills the cache again, with what was before it.
var snapshotFlaws = func() (all []flaw) {
	for _, read := range readings {
		all = append(all, flaw{"has a cache of " + read.method + " that an old View fills", []string{
			"Snapshots/a View sees what was committed before it, whatever an older View reads: " + read.method,
		}, func() store.Store { return newCaching(read.method) }})
	}
	return all
}()

func newCaching(method string) store.Store {
	s, c := memstore.New(), &cache{method: method, values: map[string]any{}}
	return txHooks{
		Store: s,
		view: func(ctx context.Context, fn viewFn) error {
			return s.View(ctx, func(ctx context.Context, r store.Reader) error { return fn(ctx, cachedReader{r, c}) })
		},
		update: func(ctx context.Context, fn updateFn) error {
			err := s.Update(ctx, fn)
			if err == nil {
				c.clear()
			}
			return err
		},
	}
}

// A cache keeps what a method returned, by its arguments.
type cache struct {
	method string
	mu     sync.Mutex
	values map[string]any
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.values)
}

func cached[T any](c *cache, method string, read func() (T, error), args ...any) (T, error) {
	if c.method != method {
		return read()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := fmt.Sprint(args...)
	if v, ok := c.values[key]; ok {
		return v.(T), nil
	}
	v, err := read()
	if err == nil {
		c.values[key] = v
	}
	return v, err
}

type cachedReader struct {
	store.Reader
	cache *cache
}

func (r cachedReader) Networks(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	return cached(r.cache, "Networks", func() ([]uuid.UUID, error) { return r.Reader.Networks(ctx, after, limit) }, after, limit)
}

func (r cachedReader) Hosts(ctx context.Context, networkID, after uuid.UUID, limit int) ([]host.Host, error) {
	return cached(r.cache, "Hosts", func() ([]host.Host, error) { return r.Reader.Hosts(ctx, networkID, after, limit) }, networkID, after, limit)
}

func (r cachedReader) HostsWith(ctx context.Context, networkID uuid.UUID, addrs []netip.Addr, macs []string) ([]host.Host, error) {
	return cached(r.cache, "HostsWith", func() ([]host.Host, error) { return r.Reader.HostsWith(ctx, networkID, addrs, macs) }, networkID, addrs, macs)
}

func (r cachedReader) Host(ctx context.Context, id uuid.UUID) (host.Host, error) {
	return cached(r.cache, "Host", func() (host.Host, error) { return r.Reader.Host(ctx, id) }, id)
}

func (r cachedReader) Inventory(ctx context.Context, id uuid.UUID) (*host.Inventory, error) {
	return cached(r.cache, "Inventory", func() (*host.Inventory, error) { return r.Reader.Inventory(ctx, id) }, id)
}

func (r cachedReader) Service(ctx context.Context, id uuid.UUID) (service.Service, error) {
	return cached(r.cache, "Service", func() (service.Service, error) { return r.Reader.Service(ctx, id) }, id)
}

func (r cachedReader) Services(ctx context.Context, ids ...uuid.UUID) ([]service.Service, error) {
	return cached(r.cache, "Services", func() ([]service.Service, error) { return r.Reader.Services(ctx, ids...) }, ids)
}

func (r cachedReader) ServicesOnHost(ctx context.Context, id uuid.UUID) ([]service.Service, error) {
	return cached(r.cache, "ServicesOnHost", func() ([]service.Service, error) { return r.Reader.ServicesOnHost(ctx, id) }, id)
}

func (r cachedReader) LastPosition(ctx context.Context, id uuid.UUID) (int32, bool, error) {
	type last struct {
		position int32
		ok       bool
	}
	found, err := cached(r.cache, "LastPosition", func() (last, error) {
		pos, ok, err := r.Reader.LastPosition(ctx, id)
		return last{pos, ok}, err
	}, id)
	return found.position, found.ok, err
}

func (r cachedReader) BindingOwners(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	return cached(r.cache, "BindingOwners", func() (map[uuid.UUID]uuid.UUID, error) { return r.Reader.BindingOwners(ctx, ids...) }, ids)
}

func (r cachedReader) Listeners(ctx context.Context, hostID uuid.UUID, portIDs ...uuid.UUID) ([]validate.Claim, error) {
	return cached(r.cache, "Listeners", func() ([]validate.Claim, error) { return r.Reader.Listeners(ctx, hostID, portIDs...) }, hostID, portIDs)
}
