// Package label makes names from outside fit to stand in a message.
package label

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// maxRunes bounds what one name adds to a message: a report may name the same
// interface once for every binding.
const maxRunes = 48

// Of returns name as it may be shown on a terminal or in a log: control and
// other unprintable characters become U+FFFD, white space around it goes, and
// what is longer than 48 code points is cut and ends in "…". A name of nothing
// but white space is none: "".
func Of(name string) string {
	name = strings.TrimSpace(name)
	if len(name) <= maxRunes && printable(name) {
		return name
	}
	var b strings.Builder
	n := 0
	for _, r := range name {
		if n == maxRunes {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = utf8.RuneError
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// OrID returns name as Of does, and the ID where that is "".
func OrID(name string, id uuid.UUID) string {
	return cmp.Or(Of(name), id.String())
}

func printable(s string) bool {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unprintable)
}
