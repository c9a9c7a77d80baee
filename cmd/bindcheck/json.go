package main

import (
	"encoding/json"
	"io"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
)

// jsonResult is a result for machines.
type jsonResult struct {
	File     string        `json:"file"`
	Well     bool          `json:"well"`
	Problems []jsonProblem `json:"problems,omitempty"` // then there is no more
	HostID   uuid.UUID     `json:"host_id,omitzero"`
	Host     string        `json:"host,omitempty"`
	Services []jsonService `json:"services,omitempty"`
}

// jsonPlace is a place in the file; line and column count from 1.
type jsonPlace struct {
	Path   string `json:"path,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

type jsonProblem struct {
	jsonPlace
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
	jsonPlace
	Reason string `json:"reason"`
	By     string `json:"by"` // the path of what is there instead
}

type jsonViolation struct {
	jsonPlace
	Rule    string       `json:"rule"`
	Code    binding.Code `json:"code"`
	Message string       `json:"message"`
}

// encode writes for machines what became of a file.
func (r *result) encode(w io.Writer) error {
	out := jsonResult{File: r.file, Well: r.code() == allWell}
	for _, p := range r.problems {
		out.Problems = append(out.Problems, jsonProblem{placeOf(p.path, p.position), p.message})
	}
	if r.inv != nil {
		out.HostID, out.Host = r.inv.HostID(), r.inv.Name()
	}
	for i := range r.services {
		out.Services = append(out.Services, r.services[i].json())
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func placeOf(path string, at hostfile.Position) jsonPlace {
	return jsonPlace{Path: path, Line: at.Line, Column: at.Column}
}

func (c *checked) json() jsonService {
	s := jsonService{Path: c.path, ID: c.service.ID, Name: c.service.Name, Bindings: c.set.Bindings}
	for _, r := range c.set.Rewritten {
		s.Rewritten = append(s.Rewritten, jsonRewrite{Path: c.bindingPath(r.Index), From: r.From, To: r.To})
	}
	for _, d := range c.set.Dropped {
		path := c.bindingPath(d.Index)
		s.Dropped = append(s.Dropped, jsonDrop{placeOf(path, c.position(path)), d.Reason.String(), c.bindingPath(d.By)})
	}
	if c.broken != nil {
		s.Bindings = nil
		for _, v := range c.broken.Violations {
			s.Violations = append(s.Violations, jsonViolation{placeOf(v.Path, c.position(v.Path)), v.Rule, v.Code, v.Message})
		}
	}
	return s
}
