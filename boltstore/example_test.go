package boltstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// Example makes a store, and finds in it, after it was closed and opened again,
// what was put there.
func Example() {
	dir, err := os.MkdirTemp("", "bindset")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "inventory.db")
	ctx := context.Background()

	db, err := boltstore.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	https := host.Port{ID: uuid.New(), Number: 443, Protocol: host.TCP}
	web := host.Host{ID: uuid.New(), NetworkID: uuid.New(), Name: "web-1", Ports: []host.Port{https}}
	nginx := service.Draft{Name: "nginx", Bindings: []binding.Binding{{Target: binding.Port(https.ID, binding.AllInterfaces())}}}
	if _, _, err := bindset.NewManager(db).CreateHost(ctx, web, []service.Draft{nginx}); err != nil {
		log.Fatal(err)
	}
	if err := db.Close(); err != nil {
		log.Fatal(err)
	}

	db, err = boltstore.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	err = db.View(ctx, func(ctx context.Context, r store.Reader) error {
		inventory, err := r.Inventory(ctx, web.ID)
		if err != nil {
			return err
		}
		services, err := r.ServicesOnHost(ctx, web.ID)
		if err != nil {
			return err
		}
		for _, s := range services {
			fmt.Println(s.Name, "listens on", inventory.Describe(s.Bindings[0].Target))
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: nginx listens on 443/tcp on all interfaces
}

// ExampleStore_Backup copies a store that is in use.
func ExampleStore_Backup() {
	dir, err := os.MkdirTemp("", "bindset")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := boltstore.Open(filepath.Join(dir, "inventory.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	backup, err := os.Create(filepath.Join(dir, "backup.db"))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := db.Backup(context.Background(), backup); err != nil {
		log.Fatal(err)
	}
	if err := backup.Close(); err != nil {
		log.Fatal(err)
	}
	copied, err := boltstore.Open(backup.Name())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(copied.Check(context.Background()), copied.Close())
	// Output: <nil> <nil>
}
