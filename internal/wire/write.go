package wire

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// A Writer writes the fields of JSON objects, as json.Marshal does. The first fault
// is kept, and what is written after it means nothing: write all fields, then ask
// for the result.
type Writer struct {
	json  []byte
	fault *Fault
}

// Marshal returns an object with the fields that write writes.
func Marshal(write func(*Writer)) ([]byte, *Fault) {
	w := Writer{json: make([]byte, 0, 640)}
	w.object(write)
	if w.fault != nil {
		return nil, w.fault
	}
	return w.json, nil
}

// Fail makes a fault that of what is written, unless it has one already or the
// fault is nil.
func (w *Writer) Fail(f *Fault) {
	if w.fault == nil {
		w.fault = f
	}
}

func (w *Writer) object(write func(*Writer)) {
	w.json = append(w.json, '{')
	write(w)
	w.json = append(w.json, '}')
}

// field returns the JSON so far and the name of a field.
func (w *Writer) field(name string) []byte {
	json := w.json
	if json[len(json)-1] != '{' {
		json = append(json, ',')
	}
	return append(append(append(json, '"'), name...), '"', ':')
}

// Object writes a field that is an object.
func (w *Writer) Object(name string, write func(*Writer)) {
	w.json = w.field(name)
	failed := w.fault != nil
	w.object(write)
	if !failed && w.fault != nil {
		w.fault = w.fault.under(name)
	}
}

// WriteList writes a list of objects.
func WriteList[T any](w *Writer, name string, list []T, write func(*Writer, *T)) {
	w.json = append(w.field(name), '[')
	begin := len(w.json)
	for i := range list {
		switch i {
		case 0:
		case 1: // the others are about as long as the first
			w.json = slices.Grow(w.json, (len(w.json)-begin+len(","))*(len(list)-1))
			fallthrough
		default:
			w.json = append(w.json, ',')
		}
		failed := w.fault != nil
		w.object(func(w *Writer) { write(w, &list[i]) })
		if !failed && w.fault != nil {
			w.fault = w.fault.under(element(name, i))
		}
	}
	w.json = append(w.json, ']')
}

// Null writes null.
func (w *Writer) Null(name string) {
	w.json = append(w.field(name), "null"...)
}

// ID writes an ID, also the nil one.
func (w *Writer) ID(name string, id uuid.UUID) {
	const digits = "0123456789abcdef"
	json := append(w.field(name), '"')
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			json = append(json, '-')
		}
		json = append(json, digits[b>>4], digits[b&15])
	}
	w.json = append(json, '"')
}

// OptionalID writes an ID, but leaves out the nil one.
func (w *Writer) OptionalID(name string, id uuid.UUID) {
	if id != uuid.Nil {
		w.ID(name, id)
	}
}

// NullID writes an ID, null for the nil one.
func (w *Writer) NullID(name string, id uuid.UUID) {
	if id == uuid.Nil {
		w.Null(name)
		return
	}
	w.ID(name, id)
}

// OptionalTime writes a time as [Time] makes it, but leaves out the zero one. One
// that JSON cannot hold is a fault.
func (w *Writer) OptionalTime(name string, t time.Time) {
	if t = Time(t); t.IsZero() {
		return
	}
	if problem := BadTime(t); problem != "" {
		w.Fail(&Fault{Path: name, Problem: problem})
		return
	}
	w.json = append(t.AppendFormat(append(w.field(name), '"'), time.RFC3339Nano), '"')
}

// Text writes a text, which must be valid UTF-8.
func (w *Writer) Text(name, text string) {
	w.json = appendText(w.field(name), text)
}

// OptionalText writes a text, but leaves out the empty one.
func (w *Writer) OptionalText(name, text string) {
	if text != "" {
		w.Text(name, text)
	}
}

// NullText writes a text, null for the empty one.
func (w *Writer) NullText(name, text string) {
	if text == "" {
		w.Null(name)
		return
	}
	w.Text(name, text)
}

// Texts writes a list of texts, which must be valid UTF-8.
func (w *Writer) Texts(name string, texts []string) {
	json := append(w.field(name), '[')
	for i, text := range texts {
		if i > 0 {
			json = append(json, ',')
		}
		json = appendText(json, text)
	}
	w.json = append(json, ']')
}

// Address writes a valid IP address.
func (w *Writer) Address(name string, a netip.Addr) {
	if a.Zone() != "" {
		w.Text(name, a.String())
		return
	}
	w.json = append(a.AppendTo(append(w.field(name), '"')), '"')
}

// Int writes a whole number.
func (w *Writer) Int(name string, n int64) {
	w.json = strconv.AppendInt(w.field(name), n, 10)
}

// OptionalUint writes a whole number, but leaves out 0.
func (w *Writer) OptionalUint(name string, n uint64) {
	if n != 0 {
		w.json = strconv.AppendUint(w.field(name), n, 10)
	}
}

// Raw writes JSON as it is, null for none.
func (w *Writer) Raw(name string, value json.RawMessage) {
	if value == nil {
		w.Null(name)
		return
	}
	w.json = append(w.field(name), value...)
}

// appendText appends a text as json.Marshal writes it.
func appendText(data []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(text) // a string is always JSON
			return append(data, quoted...)
		}
	}
	return append(append(append(data, '"'), text...), '"')
}
