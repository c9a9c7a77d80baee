package storetest

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/store"
)

// A transaction opens one on a store, and calls fn in it.
type transaction struct {
	name string
	open func(ctx context.Context, s store.Store, fn func(ctx context.Context) error) error
}

var transactions = []transaction{
	{"a View", func(ctx context.Context, s store.Store, fn func(context.Context) error) error {
		return s.View(ctx, func(ctx context.Context, _ store.Reader) error { return fn(ctx) })
	}},
	{"an Update", func(ctx context.Context, s store.Store, fn func(context.Context) error) error {
		return s.Update(ctx, func(ctx context.Context, _ store.Writer) error { return fn(ctx) })
	}},
}

func testNesting(t *testing.T, open opener) {
	for _, outer := range transactions {
		for _, inner := range transactions {
			open.test(t, inner.name+" in "+outer.name+" is refused", func(f *fixture) {
				f.requireNestedTx(outer, inner, func(ctx context.Context) context.Context { return ctx })
				f.requireUsable()
			})
			open.test(t, inner.name+" in "+outer.name+" is refused with a derived context", func(f *fixture) {
				f.requireNestedTx(outer, inner, func(ctx context.Context) context.Context {
					type key struct{}
					return context.WithoutCancel(context.WithValue(ctx, key{}, "value"))
				})
			})
			open.test(t, inner.name+" of another store in "+outer.name+" is not nested", func(f *fixture) {
				other := f.another()
				called := false
				err := promptly(func() error {
					return outer.open(f.t.Context(), f.store, func(ctx context.Context) error {
						return inner.open(ctx, other, func(context.Context) error { called = true; return nil })
					})
				})
				require.NoError(f.t, err)
				require.True(f.t, called)
			})
			open.test(t, inner.name+" in "+outer.name+" is refused through another store", func(f *fixture) {
				other := f.another()
				err := promptly(func() error {
					return outer.open(f.t.Context(), f.store, func(ctx context.Context) error {
						return outer.open(ctx, other, func(ctx context.Context) error {
							return inner.open(ctx, f.store, func(context.Context) error { return nil })
						})
					})
				})
				require.ErrorIs(f.t, err, store.ErrNestedTx)
			})
		}
	}
	open.test(t, "an Update goes on after it was refused another", func(f *fixture) {
		f.update(func(ctx context.Context, w store.Writer) error {
			err := promptly(func() error {
				return f.store.Update(ctx, func(context.Context, store.Writer) error { return nil })
			})
			require.ErrorIs(f.t, err, store.ErrNestedTx)
			return w.PutBindings(ctx, f.web.ID, nil, []uuid.UUID{f.web.Bindings[0].ID})
		})
		require.Len(f.t, f.service(f.web.ID).Bindings, 1)
	})
}

// requireNestedTx checks that inner is refused in outer, with a context derived
// from outer's, and that its function is not called.
func (f *fixture) requireNestedTx(outer, inner transaction, derive func(context.Context) context.Context) {
	f.t.Helper()
	called := false
	err := promptly(func() error {
		return outer.open(f.t.Context(), f.store, func(ctx context.Context) error {
			return inner.open(derive(ctx), f.store, func(context.Context) error { called = true; return nil })
		})
	})
	require.ErrorIs(f.t, err, store.ErrNestedTx)
	require.False(f.t, called)
}
