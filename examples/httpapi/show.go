package main

import (
	"bytes"
	"encoding/json"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
)

// How answers write what the library writes: every binding with all its tracking
// fields.

// shown is a binding in an answer. A zero one is null.
type shown binding.Binding

// tracking are the fields of a binding that are null where they are absent.
var tracking = []string{"last_seen_at", "first_discovery_id", "last_discovery_id", "valid_from", "valid_to", "lineage_id"}

// MarshalJSON returns the binding as the API has it. No field of it is free text,
// so that the names of fields are found as they are.
func (s shown) MarshalJSON() ([]byte, error) {
	if s.Target == (binding.Target{}) {
		return []byte("null"), nil
	}
	data, err := binding.Binding(s).MarshalJSON()
	if err != nil {
		return nil, err
	}
	data = data[:len(data)-1]
	for _, field := range tracking {
		if !bytes.Contains(data, []byte(`"`+field+`":`)) {
			data = append(data, `,"`+field+`":null`...)
		}
	}
	return append(data, '}'), nil
}

func shownOf(bindings []binding.Binding) []shown {
	list := make([]shown, len(bindings))
	for i := range bindings {
		list[i] = shown(bindings[i])
	}
	return list
}

// shownService is a service in an answer.
type shownService service.Service

// MarshalJSON returns the service with its bindings as answers have them.
func (s shownService) MarshalJSON() ([]byte, error) {
	bindings := shownOf(s.Bindings)
	s.Bindings = nil
	data, err := service.Service(s).MarshalJSON()
	if err != nil {
		return nil, err
	}
	return with(data, "bindings", bindings)
}

func shownServices(services []service.Service) []shownService {
	list := make([]shownService, len(services))
	for i := range services {
		list[i] = shownService(services[i])
	}
	return list
}

// shownHost is a host with its services in an answer.
type shownHost service.HostWithServices

// MarshalJSON returns the host with its services as answers have them.
func (h shownHost) MarshalJSON() ([]byte, error) {
	data, err := service.HostWithServices{Host: h.Host}.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return with(data, "services", shownServices(h.Services))
}

// with returns a JSON object with another value for one of its fields.
func with(object []byte, name string, value any) ([]byte, error) {
	replacement, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(object))
	_, _ = d.Token() // the brace of an object that the library wrote
	out := []byte{'{'}
	for d.More() {
		field, err := d.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, err
		}
		if field == name {
			raw = replacement
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		key, err := json.Marshal(field)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, key...), ':'), raw...)
	}
	return append(out, '}'), nil
}
