// Bindcheck reads hosts and services, as JSON that a client would send or as YAML
// that people write, and says what bindset's rules make of them: the normalized
// sets, and every violation with its place in the file.
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

usage: bindcheck [-exclusive-ports] [-strict] [-json | -sarif] FILE...

A FILE, or standard input for "-", is YAML of 4 MiB at most, with names:

  host: web-1
  interfaces:
    eth0: [192.0.2.5, "2001:db8::5"]
    br0:
  ports: [443/tcp, 22/tcp]     # optional: without it every port that is named exists
  services:
    nginx:
      bindings: [443/tcp on all, 22/tcp on eth0]
    gateway:
      bindings: [at br0]

or one JSON object of 64 MiB at most, in the dialect of any API version from 0.13
to 0.17:

  {"host": {...}, "interfaces": [...], "ip_addresses": [...], "ports": [...],
   "services": [...]}                a discovery payload
  {"id": ..., "interfaces": [...], "ip_addresses": [...], "ports": [...],
   "services": [...]}                a host with services
  {"service": {...}, "host": {...}}  a service with its host
  {"bindings": [...], "host": {...}} the same, the host within the service
  {"request_body": {...}}            a recorded exchange with one of these

It prints each set as the rules normalize it, or every violation in it with its
line, column and path. With -exclusive-ports two services must not listen on one
port at one place; the one that comes later offends.

It exits with 0 where all is well, with 1 where the host cannot be or a set
breaks a rule, and with 2 where a file cannot be read: it is not there, too
large, neither JSON nor YAML, or nothing of the above.

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
	strict := flags.Bool("strict", false, "let no JSON field be unknown, as no YAML key may be")
	asJSON := flags.Bool("json", false, "print one JSON object for each file")
	asSARIF := flags.Bool("sarif", false, "print one SARIF 2.1.0 log of all files, for code review")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return allWell
	case err != nil:
		return unreadable
	case *asJSON && *asSARIF:
		fmt.Fprintln(stderr, "bindcheck: choose one of -json and -sarif")
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
	var results []result
	for _, file := range flags.Args() {
		r := checkFile(file, stdin, validate.New(rules...), *strict)
		code = max(code, r.code())
		var err error
		switch {
		case *asSARIF:
			results = append(results, r)
		case *asJSON:
			err = r.encode(stdout)
		case r.code() == unreadable:
			fmt.Fprint(stderr, "bindcheck: ")
			r.printProblems(stderr)
		default:
			err = r.print(stdout)
		}
		if err != nil {
			fmt.Fprintln(stderr, "bindcheck:", err)
			return unreadable
		}
	}
	if *asSARIF {
		if err := encodeSARIF(stdout, results); err != nil {
			fmt.Fprintln(stderr, "bindcheck:", err)
			return unreadable
		}
	}
	return code
}
