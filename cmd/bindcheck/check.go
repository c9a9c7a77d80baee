package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// result is what became of a file.
type result struct {
	file     string
	problems []problem // why the file cannot be read, or its host cannot be
	readable bool      // it could be read: what is wrong is the host
	inv      *host.Inventory
	services []checked
}

// problem is what is wrong with a file apart from its sets.
type problem struct {
	path     string
	position hostfile.Position
	message  string
}

// checked is a service and what the rules made of its set.
type checked struct {
	path     string
	service  service.Service
	set      validate.Result
	broken   *validate.Error // paths in the file; nil where all is well
	position func(path string) hostfile.Position
}

// document is what a file holds, read from JSON or YAML.
type document struct {
	inv       *host.Inventory
	services  []service.Service
	paths     []string                                          // of each service
	positions func(paths []string) map[string]hostfile.Position // where paths stand
}

// checkFile reads a file and puts its sets through the rules.
func checkFile(file string, stdin io.Reader, v *validate.Validator, strict bool) result {
	r := result{file: file}
	data, err := load(file, stdin)
	if err != nil {
		r.problems = []problem{{message: err.Error()}}
		return r
	}
	var d document
	if isYAML(file, data) {
		d, r.problems = readYAML(data)
	} else {
		d, r.readable, r.problems = readJSON(data, strict)
	}
	if r.problems == nil {
		r.check(v, &d)
	}
	return r
}

// check puts the sets of all services through the rules, beside what a service by
// itself must be.
func (r *result) check(v *validate.Validator, d *document) {
	r.inv = d.inv
	sets := make([]validate.Input, len(d.services))
	for i := range d.services {
		sets[i] = validate.Input{Service: d.services[i].Info(), Bindings: d.services[i].Bindings}
	}
	results, err := v.Host(d.inv, sets...)
	var broken *validate.Error
	errors.As(err, &broken)
	bySet := broken.BySet()
	var paths []string
	for i := range d.services {
		c := checked{path: d.paths[i], service: d.services[i], set: results[i]}
		violations := checkService(d.inv, &c.service)
		if of := bySet[i]; of != nil {
			violations = append(violations, of.Violations...)
		}
		if violations != nil {
			slices.SortStableFunc(violations, func(a, b validate.Violation) int { return strings.Compare(a.Rule, b.Rule) })
			c.broken = (&validate.Error{Violations: violations}).Under(c.path)
			for _, v := range c.broken.Violations {
				paths = append(paths, v.Path)
			}
		}
		for _, drop := range c.set.Dropped {
			paths = append(paths, c.bindingPath(drop.Index))
		}
		r.services = append(r.services, c)
	}
	positions := d.positions(paths)
	for i := range r.services {
		r.services[i].position = func(path string) hostfile.Position { return positions[path] }
	}
}

// bindingPath returns the path of a binding of the service.
func (c *checked) bindingPath(index int) string {
	return (&binding.FieldError{Path: fmt.Sprintf("bindings[%d]", index)}).Under(c.path).Path
}

// checkService returns what is wrong with a service apart from its set.
func checkService(inv *host.Inventory, s *service.Service) []validate.Violation {
	var violations []validate.Violation
	if n := utf8.RuneCountInString(s.Name); n > service.MaxNameLength {
		violations = append(violations, validate.Violation{
			Rule: "V1", Code: validate.ErrInvalid, Index: -1, Path: "name",
			Message: fmt.Sprintf("the name has %d characters; %d are allowed", n, service.MaxNameLength),
		})
	}
	if s.HostID != uuid.Nil && inv.HostID() != uuid.Nil && s.HostID != inv.HostID() {
		violations = append(violations, validate.Violation{
			Rule: "V2", Code: validate.ErrCrossHost, Index: -1, Path: "host_id",
			Message: fmt.Sprintf("the service is on host %s, not on this one, %s; leave its host out, or give this one", s.HostID, inv.HostID()),
		})
	}
	return violations
}

func (r *result) code() int {
	switch {
	case r.problems != nil && !r.readable:
		return unreadable
	case r.problems != nil || slices.ContainsFunc(r.services, func(c checked) bool { return c.broken != nil }):
		return hasViolations
	default:
		return allWell
	}
}
