package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// An Object is one JSON object, to be read field by field. A field that is absent
// or null reads as the zero value of its type. The first fault is kept, and what
// is read after it means nothing: read all fields, then ask for the Fault.
//
// Fields that nobody reads are ignored. Names are exact, also in case. A field
// that stands twice is a fault.
type Object struct {
	fields []field
	fault  *Fault
}

type field struct {
	name  []byte // without quotes and escapes
	value []byte
}

// Open checks a text and returns the object that it is. Where it is something
// else, that is the fault of the object.
func Open(data []byte) *Object {
	o := &Object{}
	if o.fault = Check(data); o.fault == nil {
		value, _ := first(data)
		o.open(value)
	}
	return o
}

// open makes o the object that a valid JSON value is.
func (o *Object) open(value []byte) {
	*o = Object{fields: o.fields[:0]}
	if kind(value) != anObject {
		o.fault = wrongType("", value, anObject)
		return
	}
	for rest := trim(value[1:]); rest[0] != '}'; rest = next(rest) {
		var f field
		f.name, rest = first(rest)
		f.name = unquote(f.name)
		f.value, rest = first(rest[1:])
		o.fields = append(o.fields, f)
	}
}

// Fault returns the first fault, nil where there is none.
func (o *Object) Fault() *Fault { return o.fault }

// Fail makes a fault that of the object, unless it has one already or the fault
// is nil.
func (o *Object) Fail(f *Fault) {
	if o.fault == nil {
		o.fault = f
	}
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
func (o *Object) Has(name string) bool { return o.value(name) != nil }

// value returns the value of a field, nil where it is absent or null.
func (o *Object) value(name string) []byte {
	var value []byte
	for i := range o.fields {
		if string(o.fields[i].name) != name {
			continue
		}
		if value != nil {
			o.Malformed(name, "stands twice; leave one of the two out")
		}
		value = o.fields[i].value
	}
	if value == nil || kind(value) == aNull {
		return nil
	}
	return value
}

// Text returns a text, "" for none. One that holds NUL or half a surrogate pair
// is malformed.
func (o *Object) Text(name string) string { return string(o.text(name)) }

// text returns a text, nil for none, that may share memory with the JSON.
func (o *Object) text(name string) []byte {
	value := o.value(name)
	if value == nil {
		return nil
	}
	text, fault := readText(value)
	if fault != nil {
		o.Fail(fault.under(name))
	}
	return text
}

// ID returns an ID, the nil one for none. Only the form of 36 characters is one.
func (o *Object) ID(name string) uuid.UUID {
	text := o.text(name)
	if text == nil {
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
	id := o.ID(name)
	switch {
	case !o.Has(name):
		o.Missing(name)
	case id == uuid.Nil:
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
	text := o.text(name)
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
	text := o.text(name)
	if text == nil {
		return netip.Addr{}
	}
	address, err := netip.ParseAddr(string(text))
	if err != nil || address.Is4In6() && address.Zone() != "" {
		o.Malformed(name, fmt.Sprintf("is %.60q; want an IP address such as 192.0.2.1 or 2001:db8::1", text))
		return netip.Addr{}
	}
	return address.Unmap()
}

// Int32 returns a whole number, 0 for none.
func (o *Object) Int32(name string) int32 {
	digits := o.digits(name)
	n, err := strconv.ParseInt(digits, 10, 32)
	o.checkRange(name, digits, err, "-2147483648 to 2147483647")
	return int32(n)
}

// Uint16 returns a whole number, 0 for none.
func (o *Object) Uint16(name string) uint16 {
	digits := o.digits(name)
	n, err := strconv.ParseUint(digits, 10, 16)
	o.checkRange(name, digits, err, "0 to 65535")
	return uint16(n)
}

// Uint64 returns a whole number, 0 for none.
func (o *Object) Uint64(name string) uint64 {
	digits := o.digits(name)
	n, err := strconv.ParseUint(digits, 10, 64)
	o.checkRange(name, digits, err, "0 to 18446744073709551615")
	return n
}

// digits returns the text of a number, "0" for none.
func (o *Object) digits(name string) string {
	value := o.value(name)
	if value == nil {
		return "0"
	}
	if kind(value) != aNumber {
		o.Fail(wrongType(name, value, aNumber))
		return "0"
	}
	if bytes.ContainsAny(value, ".eE") {
		o.Malformed(name, fmt.Sprintf("is %.40s; want a whole number", value))
		return "0"
	}
	return string(value)
}

// checkRange takes what strconv says of digits: all that can be wrong with them
// is their size.
func (o *Object) checkRange(name, digits string, err error, want string) {
	if err != nil {
		o.Invalid(name, fmt.Sprintf("is %.40s; want %s", digits, want))
	}
}

// Raw returns a value as JSON, nil for none. It is as json.Marshal writes it, so
// that it survives being written and read again.
func (o *Object) Raw(name string) json.RawMessage {
	value := o.value(name)
	if value == nil {
		return nil
	}
	raw, fault := Canonical(value)
	if fault != nil {
		o.Fail(fault.under(name))
	}
	return raw
}

// Select returns the fields whose names it is told to keep, in their order, as
// the JSON of an object; nil where there are none.
func (o *Object) Select(keep func(name string) bool) []byte {
	var object []byte
	for _, f := range o.fields {
		if !keep(string(f.name)) {
			continue
		}
		name, _ := json.Marshal(string(f.name)) // a string is always JSON
		object = append(object, ',')
		object = append(append(append(object, name...), ':'), f.value...)
	}
	if object == nil {
		return nil
	}
	object[0] = '{'
	return append(object, '}')
}
