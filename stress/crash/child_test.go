//go:build unix

package crash_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/boltstore"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/stress/internal/model"
)

// hosts is how many hosts a child works on, each in a goroutine of its own.
const hosts = 4

// An order is what a child is told to do, in JSON in the environment.
type order struct {
	Bolt     string // path of the file, or
	Postgres string // DSN
	Seed     uint64
}

const orderVariable = "BINDSET_STRESS_ORDER"

func TestMain(m *testing.M) {
	if text := os.Getenv(orderVariable); text != "" {
		if err := obey(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A report is a line of a child's output: that an operation begins, what it
// returned, or the error that it ended with.
type report struct {
	Begin *model.Op     `json:",omitempty"`
	End   *model.Result `json:",omitempty"`
	Host  int           // of End and Error
	Error string        `json:",omitempty"`
	Doubt bool          `json:",omitempty"` // the Error says that the outcome is unknown
}

// obey is what a child does: it works until it is killed, or its store fails.
func obey(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	ctx := context.Background()
	store, err := o.open(ctx)
	if err != nil {
		return err
	}
	manager := bindset.NewManager(store, bindset.WithValidator(rules))
	var mutex sync.Mutex
	out := json.NewEncoder(os.Stdout)
	send := func(r report) error {
		mutex.Lock()
		defer mutex.Unlock()
		return out.Encode(r)
	}
	errs := make(chan error, hosts)
	for number := range hosts {
		rng := rand.New(rand.NewPCG(o.Seed, uint64(number)))
		go func() { errs <- work(ctx, manager, number, rng, send) }()
	}
	var all []error
	for range hosts {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// work runs operations on one host until one fails. Its error is one that must not
// be, whatever dies.
func work(ctx context.Context, m *bindset.Manager, host int, rng *rand.Rand, send func(report) error) error {
	failed := func(err error) error {
		if errors.Is(err, model.ErrImpossible) {
			return err
		}
		return send(report{Host: host, Error: err.Error(), Doubt: errors.Is(err, store.ErrUnknownOutcome)})
	}
	stored, err := model.Stored(ctx, m, host)
	if err != nil {
		return failed(err)
	}
	for {
		op, next := change(rng, host, stored)
		if err := send(report{Begin: &op}); err != nil {
			return err
		}
		result, err := model.Run(ctx, m, op)
		if err != nil {
			return failed(err)
		}
		if err := send(report{End: &result, Host: host}); err != nil {
			return err
		}
		stored = next
	}
}

// change returns an operation, most often one that changes what is stored, and what
// is stored after it.
func change(rng *rand.Rand, host int, stored model.State) (op model.Op, next model.State) {
	for range 20 {
		op = model.Random(rng, host, 1, &stored)
		if _, next = sequential.Apply(stored, op); next != stored {
			break
		}
	}
	return op, next
}

func (o *order) open(ctx context.Context) (store.Store, error) {
	if o.Bolt != "" {
		return boltstore.Open(o.Bolt)
	}
	config, err := pgxpool.ParseConfig(o.Postgres)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.DialFunc = cutOnSignal()
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return pgstore.New(pool)
}

// cutOnSignal returns a function that makes connections. SIGUSR1 closes all of
// them, with no word to the server: the network is gone.
func cutOnSignal() func(ctx context.Context, network, address string) (net.Conn, error) {
	var mutex sync.Mutex
	var all []net.Conn
	cut := false
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		<-signals
		mutex.Lock()
		defer mutex.Unlock()
		cut = true
		for _, conn := range all {
			conn.Close()
		}
	}()
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		mutex.Lock()
		defer mutex.Unlock()
		if cut {
			return nil, errors.Join(errors.New("the network is gone"), conn.Close())
		}
		all = append(all, conn)
		return conn, nil
	}
}
