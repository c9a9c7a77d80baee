package main

import (
	"fmt"
	"math"
	"strings"
)

// spanOf returns a time in seconds as people write it: "20 ns".
func spanOf(seconds float64) string {
	return scaled(seconds, 1e-9, 1000, "ns", "µs", "ms", "s")
}

// bytesOf returns a number of bytes: "16 kB".
func bytesOf(n float64) string {
	if n == 0 {
		return "0"
	}
	return scaled(n, 1, 1000, "B", "kB", "MB", "GB")
}

// countOf returns a number in three digits, with commas: "1,230,000".
func countOf(n float64) string {
	if n <= 0 {
		return "0"
	}
	step := math.Pow(10, max(0, math.Floor(math.Log10(n))-2))
	digits := fmt.Sprintf("%.0f", math.Round(n/step)*step)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// timesOf returns a ratio: "1.05".
func timesOf(v float64) string { return fmt.Sprintf("%.2f", v) }

// scaled returns a value in the largest unit that it has one of, in two digits.
func scaled(v, unit, step float64, names ...string) string {
	for i, name := range names {
		if of := v / unit; of < 0.9995*step || i == len(names)-1 {
			if of < 9.95 && math.Abs(of-math.Round(of)) > 0.05 {
				return fmt.Sprintf("%.1f %s", of, name)
			}
			return fmt.Sprintf("%.0f %s", of, name)
		}
		unit *= step
	}
	return ""
}
