package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
)

// dryRun is the parameter of every call that writes.
const dryRun = "dry_run"

// query answers with a call that knows these query parameters, each once at most.
func query(next call, known ...string) call {
	return func(r *http.Request) (reply, error) {
		given, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return reply{}, malformed("the query is no list of parameters such as a=b&c=d: %v", err)
		}
		for name, values := range given {
			switch {
			case !slices.Contains(known, name):
				return reply{}, malformed("the query has %.40q, which this call does not know; it knows %q", name, known)
			case len(values) > 1:
				return reply{}, malformed("the query has %s twice", name)
			}
		}
		if _, err := queryFlag(r, dryRun); err != nil {
			return reply{}, err
		}
		return next(r)
	}
}

// writes is query for a call that changes something.
func writes(next call, known ...string) call { return query(next, append(known, dryRun)...) }

// writeOptions returns what the query of a call that writes asks for.
func writeOptions(r *http.Request) []bindset.CallOption {
	if dry, _ := queryFlag(r, dryRun); dry { // query has looked at it
		return []bindset.CallOption{bindset.DryRun()}
	}
	return nil
}

// queryFlag returns whether a parameter is there and true.
func queryFlag(r *http.Request, name string) (bool, error) {
	switch given := r.URL.Query().Get(name); given {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, malformed("the query has %.40q for %s; want true or false", given, name)
	}
}

// queryID returns the ID that a list needs in its query.
func queryID(r *http.Request, name string) (uuid.UUID, error) {
	given := r.URL.Query().Get(name)
	id, ok := parseID(given)
	if !ok {
		return uuid.Nil, malformed("the query has %.40q for %s; want ?%s=UUID", given, name, name)
	}
	return id, nil
}

// maxPage is how many hosts a list has at most.
const maxPage = 1000

// page returns which part of a list the query asks for: limit of those behind
// after.
func page(r *http.Request) (after uuid.UUID, limit int, err error) {
	limit = maxPage
	q := r.URL.Query()
	if q.Has("limit") {
		if limit, err = strconv.Atoi(q.Get("limit")); err != nil || limit < 1 || limit > maxPage {
			return uuid.Nil, 0, malformed("the query has %.40q for limit; want a number from 1 to %d", q.Get("limit"), maxPage)
		}
	}
	if q.Has("after") {
		after, err = queryID(r, "after")
	}
	return after, limit, err
}

func malformed(format string, args ...any) error {
	return refusal{binding.ErrMalformed, fmt.Sprintf(format, args...)}
}
