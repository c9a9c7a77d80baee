package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/pgstore"
)

// A Fleet has a store for each network, in a schema of its own, and a Manager on
// it. A store is opened when somebody first needs it, and only so many are open at
// once: the one that was not used for longest makes room. All of them share one
// pool of connections. Safe for concurrent use.
type Fleet struct {
	pool  *pgxpool.Pool
	limit int // how many stores are open at most

	mu     sync.Mutex
	open   map[uuid.UUID]*member // by network
	uses   uint64                // counts them, as a clock
	users  int                   // of all members
	closed bool
	idle   chan struct{} // closed, and made anew, when a member becomes idle
}

// A member is the store of one network.
type member struct {
	ready   chan struct{} // closed when manager or err is there
	manager *bindset.Manager
	err     error
	users   int    // who works with it
	lastUse uint64 // of Fleet.uses
}

// ErrClosed is the error of a Fleet that is closed.
var ErrClosed = errors.New("the fleet is closed")

// NewFleet returns a Fleet on a pool of connections, which is the Fleet's to close
// from then on. It has limit stores open at most, at least one.
func NewFleet(pool *pgxpool.Pool, limit int) *Fleet {
	return &Fleet{pool: pool, limit: max(limit, 1), open: make(map[uuid.UUID]*member), idle: make(chan struct{})}
}

// Do calls fn with the Manager of a network and returns the error of fn. The store
// stays open while fn runs. Where as many stores as may be are open, and all in use,
// Do waits for one of them, or for the end of ctx.
func (f *Fleet) Do(ctx context.Context, network uuid.UUID, fn func(m *bindset.Manager) error) error {
	it, err := f.enter(ctx, network)
	if err != nil {
		return err
	}
	defer f.leave(it)
	select {
	case <-it.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	if it.err != nil {
		return fmt.Errorf("open the store of network %s: %w", network, it.err)
	}
	return fn(it.manager)
}

// enter returns the member of a network, which stays open until leave.
func (f *Fleet) enter(ctx context.Context, network uuid.UUID) (*member, error) {
	for {
		f.mu.Lock()
		it, idle, closed := f.find(network), f.idle, f.closed
		f.mu.Unlock()
		switch {
		case closed:
			return nil, ErrClosed
		case it != nil:
			return it, nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// find returns the member of a network for one more user, nil where there is no
// room for it. It starts to open it if need be. The caller holds the lock.
func (f *Fleet) find(network uuid.UUID) *member {
	if f.closed {
		return nil
	}
	it := f.open[network]
	if it == nil {
		if len(f.open) >= f.limit && !f.evict() {
			return nil
		}
		it = &member{ready: make(chan struct{}), users: 1} // start
		f.users++
		f.open[network] = it
		go f.start(network, it)
	}
	f.uses++
	f.users++
	it.users++
	it.lastUse = f.uses
	return it
}

// evict forgets the store that was not used for longest, and reports whether one
// was idle. The caller holds the lock.
func (f *Fleet) evict() bool {
	var oldest *member
	var of uuid.UUID
	for network, it := range f.open {
		if it.users == 0 && (oldest == nil || it.lastUse < oldest.lastUse) {
			oldest, of = it, network
		}
	}
	if oldest == nil {
		return false
	}
	delete(f.open, of)
	return true
}

// start opens the store of a network, for all who wait for it: no context of one of
// them ends it.
func (f *Fleet) start(network uuid.UUID, it *member) {
	defer f.leave(it)
	defer close(it.ready)
	store, err := pgstore.New(f.pool, pgstore.WithSchema(schemaOf(network)))
	if err == nil {
		err = store.Migrate(context.Background())
	}
	if err == nil {
		it.manager = bindset.NewManager(store)
		return
	}
	it.err = err
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, network) // whoever comes next tries again
}

func (f *Fleet) leave(it *member) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.users--
	if it.users--; it.users == 0 {
		close(f.idle)
		f.idle = make(chan struct{})
	}
}

// Close refuses new calls of Do, waits for those that run, and closes the
// connections. It waits no longer than ctx, and returns its error then.
func (f *Fleet) Close(ctx context.Context) error {
	for {
		f.mu.Lock()
		f.closed = true
		busy, idle := f.users > 0, f.idle
		f.mu.Unlock()
		if !busy {
			f.pool.Close()
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// schemaOf returns the schema of a network.
func schemaOf(network uuid.UUID) string {
	return "network_" + strings.ReplaceAll(network.String(), "-", "")
}
