package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A reply is what a call that succeeds answers.
type reply struct {
	data     any
	changes  *changes  // what was done beyond what was asked for; nil for nothing
	revision uint64    // of the one host or service in data, or of the service of the one binding; 0 for other data
	next     uuid.UUID // of a list: after which there is more; nil where there is not
}

type meta struct {
	APIVersion    int       `json:"api_version"`
	ServerVersion string    `json:"server_version"`
	Next          uuid.UUID `json:"next,omitzero"`
}

type success struct {
	Success bool     `json:"success"`
	Data    any      `json:"data"`
	Changes *changes `json:"changes,omitempty"`
	Meta    meta     `json:"meta"`
}

type failure struct {
	Success bool         `json:"success"`
	Error   string       `json:"error"`
	Code    binding.Code `json:"code"`
	Params  params       `json:"params"`
	Meta    meta         `json:"meta"`
}

type params struct {
	Violations []violation `json:"violations"`
	Hosts      []uuid.UUID `json:"hosts,omitempty"` // those that a discovered host may be
}

func (a *api) reply(w http.ResponseWriter, r *http.Request, reply reply) {
	if reply.revision > 0 {
		w.Header().Set("ETag", etag(reply.revision))
	}
	meta := metaOf()
	meta.Next = reply.next
	a.write(w, r, http.StatusOK, success{Success: true, Data: reply.data, Changes: reply.changes, Meta: meta})
}

// refuse answers a request with an error. What is the server's own fault it logs
// and does not show.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, code := statusOf(r, err)
	answer := failure{Error: err.Error(), Code: code, Params: params{Violations: []violation{}}, Meta: metaOf()}
	if code == errInternal {
		level := slog.LevelError
		if r.Context().Err() != nil {
			level = slog.LevelDebug // the client is gone: that is no fault of ours
		}
		a.log.Log(r.Context(), level, "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		answer.Error = "the server cannot do this now; try again later"
	}
	var broken *validate.Error
	if errors.As(err, &broken) {
		for i := range broken.Violations {
			answer.Params.Violations = append(answer.Params.Violations, violationOf(&broken.Violations[i]))
		}
	}
	var entity *store.EntityError
	if errors.As(err, &entity) {
		answer.Params.Hosts = entity.Hosts
	}
	a.write(w, r, status, answer)
}

func (a *api) write(w http.ResponseWriter, r *http.Request, status int, answer any) {
	data, err := json.Marshal(answer)
	if err != nil { // what is stored cannot be written: the store has it from somebody else
		w.Header().Del("ETag")
		a.refuse(w, r, refusal{errInternal, err.Error()})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if _, err := w.Write(append(data, '\n')); err != nil {
		a.log.DebugContext(r.Context(), "client is gone", "error", err)
	}
}

// metaOf returns what every answer says of the server.
var metaOf = sync.OnceValue(func() meta {
	version := "0.0.0-dev"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		version = info.Main.Version
	}
	return meta{APIVersion: 1, ServerVersion: version}
})

// changes is a bindset.Change without what the answer says anyway.
type changes struct {
	Added     []shown     `json:"added,omitempty"`
	Updated   []shown     `json:"updated,omitempty"`
	Removed   []shown     `json:"removed,omitempty"`
	Rewritten []rewritten `json:"rewritten,omitempty"`
	Dropped   []dropped   `json:"dropped,omitempty"`
	Absorbed  []instead   `json:"absorbed,omitempty"`
	Skipped   []skipped   `json:"skipped,omitempty"`
	Displaced []instead   `json:"displaced,omitempty"`

	Faults []service.Fault  `json:"faults,omitempty"`
	Became []bindset.Became `json:"became,omitempty"`
}

type rewritten struct {
	From shown `json:"from"`
	To   shown `json:"to"`
}

type dropped struct {
	Binding shown  `json:"binding"`
	Reason  string `json:"reason"`
	By      shown  `json:"by"`
}

// instead is a binding, and the one that stands instead of it.
type instead struct {
	Binding shown `json:"binding"`
	By      shown `json:"by"`
}

type skipped struct {
	Binding   shown     `json:"binding"`
	Violation violation `json:"violation"`
}

// beyond returns what a use case did beyond what it was asked for, nil for
// nothing: to add and to update is to do what was asked.
func beyond(c bindset.Change) *changes {
	c.Added, c.Updated = nil, nil
	return changesOf(c)
}

// changesOf returns all that a use case did to bindings, nil for nothing.
func changesOf(c bindset.Change) *changes {
	c.Hosts, c.Services = nil, nil
	if c.IsZero() {
		return nil
	}
	shownChanges := &changes{
		Added: shownOf(c.Added), Updated: shownOf(c.Updated), Removed: shownOf(c.Removed),
		Faults: c.Faults, Became: c.Became,
	}
	for _, r := range c.Rewritten {
		shownChanges.Rewritten = append(shownChanges.Rewritten, rewritten{shown(r.From), shown(r.To)})
	}
	for _, d := range c.Dropped {
		shownChanges.Dropped = append(shownChanges.Dropped, dropped{shown(d.Binding), d.Reason.String(), shown(d.By)})
	}
	for _, a := range c.Absorbed {
		shownChanges.Absorbed = append(shownChanges.Absorbed, instead{shown(a.Binding), shown(a.By)})
	}
	for _, d := range c.Displaced {
		shownChanges.Displaced = append(shownChanges.Displaced, instead{shown(d.Binding), shown(d.By)})
	}
	for i := range c.Skipped {
		s := &c.Skipped[i]
		shownChanges.Skipped = append(shownChanges.Skipped, skipped{shown(s.Binding), violationOf(&s.Violation)})
	}
	return shownChanges
}

type violation struct {
	Code    binding.Code `json:"code"`
	Rule    string       `json:"rule"`
	Index   int          `json:"index"`
	Path    string       `json:"path"`
	Message string       `json:"message"`
	Binding shown        `json:"binding"`
	Other   shown        `json:"other"`
	Service *owner       `json:"service"`
}

// owner is the service that a port belongs to.
type owner struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

func violationOf(v *validate.Violation) violation {
	w := violation{
		Code: v.Code, Rule: v.Rule, Index: v.Index, Path: v.Path, Message: v.Message,
		Binding: shown(v.Binding), Other: shown(v.Other),
	}
	if v.Service.ID != uuid.Nil {
		w.Service = &owner{v.Service.ID, v.Service.Name}
	}
	return w
}
