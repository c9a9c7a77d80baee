package wire

import (
	"fmt"
	"math"
)

// A Reader is a type that reads itself from an object. It stays as it was where the
// object has a fault.
type Reader interface {
	ReadJSON(o *Object)
}

// Unmarshal reads exactly one JSON object into v. With strict, fields that nothing
// reads are faults.
func Unmarshal(text []byte, v Reader, strict bool) *Fault {
	o := Open(text)
	if o.document != &nothing {
		o.strict = strict
	}
	v.ReadJSON(o)
	return o.Fault()
}

// List returns the elements of a list, each as read makes it from its JSON; nil
// for an empty list and for none. It stops at the first fault.
func List[T any](o *Object, name string, read func(Value) (T, *Fault)) []T {
	return ListUpTo(math.MaxInt, o, name, read)
}

// ListUpTo is List of a list that has a most of elements.
func ListUpTo[T any](most int, o *Object, name string, read func(Value) (T, *Fault)) []T {
	list, ok := o.value(name)
	if !ok {
		return nil
	}
	if list.kind() != aList {
		o.Fail(list.wrongType(name, aList))
		return nil
	}
	elements := make([]T, 0, min(list.elements(), most, 256)) // more only for what is there
	i := 0
	for v := list.first(); v.at < list.node().next; v.at = v.node().next {
		if i == most {
			o.Invalid(element(name, i), fmt.Sprintf("is one too many; there are %d at most", most))
			break
		}
		e, fault := readAt(o, step{name, i}, v, read)
		switch {
		case fault == nil:
			elements = append(elements, e)
		case fault != Skip:
			o.Fail(fault)
			return nil
		}
		i++
	}
	if o.Failed() || len(elements) == 0 {
		return nil
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
	v, fault := readAt(o, step{name, -1}, value, read)
	if fault != Skip {
		o.Fail(fault)
	}
	return v
}

// readAt reads a value that is a step away. Where the document is mended, it notes
// a fault, and the value is to be left out.
func readAt[T any](o *Object, at step, value Value, read func(Value) (T, *Fault)) (T, *Fault) {
	if !o.mending {
		v, fault := read(value)
		if fault != nil && fault != Skip {
			fault = fault.under(at.String())
		}
		return v, fault
	}
	o.reading = append(o.reading, at)
	v, fault := read(value)
	if fault != nil && fault != Skip {
		o.note(fault, false)
		fault = Skip
	}
	o.reading = o.reading[:len(o.reading)-1]
	return v, fault
}

// Skip is what a reader of elements returns for one that is left out.
var Skip = &Fault{Problem: "is left out"}

func element(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

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

// From reads a value that must be an object. Only read may use that object, and
// List and One call it for one value after the other.
func From[T any](read func(*Object) T) func(Value) (T, *Fault) {
	var o Object
	return func(value Value) (v T, fault *Fault) {
		o = openValue(value)
		if !o.Failed() {
			v = read(&o)
		}
		return v, o.Fault()
	}
}

// Text reads a value that must be a text. One that holds NUL or half a surrogate
// pair is malformed.
func Text(value Value) (string, *Fault) {
	text, fault := value.readText()
	if fault != nil && value.mending && text != nil {
		value.note(fault, true)
		fault = nil
	}
	return string(text), fault
}
