// Daemon watches the machine it runs on: it scans it as localscan does, again and
// again, and reports every scan to a server that speaks the API of
// examples/httpapi, or to a Manager of its own, on the store of your choice.
//
// It is meant to be copied. What is worth copying is in loop.go: a server or a
// store that is away stops neither the scans nor the daemon, and the newest scan
// is what it gets when it is back.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/examples/internal/stores"
)

const usage = `daemon scans this machine at every interval and reports what it saw.

usage: daemon [flags]

With -server it reports to a server such as examples/httpapi, else to a Manager of
its own, which keeps everything in the -store: in memory, until the daemon stops,
in a file, or in a database. A server or a store that is away, also at the start,
is tried again and again. UDP sockets on ports that the system picks from count
once they have been there for a minute: most only sent something. It logs to stderr, what a report changed and what was
skipped among it. SIGINT and SIGTERM stop it; a report under way is finished. It
exits with 0 then, with 1 where the store does not close, and with 2 for a flag
that is wrong.

flags:
`

// network is the network that scans are reported in unless -network says otherwise.
var network = uuid.NewSHA1(uuid.NameSpaceDNS, []byte("bindset.example"))

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], scan.Read, os.Stderr))
}

// config is what the flags say.
type config struct {
	server   string
	store    stores.Flag
	apiKey   string
	interval time.Duration
	expire   time.Duration
	network  uuid.UUID
	hostID   uuid.UUID
}

// run is main without its surroundings. It returns the exit code.
func run(ctx context.Context, args []string, read func(context.Context) (scan.Machine, error), stderr io.Writer) int {
	c, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "daemon:", err)
		return 2
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	own := &embedded{open: c.store.Open}
	var to reporter = own
	if c.server != "" {
		to = newServer(c.server, c.apiKey)
	}
	d := daemon{read: read, report: to, network: c.network, hostID: c.hostID, interval: c.interval, expire: c.expire, retry: retryQuickly(c.interval), log: log}
	d.run(ctx)
	if err := own.close(); err != nil {
		log.Error("the store does not close", "error", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	var networkText, hostText string
	flags := flag.NewFlagSet("daemon", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&c.server, "server", "", "report to the server at this `URL`, such as http://127.0.0.1:8080")
	flags.Var(&c.store, "store", "without -server, `where` to keep what is seen: "+stores.Kinds+" (default mem)")
	flags.StringVar(&c.apiKey, "api-key", "", "the `key` that the server asks for (default $BINDSET_API_KEY)")
	flags.DurationVar(&c.interval, "interval", 30*time.Second, "the `time` from one scan to the next")
	flags.DurationVar(&c.expire, "expire", 0, "remove what no scan has seen for this `time`, such as 24h, and say what that was;\nwhat a person stated stays (default never)")
	flags.StringVar(&networkText, "network", network.String(), "the `ID` of the network that the machine is in")
	flags.StringVar(&hostText, "host-id", "", "the `ID` that the machine has as a host (default made from its\n/etc/machine-id and network namespace)")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	c.apiKey = cmp.Or(c.apiKey, os.Getenv("BINDSET_API_KEY")) // no default of the flag: -h would show it
	var err error
	if hostText != "" {
		if c.hostID, err = uuid.Parse(hostText); err != nil || c.hostID == uuid.Nil {
			return c, fmt.Errorf("-host-id %q: give a UUID that is not nil", hostText)
		}
	}
	switch c.network, err = uuid.Parse(networkText); {
	case err != nil || c.network == uuid.Nil:
		return c, fmt.Errorf("-network %q: give a UUID that is not nil", networkText)
	case c.server != "" && c.store != (stores.Flag{}):
		return c, errors.New("-server and -store: give one of them; the server has a store of its own")
	case flags.NArg() > 0:
		return c, fmt.Errorf("there are no arguments besides flags, but %q was given", flags.Arg(0))
	case c.interval <= 0:
		return c, fmt.Errorf("-interval %v: give a time such as 30s", c.interval)
	case c.expire != 0 && c.expire < c.interval+probation:
		return c, fmt.Errorf("-expire %v: give at least %v: scans are so far apart, and ephemeral sockets count after %v", c.expire, c.interval+probation, probation)
	}
	return c, checkServer(c.server)
}
