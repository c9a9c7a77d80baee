package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/wire"
)

// checked returns a deep copy of a service in the form in which services are
// stored: JSON canonical, what is empty nil, times as binding.Time makes them. What
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
	virtualization, err := canonical(s.Virtualization)
	if err != nil {
		return Service{}, under(err, "virtualization")
	}
	rest, err := s.Source.canonicalRest()
	if err != nil {
		return Service{}, under(err, "source")
	}

	s = s.Clone()
	s.Virtualization, s.Source.Rest = virtualization, rest
	if len(s.Tags) == 0 {
		s.Tags = nil
	}
	for i := range s.Bindings {
		if s.Bindings[i], err = checkedBinding(s.Bindings[i]); err != nil {
			return Service{}, under(err, fmt.Sprintf("bindings[%d]", i))
		}
	}
	return s, nil
}

// checkedBinding returns a binding with its times as binding.Time makes them. One
// that JSON cannot hold is a *binding.FieldError.
func checkedBinding(b binding.Binding) (binding.Binding, error) {
	b = b.WithTimes()
	for _, at := range [...]struct {
		field string
		time  time.Time
	}{
		{"created_at", b.CreatedAt},
		{"updated_at", b.UpdatedAt},
		{"last_seen_at", b.LastSeenAt},
		{"valid_from", b.ValidFrom},
		{"valid_to", b.ValidTo},
	} {
		if problem := wire.BadTime(at.time); problem != "" {
			return binding.Binding{}, &binding.FieldError{Path: at.field, Problem: problem}
		}
	}
	return b, nil
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
	if problem := wire.BadText(value); problem != "" {
		return &binding.FieldError{Path: field, Problem: problem}
	}
	return nil
}

// canonical returns JSON as the codecs write and read it, so that how it was
// written is no change; nil for null and for nothing at all.
func canonical(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	canonical, fault := wire.Canonical(raw)
	if fault != nil {
		return nil, &binding.FieldError{Problem: fault.Problem}
	}
	if string(canonical) == "null" {
		return nil, nil
	}
	return canonical, nil
}

// sameButBindings reports whether two checked services differ in their bindings
// at most, and in what the Manager assigns.
func sameButBindings(a, b *Service) bool {
	return a.Name == b.Name && a.Definition == b.Definition && a.Position == b.Position &&
		a.Source.Type == b.Source.Type && bytes.Equal(a.Source.Rest, b.Source.Rest) &&
		slices.Equal(a.Tags, b.Tags) && bytes.Equal(a.Virtualization, b.Virtualization)
}
