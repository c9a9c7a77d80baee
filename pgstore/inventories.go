package pgstore

import (
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/bindset/bindset/host"
)

// inventories keeps inventories by their inventory ID. A host has another one
// after every change, also one that is never committed, so that what is found
// here is right in every transaction, however old its snapshot is.
type inventories struct {
	mu     sync.Mutex
	byID   *simplelru.LRU[uuid.UUID, kept]
	latest map[uuid.UUID]uuid.UUID // of each host, the ID of the inventory that was used last
	size   int                     // of what is kept
	limit  int
}

type kept struct {
	inventory *host.Inventory
	size      int
}

func newInventories(limit int) *inventories {
	c := &inventories{limit: limit, latest: make(map[uuid.UUID]uuid.UUID)}
	forget := func(id uuid.UUID, k kept) {
		c.size -= k.size
		if c.latest[k.inventory.HostID()] == id {
			delete(c.latest, k.inventory.HostID())
		}
	}
	// Each counts for one at least, so that the limit is one for their number too.
	byID, err := simplelru.NewLRU(max(limit, 1), forget)
	if err != nil {
		panic(err) // it refuses sizes below 1 only
	}
	c.byID = byID
	return c
}

func (c *inventories) get(id uuid.UUID) (*host.Inventory, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.byID.Get(id)
	if ok {
		c.latest[k.inventory.HostID()] = id
	}
	return k.inventory, ok
}

// latestOf returns the inventory of a host that was used last, and its ID, which is
// nil where none is kept. Whether it is the host's in a transaction its row says.
func (c *inventories) latestOf(hostID uuid.UUID) (uuid.UUID, *host.Inventory) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, ok := c.latest[hostID]
	if !ok {
		return uuid.Nil, nil
	}
	k, _ := c.byID.Get(id)
	return id, k.inventory
}

// add keeps the inventory of a host and returns the one to use: the one that is
// kept already, if any.
func (c *inventories) add(id uuid.UUID, inv *host.Inventory, h *host.Host) *host.Inventory {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.byID.Get(id); ok {
		return k.inventory
	}
	size := 1 + len(h.Interfaces) + len(h.IPAddresses) + len(h.Ports)
	if size > c.limit {
		return inv
	}
	for c.size+size > c.limit {
		c.byID.RemoveOldest()
	}
	c.byID.Add(id, kept{inv, size})
	c.latest[inv.HostID()] = id
	c.size += size
	return inv
}
