// Fleet takes in scans of many networks, each of which has a store of its own: a
// schema of one PostgreSQL, or of a Citus cluster that spreads schemas over its
// workers. It reads discovery payloads, one JSON object after another, from stdin.
//
// It is meant to be copied. What is worth copying is in fleet.go: a map from network
// to store.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/pgstore"
	"github.com/bindset/bindset/service"
)

const usage = `fleet takes in discovery payloads of many networks.

usage: fleet -db DSN [-open N] < payloads

It reads payloads from stdin, one JSON object after another, observes each in the
store of its host's network, and writes what came of it to stdout. It exits with 0
when all were taken, with 1 when some were not or the input ended in the middle, and
with 2 for a flag that is wrong.

flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// closeTimeout is how long fleet waits in the end for what still runs.
const closeTimeout = 30 * time.Second

// run is main without its surroundings. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("fleet", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	dsn := flags.String("db", "", "the `DSN` of the database, or of the coordinator of a Citus cluster")
	limit := flags.Int("open", 100, "how many stores are open at most")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	config, err := pgxpool.ParseConfig(*dsn)
	if err != nil || *dsn == "" || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "fleet: give one database with -db, as in -db postgres://localhost/inventory, and payloads on stdin")
		return 2
	}
	config.ConnConfig.OnNotice = pgstore.OnNotice
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		fmt.Fprintln(stderr, "fleet:", err)
		return 1
	}
	fleet := NewFleet(pool, *limit)
	err = takeIn(ctx, fleet, stdin, stdout)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err = errors.Join(err, fleet.Close(ctx)); err != nil {
		fmt.Fprintln(stderr, "fleet:", err)
		return 1
	}
	return 0
}

// takeIn observes payloads until the input or ctx ends. One that cannot be taken
// does not stop those after it.
func takeIn(ctx context.Context, fleet *Fleet, payloads io.Reader, out io.Writer) error {
	var errs error
	decoder := json.NewDecoder(payloads)
	for ctx.Err() == nil {
		var d service.Discovery
		err := decoder.Decode(&d)
		if errors.Is(err, io.EOF) {
			return errs
		}
		if broken := (*json.SyntaxError)(nil); errors.As(err, &broken) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.Join(errs, fmt.Errorf("the input is no JSON: %w", err))
		}
		if err == nil {
			err = observe(ctx, fleet, d, out)
		}
		errs = errors.Join(errs, err)
	}
	return errors.Join(errs, ctx.Err())
}

func observe(ctx context.Context, fleet *Fleet, d service.Discovery, out io.Writer) error {
	if d.Host.NetworkID == uuid.Nil {
		return fmt.Errorf("host %q: the payload does not say its network", d.Host.Name)
	}
	return fleet.Do(ctx, d.Host.NetworkID, func(m *bindset.Manager) error {
		change, err := m.Observe(ctx, d)
		if err != nil {
			return fmt.Errorf("host %q: %w", d.Host.Name, err)
		}
		_, err = fmt.Fprintf(out, "network %s, host %q: %d bindings added, %d removed\n",
			d.Host.NetworkID, d.Host.Name, len(change.Added), len(change.Removed))
		return err
	})
}
