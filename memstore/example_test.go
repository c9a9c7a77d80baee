package memstore_test

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/store"
)

func Example() {
	mem := memstore.New()
	ctx := context.Background()
	hostID, networkID := uuid.New(), uuid.New()

	// An Update commits all that its function wrote, or nothing.
	err := mem.Update(ctx, func(ctx context.Context, w store.Writer) error {
		return w.PutHost(ctx, host.Host{ID: hostID, NetworkID: networkID, Name: "web-1"})
	})
	fmt.Println(err)

	// A View sees what was committed when it began, whatever is written meanwhile.
	err = mem.View(ctx, func(ctx context.Context, r store.Reader) error {
		h, err := r.Host(ctx, hostID)
		fmt.Println(h.Name)
		return err
	})
	fmt.Println(err)
	// Output:
	// <nil>
	// web-1
	// <nil>
}
