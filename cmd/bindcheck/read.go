package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
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

// isYAML reports whether a file is read as YAML: by its name, or else by how it
// begins.
func isYAML(file string, data []byte) bool {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".yaml", ".yml":
		return true
	case ".json":
		return false
	}
	start := bytes.TrimSpace(data)
	return len(start) > 0 && start[0] != '{' && start[0] != '[' && !json.Valid(start) && utf8.Valid(start)
}

// readYAML reads a host as people write it.
func readYAML(data []byte) (document, []problem) {
	f, err := hostfile.Parse(data)
	var wrong hostfile.Problems
	if errors.As(err, &wrong) {
		var problems []problem
		for _, p := range wrong {
			problems = append(problems, problem{position: p.Position, message: p.Message})
		}
		return document{}, problems
	}
	return document{
		inv: f.Inventory, services: f.Services, paths: pathsOf(f.Services),
		positions: func(paths []string) map[string]hostfile.Position {
			positions := make(map[string]hostfile.Position, len(paths))
			for _, path := range paths {
				positions[path] = f.Position(path)
			}
			return positions
		},
	}, nil
}

// readJSON reads a payload of any shape. readable says that the text is one, and
// its host cannot be.
func readJSON(data []byte, strict bool) (d document, readable bool, problems []problem) {
	p, err := decode(data, strict)
	if err == nil {
		readable = true
		d.inv, err = host.NewInventory(p.host)
		err = p.inHost(err)
	}
	var wrong faults
	if errors.As(err, &wrong) {
		paths := make([]string, len(wrong))
		for i := range wrong {
			paths[i] = (&binding.FieldError{Path: wrong[i].Path}).Under(p.within).Path
		}
		positions := positionsInJSON(data, paths)
		for i, path := range paths {
			problems = append(problems, problem{path, positions[path], wrong[i].Problem})
		}
		return document{}, false, problems
	}
	if err != nil {
		what := problem{message: err.Error()}
		var field *binding.FieldError
		if errors.As(err, &field) {
			readable = readable || !field.Malformed
			what.path, what.message = field.Path, field.Problem
		}
		if what.path != "" {
			what.position = positionsInJSON(data, []string{what.path})[what.path]
		}
		return document{}, readable, []problem{what}
	}
	d.services, d.paths = p.services, p.paths
	for i := range d.paths {
		d.paths[i] = (&binding.FieldError{Path: d.paths[i]}).Under(p.within).Path
	}
	d.positions = func(paths []string) map[string]hostfile.Position { return positionsInJSON(data, paths) }
	return d, true, nil
}

// decode reads a payload of any shape. What is wrong is a *binding.FieldError
// with the path in the file.
func decode(data []byte, strict bool) (payload, error) {
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
	p, err := decodeShape(data, fields, strict)
	p.within = within
	return p, binding.Under(err, within)
}

// decodeShape tells the shapes apart by the fields that only they have.
func decodeShape(data []byte, fields map[string]json.RawMessage, strict bool) (payload, error) {
	var options []binding.DecodeOption
	if strict {
		options = append(options, binding.Strict)
	}
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
		return decodeService(data, fields, fields["service"], "service", options)
	case has("bindings"):
		return decodeService(data, fields, data, "", options)
	case has("host"):
		var d service.Discovery
		if err := binding.DecodeJSON(data, &d, options...); err != nil {
			return payload{}, err
		}
		return payload{host: d.Host, services: d.Services, paths: pathsOf(d.Services), hostJSON: fields["host"]}, faultsOf(&d)
	case has("services", "interfaces", "ip_addresses", "ports"):
		var h service.HostWithServices
		err := binding.DecodeJSON(data, &h, options...)
		return payload{host: h.Host, services: h.Services, paths: pathsOf(h.Services)}, err
	default:
		return payload{}, malformed("is none of a discovery payload, a host with services, and a service with its host; -h shows what they look like")
	}
}

// decodeService reads a service that lies at path, and its host beside it or in
// it.
func decodeService(data []byte, fields map[string]json.RawMessage, own json.RawMessage, path string, options []binding.DecodeOption) (payload, error) {
	var s service.Service
	if err := binding.DecodeJSON(own, &s); err != nil {
		return payload{}, binding.Under(err, path)
	}
	var around service.Discovery // without services, but with the host
	if err := binding.DecodeJSON(data, &around); err != nil {
		return payload{}, err
	}
	return payload{host: around.Host, services: []service.Service{s}, paths: []string{path}, hostJSON: fields["host"]}, faultsOf(&around)
}

// faults are what a payload has that cannot be. A scan is taken without it; a file
// that is checked is to be mended.
type faults []service.Fault

func (f faults) Error() string { return f[0].Path + ": " + f[0].Problem }

// faultsOf returns the faults of a payload as an error, nil where there are none.
func faultsOf(d *service.Discovery) error {
	if len(d.Faults) == 0 {
		return nil
	}
	return faults(d.Faults)
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

// pathsOf returns the paths of a list of services.
func pathsOf(services []service.Service) []string {
	paths := make([]string, len(services))
	for i := range paths {
		paths[i] = fmt.Sprintf("services[%d]", i)
	}
	return paths
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
