package pgstore

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/bindset/bindset/store"
)

// A base is what every store has.
type base struct {
	config
	sql         statements
	inventories *inventories
	migrated    atomic.Bool // the tables were found to be those of this version
}

func newBase(opts []Option) (*base, error) {
	c, err := configOf(opts)
	if err != nil {
		return nil, err
	}
	return &base{config: c, sql: statementsIn(c.schema), inventories: newInventories(c.cacheSize)}, nil
}

// inside marks the contexts of a store's transactions.
type inside struct{ store *base }

// enter returns the context of a new transaction.
func (b *base) enter(ctx context.Context) (context.Context, error) {
	if ctx.Value(inside{b}) != nil {
		return nil, fmt.Errorf("pgstore: this context is inside a transaction of this store; "+
			"use the Reader or Writer of that one: %w", store.ErrNestedTx)
	}
	return context.WithValue(ctx, inside{b}, true), ctx.Err()
}
