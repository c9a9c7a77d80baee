package wire

import "bytes"

// The functions of this file find where values begin and end, in JSON that Check
// has found valid: nothing here judges it.

// first splits JSON that begins with a value, after blanks, behind that value.
func first(data []byte) (value, rest []byte) {
	data = trim(data)
	end := 0
	switch data[0] {
	case '"':
		end = stringEnd(data)
	case '{', '[':
		end, _ = nest(data)
	default:
		if end = bytes.IndexAny(data, ",]} \t\r\n"); end < 0 {
			end = len(data)
		}
	}
	return data[:end], trim(data[end:])
}

func trim(data []byte) []byte { return bytes.TrimLeft(data, " \t\r\n") }

// stringEnd returns the length of the string that data begins with.
func stringEnd(data []byte) int {
	for i := 1; ; i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// depth returns how many lists and objects of a value lie within each other.
func depth(value []byte) int {
	if k := kind(trim(value)); k != aList && k != anObject {
		return 0
	}
	_, deepest := nest(trim(value))
	return deepest
}

// nest returns the length of the list or object that data begins with, and how
// many lists and objects in it lie within each other.
func nest(data []byte) (length, deepest int) {
	for depth := 0; ; {
		switch data[length] {
		case '"':
			length += stringEnd(data[length:])
			continue
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
		length++
		if depth == 0 {
			return length, deepest
		}
	}
}

// next steps behind the comma after a value, or to the end of the list or object.
func next(rest []byte) []byte {
	if rest[0] == ',' {
		rest = trim(rest[1:])
	}
	return rest
}
