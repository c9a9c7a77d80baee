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
	before := claims{}
	for i := range p.services {
		c := check(v, r.inv, &p.services[i], before)
		c.path = (&binding.FieldError{Path: p.paths[i]}).Under(p.within).Path
		if c.broken != nil {
			c.broken = c.broken.Under(c.path)
		} else {
			before.add(r.inv, &c)
		}
		r.services = append(r.services, c)
	}
	return r
}

// check puts the set of one service through the rules, beside what a service by
// itself must be.
func check(v *validate.Validator, inv *host.Inventory, s *service.Service, before claims) checked {
	c := checked{service: *s}
	violations := checkService(inv, s)
	info := s.Info()
	info.ID = uuid.Nil // no claim is its own: it comes before its claims do
	err := v.SetInto(&c.set, validate.Input{Inventory: inv, Service: info, Bindings: s.Bindings, Claims: before.near(inv, s.Bindings)})
	var broken *validate.Error
	if errors.As(err, &broken) {
		violations = append(violations, broken.Violations...)
	}
	if violations != nil {
		slices.SortStableFunc(violations, func(a, b validate.Violation) int { return strings.Compare(a.Rule, b.Rule) })
		c.broken = &validate.Error{Violations: violations}
	}
	return c
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

// claims holds, for every target, the first listener that lies in it, of the
// services before. Those of valid sets do not overlap. So rule V6 need not read
// more than a few for each binding, however many services share a port.
type claims map[binding.Target]validate.Claim

// add takes in the listeners of a service with a valid set. A service may be
// without an ID yet; its claims must not.
func (c claims) add(inv *host.Inventory, of *checked) {
	id := of.service.ID
	if id == uuid.Nil {
		id = uuid.NewSHA1(uuid.Nil, []byte(of.path))
	}
	for _, b := range of.set.Bindings {
		b.ServiceID = id
		for _, t := range reach(inv, b.Target) {
			if _, ok := c[t]; !ok {
				c[t] = validate.Claim{Binding: b, ServiceName: of.service.Name}
			}
		}
	}
}

// near returns claims among which are, for each binding, some that it overlaps,
// if it overlaps any.
func (c claims) near(inv *host.Inventory, bindings []binding.Binding) []validate.Claim {
	near := []validate.Claim{} // nil would turn V6 off
	for i := range bindings {
		for _, t := range reach(inv, inv.Canonical(bindings[i].Target)) {
			if claim, ok := c[t]; ok {
				near = append(near, claim)
			}
		}
	}
	return near
}

// reach returns a listener's target, and those that are wider: on the interface
// that carries its address, and everywhere.
func reach(inv *host.Inventory, t binding.Target) []binding.Target {
	if !t.IsListener() {
		return nil
	}
	all := []binding.Target{t}
	if id, ok := t.IPAddressID(); ok {
		if carrier, ok := inv.Carrier(id); ok {
			all = append(all, t.WithScope(binding.OnInterface(carrier.ID)))
		}
	}
	if t.Scope() != binding.AllInterfaces() {
		all = append(all, t.WithScope(binding.AllInterfaces()))
	}
	return all
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
