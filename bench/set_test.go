package bench_test

import (
	"fmt"
	"testing"

	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/bench/limit"
	"github.com/bindset/bindset/binding"
)

var sizes = []int{1, 4, 16, 64, 1024, 100_000}

// BenchmarkSet checks a set: what is valid is accepted, what is not is refused.
func BenchmarkSet(b *testing.B) {
	for _, k := range []input.Kind{input.Clean, input.Drops, input.Conflicts, input.Apart} {
		for _, n := range sizes {
			benchmarkSet(b, k, n, func(alternative) bool { return true })
		}
	}
	for _, k := range input.Hostile() {
		for _, n := range sizes {
			benchmarkSet(b, k, n, func(a alternative) bool { return a.name == "bindset" || a.name == "careful" })
		}
	}
	for _, k := range []input.Kind{input.Clean, input.Drops} {
		benchmarkSet(b, k, 1_000_000, func(a alternative) bool { return true })
	}
}

func benchmarkSet(b *testing.B, k input.Kind, n int, with func(alternative) bool) {
	if n < k.Smallest() {
		return
	}
	in := k.Make(n)
	for _, a := range alternatives() {
		if n > a.most || !with(a) {
			continue
		}
		b.Run(fmt.Sprintf("in=%s/n=%d/by=%s", k.Name, n, a.name), func(b *testing.B) {
			set := a.check(b, in)
			set(in.Bindings) // what is allocated once
			b.ReportAllocs()
			for b.Loop() {
				if _, valid := set(in.Bindings); valid != k.Valid() {
					b.Fatal("the wrong answer")
				}
			}
		})
	}
	measure := func(name string, f func([]binding.Binding) uint64) {
		b.Run(fmt.Sprintf("in=%s/n=%d/by=%s", k.Name, n, name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f(in.Bindings)
			}
		})
	}
	measure("limit-insert", limit.Insert)
	measure("limit-pass", limit.Pass)
}
