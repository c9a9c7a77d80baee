package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// maxSize is how many bytes a file may have: enough for a set of
// validate.DefaultMaxBindings.
const maxSize = 64 << 20

// payload is what a file holds: a host and services on it.
type payload struct {
	host     host.Host
	services []service.Service
	paths    []string        // of each service
	within   string          // the path of the object that all of it lies in, "" for the file
	hostJSON json.RawMessage // the host, where it is an object of its own, its lists in it or beside it
}

// load returns the bytes of a file, or of stdin for "-".
func load(file string, stdin io.Reader) ([]byte, error) {
	from := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, errors.Unwrap(err) // the name of the file is said anyway
		}
		defer f.Close()
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, maxSize+1))
	if err == nil && len(data) > maxSize {
		err = fmt.Errorf("it is larger than %d MiB; split it into several", maxSize>>20)
	}
	return data, err
}

// decode reads a payload of any shape. What is wrong is a *binding.FieldError
// with the path in the file.
func decode(data []byte) (payload, error) {
	fields, err := object(data)
	if err != nil {
		return payload{}, err
	}
	within := ""
	if body, ok := fields["request_body"]; ok {
		within, data = "request_body", body
		if fields, err = object(data); err != nil {
			return payload{}, binding.Under(err, within)
		}
	}
	p, err := decodeShape(data, fields)
	p.within = within
	return p, binding.Under(err, within)
}

// decodeShape tells the shapes apart by the fields that only they have.
func decodeShape(data []byte, fields map[string]json.RawMessage) (payload, error) {
	has := func(names ...string) bool {
		for _, name := range names {
			if _, ok := fields[name]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case has("service") && has("services", "bindings"), has("bindings") && has("services"):
		return payload{}, malformed("has two of service, services and bindings; leave one of them out")
	case has("service"):
		return decodeService(data, fields, fields["service"], "service")
	case has("bindings"):
		return decodeService(data, fields, data, "")
	case has("host"):
		var d service.Discovery
		err := binding.DecodeJSON(data, &d)
		return payload{host: d.Host, services: d.Services, hostJSON: fields["host"]}.named(), err
	case has("services", "interfaces", "ip_addresses", "ports"):
		var h service.HostWithServices
		err := binding.DecodeJSON(data, &h)
		return payload{host: h.Host, services: h.Services}.named(), err
	default:
		return payload{}, malformed("is none of a discovery payload, a host with services, and a service with its host; -h shows what they look like")
	}
}

// decodeService reads a service that lies at path, and its host beside it or in
// it.
func decodeService(data []byte, fields map[string]json.RawMessage, own json.RawMessage, path string) (payload, error) {
	var s service.Service
	if err := binding.DecodeJSON(own, &s); err != nil {
		return payload{}, binding.Under(err, path)
	}
	var around service.Discovery // without services, but with the host
	if err := binding.DecodeJSON(data, &around); err != nil {
		return payload{}, err
	}
	return payload{host: around.Host, services: []service.Service{s}, paths: []string{path}, hostJSON: fields["host"]}, nil
}

// inHost puts the path of the host before that of an error about it. The lists of
// a host may stand beside it: then they are where the error says.
func (p payload) inHost(err error) error {
	var alone host.Host
	if p.hostJSON != nil && binding.DecodeJSON(p.hostJSON, &alone) == nil &&
		len(alone.Interfaces)+len(alone.IPAddresses)+len(alone.Ports) > 0 {
		err = binding.Under(err, "host")
	}
	return binding.Under(err, p.within)
}

// named gives the services of a list their paths.
func (p payload) named() payload {
	for i := range p.services {
		p.paths = append(p.paths, fmt.Sprintf("services[%d]", i))
	}
	return p
}

// object returns the fields of a JSON object. A field that stands twice is an
// error: one of the two would go unchecked.
func object(data []byte) (map[string]json.RawMessage, error) {
	var whole json.RawMessage
	if err := binding.DecodeJSON(data, &whole); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(whole))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, malformed("is no JSON object")
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, malformed(err.Error())
		}
		name, _ := token.(string)
		if _, twice := fields[name]; twice {
			return nil, malformed(fmt.Sprintf("has the field %.40q twice; leave one of them out", name))
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, malformed(err.Error())
		}
		fields[name] = value
	}
	return fields, nil
}

func malformed(problem string) error {
	return &binding.FieldError{Problem: problem, Malformed: true}
}
