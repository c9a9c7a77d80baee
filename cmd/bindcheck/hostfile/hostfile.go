package hostfile

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// MaxSize is how many bytes a file may have.
const MaxSize = 4 << 20

// A Position is a line and a column of a file, both from 1. The zero Position is
// not known.
type Position struct{ Line, Column int }

// String returns "line:column", and "" for the zero Position.
func (p Position) String() string {
	if p == (Position{}) {
		return ""
	}
	return fmt.Sprintf("%d:%d", p.Line, p.Column)
}

// A Problem is one thing that keeps a file from being read.
type Problem struct {
	Position Position
	Message  string // what is wrong and what to write instead
}

// Problems are all that keep a file from being read, by their Position; never
// empty where they are an error. errors.Is finds binding.ErrMalformed in them.
type Problems []Problem

// shownProblems bounds the text of Problems.
const shownProblems = 8

// Error returns the first problems, one a line, each behind its position.
func (p Problems) Error() string {
	var b strings.Builder
	for i, problem := range p[:min(len(p), shownProblems)] {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimPrefix(problem.Position.String()+": ", ": ") + problem.Message)
	}
	if more := len(p) - shownProblems; more > 0 {
		fmt.Fprintf(&b, "\n... and %d more", more)
	}
	return b.String()
}

// Is reports whether target is binding.ErrMalformed or binding.ErrInvalid.
func (p Problems) Is(target error) bool {
	return target == binding.ErrMalformed || target == binding.ErrInvalid
}

// A File is a host and its services, as they were written.
type File struct {
	Inventory *host.Inventory
	Services  []service.Service

	positions map[string]Position
}

// Position returns where a path of the file, such as "services[1].bindings[0]",
// was written: the place itself, or the nearest around it that is known.
func (f *File) Position(path string) Position {
	for {
		if at, ok := f.positions[path]; ok || path == "" {
			return at
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// Parse reads a file. What keeps it from being read are Problems. It takes time
// linear in the file.
func Parse(data []byte) (*File, error) {
	if len(data) > MaxSize {
		return nil, Problems{{Message: fmt.Sprintf("the file is larger than %d MiB; write large hosts as JSON", MaxSize>>20)}}
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, Problems{syntax(err)}
	}
	r := reader{File: &File{positions: make(map[string]Position)}}
	r.file(&document)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.Position.Line, b.Position.Line), cmp.Compare(a.Position.Column, b.Position.Column))
		})
		return nil, r.problems
	}
	return r.File, nil
}

// syntax places what the library says of text that is no YAML.
func syntax(err error) Problem {
	var p Problem
	p.Message = strings.TrimPrefix(err.Error(), "yaml: ")
	if n, _ := fmt.Sscanf(p.Message, "line %d:", &p.Position.Line); n == 1 {
		p.Position.Column = 1
		_, p.Message, _ = strings.Cut(p.Message, ": ")
	}
	p.Message = fmt.Sprintf("is not YAML: %.200s", p.Message)
	return p
}

// reader reads the tree of a file, and goes on after problems.
type reader struct {
	*File
	problems Problems
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, Problem{positionOf(n), fmt.Sprintf(format, args...)})
}

func (r *reader) note(path string, n *yaml.Node) { r.positions[path] = positionOf(n) }

func positionOf(n *yaml.Node) Position { return Position{n.Line, n.Column} }

// file reads the whole document.
func (r *reader) file(document *yaml.Node) {
	if len(document.Content) == 0 {
		r.fail(&yaml.Node{Line: 1, Column: 1}, "the file is empty; begin with host, interfaces and services")
		return
	}
	root := document.Content[0]
	r.note("", root)
	fields := r.fields(root, "host", "interfaces", "ports", "services")
	var h host.Host
	if n := fields["host"]; n != nil {
		r.note("name", n)
		h.Name = r.text(n, "the name of the host")
	}
	for _, e := range r.entries(fields["interfaces"], "interfaces are written as names with lists of addresses") {
		r.networkInterface(&h, e)
	}
	named := fields["services"]
	h.Ports = r.ports(fields["ports"], named)
	inv, err := host.NewInventory(host.WithIDs(h))
	if err != nil {
		r.hostProblem(root, err)
	}
	for _, e := range r.entries(named, "services are written as names with their bindings") {
		r.service(inv, e)
	}
	r.Inventory = inv
}

// hostProblem places what is wrong with the host.
func (r *reader) hostProblem(root *yaml.Node, err error) {
	at := positionOf(root)
	var field *binding.FieldError
	problem := err.Error()
	if errors.As(err, &field) {
		at, problem = r.Position(field.Path), field.Problem
	}
	r.problems = append(r.problems, Problem{at, problem})
}

