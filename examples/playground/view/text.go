package view

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/bindset/bindset/binding"
)

// count says how many there are of something.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "s") {
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// cut returns a name without what cannot be shown, at most n characters of it.
func cut(name string, n int) string {
	var b strings.Builder
	shown := 0
	for _, r := range name {
		if shown == n {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
		shown++
	}
	return b.String()
}

func placeKind(t binding.Target) string {
	if t.Scope().Kind() == binding.ScopeIPAddress {
		return "IP address"
	}
	return "interface"
}
