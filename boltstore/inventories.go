package boltstore

import (
	"container/list"
	"sync"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
)

// cacheSize is how many bytes of records the cached inventories may come from
// together. In memory each takes up to ten times what its record does.
const cacheSize = 8 << 20

// A version is one record that a host had: no two have the same, also where a
// host was put with the same Revision again, or deleted and made anew.
type version struct {
	hostID     uuid.UUID
	generation uint64
}

// inventories holds the inventories that were last asked for: one for each
// version, which all readers share. It holds one at least, however large.
type inventories struct {
	mu        sync.Mutex
	max, size int       // of the records
	byUse     list.List // of inventory, the last used one in front
	elements  map[version]*list.Element
}

type inventory struct {
	version
	*host.Inventory
	size int // of its record
}

func newInventories(max int) *inventories {
	return &inventories{max: max, elements: map[version]*list.Element{}}
}

// get returns the inventory of a version, nil where it is not there.
func (c *inventories) get(v version) *host.Inventory {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.elements[v]
	if !ok {
		return nil
	}
	c.byUse.MoveToFront(e)
	return e.Value.(inventory).Inventory
}

// add adds an inventory whose version is committed, unless there is one already, and returns the one that is there then.
func (c *inventories) add(inv inventory) *host.Inventory {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.elements[inv.version]; ok {
		c.byUse.MoveToFront(e)
		return e.Value.(inventory).Inventory
	}
	c.elements[inv.version] = c.byUse.PushFront(inv)
	c.size += inv.size
	for c.size > c.max && c.byUse.Len() > 1 {
		gone := c.byUse.Remove(c.byUse.Back()).(inventory)
		delete(c.elements, gone.version)
		c.size -= gone.size
	}
	return inv.Inventory
}
