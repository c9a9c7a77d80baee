package main

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"

	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/bench/medians"
)

// A chart is a file and how it is drawn.
type chart struct {
	file string
	draw func() ([]byte, error)
}

func charts(m *medians.Medians) []chart {
	var all []chart
	for _, in := range []string{"clean", "drops", "conflicts"} {
		all = append(all, chart{"set-" + in + ".svg", func() ([]byte, error) {
			return lines("bindings in the set", "time for the set", setTimes(m, in), spanOf)
		}})
	}
	return append(all,
		chart{"set-hostile.svg", func() ([]byte, error) {
			return bars("time for 100,000 bindings, of that with random IDs", hostile(m), timesOf)
		}},
		chart{"set-growth.svg", func() ([]byte, error) {
			return lines("bindings in the set", "time for each binding", growth(m), spanOf)
		}},
		chart{"set-memory.svg", func() ([]byte, error) { return dots("bytes allocated for a set of 1,024 bindings", memory(m), bytesOf) }},
		chart{"store.svg", func() ([]byte, error) { return bars("operations a second", throughput(m), countOf) }},
	)
}

// The colours of Okabe and Ito, which people with any kind of colour vision tell
// apart.
var (
	blue      = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	vermilion = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green     = color.RGBA{0x00, 0x9e, 0x73, 0xff}
	purple    = color.RGBA{0xcc, 0x79, 0xa7, 0xff}
	orange    = color.RGBA{0xe6, 0x9f, 0x00, 0xff}
	sky       = color.RGBA{0x56, 0xb4, 0xe9, 0xff}
	grey      = color.RGBA{0x88, 0x88, 0x88, 0xff}
	black     = color.RGBA{0x22, 0x22, 0x22, 0xff}
)

// A line is what one alternative takes, by the size of the set.
type line struct {
	label  string
	color  color.RGBA
	strong bool
	dashed bool
	points plotter.XYs
}

// A bar is one number.
type bar struct {
	label string
	color color.RGBA
	value float64
}

var sizes = []int{1, 4, 16, 64, 1024, 16_384, 100_000, 1_000_000}

var alternatives = []struct {
	by   string
	line line
}{
	{"cel", line{label: "CEL", color: purple}},
	{"opa", line{label: "Open Policy Agent", color: orange}},
	{"naive", line{label: "naive loop", color: vermilion}},
	{"careful", line{label: "careful maps", color: green}},
	{"limit-insert", line{label: "limit: map insert", color: grey, dashed: true}},
	{"bindset", line{label: "bindset", color: blue, strong: true}},
	{"limit-pass", line{label: "limit: one pass", color: black, dashed: true}},
}

func setTimes(m *medians.Medians, in string) (all []line) {
	for _, a := range alternatives {
		l := a.line
		for _, n := range sizes[:len(sizes)-1] {
			l.add(m, medians.Set(in, n, a.by), n, 1)
		}
		all = append(all, l)
	}
	return all
}

func hostile(m *medians.Medians) (all []bar) {
	const n = 100_000
	random, _ := m.Of(medians.Set("clean", n, "bindset"), 0, medians.Time)
	labels := map[input.IDs]string{
		input.Sequential: "1, 2, 3, ...",
		input.FewBits:    "differ in few bits",
		input.ZeroHigh:   "first 8 bytes zero",
		input.SameLow:    "last 8 bytes the same",
		input.Folded:     "halves xor to one value",
	}
	for _, k := range input.Hostile() {
		if v, ok := m.Of(medians.Set(k.Name, n, "bindset"), 0, medians.Time); ok && random > 0 {
			all = append(all, bar{labels[k.IDs], blue, v / random})
		}
	}
	return all
}

func growth(m *medians.Medians) (all []line) {
	for _, c := range []struct {
		in, by string
		line   line
	}{
		{"clean", "limit-insert", line{label: "limit: map insert", color: grey, dashed: true}},
		{"drops", "bindset", line{label: "bindset, drops", color: sky, strong: true}},
		{"clean", "bindset", line{label: "bindset, clean", color: blue, strong: true}},
	} {
		for _, n := range []int{64, 1024, 16_384, 100_000, 1_000_000} {
			c.line.add(m, medians.Set(c.in, n, c.by), n, float64(n))
		}
		all = append(all, c.line)
	}
	return all
}

// add adds the point of a benchmark, where it was run.
func (l *line) add(m *medians.Medians, name string, n int, over float64) {
	if v, ok := m.Of(name, 0, medians.Time); ok {
		l.points = append(l.points, plotter.XY{X: float64(n), Y: v / over})
	}
}

func memory(m *medians.Medians) (all []bar) {
	for _, a := range []struct {
		by, label string
		color     color.RGBA
	}{
		{"bindset", "bindset, used Result", blue},
		{"bindset-fresh", "bindset, fresh Result", sky},
		{"limit-insert", "limit: map insert", grey},
		{"careful", "careful maps", green},
		{"naive", "naive loop", vermilion},
		{"opa", "Open Policy Agent", orange},
		{"cel", "CEL", purple},
	} {
		if v, ok := m.Of(medians.Set("drops", 1024, a.by), 0, medians.Bytes); ok {
			all = append(all, bar{a.label, a.color, v})
		}
	}
	return all
}

func throughput(m *medians.Medians) (all []bar) {
	for _, op := range []struct {
		name, label string
		cores       int
	}{
		{"read", "read a service", 1},
		{"write", "add a binding", 1},
		{"mix", "99 reads to a write", 1},
		{"mix", "the same, two cores", 2},
	} {
		for _, s := range []struct {
			name, label string
			color       color.RGBA
		}{{"memstore", "memstore", blue}, {"memdb", "go-memdb", orange}} {
			name := fmt.Sprintf("Store/op=%s/rows=100000/by=%s", op.name, s.name)
			if v, ok := m.Of(name, op.cores, medians.Time); ok {
				all = append(all, bar{op.label + ": " + s.label, s.color, 1 / v})
			}
		}
	}
	return all
}
