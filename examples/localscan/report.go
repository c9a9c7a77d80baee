package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/bindset/bindset/validate"
)

// report is what a scan found and what the rules made of it.
type report struct {
	Host        string         `json:"host"`
	Interfaces  int            `json:"interfaces"`
	IPAddresses int            `json:"ip_addresses"`
	Ports       int            `json:"ports"`
	Services    int            `json:"services"`
	Bindings    []row          `json:"bindings"`
	Refused     []refusal      `json:"refused"`
	Outcomes    map[string]int `json:"outcomes"` // how many bindings have each
	Notes       []string       `json:"notes"`    // what could not be seen, and what is odd
}

// row is one binding and what happened to it.
type row struct {
	Service    string   `json:"service"`
	PIDs       []int    `json:"pids,omitempty"`
	Seen       string   `json:"seen"`                  // the socket or interface that it stands for
	Target     string   `json:"target"`                // the listener or presence
	Ephemeral  bool     `json:"ephemeral,omitempty"`   // UDP on a port that the system picks from
	Outcome    string   `json:"outcome"`               // kept, duplicate, superseded, or the code of a violation
	Rule       string   `json:"rule,omitempty"`        // the one that has something to say of it
	By         string   `json:"by,omitempty"`          // the listener or presence that is there instead, or that it clashes with
	BySeen     string   `json:"by_seen,omitempty"`     // the socket or interface of that
	SharedWith []string `json:"shared_with,omitempty"` // the other services that listen there
	Problem    string   `json:"problem,omitempty"`     // what is wrong and what to do, where it breaks a rule
}

// refusal is a set that the rules refused, as they refuse every set with a
// violation. What is valid of it was stored binding by binding.
type refusal struct {
	Service    string      `json:"service"`
	Violations []violation `json:"violations"`
	err        error
}

// violation is one of a refused set.
type violation struct {
	Path    string `json:"path"` // in the set of the service
	Rule    string `json:"rule"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func violations(broken *validate.Error) []violation {
	var all []violation
	for _, v := range broken.Violations {
		all = append(all, violation{Path: v.Path, Rule: v.Rule, Code: string(v.Code), Message: v.Message})
	}
	return all
}

// The outcomes of bindings that break no rule.
const kept = "kept"

var (
	duplicate  = validate.Duplicate.String()
	superseded = validate.Superseded.String()
)

// outcomes are all of them, in the order of the summary, as people read them.
var outcomes = []struct{ outcome, words string }{
	{kept, "kept"},
	{duplicate, "duplicate"},
	{superseded, "superseded"},
	{string(validate.ErrConflict), "conflict"},
	{string(validate.ErrCrossHost), "cross-host"},
	{string(validate.ErrNetworkMismatch), "network mismatch"},
	{string(validate.ErrInvalid), "invalid"},
}

// what says for people what happened to the binding.
func (r *row) what() string {
	switch r.Outcome {
	case kept:
		what := "kept"
		if r.Rule == "V0" {
			what += ", rewritten to the address it meant"
		}
		if r.SharedWith != nil {
			what += ", shared with " + shortList(r.SharedWith)
		}
		if r.Ephemeral {
			what += ", ephemeral port"
		}
		return what
	case duplicate:
		return "duplicate of " + cmp.Or(r.BySeen, r.By)
	case superseded:
		return "superseded by " + r.By
	case string(validate.ErrConflict):
		return "conflict with " + r.By
	case string(validate.ErrCrossHost):
		return "cross-host: not on this host"
	case string(validate.ErrNetworkMismatch):
		return "network mismatch: not in the host's network"
	default:
		problem, _, _ := strings.Cut(r.Problem, "; ") // what to do has no place in a table
		return r.Outcome + ": " + problem
	}
}

// shortList returns the first names of a list, and how many there are besides.
func shortList(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// summarize counts the outcomes.
func (r *report) summarize() {
	r.Outcomes = map[string]int{}
	for i := range r.Bindings {
		r.Outcomes[r.Bindings[i].Outcome]++
	}
}

func (r *report) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s, %s, %s\n\n", cmp.Or(r.Host, "this machine"),
		count(r.Interfaces, "interface"), count(r.IPAddresses, "IP address"), count(r.Ports, "port"))
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tPID\tLISTENER OR PRESENCE\tRULE\tWHAT HAPPENED")
	for i := range r.Bindings {
		fmt.Fprintln(table, r.Bindings[i].line(r.Bindings[i].what()))
	}
	table.Flush()
	fmt.Fprintln(&out)
	if err := r.printRefused(&out); err != nil {
		return err
	}
	for _, note := range r.Notes {
		fmt.Fprintln(&out, "note:", note)
	}
	fmt.Fprintf(&out, "%s of %s: %s\n", count(len(r.Bindings), "binding"), count(r.Services, "service"), r.tally())
	_, err := io.WriteString(w, out.String())
	return err
}

// printRefused says why sets were refused, and what to do.
func (r *report) printRefused(w io.Writer) error {
	if len(r.Refused) == 0 {
		return nil
	}
	fmt.Fprintln(w, "The rules refuse a set with a violation as a whole. What is valid of these was added one by one:")
	for _, refused := range r.Refused {
		fmt.Fprint(w, shortened(refused.Service), ", ")
		if err := validate.Report(w, nil, validate.Result{}, refused.err); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	return nil
}

// line returns the row, with what happened, as cells of a tabwriter.
func (r *row) line(what string) string {
	cells := []string{shortened(r.Service), r.pids(), r.Target, cmp.Or(r.Rule, "-"), what}
	return withoutLongIDs(strings.Join(cells, "\t"))
}

func (r *row) pids() string {
	switch len(r.PIDs) {
	case 0:
		return "-"
	case 1:
		return fmt.Sprint(r.PIDs[0])
	default:
		return fmt.Sprintf("%d+%d", r.PIDs[0], len(r.PIDs)-1)
	}
}

// tally says how many bindings had each outcome.
func (r *report) tally() string {
	var parts []string
	for _, o := range outcomes {
		if n := r.Outcomes[o.outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o.words))
		}
	}
	if parts == nil {
		return "nothing listens here"
	}
	return strings.Join(parts, ", ")
}

// maxServiceName is how much of a service's name a table shows.
const maxServiceName = 28

func shortened(name string) string {
	if runes := []rune(name); len(runes) > maxServiceName {
		return string(runes[:maxServiceName-1]) + "…"
	}
	return name
}

var longID = regexp.MustCompile(`([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// withoutLongIDs shortens the IDs that stand for what has no name: in JSON they
// are whole.
func withoutLongIDs(text string) string { return longID.ReplaceAllString(text, "$1…") }

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "s"):
		return fmt.Sprintf("%d %ses", n, what)
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}
