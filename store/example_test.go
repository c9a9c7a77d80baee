package store_test

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/store"
)

// A daemon that kept its data in memory moves to another store.
func ExampleCopy() {
	ctx := context.Background()
	before, after := memstore.New(), memstore.New()
	err := before.Update(ctx, func(ctx context.Context, w store.Writer) error {
		return w.PutHost(ctx, host.Host{ID: uuid.New(), NetworkID: uuid.New(), Name: "web-1"})
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := store.Copy(ctx, after, before); err != nil {
		fmt.Println(err)
		return
	}
	err = after.View(ctx, func(ctx context.Context, r store.Reader) error {
		hosts, err := r.Hosts(ctx, uuid.Nil, uuid.Nil, 0)
		for _, h := range hosts {
			fmt.Println(h.Name)
		}
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: web-1
}
