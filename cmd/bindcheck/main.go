// Bindcheck reads hosts and services as JSON, as a client would send them, and
// says what bindset's rules make of them: the normalized sets, and every
// violation with its place in the file.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/bindset/bindset/validate"
)

const usage = `bindcheck checks the binding sets of a host by bindset's rules.

usage: bindcheck [-exclusive-ports] [-json] FILE...

A FILE, or standard input for "-", is one JSON object of 64 MiB at most, in the
dialect of any API version from 0.13 to 0.17:

  {"host": {...}, "interfaces": [...], "ip_addresses": [...], "ports": [...],
   "services": [...]}                a discovery payload
  {"id": ..., "interfaces": [...], "ip_addresses": [...], "ports": [...],
   "services": [...]}                a host with services
  {"service": {...}, "host": {...}}  a service with its host
  {"bindings": [...], "host": {...}} the same, the host within the service
  {"request_body": {...}}            a recorded exchange with one of these

It prints each set as the rules normalize it, or every violation in it with its
place in the file, such as services[2].bindings[0]. With -exclusive-ports the
listeners of valid services claim their ports from the services after them.

It exits with 0 where all is well, with 1 where the host cannot be or a set
breaks a rule, and with 2 where a file cannot be read: it is not there, too
large, not JSON, or nothing of the above.

flags:
`

// The exit codes.
const (
	allWell = iota
	hasViolations
	unreadable
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is main without its surroundings. It returns the exit code, the highest
// that one of the files has.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bindcheck", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	exclusivePorts := flags.Bool("exclusive-ports", false, "let one service only listen on a port at a place (rule V6)")
	asJSON := flags.Bool("json", false, "print one JSON object for each file")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return allWell
	case err != nil:
		return unreadable
	case flags.NArg() == 0:
		fmt.Fprintln(stderr, `bindcheck: name a file, or "-" for standard input; -h says more`)
		return unreadable
	}
	var rules []validate.Option
	if *exclusivePorts {
		rules = append(rules, validate.WithExclusivePorts())
	}
	code := allWell
	for _, file := range flags.Args() {
		r := checkFile(file, stdin, validate.New(rules...))
		code = max(code, r.code())
		var err error
		switch {
		case *asJSON:
			err = r.encode(stdout)
		case r.code() == unreadable:
			fmt.Fprintf(stderr, "bindcheck: %s: %v\n", r.name(), r.err)
		default:
			err = r.print(stdout)
		}
		if err != nil {
			fmt.Fprintln(stderr, "bindcheck:", err)
			return unreadable
		}
	}
	return code
}
