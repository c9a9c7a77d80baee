package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Fault says which field is wrong, and what is wrong with it. It has the fields
// of binding.FieldError, so that one converts to the other: package binding
// reads JSON too, so this package cannot import it.
type Fault struct {
	Path      string
	Problem   string
	Malformed bool
}

// under returns the fault of what lies under parent.
func (f *Fault) under(parent string) *Fault {
	path := parent
	if f.Path != "" {
		path += "." + f.Path
	}
	return &Fault{Path: path, Problem: f.Problem, Malformed: f.Malformed}
}

// Check returns what keeps a text from being exactly one JSON value in UTF-8, and
// at which line and byte; nil where nothing does.
func Check(data []byte) *Fault {
	if !utf8.Valid(data) {
		return malformedAt(data, invalidUTF8(data), "not valid UTF-8", "")
	}
	if read(data) != nil {
		return nil
	}
	why := "larger than 2 GiB"
	offset := len(data)
	var value json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(data, &value); errors.As(err, &syntax) {
		why, offset = syntax.Error(), int(syntax.Offset)
	}
	return malformedAt(data, offset, "not valid JSON", ": "+why)
}

// BadText returns what is wrong with a text of the model, "" where it is valid
// UTF-8 without NUL.
func BadText(text string) string {
	switch {
	case text == "":
		return ""
	case !utf8.ValidString(text):
		return "is not valid UTF-8"
	case strings.IndexByte(text, 0) >= 0:
		return "holds a NUL character"
	default:
		return ""
	}
}

func malformedAt(data []byte, offset int, problem, why string) *Fault {
	line := 1 + bytes.Count(data[:offset], []byte{'\n'})
	return &Fault{Problem: fmt.Sprintf("%s at line %d, byte %d%s", problem, line, offset, why), Malformed: true}
}

// invalidUTF8 returns how many bytes come before the first that is not UTF-8.
func invalidUTF8(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}
