package wire

import "fmt"

// List returns the elements of a list, each as read makes it from its JSON; nil
// for an empty list and for none. It stops at the first fault.
func List[T any](o *Object, name string, read func(value []byte) (T, *Fault)) []T {
	value := o.value(name)
	if value == nil {
		return nil
	}
	if kind(value) != aList {
		o.Fail(wrongType(name, value, aList))
		return nil
	}
	var elements []T
	for rest := trim(value[1:]); rest[0] != ']'; rest = next(rest) {
		value, rest = first(rest)
		element, fault := read(value)
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
func One[T any](o *Object, name string, read func(value []byte) (T, *Fault)) T {
	value := o.value(name)
	if value == nil {
		var zero T
		return zero
	}
	v, fault := read(value)
	if fault != nil {
		o.Fail(fault.under(name))
	}
	return v
}

// From reads a value that must be an object. Only read may use that object, and
// List and One call it for one value after the other.
func From[T any](read func(*Object) T) func(value []byte) (T, *Fault) {
	var o Object
	return func(value []byte) (T, *Fault) {
		o.open(value)
		return read(&o), o.fault
	}
}

// Text reads a value that must be a text. One that holds NUL or half a surrogate
// pair is malformed.
func Text(value []byte) (string, *Fault) {
	text, fault := readText(value)
	return string(text), fault
}
