package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/internal/label"
)

// An Object is one JSON object, to be read field by field. A field that is absent
// or null reads as the zero value of its type. The first fault is kept, and what
// is read after it means nothing: read all fields, then ask for the Fault.
//
// Fields that nobody reads are ignored, or a fault where the document is strict.
// Names are exact, also in case. A field that stands twice is a fault.
type Object struct {
	Value
	fault *Fault
	asked []string // the names of fields, where the document is strict
	all   bool     // all fields are asked for
	null  bool     // it is null instead
	bytes bool     // the fault is that the document is not valid UTF-8
}

// Open checks a text and returns the object that it is. Where it is something
// else, that is the fault of the object.
func Open(text []byte) *Object {
	d := read(text)
	if d == nil {
		return &Object{Value: Value{document: &nothing}, fault: Check(text)}
	}
	o := openValue(Value{document: d})
	if d.invalidUTF8 && o.fault == nil {
		o.fault, o.bytes = Check(text), true
	}
	return &o
}

// nothing is the document of text that is none: an object without fields.
var nothing = document{text: []byte("{}"), nodes: []node{{end: 2, next: 1}}}

func openValue(v Value) Object {
	if kind := v.kind(); kind != anObject {
		return Object{Value: Value{document: &nothing}, fault: v.wrongType("", anObject), null: kind == aNull}
	}
	return Object{Value: v}
}

// Fault returns the first fault, nil where there is none. Ask for it when all fields
// were read: what was not is a fault where the document is strict.
func (o *Object) Fault() *Fault {
	if o.strict && !o.all && o.fault == nil {
		o.checkAllAsked()
	}
	return o.fault
}

func (o *Object) checkAllAsked() {
	for name := o.first(); name.at < o.node().next; name.at = o.nodes[name.at+1].next {
		if text := string(name.unquote()); !slices.Contains(o.asked, text) {
			slices.Sort(o.asked)
			o.Invalid(fmt.Sprintf("%.40s", strings.ToValidUTF8(label.Of(text), "")), "is no field that is known here; those are "+strings.Join(slices.Compact(o.asked), ", "))
			return
		}
	}
}

// IsNull reports whether the object is null instead, which is no fault then.
func (o *Object) IsNull() bool {
	if o.null {
		o.fault = nil
	}
	return o.null
}

// Mend makes the document one of which is taken what can be: what cannot be read is
// zero, or mended where it is a text, and in Faults. Only what is no object stays a
// fault. It does nothing where the document is strict.
func (o *Object) Mend() {
	if o.strict || o.document == &nothing {
		return
	}
	o.mending = true
	if o.bytes {
		o.fault = nil
	}
}

// Mending reports whether Mend was called.
func (o *Object) Mending() bool { return o.mending }

// Faults returns what could not be read, of a document that is mended.
// Beyond 10,000 the last one says how many more there are.
func (o *Object) Faults() []Mended {
	if o.more == 0 {
		return o.faults
	}
	return append(o.faults, Mended{Fault{Problem: fmt.Sprintf("%d more values cannot be read", o.more)}, false})
}

// Ignore says that fields are known, though nothing reads them.
func (o *Object) Ignore(names ...string) {
	if o.strict {
		o.asked = append(o.asked, names...)
	}
}

// Failed reports whether the object has a fault so far.
func (o *Object) Failed() bool { return o.fault != nil }

// Fail makes a fault that of the object, unless it has one already or the fault
// is nil.
func (o *Object) Fail(f *Fault) {
	switch {
	case f == nil:
	case o.mending:
		o.note(f, false)
	case o.fault == nil:
		o.fault = f
	}
}

// note notes a fault of the object that is read.
func (d *document) note(f *Fault, replaced bool) {
	if len(d.faults) == maxFaults {
		d.more++
		return
	}
	for _, parent := range slices.Backward(d.reading) {
		f = f.under(parent.String())
	}
	d.faults = append(d.faults, Mended{*f, replaced})
}

// Malformed says that the text of a field is wrong.
func (o *Object) Malformed(name, problem string) {
	o.Fail(&Fault{Path: name, Problem: problem, Malformed: true})
}

