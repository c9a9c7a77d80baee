package pgstore

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"
)

// newcomers is the ID of no host. Its gate is for those who add hosts or services:
// they meet where new IDs go in the indexes, whatever the host.
var newcomers uuid.UUID

// gates let those transactions of one process pass one by one that got in each
// other's way on a host. The database keeps them apart in any case; but when it
// finds that two of many are in each other's way their work is lost, and were
// they run again at once it would be again. A transaction's first attempt takes
// no gate.
type gates struct {
	mu   sync.Mutex
	byID map[uuid.UUID]*gate // of the hosts that have one, by ID
}

// A gate belongs to one transaction, and others wait for it.
type gate struct {
	turn  chan struct{} // has an element while somebody has the gate
	users int           // who has the gate, and who waits for it
}

func (g *gates) enter(ctx context.Context, host uuid.UUID) error {
	g.mu.Lock()
	it := g.byID[host]
	if it == nil {
		if g.byID == nil {
			g.byID = make(map[uuid.UUID]*gate)
		}
		it = &gate{turn: make(chan struct{}, 1)}
		g.byID[host] = it
	}
	it.users++
	g.mu.Unlock()
	select {
	case it.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		g.mu.Lock()
		defer g.mu.Unlock()
		g.forget(host, it)
		return ctx.Err()
	}
}

func (g *gates) leave(hosts []uuid.UUID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, host := range hosts {
		it := g.byID[host]
		<-it.turn
		g.forget(host, it)
	}
}

func (g *gates) forget(host uuid.UUID, it *gate) {
	it.users--
	if it.users == 0 {
		delete(g.byID, host)
	}
}

// has reports whether somebody has the gate of a host, or waits for it.
func (g *gates) has(host uuid.UUID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.byID[host] != nil
}

// A heldGates is what one transaction, with all its attempts, has to do with the
// gates. One without gates goes everywhere.
type heldGates struct {
	gates   *gates
	touched map[uuid.UUID]struct{} // the hosts that it has to do with
	held    []uuid.UUID            // those of them whose gates it has, sorted
}

// mayGo reports whether the gate of a host is the transaction's or nobody's.
func (p *heldGates) mayGo(host uuid.UUID) bool {
	if p.gates == nil {
		return true
	}
	if p.touched == nil {
		p.touched = make(map[uuid.UUID]struct{})
	}
	p.touched[host] = struct{}{}
	_, mine := slices.BinarySearchFunc(p.held, host, compareIDs)
	return mine || !p.gates.has(host)
}

// enter waits for the gates of all hosts touched so far. Everybody takes gates in
// one order and has none while waiting for the first, so that nobody waits for
// ever.
func (p *heldGates) enter(ctx context.Context) error {
	if len(p.touched) == len(p.held) {
		return nil
	}
	p.leave()
	for _, host := range slices.SortedFunc(maps.Keys(p.touched), compareIDs) {
		if err := p.gates.enter(ctx, host); err != nil {
			return err
		}
		p.held = append(p.held, host)
	}
	return nil
}

func (p *heldGates) leave() {
	if len(p.held) > 0 {
		p.gates.leave(p.held)
		p.held = nil
	}
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
