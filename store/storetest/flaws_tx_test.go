package storetest

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// viewFn and updateFn are what View and Update are given.
type (
	viewFn   = func(ctx context.Context, r store.Reader) error
	updateFn = func(ctx context.Context, w store.Writer) error
)

// txFlaws are those of View and Update: what they leave behind, what they see,
// and how they nest.
var txFlaws = []flaw{
	{"commits in spite of an error", []string{
		"Rollback/an error leaves nothing behind and comes back",
		"Machine/the store does what the model does",
	}, updating(func(s store.Store, ctx context.Context, fn updateFn) (err error) {
		errUpdate := s.Update(ctx, func(ctx context.Context, w store.Writer) error {
			err = fn(ctx, w)
			return nil
		})
		return errors.Join(err, errUpdate)
	})},
	{"commits in spite of a panic", []string{
		"Rollback/a panic leaves nothing behind and goes on",
		"Machine/the store does what the model does",
	}, updating(func(s store.Store, ctx context.Context, fn updateFn) error {
		var panicked any
		err := s.Update(ctx, func(ctx context.Context, w store.Writer) error {
			defer func() { panicked = recover() }()
			return fn(ctx, w)
		})
		if panicked != nil {
			panic(panicked)
		}
		return err
	})},
	{"turns a panic into an error", []string{
		"Rollback/a panic leaves nothing behind and goes on",
	}, updating(func(s store.Store, ctx context.Context, fn updateFn) error {
		return s.Update(ctx, func(ctx context.Context, w store.Writer) (err error) {
			defer func() {
				if recover() != nil {
					err = errBoom
				}
			}()
			return fn(ctx, w)
		})
	})},
	{"stays locked after a Goexit", []string{
		"Rollback/a Goexit leaves nothing behind",
	}, func() store.Store {
		s, writing := memstore.New(), make(chan struct{}, 1)
		return txHooks{Store: s, update: func(ctx context.Context, fn updateFn) error {
			writing <- struct{}{}
			err := s.Update(ctx, fn)
			<-writing
			return err
		}}
	}},
	{"loses the error of a View", []string{
		"Rollback/an error of a View comes back",
	}, viewing(func(s store.Store, ctx context.Context, fn viewFn) error {
		return s.View(ctx, func(ctx context.Context, r store.Reader) error {
			_ = fn(ctx, r)
			return nil
		})
	})},
	{"keeps inventories by revision", []string{
		"Rollback/an inventory that was rolled back is not seen again",
		"Indexes/an inventory is shared until its host is put again",
		"Indexes/an inventory is not that of a host that had the ID before",
	}, func() store.Store {
		type key struct {
			id       uuid.UUID
			revision uint64
		}
		kept := map[key]*host.Inventory{}
		return hookStore(memstore.New(), func(h *hooked) {
			h.inventory = func(ctx context.Context, id uuid.UUID) (*host.Inventory, error) {
				inv, err := h.Writer.Inventory(ctx, id)
				if err != nil {
					return nil, err
				}
				k := key{id, inv.Host().Revision}
				if kept[k] == nil {
					kept[k] = inv
				}
				return kept[k], nil
			}
		})
	}},
	{"makes every inventory anew", []string{
		"Indexes/an inventory is shared until its host is put again",
	}, hook(func(h *hooked) {
		h.inventory = func(ctx context.Context, id uuid.UUID) (*host.Inventory, error) {
			found, err := h.Writer.Host(ctx, id)
			if err != nil {
				return nil, err
			}
			return host.NewInventory(found)
		}
	})},

	{"commits in spite of a context that is done", []string{
		"Cancellation/a context that ends before the commit leaves nothing behind",
		"Machine/the store does what the model does",
	}, updating(func(s store.Store, ctx context.Context, fn updateFn) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return s.Update(context.WithoutCancel(ctx), fn)
	})},
	{"does not look at the context before it begins", []string{
		"Cancellation/a context that is done calls nothing",
	}, viewing(func(s store.Store, ctx context.Context, fn viewFn) error {
		return errors.Join(s.View(context.WithoutCancel(ctx), fn), ctx.Err())
	})},
	{"undoes a commit when its context ends", []string{
		"Cancellation/a context that ends after the commit undoes nothing",
	}, func() store.Store {
		m, undo := NewModel(), func() {}
		return txHooks{
			view: func(ctx context.Context, fn viewFn) error {
				undo()
				return m.View(ctx, fn)
			},
			update: func(ctx context.Context, fn updateFn) error {
				before := m.committed
				undo = func() {
					if ctx.Err() != nil {
						m.committed = before
					}
				}
				return m.Update(ctx, fn)
			},
		}
	}},
	{"waits whatever becomes of the context", []string{
		"Cancellation/an Update that waits for another gives up when its context ends",
	}, func() store.Store {
		s, writing := memstore.New(), make(chan struct{}, 1)
		return txHooks{Store: s, update: func(ctx context.Context, fn updateFn) error {
			writing <- struct{}{}
			defer func() { <-writing }()
			return s.Update(context.WithoutCancel(ctx), fn)
		}}
	}},

	{"reads what is committed now", []string{
		"Snapshots/a View sees one state while others commit",
		"Rollback/a Reader whose transaction is over reads nothing",
	}, viewing(func(s store.Store, ctx context.Context, fn viewFn) error {
		return s.View(ctx, func(ctx context.Context, r store.Reader) error { return fn(ctx, latest{r, s}) })
	})},
	{"reads what is not committed", []string{
		"Snapshots/nobody sees what is not committed",
	}, func() store.Store {
		s := memstore.New()
		var writing atomic.Pointer[store.Writer]
		return txHooks{
			update: func(ctx context.Context, fn updateFn) error {
				return s.Update(ctx, func(ctx context.Context, w store.Writer) error {
					writing.Store(&w)
					defer writing.Store(nil)
					return fn(ctx, w)
				})
			},
			view: func(ctx context.Context, fn viewFn) error {
				if w := writing.Load(); w != nil {
					return fn(ctx, *w)
				}
				return s.View(ctx, fn)
			},
		}
	}},
	{"does not read what it wrote", []string{
		"Snapshots/an Update reads what it wrote",
	}, updating(func(s store.Store, ctx context.Context, fn updateFn) error {
		return s.View(ctx, func(_ context.Context, r store.Reader) error {
			return s.Update(ctx, func(tx context.Context, w store.Writer) error {
				return fn(tx, readOnly{Reader: r, writeMethods: w})
			})
		})
	})},

	{"does not notice a transaction inside another", []string{
		"Nesting/a View in a View is refused",
		"Nesting/a View in an Update is refused",
		"Nesting/an Update in a View is refused",
	}, marking(func(ctx context.Context, _ store.Store) (context.Context, bool) { return ctx, false })},
	{"takes every store for its own", []string{
		"Nesting/a View of another store in a View is not nested",
		"Nesting/an Update of another store in an Update is not nested",
	}, marking(func(ctx context.Context, _ store.Store) (context.Context, bool) {
		return context.WithValue(ctx, insideAny{}, true), ctx.Value(insideAny{}) != nil
	})},
	{"forgets its own transaction within one of another store", []string{
		"Nesting/a View in a View is refused through another store",
		"Nesting/an Update in a View is refused through another store",
	}, marking(func(ctx context.Context, s store.Store) (context.Context, bool) {
		return context.WithValue(ctx, insideAny{}, s), ctx.Value(insideAny{}) == s
	})},
}

