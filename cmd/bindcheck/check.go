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
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// result is what became of a file.
type result struct {
	file     string
	err      error // why the file cannot be read, or its host cannot be
	host     host.Host
	inv      *host.Inventory
	services []checked
}

// checked is a service and what the rules made of its set.
type checked struct {
	path    string
	service service.Service
	set     validate.Result
	broken  *validate.Error // paths in the file; nil where all is well
}

// checkFile reads a file and puts its sets through the rules.
func checkFile(file string, stdin io.Reader, v *validate.Validator) result {
	r := result{file: file}
	data, err := load(file, stdin)
	if err != nil {
		r.err = err
		return r
	}
	p, err := decode(data)
	if err != nil {
		r.err = err
		return r
	}
	r.host = p.host
	if r.inv, err = host.NewInventory(p.host); err != nil {
		r.err = p.inHost(err)
		return r
	}
	sets := make([]validate.Input, len(p.services))
	for i := range p.services {
		sets[i] = validate.Input{Service: p.services[i].Info(), Bindings: p.services[i].Bindings}
	}
	results, err := v.Host(r.inv, sets...)
	var broken *validate.Error
	errors.As(err, &broken)
	for i := range p.services {
		c := checked{service: p.services[i], set: results[i]}
		c.path = (&binding.FieldError{Path: p.paths[i]}).Under(p.within).Path
		violations := checkService(r.inv, &c.service)
		if of := broken.OfSet(i); of != nil {
			violations = append(violations, of.Violations...)
		}
		if violations != nil {
			slices.SortStableFunc(violations, func(a, b validate.Violation) int { return strings.Compare(a.Rule, b.Rule) })
			c.broken = (&validate.Error{Violations: violations}).Under(c.path)
		}
		r.services = append(r.services, c)
	}
	return r
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
	if r.err != nil {
		if field := (*binding.FieldError)(nil); errors.As(r.err, &field) && !field.Malformed {
			return hasViolations
		}
		return unreadable
	}
	for i := range r.services {
		if r.services[i].broken != nil {
			return hasViolations
		}
	}
	return allWell
}
