package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/uuid"
)

// The kinds of JSON values, as messages name them.
const (
	aString  = "a string"
	aNumber  = "a number"
	aBoolean = "true or false"
	aNull    = "null"
	aList    = "a list"
	anObject = "an object"
)

// A Value is one JSON value of a document.
type Value struct {
	*document
	at int32 // its node
}

func (v Value) node() *node { return &v.nodes[v.at] }

// JSON returns the text of the value.
func (v Value) JSON() []byte { return v.text[v.node().start:v.node().end] }

// first returns the first value, or name, that is in a list or object that has any.
func (v Value) first() Value { return Value{v.document, v.at + 1} }

// elements returns how many values are in a list.
func (v Value) elements() int {
	n := 0
	for e := v.first(); e.at < v.node().next; e.at = e.node().next {
		n++
	}
	return n
}

func (v Value) kind() string {
	switch v.text[v.node().start] {
	case '"':
		return aString
	case '{':
		return anObject
	case '[':
		return aList
	case 't', 'f':
		return aBoolean
	case 'n':
		return aNull
	default:
		return aNumber
	}
}

func (v Value) wrongType(name, want string) *Fault {
	return &Fault{Path: name, Problem: "is " + v.kind() + "; want " + want, Malformed: true}
}

// readText returns the text that a string stands for, with its fault also the
// mended one where the document is mended. It may share memory with the JSON.
func (v Value) readText() ([]byte, *Fault) {
	if v.text[v.node().start] != '"' {
		return nil, v.wrongType("", aString)
	}
	text := v.unquote()
	problem := ""
	if v.node().escaped {
		problem = badEscape(v.JSON())
	}
	if v.invalidUTF8 && !utf8.Valid(text) {
		problem = "is not valid UTF-8"
	}
	switch {
	case problem == "":
		return text, nil
	case v.mending:
		text = bytes.ReplaceAll(bytes.ToValidUTF8(text, []byte("\uFFFD")), []byte{0}, nil)
		return append([]byte{}, text...), &Fault{Problem: problem + "; that is replaced or left out", Malformed: true}
	default:
		return nil, &Fault{Problem: problem, Malformed: true}
	}
}

// unquote returns what a string stands for, which shares memory with the JSON
// where it has no escapes.
func (v Value) unquote() []byte {
	quoted := v.JSON()
	if !v.node().escaped {
		return quoted[1 : len(quoted)-1]
	}
	var text string
	_ = json.Unmarshal(quoted, &text) // what was scanned is a string
	return []byte(text)
}

// badEscape returns what is wrong with the first escape in valid JSON that stands
// for no text: NUL, which no store can keep, and half a surrogate pair, which is
// no character and would be read as U+FFFD.
func badEscape(value []byte) string {
	for {
		at := bytes.IndexByte(value, '\\')
		if at < 0 {
			return ""
		}
		if value[at+1] != 'u' {
			value = value[at+2:]
			continue
		}
		r := codeUnit(value[at:])
		value = value[at+len(`\u0000`):]
		switch {
		case r == 0:
			return `holds a NUL character, \u0000`
		case !utf16.IsSurrogate(r):
		case !bytes.HasPrefix(value, []byte(`\u`)) || utf16.DecodeRune(r, codeUnit(value)) == unicode.ReplacementChar:
			return `holds half a surrogate pair, \u` + strconv.FormatInt(int64(r), 16)
		default:
			value = value[len(`\u0000`):]
		}
	}
}

// codeUnit returns the UTF-16 code unit of an escape such as \u00e9.
func codeUnit(escape []byte) rune {
	n, _ := strconv.ParseUint(string(escape[2:6]), 16, 16) // there are four digits
	return rune(n)
}

// maxDepth is how deep opaque JSON may be nested. That leaves room for all that
// may be around it: encoding/json reads and writes 10,000 levels at most.
const maxDepth = 1000

// Canonical returns JSON as json.Marshal writes it: without blanks, and with the
// escapes that make it safe within HTML. What is so comes back unchanged when it
// is written and read again. Text that is no JSON, holds what a text must not, or
// is nested more than 1,000 levels deep is a fault.
func Canonical(value []byte) (json.RawMessage, *Fault) {
	if fault := Check(value); fault != nil {
		return nil, fault
	}
	if problem := badEscape(value); problem != "" {
		return nil, &Fault{Problem: problem, Malformed: true}
	}
	if s := (scanner{text: value}); s.value(s.blanks(0), 0) >= 0 && s.deepest > maxDepth {
		return nil, &Fault{Problem: fmt.Sprintf("is nested more than %d levels deep", maxDepth), Malformed: true}
	}
	canonical, err := json.Marshal(json.RawMessage(value))
	if err != nil {
		return nil, &Fault{Problem: err.Error(), Malformed: true}
	}
	return canonical, nil
}

// ParseID returns the ID that a text of 36 characters stands for. The error says
// what the text is instead.
func ParseID(text []byte) (uuid.UUID, error) {
	if len(text) == 36 {
		if id, err := uuid.ParseBytes(text); err == nil {
			return id, nil
		}
	}
	return uuid.Nil, fmt.Errorf("is %.40q; want a UUID such as 550e8400-e29b-41d4-a716-446655440000", text)
}