// Invalid says that the value of a field is wrong.
func (o *Object) Invalid(name, problem string) {
	o.Fail(&Fault{Path: name, Problem: problem})
}

// Missing says that a field must be there and is not.
func (o *Object) Missing(name string) { o.Malformed(name, "is missing") }

// Has reports whether a field is there and not null.
func (o *Object) Has(name string) bool {
	_, ok := o.value(name)
	return ok
}

// value returns the value of a field, and whether it is there and not null.
func (o *Object) value(name string) (Value, bool) {
	if o.strict {
		o.asked = append(o.asked, name)
	}
	var found int32
	nodes := o.nodes
	for i, end := o.at+1, nodes[o.at].next; i < end; i = nodes[i+1].next {
		n := &nodes[i]
		if !n.escaped && int(n.end-n.start) != len(name)+len(`""`) || !o.isNamed(i, name) {
			continue
		}
		if found != 0 {
			o.Malformed(name, "stands twice; leave one of the two out")
		}
		found = i + 1
	}
	return Value{o.document, found}, found != 0 && o.text[nodes[found].start] != 'n'
}

// isNamed reports whether a node is a name.
func (o *Object) isNamed(at int32, name string) bool {
	if n := &o.nodes[at]; !n.escaped {
		return string(o.text[n.start+1:n.end-1]) == name
	}
	return string(Value{o.document, at}.unquote()) == name
}

// Text returns a text, "" for none. One that holds NUL or half a surrogate pair
// is malformed.
func (o *Object) Text(name string) string { return string(o.textOf(name)) }

// textOf returns a text, nil for none, that may share memory with the JSON.
func (o *Object) textOf(name string) []byte {
	value, ok := o.value(name)
	if !ok {
		return nil
	}
	text, fault := value.readText()
	if fault == nil {
		return text
	}
	if fault = fault.under(name); o.mending && text != nil {
		o.note(fault, true)
	} else {
		o.Fail(fault)
	}
	return text
}

// ID returns an ID, the nil one for none. Only the form of 36 characters is one.
func (o *Object) ID(name string) uuid.UUID {
	value, ok := o.value(name)
	if !ok {
		return uuid.Nil
	}
	return o.parseID(name, value)
}

func (o *Object) parseID(name string, value Value) uuid.UUID {
	text, fault := value.readText()
	if fault != nil {
		o.Fail(fault.under(name))
		return uuid.Nil
	}
	id, err := ParseID(text)
	if err != nil {
		o.Malformed(name, err.Error())
	}
	return id
}

// RequiredID returns an ID that must be there and not nil.
func (o *Object) RequiredID(name string) uuid.UUID {
	value, ok := o.value(name)
	if !ok {
		o.Missing(name)
		return uuid.Nil
	}
	id := o.parseID(name, value)
	if id == uuid.Nil {
		o.Invalid(name, "is the nil UUID; give the ID of what is meant")
	}
	return id
}

// NetworkID returns network_id, or site_id, as API version 0.17.19 and later
// call it. Where both are given they must be the same.
func (o *Object) NetworkID() uuid.UUID {
	network, site := o.ID("network_id"), o.ID("site_id")
	if network == uuid.Nil {
		return site
	}
	if site != uuid.Nil && site != network {
		o.Invalid("site_id", "is another network than network_id; give one of the two")
	}
	return network
}

// Time returns a time as [Time] makes it, the zero one for none.
func (o *Object) Time(name string) time.Time {
	text := o.textOf(name)
	if text == nil {
		return time.Time{}
	}
	var t time.Time
	if err := t.UnmarshalText(text); err != nil {
		o.Malformed(name, fmt.Sprintf("is %.40q; want a time as in RFC 3339, such as 2026-01-15T10:30:00Z", text))
		return time.Time{}
	}
	t = Time(t)
	if problem := BadTime(t); problem != "" {
		o.Invalid(name, problem)
		return time.Time{}
	}
	return t
}

