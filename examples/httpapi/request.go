package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
)

// maxBody is how many bytes a body may have.
const maxBody = 8 << 20

// readBody returns the body of a request.
func readBody(r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refusal{errTooLarge, fmt.Sprintf("the body has more than %d MiB; send less at once", maxBody>>20)}
	case err != nil:
		return nil, refusal{binding.ErrMalformed, "the body ended early; send it again"}
	}
	return data, nil
}

// decode reads the JSON of a request into v.
func decode(r *http.Request, v any) (object, error) {
	data, err := readBody(r)
	if err != nil {
		return nil, err
	}
	if err := binding.DecodeJSON(data, v); err != nil {
		return nil, err
	}
	return objectOf(data), nil
}

// An object has the fields of a JSON object: the codecs of the library read what
// is missing as zero, but some fields must be there.
type object map[string]json.RawMessage

// objectOf returns the fields of JSON that a codec has read; none where that is
// no object.
func objectOf(data []byte) object {
	var fields object
	_ = json.Unmarshal(data, &fields)
	return fields
}

func (o object) has(name string) bool {
	value, ok := o[name]
	return ok && string(value) != "null"
}

// require refuses an object at a path that lacks a field.
func (o object) require(path string, names ...string) error {
	for _, name := range names {
		if !o.has(name) && !(name == "network_id" && o.has("site_id")) {
			return (&binding.FieldError{Path: name, Problem: "is missing", Malformed: true}).Under(path)
		}
	}
	return nil
}

// requireServices refuses an object with a list of services one of which lacks a
// field. That list is one.
func (o object) requireServices(names ...string) error {
	var services []object
	_ = json.Unmarshal(o["services"], &services)
	for i, s := range services {
		if err := s.require(fmt.Sprintf("services[%d]", i), names...); err != nil {
			return err
		}
	}
	return nil
}

// parseID returns the ID that a text of 36 characters stands for.
func parseID(text string) (uuid.UUID, bool) {
	id, err := uuid.Parse(text)
	return id, err == nil && len(text) == 36
}

// pathID returns the ID of the entity in the path.
func pathID(r *http.Request, entity string) (uuid.UUID, error) {
	id, ok := parseID(r.PathValue("id"))
	if !ok || id == uuid.Nil {
		return uuid.Nil, refusal{store.ErrNotFound, fmt.Sprintf("there is no %s %.40q", entity, r.PathValue("id"))}
	}
	return id, nil
}

// ids is a JSON list of IDs.
type ids []uuid.UUID

// UnmarshalJSON reads a list of texts of 36 characters.
func (list *ids) UnmarshalJSON(data []byte) error {
	var texts []string
	if err := json.Unmarshal(data, &texts); err != nil || texts == nil {
		return &binding.FieldError{Problem: "is no list of IDs", Malformed: true}
	}
	*list = make(ids, len(texts))
	for i, text := range texts {
		id, ok := parseID(text)
		if !ok {
			return &binding.FieldError{Path: fmt.Sprintf("[%d]", i), Problem: fmt.Sprintf("is %.40q; want a UUID", text), Malformed: true}
		}
		(*list)[i] = id
	}
	return nil
}

// distinct returns how many different IDs the list has.
func (list ids) distinct() int {
	seen := make(map[uuid.UUID]struct{}, len(list))
	for _, id := range list {
		seen[id] = struct{}{}
	}
	return len(seen)
}

// noRevision is one that nothing ever has.
const noRevision = math.MaxUint64

// ifMatch returns the Revision that the header If-Match asks for: that in one
// strong tag, 0 for "*" or without a header, and otherwise noRevision.
func ifMatch(r *http.Request) uint64 {
	given, asked := r.Header["If-Match"]
	tag := strings.TrimSpace(strings.Join(given, ", "))
	if !asked || tag == "*" {
		return 0
	}
	revision, err := strconv.ParseUint(strings.Trim(tag, `"`), 10, 64)
	if err != nil || revision == 0 || tag != etag(revision) {
		return noRevision
	}
	return revision
}

// ifMatchOrRevision returns the Revision that a deletion asks for: by If-Match, or
// by a revision in its body, which need not be there. The header counts first.
func ifMatchOrRevision(r *http.Request) (uint64, error) {
	data, err := readBody(r)
	if err != nil {
		return 0, err
	}
	var body struct {
		Revision uint64 `json:"revision"`
	}
	if len(bytes.TrimSpace(data)) > 0 {
		if err := binding.DecodeJSON(data, &body); err != nil {
			return 0, err
		}
	}
	return cmp.Or(ifMatch(r), body.Revision), nil
}

// etag returns the strong entity tag of a Revision.
func etag(revision uint64) string { return strconv.Quote(strconv.FormatUint(revision, 10)) }
