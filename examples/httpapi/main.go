// Httpapi is an HTTP server that embeds bindset: hosts, services and bindings as
// JSON, kept correct by a bindset.Manager on the store of your choice.
//
// It shows how to embed the library in a service. It is no product.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/examples/internal/stores"
	"github.com/bindset/bindset/validate"
)

const usage = `httpapi serves hosts, services and their bindings as JSON over HTTP.

usage: httpapi [flags]

It prints "listening on http://HOST:PORT" once it serves, logs to standard error,
and finishes the open requests on SIGINT and SIGTERM. It exits with 0 then, with
1 where it cannot serve, and with 2 for a flag that is wrong.

flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// config is what the flags say.
type config struct {
	addr           string
	store          stores.Flag
	exclusivePorts bool
	key            string // that clients must have; "" for none
}

// run is main without its surroundings: it serves until ctx is done. It returns
// the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	c, err := parse(args, getenv, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := c.serve(ctx, stdout, slog.New(slog.NewTextHandler(stderr, nil))); err != nil {
		fmt.Fprintln(stderr, "httpapi:", err)
		return 1
	}
	return 0
}

func parse(args []string, getenv func(string) string, stderr io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet("httpapi", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&c.addr, "addr", "127.0.0.1:8080", "the `HOST:PORT` to listen on; port 0 chooses one")
	flags.Var(&c.store, "store", "`where` to keep everything: "+stores.Kinds+" (default mem)")
	flags.BoolVar(&c.exclusivePorts, "exclusive-ports", false, "let one service only listen on a port at a place (rule V6)")
	flags.StringVar(&c.key, "api-key", "", "the `KEY` that clients must send as a bearer token (default $BINDSET_API_KEY, else none)")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("there are no arguments besides flags, but %q was given", flags.Arg(0))
		fmt.Fprintln(stderr, "httpapi:", err)
	}
	if c.key == "" { // not the flag's default: -h would show it
		c.key = getenv("BINDSET_API_KEY")
	}
	return c, err
}

// How long a request may take, from its header to the end of the answer, and how
// long a stopping server waits for those that are open: longer, so that it
// finishes all of them.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = time.Minute
	stopTimeout    = requestTimeout + headerTimeout
)

// serve serves until ctx is done, and finishes the requests that are open then.
func (c config) serve(ctx context.Context, stdout io.Writer, log *slog.Logger) (err error) {
	store, closeStore, err := c.store.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	var rules []validate.Option
	if c.exclusivePorts {
		rules = append(rules, validate.WithExclusivePorts())
	}
	manager := bindset.NewManager(store, bindset.WithValidator(validate.New(rules...)), bindset.WithLogger(log))

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           newAPI(manager, c.key, log),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "listening on http://%s\n", listener.Addr())

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping: open requests are finished, new ones are not taken")
	open, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	return server.Shutdown(open)
}
