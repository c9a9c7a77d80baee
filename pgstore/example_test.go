package pgstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/pgstore/pgtest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
)

// exampleServer returns the DSN of a server for an Example, a schema that nobody
// else uses, and what drops that.
func exampleServer() (dsn, schema string, drop func()) {
	dsn, err := pgtest.Shared()
	if err != nil {
		log.Fatal(err)
	}
	schema = "example_" + uuid.NewString()
	return dsn, schema, func() {
		conn, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			log.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), "DROP SCHEMA "+pgx.Identifier{schema}.Sanitize()+" CASCADE"); err != nil {
			log.Fatal(err)
		}
	}
}

// Example keeps a host with a service in a database.
func Example() {
	dsn, schema, drop := exampleServer()
	defer drop()
	ctx := context.Background()

	db, err := pgstore.Open(ctx, dsn, pgstore.WithSchema(schema)) // dsn is such as postgres://localhost/inventory
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil { // at every start, from any number of instances
		log.Fatal(err)
	}

	https := host.Port{ID: uuid.New(), Number: 443, Protocol: host.TCP}
	web := host.Host{ID: uuid.New(), NetworkID: uuid.New(), Name: "web-1", Ports: []host.Port{https}}
	nginx := service.Draft{Name: "nginx", Bindings: []binding.Binding{{Target: binding.Port(https.ID, binding.AllInterfaces())}}}
	if _, _, err := bindset.NewManager(db).CreateHost(ctx, web, []service.Draft{nginx}); err != nil {
		log.Fatal(err)
	}

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

// ExampleWithTx creates a host and writes to a table of the program's own in one
// transaction, which it runs again itself when another one got in the way.
func ExampleWithTx() {
	dsn, schema, drop := exampleServer()
	defer drop()
	ctx := context.Background()
	db, err := pgstore.Open(ctx, dsn, pgstore.WithSchema(schema))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close(ctx)
	orders := pgx.Identifier{schema, "orders"}.Sanitize()
	if _, err := conn.Exec(ctx, "CREATE TABLE "+orders+" (host_id uuid PRIMARY KEY, ordered_by text NOT NULL)"); err != nil {
		log.Fatal(err)
	}

	web := host.Host{ID: uuid.New(), NetworkID: uuid.New(), Name: "web-1"}
	order := func() (change bindset.Change, err error) {
		err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.Serializable}, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "INSERT INTO "+orders+" VALUES ($1, $2)", web.ID, "ops"); err != nil {
				return err
			}
			manager := bindset.NewManager(pgstore.WithTx(tx, pgstore.WithSchema(schema)))
			_, change, err = manager.CreateHost(ctx, web, []service.Draft{{Name: "nginx"}})
			return err
		})
		return change, err
	}
	change, err := order()
	for attempt := 1; attempt < 10 && raced(err); attempt++ {
		time.Sleep(time.Duration(rand.IntN(10*attempt)) * time.Millisecond)
		change, err = order()
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("committed, and to be published now: a host and a service were", change.Hosts[0].Did, "and", change.Services[0].Did)
	// Output: committed, and to be published now: a host and a service were added and added
}

// raced reports whether another transaction got in the way.
func raced(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == "40001" || refused.Code == "40P01")
}

// ExampleStore_Migrate creates the tables that a new store lacks.
func ExampleStore_Migrate() {
	dsn, schema, drop := exampleServer()
	defer drop()
	ctx := context.Background()
	db, err := pgstore.Open(ctx, dsn, pgstore.WithSchema(schema))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	hosts := func() (n int, err error) {
		err = db.View(ctx, func(ctx context.Context, r store.Reader) error {
			found, err := r.Hosts(ctx, uuid.New(), uuid.Nil, 0)
			n = len(found)
			return err
		})
		return n, err
	}
	_, err = hosts()
	fmt.Println("without tables there is an error:", err != nil)
	fmt.Println(db.Migrate(ctx))
	fmt.Println(hosts())
	fmt.Println(db.Migrate(ctx)) // does nothing any more
	// Output:
	// without tables there is an error: true
	// <nil>
	// 0 <nil>
	// <nil>
}