// networkInterface reads an interface and the addresses that it carries.
func (r *reader) networkInterface(h *host.Host, e entry) {
	r.note(fmt.Sprintf("interfaces[%d]", len(h.Interfaces)), e.key)
	h.Interfaces = append(h.Interfaces, host.Interface{Name: e.name, Position: int32(len(h.Interfaces))})
	for _, n := range r.list(e.value, "write the addresses of the interface as a list, such as [192.0.2.5]") {
		text := r.text(n, "an IP address")
		if text == "" {
			continue
		}
		ip, err := netip.ParseAddr(text)
		if err != nil {
			r.fail(n, "%.60q is no IP address; write one like 192.0.2.5 or \"2001:db8::5\"", text)
			continue
		}
		r.note(fmt.Sprintf("ip_addresses[%d]", len(h.IPAddresses)), n)
		h.IPAddresses = append(h.IPAddresses, host.IPAddress{
			Address: ip, Position: int32(len(h.IPAddresses)), InterfaceID: carrierID(h),
		})
	}
}

// carrierID gives the last interface an ID of its own, to be named by what it
// carries: names need not be unique to the library, and here they are.
func carrierID(h *host.Host) uuid.UUID {
	last := &h.Interfaces[len(h.Interfaces)-1]
	last.ID = uuid.NewSHA1(uuid.Nil, []byte("interface "+last.Name))
	return last.ID
}

// ports reads the ports of the host; where there is no list, they are those that
// bindings name.
func (r *reader) ports(list, services *yaml.Node) []host.Port {
	var ports []host.Port
	seen := make(map[host.Port]bool)
	add := func(text string, n *yaml.Node) error {
		p, err := host.ParsePort(text)
		if err == nil && !seen[p] {
			r.note(fmt.Sprintf("ports[%d]", len(ports)), n)
			seen[p] = true
			ports = append(ports, p)
		}
		return err
	}
	if list != nil {
		for _, n := range r.list(list, "write the ports as a list, such as [443/tcp, 53/udp]") {
			if text := r.text(n, "a port"); text != "" {
				if err := add(text, n); err != nil {
					r.fail(n, "%v", err)
				}
			}
		}
		return ports
	}
	for _, n := range scalarsBelow(services) {
		if port, _, ok := strings.Cut(n.Value, " on "); ok {
			_ = add(strings.TrimSpace(port), n) // what is no port is said of the binding
		}
	}
	return ports
}

// scalarsBelow returns the texts of the bindings of all services.
func scalarsBelow(services *yaml.Node) []*yaml.Node {
	if services == nil || services.Kind != yaml.MappingNode {
		return nil
	}
	var found []*yaml.Node
	for i := 1; i < len(services.Content); i += 2 {
		for at, n := range services.Content[i].Content {
			if at%2 == 1 && services.Content[i].Content[at-1].Value == "bindings" {
				found = append(found, n.Content...)
			}
		}
	}
	return found
}

// service reads one service and its bindings. Without an inventory there is
// nothing to name, and what is wrong with the host is said already.
func (r *reader) service(inv *host.Inventory, e entry) {
	path := fmt.Sprintf("services[%d]", len(r.Services))
	r.note(path, e.key)
	s := service.Service{Name: e.name, Position: int32(len(r.Services))}
	s.ID = uuid.NewSHA1(uuid.Nil, []byte("service "+e.name))
	fields := r.fields(e.value, "definition", "tags", "bindings")
	if n := fields["definition"]; n != nil {
		r.note(path+".service_definition", n)
		s.Definition = r.text(n, "the definition")
	}
	for i, n := range r.list(fields["tags"], "write the tags as a list, such as [public]") {
		r.note(fmt.Sprintf("%s.tags[%d]", path, i), n)
		s.Tags = append(s.Tags, r.text(n, "a tag"))
	}
	for _, n := range r.list(fields["bindings"], "write the bindings as a list, such as [443/tcp on all, at br0]") {
		text := r.text(n, "a binding")
		if text == "" || inv == nil {
			continue
		}
		target, err := inv.Parse(text)
		if err != nil {
			r.fail(n, "%v", err)
			continue
		}
		r.note(fmt.Sprintf("%s.bindings[%d]", path, len(s.Bindings)), n)
		s.Bindings = append(s.Bindings, binding.Binding{Target: target})
	}
	if checked, err := s.Checked(); err != nil {
		r.hostProblem(e.key, binding.Under(err, path))
	} else {
		s = checked
	}
	r.Services = append(r.Services, s)
}
