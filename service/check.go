package service

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/wire"
)

// Checked returns a deep copy of the service in the form in which services
// are stored: JSON canonical, what is empty nil, times as binding.Time makes them. What
// no store could keep is a *binding.FieldError.
func (s Service) Checked() (Service, error) {
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
		return Service{}, binding.Under(err, "virtualization")
	}
	rest, err := s.Source.canonicalRest()
	if err != nil {
		return Service{}, binding.Under(err, "source")
	}

	seen, fault := wire.Sightings(s.Sightings).Written()
	if fault != nil {
		return Service{}, (*binding.FieldError)(fault)
	}

	s = s.Clone()
	s.Sightings = binding.Sightings(seen)
	s.Virtualization, s.Source.Rest = virtualization, rest
	if len(s.Tags) == 0 {
		s.Tags = nil
	}
	for i := range s.Bindings {
		if s.Bindings[i], err = s.Bindings[i].Checked(); err != nil {
			return Service{}, binding.Under(err, fmt.Sprintf("bindings[%d]", i))
		}
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
