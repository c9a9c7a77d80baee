package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// print writes for people what became of a file that could be read.
func (r *result) print(w io.Writer) error {
	if r.err != nil {
		_, err := fmt.Fprintf(w, "%s: %v\n", r.name(), r.err)
		return err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s: host %s, %s\n", r.name(), quoted(r.host.Name, r.host.ID), count(len(r.services), "service"))
	broken, violations := 0, 0
	for i := range r.services {
		c := &r.services[i]
		var refused error
		if c.broken != nil {
			broken, violations, refused = broken+1, violations+len(c.broken.Violations), c.broken
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

// jsonResult is a result for machines.
type jsonResult struct {
	File     string        `json:"file"`
	Well     bool          `json:"well"`
	Error    *jsonError    `json:"error,omitempty"` // then there is no more
	HostID   uuid.UUID     `json:"host_id,omitzero"`
	Host     string        `json:"host,omitempty"`
	Services []jsonService `json:"services,omitempty"`
}

type jsonError struct {
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
}

type jsonService struct {
	Path       string            `json:"path"`
	ID         uuid.UUID         `json:"id"`
	Name       string            `json:"name"`
	Bindings   []binding.Binding `json:"bindings"` // the normalized set; empty where there are violations
	Rewritten  []jsonRewrite     `json:"rewritten,omitempty"`
	Dropped    []jsonDrop        `json:"dropped,omitempty"`
	Violations []jsonViolation   `json:"violations,omitempty"`
}

type jsonRewrite struct {
	Path string         `json:"path"`
	From binding.Target `json:"from"`
	To   binding.Target `json:"to"`
}

type jsonDrop struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	By     string `json:"by"` // the path of what is there instead
}

type jsonViolation struct {
	Path    string       `json:"path"`
	Rule    string       `json:"rule"`
	Code    binding.Code `json:"code"`
	Message string       `json:"message"`
}

// encode writes for machines what became of a file.
func (r *result) encode(w io.Writer) error {
	out := jsonResult{File: r.file, Well: r.code() == allWell, HostID: r.host.ID, Host: r.host.Name}
	if r.err != nil {
		out.Error = &jsonError{Message: r.err.Error()}
		var field *binding.FieldError
		if errors.As(r.err, &field) {
			out.Error.Path, out.Error.Message = field.Path, field.Problem
		}
	}
	for i := range r.services {
		out.Services = append(out.Services, r.services[i].json())
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func (c *checked) json() jsonService {
	s := jsonService{Path: c.path, ID: c.service.ID, Name: c.service.Name, Bindings: c.set.Bindings}
	if c.broken != nil {
		s.Bindings = nil
		for _, v := range c.broken.Violations {
			s.Violations = append(s.Violations, jsonViolation{Path: v.Path, Rule: v.Rule, Code: v.Code, Message: v.Message})
		}
		return s
	}
	at := func(i int) string {
		return (&binding.FieldError{Path: fmt.Sprintf("bindings[%d]", i)}).Under(c.path).Path
	}
	for _, r := range c.set.Rewritten {
		s.Rewritten = append(s.Rewritten, jsonRewrite{Path: at(r.Index), From: r.From, To: r.To})
	}
	for _, d := range c.set.Dropped {
		s.Dropped = append(s.Dropped, jsonDrop{Path: at(d.Index), Reason: d.Reason.String(), By: at(d.By)})
	}
	return s
}
