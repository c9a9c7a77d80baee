package main

import (
	"net/http"
	"strings"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// The codes of what the library cannot know of.
const (
	errUnauthorized         = binding.Code("unauthorized")
	errTooLarge             = binding.Code("too_large")
	errMethodNotAllowed     = binding.Code("method_not_allowed")
	errUnsupportedMediaType = binding.Code("unsupported_media_type")
	errInternal             = binding.Code("internal")
)

// statuses has the HTTP status of every code: what a binding clashes with is a
// conflict where the request is about that binding alone, and a bad body where it
// is one of many. A code that is not here is a fault of the server.
var statuses = map[binding.Code]struct{ onBindings, elsewhere int }{
	binding.ErrMalformed:        {http.StatusBadRequest, http.StatusBadRequest},
	validate.ErrInvalid:         {http.StatusBadRequest, http.StatusBadRequest},
	validate.ErrCrossHost:       {http.StatusBadRequest, http.StatusBadRequest},
	validate.ErrNetworkMismatch: {http.StatusBadRequest, http.StatusBadRequest},
	validate.ErrConflict:        {http.StatusConflict, http.StatusBadRequest},
	validate.ErrPortClaimed:     {http.StatusConflict, http.StatusBadRequest},

	store.ErrNotFound:  {http.StatusNotFound, http.StatusNotFound},
	store.ErrExists:    {http.StatusConflict, http.StatusConflict},
	store.ErrInUse:     {http.StatusConflict, http.StatusConflict},
	store.ErrAmbiguous: {http.StatusConflict, http.StatusConflict},
	store.ErrStale:     {http.StatusPreconditionFailed, http.StatusPreconditionFailed},

	errUnauthorized:         {http.StatusUnauthorized, http.StatusUnauthorized},
	errTooLarge:             {http.StatusRequestEntityTooLarge, http.StatusRequestEntityTooLarge},
	errMethodNotAllowed:     {http.StatusMethodNotAllowed, http.StatusMethodNotAllowed},
	errUnsupportedMediaType: {http.StatusUnsupportedMediaType, http.StatusUnsupportedMediaType},
}

// statusOf returns the status and the code to answer an error of a request with.
func statusOf(r *http.Request, err error) (int, binding.Code) {
	code := bindset.CodeOf(err)
	status, ok := statuses[code]
	switch {
	case !ok:
		return http.StatusInternalServerError, errInternal
	case strings.HasPrefix(r.URL.Path, "/api/v1/bindings"):
		return status.onBindings, code
	default:
		return status.elsewhere, code
	}
}

// A refusal is an error about the request itself.
type refusal struct {
	code    binding.Code
	problem string
}

func (e refusal) Error() string { return e.problem }

// Unwrap returns the code.
func (e refusal) Unwrap() error { return e.code }
