package hostfile

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// An entry is a name and what stands behind it.
type entry struct {
	name       string
	key, value *yaml.Node
}

// entries returns the entries of a mapping with names that the file chooses; none
// where there is nothing. want says what to write where there is something else.
func (r *reader) entries(n *yaml.Node, want string) []entry {
	switch {
	case isNothing(n) || r.isAnchored(n):
		return nil
	case n.Kind != yaml.MappingNode:
		r.fail(n, "is %s; %s", kindOf(n), want)
		return nil
	}
	entries := make([]entry, 0, len(n.Content)/2)
	first := make(map[string]Position, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := entry{key: n.Content[i], value: n.Content[i+1]}
		if e.name = r.text(e.key, "a name"); e.name == "" {
			continue
		}
		if at, twice := first[e.name]; twice {
			r.fail(e.key, "%.60q stands twice, first at %s; leave one of the two out", e.name, at)
			continue
		}
		first[e.name] = positionOf(e.key)
		entries = append(entries, e)
	}
	return entries
}

// fields returns the values of a mapping whose keys are given.
func (r *reader) fields(n *yaml.Node, known ...string) map[string]*yaml.Node {
	fields := make(map[string]*yaml.Node, len(known))
	want := "write " + strings.Join(known, ", ") + " there"
	for _, e := range r.entries(n, want) {
		fields[e.name] = e.value
		if !isKnown(e.name, known) {
			r.fail(e.key, "%.60q is none of %s; correct or remove it", e.name, strings.Join(known, ", "))
		}
	}
	return fields
}

func isKnown(name string, known []string) bool {
	for _, k := range known {
		if name == k {
			return true
		}
	}
	return false
}

// list returns the elements of a list, and a text by itself as the only element;
// none where there is nothing.
func (r *reader) list(n *yaml.Node, want string) []*yaml.Node {
	switch {
	case isNothing(n) || r.isAnchored(n):
		return nil
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	case n.Kind == yaml.SequenceNode:
		return n.Content
	default:
		r.fail(n, "is %s; %s", kindOf(n), want)
		return nil
	}
}

// text returns a text that must be there; "" where it is not, which is a problem.
func (r *reader) text(n *yaml.Node, what string) string {
	switch {
	case r.isAnchored(n):
		return ""
	case n.Kind != yaml.ScalarNode:
		r.fail(n, "is %s; write %s there", kindOf(n), what)
		return ""
	case n.ShortTag() != "!!str":
		r.fail(n, "%.60q is %s; write %s in quotes if that is what you mean", n.Value, kindOf(n), what)
		return ""
	case n.Value == "":
		r.fail(n, "is empty; write %s there", what)
	}
	return n.Value
}

// isAnchored refuses what YAML copies from elsewhere: a few lines of it can stand
// for gigabytes.
func (r *reader) isAnchored(n *yaml.Node) bool {
	if n.Kind != yaml.AliasNode && n.Anchor == "" {
		return false
	}
	r.fail(n, "anchors and aliases are not read; write out what is meant")
	return true
}

func isNothing(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && n.Anchor == ""
}

// kindOf says for people what stands at a node.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch tag := n.ShortTag(); tag {
	case "!!str":
		return "a text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false to YAML"
	case "!!null":
		return "nothing"
	case "!!timestamp":
		return "a date"
	default:
		return fmt.Sprintf("of the type %.40s", tag)
	}
}
