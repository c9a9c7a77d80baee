package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
)

// positionsInJSON returns where paths, such as "services[2].bindings[0].port_id",
// stand in a JSON text: the value itself, or the nearest around it that is there.
// It takes time linear in the text and in the length of the paths.
func positionsInJSON(data []byte, paths []string) map[string]hostfile.Position {
	l := locator{text: data, tokens: json.NewDecoder(bytes.NewReader(data)), offsets: make(map[string]int), wanted: make(map[string]bool)}
	for _, path := range paths {
		for ; !l.wanted[path]; path = around(path) {
			l.wanted[path] = true
		}
	}
	l.value("")
	positions := make(map[string]hostfile.Position, len(paths))
	lines := lineStarts(data)
	for _, path := range paths {
		at := path
		for at != "" {
			if _, ok := l.offsets[at]; ok {
				break
			}
			at = around(at)
		}
		positions[path] = lines.position(data, l.offsets[at])
	}
	return positions
}

// around returns the path of what a path lies in, "" for the whole.
func around(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// A locator walks a text that is JSON, and notes where wanted values begin.
type locator struct {
	text    []byte
	tokens  *json.Decoder
	offsets map[string]int
	wanted  map[string]bool
}

func (l *locator) value(path string) {
	at := int(l.tokens.InputOffset())
	for at < len(l.text) && strings.IndexByte(" \t\r\n:,", l.text[at]) >= 0 {
		at++
	}
	if _, twice := l.offsets[path]; !twice {
		l.offsets[path] = at
	}
	start, err := l.tokens.Token()
	if err != nil {
		return
	}
	switch start {
	case json.Delim('{'):
		for l.tokens.More() {
			name, err := l.tokens.Token()
			if err != nil {
				return
			}
			text, _ := name.(string)
			l.child(strings.TrimPrefix(path+"."+text, "."))
		}
	case json.Delim('['):
		for i := 0; l.tokens.More(); i++ {
			l.child(fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		return
	}
	_, _ = l.tokens.Token() // the end of it
}

// child walks what is wanted, and passes over what is not.
func (l *locator) child(path string) {
	if l.wanted[path] {
		l.value(path)
		return
	}
	var passed json.RawMessage
	if l.tokens.Decode(&passed) != nil {
		l.tokens = json.NewDecoder(bytes.NewReader(nil))
	}
}

// lineStarts are the offsets at which the lines of a text begin.
type lines []int

func lineStarts(text []byte) lines {
	starts := lines{0}
	for i, c := range text {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// position returns the line and, in characters, the column of an offset.
func (l lines) position(text []byte, offset int) hostfile.Position {
	low, high := 0, len(l)
	for high-low > 1 {
		if middle := (low + high) / 2; l[middle] <= offset {
			low = middle
		} else {
			high = middle
		}
	}
	return hostfile.Position{Line: low + 1, Column: utf8.RuneCount(text[l[low]:offset]) + 1}
}
