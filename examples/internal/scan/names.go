package scan

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bindset/bindset/service"
)

// clean makes a name that anybody may have chosen fit to be stored and printed.
// The kind of an interface before it has room.
func clean(name string) string {
	name = printable(name)
	if runes := []rune(name); len(runes) > service.MaxNameLength-10 {
		return string(runes[:service.MaxNameLength-10])
	}
	return name
}

// printable replaces what is no UTF-8, and what terminals would not print, such as
// control characters.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, name)
}
