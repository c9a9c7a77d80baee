package wire

import (
	"math"
	"unicode/utf8"
)

// A document is JSON that was read once: its text, and where each value in it is.
type document struct {
	text        []byte
	nodes       []node
	invalidUTF8 bool // texts in it may not be valid UTF-8
	strict      bool // fields that nobody reads are faults

	mending bool   // what cannot be read is zero, and in faults
	reading []step // where the value is that is read, when mending
	faults  []Mended
	more    int // how many faults there are beyond maxFaults
}

// maxFaults is how many faults of a document are kept, so that a text of nothing
// else does not become many times as large.
const maxFaults = 10000

// A step leads from an object to a field, or to an element of a list in a field.
type step struct {
	name string
	at   int // -1 for the field itself
}

func (s step) String() string {
	if s.at < 0 {
		return s.name
	}
	return element(s.name, s.at)
}

// A Mended is a fault that was got over. Its path is that in the whole document.
type Mended struct {
	Fault
	Replaced bool // the value was mended; else it was left out
}

// A node is a value, or the name of a field. Those of what is in a list or object
// follow it: the elements, or each name and then its value.
type node struct {
	start, end int32 // of its text
	next       int32 // the node behind it and all in it
	escaped    bool  // a string with escapes
}

// maxNesting is how many levels of lists and objects encoding/json takes.
const maxNesting = 10000

// read returns text as a document, nil where it is not exactly one JSON value, as
// encoding/json judges it.
func read(text []byte) *document {
	if len(text) > math.MaxInt32 {
		return nil
	}
	s := scanner{text: text, nodes: make([]node, 0, 4+len(text)/12)}
	end := s.value(s.blanks(0), 0)
	if end < 0 || s.blanks(end) != len(text) {
		return nil
	}
	return &document{text: text, nodes: s.nodes, invalidUTF8: !utf8.Valid(text)}
}

// A scanner reads JSON from left to right. Its methods take where something begins
// and return where it ends, -1 where it is not there.
type scanner struct {
	text    []byte
	nodes   []node
	deepest int // how many lists and objects lie within each other
}

func (s *scanner) value(at, depth int) (end int) {
	if at >= len(s.text) {
		return -1
	}
	me := len(s.nodes)
	s.nodes = append(s.nodes, node{start: int32(at)})
	switch c := s.text[at]; c {
	case '"':
		end = s.string(me)
	case '{':
		end = s.object(at+1, depth+1)
	case '[':
		end = s.list(at+1, depth+1)
	case 't':
		end = s.word(at, "true")
	case 'f':
		end = s.word(at, "false")
	case 'n':
		end = s.word(at, "null")
	default:
		end = s.number(at)
	}
	n := &s.nodes[me]
	n.end, n.next = int32(end), int32(len(s.nodes))
	return end
}

func (s *scanner) object(at, depth int) int {
	if s.deepest = max(s.deepest, depth); depth > maxNesting {
		return -1
	}
	if at = s.blanks(at); s.is(at, '}') {
		return at + 1
	}
	for {
		if !s.is(at, '"') {
			return -1
		}
		me := len(s.nodes)
		s.nodes = append(s.nodes, node{start: int32(at), next: int32(me + 1)})
		end := s.string(me)
		if end < 0 {
			return -1
		}
		s.nodes[me].end = int32(end)
		if at = s.blanks(end); !s.is(at, ':') {
			return -1
		}
		if at = s.value(s.blanks(at+1), depth); at < 0 {
			return -1
		}
		if at = s.blanks(at); !s.is(at, ',') {
			break
		}
		at = s.blanks(at + 1)
	}
	if !s.is(at, '}') {
		return -1
	}
	return at + 1
}

func (s *scanner) list(at, depth int) int {
	if s.deepest = max(s.deepest, depth); depth > maxNesting {
		return -1
	}
	if at = s.blanks(at); s.is(at, ']') {
		return at + 1
	}
	for {
		if at = s.value(at, depth); at < 0 {
			return -1
		}
		if at = s.blanks(at); !s.is(at, ',') {
			break
		}
		at = s.blanks(at + 1)
	}
	if !s.is(at, ']') {
		return -1
	}
	return at + 1
}

func (s *scanner) is(at int, c byte) bool { return at < len(s.text) && s.text[at] == c }

func (s *scanner) blanks(at int) int {
	for at < len(s.text) && (s.text[at] == ' ' || s.text[at] == '\n' || s.text[at] == '\r' || s.text[at] == '\t') {
		at++
	}
	return at
}

func (s *scanner) word(at int, want string) int {
	if end := at + len(want); end <= len(s.text) && string(s.text[at:end]) == want {
		return end
	}
	return -1
}

// string reads the string of a node.
func (s *scanner) string(me int) int {
	text := s.text
	for at := int(s.nodes[me].start) + 1; at < len(text); at++ {
		switch c := text[at]; {
		case c == '"':
			return at + 1
		case c < ' ':
			return -1
		case c == '\\':
			s.nodes[me].escaped = true
			if at = s.escape(at + 1); at < 0 {
				return -1
			}
		}
	}
	return -1
}

// escape reads what follows a backslash, and returns where its last byte is.
func (s *scanner) escape(at int) int {
	if at >= len(s.text) {
		return -1
	}
	switch s.text[at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return at
	case 'u':
		for digit := at + 1; digit <= at+4; digit++ {
			if digit >= len(s.text) || !isHex(s.text[digit]) {
				return -1
			}
		}
		return at + 4
	default:
		return -1
	}
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (s *scanner) number(at int) int {
	if s.is(at, '-') {
		at++
	}
	if s.is(at, '0') {
		at++
	} else if at = s.digits(at); at < 0 {
		return -1
	}
	if s.is(at, '.') {
		if at = s.digits(at + 1); at < 0 {
			return -1
		}
	}
	if s.is(at, 'e') || s.is(at, 'E') {
		if at++; s.is(at, '+') || s.is(at, '-') {
			at++
		}
		at = s.digits(at)
	}
	return at
}

// digits reads one digit or more.
func (s *scanner) digits(at int) int {
	begin := at
	for at < len(s.text) && isDigit(s.text[at]) {
		at++
	}
	if at == begin {
		return -1
	}
	return at
}
