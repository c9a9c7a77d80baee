// Localscan reads the network interfaces, IP addresses and listening sockets of
// the machine it runs on, puts them through bindset's rules, and prints what
// happened to each: what is kept, what says the same twice, what conflicts.
//
// It needs no privileges; without them it sees fewer processes, and says so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bindset/bindset/examples/internal/scan"
)

const usage = `localscan shows what listens on this machine, and what bindset's rules make of it.

usage: localscan [flags]

A socket bound to 0.0.0.0 listens on all IPv4, one bound to [::] on all IPv6 or,
where it takes both, on all interfaces; one bound to an address on that address.
"Unclaimed Open Ports" are those of which nobody knows the software. A bridge, a tunnel or a router is present at its
interfaces without a port. What happened to each, by the rule (see the README):

  kept                     it is stored
  ... rewritten (V0)       it named an address as an interface
  duplicate of ... (V3)    the service has it once already
  superseded by ... (V4)   a wider listener of the service covers it
  conflict with ... (V5)   a presence and a listener of the service overlap
  ... shared with (V6)     other services listen there, too, and the system lets
                           them; exclusive ports would let one of them have it
  ... ephemeral port       UDP on a port that the system picks from: most such
                           sockets only sent something
  cross-host, network mismatch (V2), invalid (V1)   seen with -demo only

It exits with 0, also where it may not see everything, and with 2 for a flag
that is wrong. Where nothing listens it shows the demonstration.

flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], scan.Read, os.Stdout, os.Stderr))
}

// config is what the flags say.
type config struct {
	asJSON      bool
	demonstrate bool
	watch       time.Duration // between scans; 0 for one scan
}

// run is main without its surroundings. It returns the exit code.
func run(ctx context.Context, args []string, read func(context.Context) (scan.Machine, error), stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	err = c.run(ctx, read, stdout)
	if err != nil && !(c.watch > 0 && errors.Is(err, context.Canceled)) { // a signal is how watching ends
		fmt.Fprintln(stderr, "localscan:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet("localscan", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.BoolVar(&c.asJSON, "json", false, "print JSON; with -watch a value for the first scan, then one a change")
	flags.BoolVar(&c.demonstrate, "demo", false, "open a few sockets on loopback, so that every rule fires")
	flags.DurationVar(&c.watch, "watch", 0, "scan again after each `pause` such as 2s, and print changes until interrupted")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	var err error
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("there are no arguments besides flags, but %q was given", flags.Arg(0))
	case c.watch < 0:
		err = fmt.Errorf("-watch %v: give a time such as 2s", c.watch)
	}
	if err != nil {
		fmt.Fprintln(stderr, "localscan:", err)
	}
	return c, err
}

// run scans once, or until ctx is done.
func (c config) run(ctx context.Context, read func(context.Context) (scan.Machine, error), stdout io.Writer) error {
	m, err := read(ctx)
	if err != nil {
		return err
	}
	show := &demo{}
	if c.demonstrate || len(m.Sockets) == 0 {
		show = openDemo(ctx, m)
		defer show.Close()
		if m, err = read(ctx); err != nil {
			return err
		}
	}
	last, err := judge(ctx, show.discover(m))
	if err != nil {
		return err
	}
	if err := last.print(stdout, c.asJSON); err != nil || c.watch == 0 {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(c.watch):
		}
		if m, err = read(ctx); err != nil {
			return err
		}
		next, err := judge(ctx, show.discover(m))
		if err != nil {
			return err
		}
		if err := printChanges(stdout, time.Now(), changes(last, next), c.asJSON); err != nil {
			return err
		}
		last = next
	}
}
