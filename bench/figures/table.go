package main

import (
	"fmt"
	"strings"

	"github.com/bindset/bindset/bench/medians"
)

// table returns the figures as Markdown: target, what was reached, by how far.
func table(m *medians.Medians) string {
	var b strings.Builder
	b.WriteString("| figure | target | reached | worst at | |\n|---|---|---|---|---|\n")
	for _, f := range figures() {
		sign := "≤"
		if f.least {
			sign = "≥"
		}
		worst, ok := f.worst(m)
		if !ok {
			fmt.Fprintf(&b, "| %s | %s %s | not measured | | |\n", f.what, sign, f.print(f.target))
			continue
		}
		fmt.Fprintf(&b, "| %s | %s %s | %s | %s | %s |\n", f.what, sign, f.print(f.target), f.print(worst.value), worst.of, f.verdict(worst.value))
	}
	return b.String()
}

// verdict says by how far a value reaches or misses the target.
func (f figure) verdict(value float64) string {
	word := "reached"
	if !f.reachedBy(value) {
		word = "**missed**"
	}
	if f.target == 0 || value == f.target {
		return word
	}
	better := 100 * (f.target - value) / f.target
	if f.least {
		better = -better
	}
	if better < 0 {
		return fmt.Sprintf("%s by %.0f %%", word, -better)
	}
	return fmt.Sprintf("%s, %.0f %% to spare", word, better)
}

// alternatives are the rows of the table of times.
var alternatives = []struct{ name, text string }{
	{"bindset", "bindset, a used Result"},
	{"bindset-fresh", "bindset, a fresh Result"},
	{"careful", "careful: typed maps, by hand"},
	{"naive", "naive: the first loop one writes"},
	{"cel", "CEL"},
	{"opa", "Open Policy Agent"},
	{"limit-insert", "limit: an insert into a map"},
	{"limit-pass", "limit: one pass over the bytes"},
}

// timesOf returns the time of a set of each size, by alternative, as Markdown.
func timesOf(m *medians.Medians, in string) string {
	sizes := append([]int{}, allSizes...)
	var b strings.Builder
	b.WriteString("| " + in + " |")
	for _, n := range sizes {
		fmt.Fprintf(&b, " %s |", grouped(n))
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(sizes)) + "\n")
	for _, a := range alternatives {
		fmt.Fprintf(&b, "| %s |", a.text)
		for _, n := range sizes {
			v, ok := m.Of(medians.Set(in, n, a.name), 0, medians.Time)
			if !ok {
				b.WriteString(" |")
				continue
			}
			fmt.Fprintf(&b, " %s |", duration(v))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// inShort returns three ratios for the README.
func inShort(m *medians.Medians) string {
	var b strings.Builder
	for _, line := range []struct{ text, over, under string }{
		{"a set of 16 bindings: %s times faster than careful hand-written Go with typed maps;\n", "careful", "bindset"},
		{"the same set: %s times faster than the loop most people start with;\n", "naive", "bindset"},
		{"the same set: %s times faster than a prepared policy of the Open Policy Agent.\n", "opa", "bindset"},
	} {
		value := "?"
		if r := ratio(m, "", medians.Set("clean", 16, line.over), medians.Set("clean", 16, line.under), 0); len(r) == 1 {
			value = short(r[0].value)
		}
		fmt.Fprintf(&b, "- "+line.text, value)
	}
	return b.String()
}

// short returns a ratio in two digits or, above a hundred, in whole thousands,
// hundreds or tens.
func short(v float64) string {
	switch {
	case v >= 1000:
		return grouped(int(v/100) * 100)
	case v >= 100:
		return grouped(int(v/10) * 10)
	case v >= 10:
		return fmt.Sprintf("%.0f", v)
	default:
		return fmt.Sprintf("%.1f", v)
	}
}

func duration(seconds float64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}} {
		if v := seconds / u.size; v >= 0.9995 {
			return threeDigits(v) + " " + u.name
		}
	}
	return threeDigits(seconds*1e9) + " ns"
}

func threeDigits(v float64) string {
	switch {
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// grouped returns a number with commas between its thousands.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
