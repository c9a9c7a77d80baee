package wire

import "fmt"

// A Reader is a type that reads itself from an object. It stays as it was where the
// object has a fault.
type Reader interface {
	ReadJSON(o *Object)
}

// Unmarshal reads exactly one JSON object into v. With strict, fields that nothing
// reads are faults.
func Unmarshal(text []byte, v Reader, strict bool) *Fault {
	o := Open(text)
	if o.fault == nil {
		o.document.strict = strict
	}
	v.ReadJSON(o)
	return o.Fault()
}

// List returns the elements of a list, each as read makes it from its JSON; nil
// for an empty list and for none. It stops at the first fault.
func List[T any](o *Object, name string, read func(Value) (T, *Fault)) []T {
	list, ok := o.value(name)
	if !ok {
		return nil
	}
	if list.kind() != aList {
		o.Fail(list.wrongType(name, aList))
		return nil
	}
	var elements []T
	for v := list.first(); v.at < list.node().next; v.at = v.node().next {
		element, fault := read(v)
		if fault != nil {
			o.Fail(fault.under(fmt.Sprintf("%s[%d]", name, len(elements))))
			return nil
		}
		elements = append(elements, element)
	}
	return elements
}

// One returns what a field holds, as read makes it from its JSON; the zero T for
// none.
func One[T any](o *Object, name string, read func(Value) (T, *Fault)) T {
	value, ok := o.value(name)
	if !ok {
		var zero T
		return zero
	}
	v, fault := read(value)
	if fault != nil {
		o.Fail(fault.under(name))
	}
	return v
}

// Read reads a value of a type that reads itself.
func Read[T any, P interface {
	*T
	Reader
}](value Value) (T, *Fault) {
	var v T
	o := openValue(value)
	P(&v).ReadJSON(&o)
	return v, o.Fault()
}

// From reads a value that must be an object.
func From[T any](read func(*Object) T) func(Value) (T, *Fault) {
	return func(value Value) (T, *Fault) {
		o := openValue(value)
		v := read(&o)
		return v, o.Fault()
	}
}

// Text reads a value that must be a text. One that holds NUL or half a surrogate
// pair is malformed.
func Text(value Value) (string, *Fault) {
	text, fault := value.readText()
	return string(text), fault
}
