package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// change is what became of a binding, or of a note, between two scans.
type change struct {
	Did    string `json:"did"` // added, removed or changed
	Row    *row   `json:"binding,omitempty"`
	Before *row   `json:"before,omitempty"` // of what changed
	Note   string `json:"note,omitempty"`
}

// The things a change did, and their signs.
const (
	added   = "added"
	removed = "removed"
	changed = "changed"
)

var signs = map[string]string{added: "+", removed: "-", changed: "~"}

// changes compares two scans: what went, then what came or changed.
func changes(before, after report) []change {
	var all []change
	was, is := byKey(before.Bindings), byKey(after.Bindings)
	for _, k := range was.keys {
		if is.rows[k] == nil {
			all = append(all, change{Did: removed, Row: was.rows[k]})
		}
	}
	for _, k := range is.keys {
		r := is.rows[k]
		switch old := was.rows[k]; {
		case old == nil:
			all = append(all, change{Did: added, Row: r})
		case old.line(old.what()) != r.line(r.what()):
			all = append(all, change{Did: changed, Row: r, Before: old})
		}
	}
	said := map[string]bool{}
	for _, note := range before.Notes {
		said[note] = true
	}
	for _, note := range after.Notes {
		if !said[note] {
			all = append(all, change{Did: added, Note: note})
		}
	}
	return all
}

// key is what a binding is known by from scan to scan.
type key struct {
	service, seen, target string
	nth                   int // of those that have all of this in common
}

// keyed are bindings by key, and their keys in order.
type keyed struct {
	keys []key
	rows map[key]*row
}

func byKey(bindings []row) keyed {
	all := keyed{rows: map[key]*row{}}
	count := map[key]int{}
	for i := range bindings {
		r := &bindings[i]
		k := key{service: r.Service, seen: r.Seen, target: r.Target}
		count[k]++
		k.nth = count[k]
		all.keys, all.rows[k] = append(all.keys, k), r
	}
	return all
}

func printChanges(w io.Writer, at time.Time, all []change, asJSON bool) error {
	if asJSON {
		return encodeChanges(w, at, all)
	}
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, c := range all {
		when := at.Format(time.TimeOnly) + " " + signs[c.Did] + " "
		if c.Row == nil {
			table.Flush()
			fmt.Fprintln(&out, when+"note:", c.Note)
			continue
		}
		fmt.Fprintln(table, when+c.Row.line(c.what()))
	}
	table.Flush()
	_, err := io.WriteString(w, out.String())
	return err
}

// what says what the rules make of the binding now, and before.
func (c *change) what() string {
	switch {
	case c.Did == removed:
		return "gone (was: " + c.Row.what() + ")"
	case c.Before != nil && c.Before.what() != c.Row.what():
		return c.Row.what() + " (was: " + c.Before.what() + ")"
	default:
		return c.Row.what()
	}
}

func encodeChanges(w io.Writer, at time.Time, all []change) error {
	e := json.NewEncoder(w)
	for _, c := range all {
		if err := e.Encode(struct {
			At time.Time `json:"at"`
			change
		}{at.UTC(), c}); err != nil {
			return err
		}
	}
	return nil
}
