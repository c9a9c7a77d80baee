package storetest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/memstore"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/store/storetest"
)

// The author of a store calls Run in a test. Here the store is memstore's.
func ExampleRun() {
	TestStore := func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store { return memstore.New() })
	}
	_ = TestStore // go test runs it
	// Output:
}

// A Machine takes actions of one's own: this one closes a store and opens it
// again, and so finds what the store forgets.
func ExampleMachine() {
	open := func(path string) store.Store { return memstore.New() } // a store of yours

	TestReopening := func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			path := "a file"
			machine := storetest.NewMachine(open(path), 1)
			actions := machine.Actions()
			actions["Reopen"] = func(*rapid.T) { machine.Use(open(path)) }
			t.Repeat(actions)
		})
	}
	_ = TestReopening // go test runs it
	// Output:
}

// A Model is a store, if a slow one.
func ExampleModel() {
	model, id := storetest.NewModel(), uuid.UUID{1}
	ctx := context.Background()
	err := model.Update(ctx, func(ctx context.Context, w store.Writer) error {
		return w.PutHost(ctx, host.Host{ID: id, NetworkID: uuid.UUID{2}, Name: "web-1"})
	})
	fmt.Println(err)
	err = model.View(ctx, func(ctx context.Context, r store.Reader) error {
		h, err := r.Host(ctx, id)
		fmt.Println(h.Name)
		return err
	})
	fmt.Println(err)
	// Output:
	// <nil>
	// web-1
	// <nil>
}
