package store

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/label"
)

// The codes of stores and use cases.
const (
	ErrNotFound       = binding.Code("not_found")       // there is no such host, service or binding
	ErrExists         = binding.Code("exists")          // another one has that ID
	ErrInUse          = binding.Code("in_use")          // others still refer to it
	ErrStale          = binding.Code("stale")           // it was changed since the Revision given
	ErrClosed         = binding.Code("closed")          // the store is closed, or the transaction over
	ErrLocked         = binding.Code("locked")          // somebody else has the store open
	ErrAmbiguous      = binding.Code("ambiguous")       // several stored hosts may be the one that was seen
	ErrNestedTx       = binding.Code("nested_tx")       // a transaction was opened inside another of the same store
	ErrUnknownOutcome = binding.Code("unknown_outcome") // a commit may or may not have happened
)

// The entities that an EntityError may be about.
const (
	EntityHost    = "host"
	EntityService = "service"
	EntityBinding = "binding"
)

// An EntityError says what is wrong with one host, service or binding. errors.Is
// finds its Code in it.
type EntityError struct {
	Code    binding.Code // ErrNotFound, ErrExists, ErrInUse, ErrStale or ErrAmbiguous
	Entity  string       // EntityHost, EntityService or EntityBinding
	ID      uuid.UUID
	Name    string            // as people know it; "" where there is none
	Problem string            // for people, where there is more to say than the code does
	Hosts   []uuid.UUID       // of ErrAmbiguous: the hosts that may be meant
	Users   []binding.Binding // of ErrInUse: the bindings that refer to what is to go, where there are any
}

// Error returns what is wrong and what to do.
func (e *EntityError) Error() string {
	what := e.Entity + " " + label.OrID(e.Name, e.ID)
	if e.Problem != "" {
		return what + ": " + e.Problem
	}
	switch e.Code {
	case ErrNotFound:
		return "there is no " + what
	case ErrExists:
		return what + " exists already; choose another ID, or none to have one assigned"
	case ErrInUse:
		return what + " is still in use; delete what uses it first, or ask for Cascade"
	case ErrStale:
		return what + " was changed since it was read; read it again and repeat the change"
	default:
		return what + ": " + e.Code.Error()
	}
}

// Unwrap returns the Code.
func (e *EntityError) Unwrap() error { return e.Code }