// Time returns t in UTC, in whole microseconds (rounded down towards the zero
// time), without a monotonic clock reading. The zero time stays zero.
func Time(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// BadTime returns why a time in UTC cannot be written as JSON, "" where it can.
func BadTime(t time.Time) string {
	if y := t.Year(); y < 0 || y > 9999 {
		return "is not within the years 0 to 9999 in UTC"
	}
	return ""
}

// Address returns an IP address, unmapped, the zero one for none.
func (o *Object) Address(name string) netip.Addr {
	text := o.textOf(name)
	if text == nil {
		return netip.Addr{}
	}
	address, err := netip.ParseAddr(string(text))
	if err != nil && o.mending {
		address = mendAddress(string(text))
		if address.IsValid() {
			o.note(&Fault{Path: name, Problem: fmt.Sprintf("is %.60q; it is taken for %s", text, address), Malformed: true}, true)
			return address.Unmap()
		}
	}
	if err != nil || address.Is4In6() && address.Zone() != "" {
		o.Malformed(name, fmt.Sprintf("is %.60q; want an IP address such as 192.0.2.1 or 2001:db8::1", text))
		return netip.Addr{}
	}
	return address.Unmap()
}

// mendAddress returns the address in a text that is one with a prefix length, or an
// IPv4 address whose numbers have leading zeros up to three digits; else the zero
// one.
func mendAddress(text string) netip.Addr {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.Addr()
	}
	parts := strings.Split(text, ".")
	for i, part := range parts {
		if len(part) != len("000") || len(parts) != 4 {
			return netip.Addr{}
		}
		parts[i] = cmp.Or(strings.TrimLeft(part, "0"), "0")
	}
	address, _ := netip.ParseAddr(strings.Join(parts, "."))
	return address
}

// Int32 returns a whole number, 0 for none.
func (o *Object) Int32(name string) int32 {
	digits := o.digits(name)
	n, err := strconv.ParseInt(digits, 10, 32)
	return int32(inRange(o, name, digits, n, err, "-2147483648 to 2147483647"))
}

// Uint16 returns a whole number, 0 for none.
func (o *Object) Uint16(name string) uint16 {
	digits := o.digits(name)
	n, err := strconv.ParseUint(digits, 10, 16)
	return uint16(inRange(o, name, digits, n, err, "0 to 65535"))
}

// Uint64 returns a whole number, 0 for none.
func (o *Object) Uint64(name string) uint64 {
	digits := o.digits(name)
	n, err := strconv.ParseUint(digits, 10, 64)
	return inRange(o, name, digits, n, err, "0 to 18446744073709551615")
}

// digits returns the text of a number, "0" for none.
func (o *Object) digits(name string) string {
	value, ok := o.value(name)
	if !ok {
		return "0"
	}
	if value.kind() != aNumber {
		o.Fail(value.wrongType(name, aNumber))
		return "0"
	}
	digits := value.JSON()
	if bytes.ContainsAny(digits, ".eE") {
		o.Malformed(name, fmt.Sprintf("is %.40s; want a whole number", digits))
		return "0"
	}
	return string(digits)
}

// inRange returns what strconv makes of digits, 0 where it fails: all that can be
// wrong with them is their size.
func inRange[N int64 | uint64](o *Object, name, digits string, n N, err error, want string) N {
	if err != nil {
		o.Invalid(name, fmt.Sprintf("is %.40s; want %s", digits, want))
		return 0
	}
	return n
}

// Raw returns a value as JSON, nil for none. It is as json.Marshal writes it, so
// that it survives being written and read again.
func (o *Object) Raw(name string) json.RawMessage {
	value, ok := o.value(name)
	if !ok {
		return nil
	}
	raw, fault := Canonical(value.JSON())
	if fault != nil {
		o.Fail(fault.under(name))
	}
	return raw
}

// Select returns the fields whose names it is told to keep, in their order, as
// the JSON of an object; nil where there are none. It asks for all fields.
func (o *Object) Select(keep func(name string) bool) []byte {
	o.all = true
	var object []byte
	for name := o.first(); name.at < o.node().next; name.at = o.nodes[name.at+1].next {
		text := string(name.unquote())
		if !keep(text) {
			continue
		}
		quoted, _ := json.Marshal(text) // a string is always JSON
		object = append(object, ',')
		object = append(append(append(object, quoted...), ':'), Value{o.document, name.at + 1}.JSON()...)
	}
	if object == nil {
		return nil
	}
	object[0] = '{'
	return append(object, '}')
}
