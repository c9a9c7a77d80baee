package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
	"github.com/bindset/bindset/validate"
)

// print writes for people what became of a file that could be read.
func (r *result) print(w io.Writer) error {
	var out strings.Builder
	if r.problems != nil {
		r.printProblems(&out)
		_, err := io.WriteString(w, out.String())
		return err
	}
	fmt.Fprintf(&out, "%s: host %s, %s\n", r.name(), quoted(r.inv.Name(), r.inv.HostID()), count(len(r.services), "service"))
	broken, violations := 0, 0
	for i := range r.services {
		c := &r.services[i]
		var refused error
		if c.broken != nil {
			broken, violations = broken+1, violations+len(c.broken.Violations)
			refused = r.placed(c)
		}
		fmt.Fprintf(&out, "%s, ", strings.TrimLeft(c.path+" "+quoted(c.service.Name, c.service.ID), " "))
		if err := validate.Report(&out, r.inv, c.set, refused); err != nil {
			return err
		}
	}
	if broken == 0 {
		fmt.Fprintf(&out, "%s: all well\n", r.name())
	} else {
		fmt.Fprintf(&out, "%s: %s in %s\n", r.name(), count(violations, "violation"), count(broken, "service"))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// printProblems writes why a file was not checked, a line for each problem.
func (r *result) printProblems(w io.Writer) {
	for _, p := range r.problems {
		place := r.at(p.position)
		if p.path != "" {
			place += ": " + p.path
		}
		fmt.Fprintf(w, "%s: %s\n", place, p.message)
	}
}

// placed returns the violations of a service with places that editors jump to in
// front of their paths.
func (r *result) placed(c *checked) *validate.Error {
	placed := c.broken.Under("")
	for i := range placed.Violations {
		v := &placed.Violations[i]
		v.Path = r.at(c.position(v.Path)) + " " + v.Path
	}
	return placed
}

// at returns a place in the file, as compilers write it.
func (r *result) at(p hostfile.Position) string {
	if p == (hostfile.Position{}) {
		return r.name()
	}
	return r.name() + ":" + p.String()
}

// name returns the name of the file for people.
func (r *result) name() string {
	if r.file == "-" {
		return "standard input"
	}
	return r.file
}

// maxName is how many characters of a name are shown.
const maxName = 48

// quoted returns a name for people, whatever is in it; the ID where there is none.
func quoted(name string, id uuid.UUID) string {
	if name == "" {
		return id.String()
	}
	return fmt.Sprintf("%.*q", maxName, name)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
