package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bindset/bindset/binding"
)

// The codes of rule violations.
const (
	ErrInvalid         = binding.ErrInvalid               // V1
	ErrNetworkMismatch = binding.Code("network_mismatch") // V2
	ErrCrossHost       = binding.Code("cross_host")       // V2
	ErrConflict        = binding.Code("conflict")         // V5
	ErrPortClaimed     = binding.Code("port_claimed")     // V6
)

// A Violation says that a binding, or the whole set, breaks a rule.
type Violation struct {
	Rule    string       // "V1", "V2", "V5", "V6", or the name of a rule that WithRule added
	Code    binding.Code // what kind of failure it is
	Set     int          // for Host, which of the services it is of, from 0; else 0
	Index   int          // of the offending binding in the input, from 0; -1 for the whole set
	Path    string       // the place in the input, such as "bindings[2]"; callers put what is around it in front
	Message string       // for people: what is wrong, by names, and what to do

	Binding binding.Binding // the offending binding, its target as V0 has it; zero for the whole set

	// What it clashes with, zero for nothing, and the Set and Index of that, -1 where
	// it is not in the input.
	Other                binding.Binding
	OtherSet, OtherIndex int
	Service              ServiceInfo // of V6: ID and Name of the service that owns Other; zero for the other rules
}

// An Error holds every violation of an input: in the order of the rules, within
// a rule by index. errors.Is finds the Code of each of them in it.
type Error struct {
	Violations []Violation `json:"violations"` // never empty
}

// Code returns the code of the first broken rule.
func (e *Error) Code() binding.Code { return e.Violations[0].Code }

// shownViolations bounds the text of an Error.
const shownViolations = 8

// Error returns the messages of the violations, one a line, the first eight of
// them at most.
func (e *Error) Error() string {
	var b strings.Builder
	for i := range e.Violations {
		if i == shownViolations {
			fmt.Fprintf(&b, "\n... and %d more violations", len(e.Violations)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		v := &e.Violations[i]
		if v.Path != "" {
			b.WriteString(v.Path + ": ")
		}
		b.WriteString(v.Message)
	}
	return b.String()
}

// Is reports whether target is the Code of one of the violations.
func (e *Error) Is(target error) bool {
	code, ok := target.(binding.Code)
	return ok && slices.ContainsFunc(e.Violations, func(v Violation) bool { return v.Code == code })
}

// BySet returns the violations of each of the services that Host judged and that
// has any, by Violation.Set, with paths in that service. It takes time linear in the
// violations.
func (e *Error) BySet() map[int]*Error {
	by := make(map[int]*Error)
	if e == nil {
		return by
	}
	for _, v := range e.Violations {
		of := by[v.Set]
		if of == nil {
			of = &Error{}
			by[v.Set] = of
		}
		v.Path = strings.TrimPrefix(v.Path, pathOf(v.Set)+".")
		of.Violations = append(of.Violations, v)
	}
	return by
}

// pathOf is where Host has one of its services.
func pathOf(set int) string { return fmt.Sprintf("services[%d]", set) }

// Under returns a copy of the error whose paths lie under parent:
// "bindings[0]" under "services[1]" is "services[1].bindings[0]".
func (e *Error) Under(parent string) *Error {
	under := &Error{Violations: slices.Clone(e.Violations)}
	for i := range under.Violations {
		field := binding.FieldError{Path: under.Violations[i].Path}
		under.Violations[i].Path = field.Under(parent).Path
	}
	return under
}
