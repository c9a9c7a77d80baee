package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bindset/bindset/binding"
)

// checked returns a deep copy of a service in the form in which services are
// stored: JSON compact, what is empty nil, times as binding.Time makes them. What
// no store could keep is a *binding.FieldError.
func checked(s Service) (Service, error) {
	if n := utf8.RuneCountInString(s.Name); n > MaxNameLength {
		return Service{}, &binding.FieldError{
			Path: "name", Problem: fmt.Sprintf("has %d characters; use %d at most", n, MaxNameLength),
		}
	}
	if err := checkTexts(&s); err != nil {
		return Service{}, err
	}
	virtualization, err := compact("virtualization", s.Virtualization)
	if err != nil {
		return Service{}, err
	}
	rest, err := compact("source", s.Source.Rest)
	if err != nil {
		return Service{}, err
	}
	if len(rest) > 0 && rest[0] != '{' {
		return Service{}, &binding.FieldError{Path: "source", Problem: "the rest of it is no JSON object"}
	}

	s = s.Clone()
	s.Virtualization, s.Source.Rest = virtualization, rest
	if len(s.Tags) == 0 {
		s.Tags = nil
	}
	for i := range s.Bindings {
		s.Bindings[i] = s.Bindings[i].WithTimes()
	}
	return s, nil
}

func checkTexts(s *Service) error {
	if err := checkText("name", s.Name); err != nil {
		return err
	}
	if err := checkText("service_definition", s.Definition); err != nil {
		return err
	}
	if err := checkText("source.type", s.Source.Type); err != nil {
		return err
	}
	for i, tag := range s.Tags {
		if err := checkText(fmt.Sprintf("tags[%d]", i), tag); err != nil {
			return err
		}
	}
	return nil
}

// checkText holds every text of a service to what all stores can keep.
func checkText(field, value string) error {
	if !utf8.ValidString(value) {
		return &binding.FieldError{Path: field, Problem: "is not valid UTF-8"}
	}
	if strings.ContainsRune(value, 0) {
		return &binding.FieldError{Path: field, Problem: "holds a NUL character"}
	}
	return nil
}

// compact returns JSON without insignificant space, so that how it was written
// is no change; nil for null and for nothing at all.
func compact(field string, raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	if !utf8.Valid(raw) || json.Compact(&out, raw) != nil {
		return nil, &binding.FieldError{Path: field, Problem: "is not valid JSON"}
	}
	if bytes.Equal(out.Bytes(), []byte("null")) {
		return nil, nil
	}
	return out.Bytes(), nil
}

// sameButBindings reports whether two checked services differ in their bindings
// at most, and in what the Manager assigns.
func sameButBindings(a, b *Service) bool {
	return a.Name == b.Name && a.Definition == b.Definition && a.Position == b.Position &&
		a.Source.Type == b.Source.Type && bytes.Equal(a.Source.Rest, b.Source.Rest) &&
		slices.Equal(a.Tags, b.Tags) && bytes.Equal(a.Virtualization, b.Virtualization)
}
