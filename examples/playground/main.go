// Playground serves a page to try bindset's rules: a host and its services as text,
// what becomes of each binding and why, and a picture of the host. The rules run in
// the browser: they are this library, compiled to WebAssembly.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `playground serves a page to try bindset's rules.

usage: playground [-addr HOST:PORT | -o DIR]

It prints "listening on http://HOST:PORT" once it serves, and stops on SIGINT and
SIGTERM. With -o it writes the page into a directory instead, for any web server.
It compiles the rules to WebAssembly first, so it runs where bindset's source and
the Go toolchain are:

  go run ./examples/playground

It exits with 0, with 1 where it cannot build, write or serve the page, and with 2
for a flag that is wrong.

flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without its surroundings: it serves until ctx is done. It returns
// the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("playground", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	addr := flags.String("addr", "127.0.0.1:0", "the `HOST:PORT` to listen on; port 0 chooses one")
	dir := flags.String("o", "", "the `DIR` to write the page into, instead of serving it")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "playground: there are no arguments besides flags, but %q was given\n", flags.Arg(0))
		return 2
	}
	var err error
	if *dir != "" {
		err = write(ctx, *dir)
	} else {
		err = serve(ctx, *addr, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "playground:", err)
		return 1
	}
	return 0
}

func write(ctx context.Context, dir string) error {
	s, err := buildSite(ctx)
	if err != nil {
		return err
	}
	return s.write(dir)
}

// stopTimeout is how long a stopping server waits for open requests.
const stopTimeout = 5 * time.Second

// serve serves the page until ctx is done.
func serve(ctx context.Context, addr string, stdout io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	s, err := buildSite(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: stopTimeout}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "listening on http://%s\n", listener.Addr())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	return server.Shutdown(ctx)
}
