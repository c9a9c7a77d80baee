package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/store"
)

func testCancellation(t *testing.T, open opener) {
	open.test(t, "a context that is done calls nothing", func(f *fixture) {
		canceled, cancel := context.WithCancel(f.t.Context())
		cancel()
		expired, cancel := context.WithDeadline(f.t.Context(), time.Unix(0, 0))
		defer cancel()
		for _, ctx := range []context.Context{canceled, expired} {
			called := false
			err := f.store.View(ctx, func(context.Context, store.Reader) error { called = true; return nil })
			require.ErrorIs(f.t, err, ctx.Err())
			err = f.store.Update(ctx, func(context.Context, store.Writer) error { called = true; return nil })
			require.ErrorIs(f.t, err, ctx.Err())
			require.False(f.t, called, "after %v", ctx.Err())
		}
		f.requireUsable()
	})
	open.test(t, "a context that ends before the writes leaves nothing behind", func(f *fixture) {
		before := f.state()
		ctx, cancel := context.WithCancel(f.t.Context())
		defer cancel()
		err := f.store.Update(ctx, func(ctx context.Context, w store.Writer) error {
			cancel()
			_ = f.changeEverything(ctx, w) // fails or not, as the store likes
			return nil
		})
		require.ErrorIs(f.t, err, context.Canceled)
		require.Equal(f.t, before, f.state())
		f.requireUsable()
	})
	open.test(t, "a context that ends before the commit leaves nothing behind", func(f *fixture) {
		before := f.state()
		ctx, cancel := context.WithCancel(f.t.Context())
		defer cancel()
		err := f.store.Update(ctx, func(ctx context.Context, w store.Writer) error {
			err := f.changeEverything(ctx, w)
			cancel()
			return err
		})
		require.ErrorIs(f.t, err, context.Canceled)
		require.Equal(f.t, before, f.state())
		f.requireUsable()
	})
	open.test(t, "a context that ends after the commit undoes nothing", func(f *fixture) {
		ctx, cancel := context.WithCancel(f.t.Context())
		require.NoError(f.t, f.store.Update(ctx, f.changeEverything))
		committed := f.state()
		cancel()
		require.Equal(f.t, committed, f.state())
	})
	open.test(t, "a View whose context ends returns", func(f *fixture) {
		ctx, cancel := context.WithCancel(f.t.Context())
		defer cancel()
		err := f.store.View(ctx, func(ctx context.Context, r store.Reader) error {
			cancel()
			_, _ = readState(ctx, r, f.place)
			return errBoom
		})
		require.ErrorIs(f.t, err, errBoom)
		f.requireUsable()
	})
	open.test(t, "an Update that waits for another gives up when its context ends", func(f *fixture) {
		var waited error
		var once sync.Once
		f.update(func(context.Context, store.Writer) error {
			once.Do(func() {
				ctx, cancel := context.WithTimeout(f.t.Context(), moment)
				defer cancel()
				waited = promptly(func() error {
					return f.store.Update(ctx, func(context.Context, store.Writer) error { return nil })
				})
			})
			return nil
		})
		if waited != nil { // it had to wait
			require.ErrorIs(f.t, waited, context.DeadlineExceeded)
		}
		f.requireUsable()
	})
}