// viewing and updating return how to open a memstore whose View or Update is
// replaced.

func viewing(view func(s store.Store, ctx context.Context, fn viewFn) error) func() store.Store {
	return func() store.Store {
		s := memstore.New()
		return txHooks{Store: s, view: func(ctx context.Context, fn viewFn) error { return view(s, ctx, fn) }}
	}
}

func updating(update func(s store.Store, ctx context.Context, fn updateFn) error) func() store.Store {
	return func() store.Store {
		s := memstore.New()
		return txHooks{Store: s, update: func(ctx context.Context, fn updateFn) error { return update(s, ctx, fn) }}
	}
}

type insideAny struct{}

// marking returns how to open a memstore that marks the contexts of its
// transactions in another way: mark returns the marked context, and whether ctx
// was inside a transaction already.
func marking(mark func(ctx context.Context, s store.Store) (context.Context, bool)) func() store.Store {
	return func() store.Store {
		s := memstore.New()
		return txHooks{
			view: func(ctx context.Context, fn viewFn) error {
				tx, nested := mark(ctx, s)
				if nested {
					return store.ErrNestedTx
				}
				return s.View(ctx, func(_ context.Context, r store.Reader) error { return fn(tx, r) })
			},
			update: func(ctx context.Context, fn updateFn) error {
				tx, nested := mark(ctx, s)
				if nested {
					return store.ErrNestedTx
				}
				return s.Update(ctx, func(_ context.Context, w store.Writer) error { return fn(tx, w) })
			},
		}
	}
}

// latest reads services anew from its store, not from its transaction.
type latest struct {
	store.Reader
	store store.Store
}

func (r latest) Service(_ context.Context, id uuid.UUID) (s service.Service, err error) {
	errView := r.store.View(context.Background(), func(ctx context.Context, r store.Reader) error {
		s, err = r.Service(ctx, id)
		return nil
	})
	return s, errors.Join(err, errView)
}
