package bench_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/bench/limit"
	"github.com/bindset/bindset/binding"
)

var sizes = []int{1, 4, 16, 64, 1024, 16_384, 100_000}

// BenchmarkSet checks a set: what is valid is accepted, what is not is refused.
func BenchmarkSet(b *testing.B) {
	everybody := func(string) bool { return true }
	for _, k := range []input.Kind{input.Clean, input.Drops, input.Conflicts} {
		for _, n := range sizes {
			benchmarkSet(b, k, n, everybody)
		}
	}
	byHand := func(name string) bool { return name == "bindset" || name == "careful" || name == "limit-insert" }
	for _, k := range append(input.Hostile(), input.Apart) {
		for _, n := range []int{16, 64, 1024, 100_000} {
			benchmarkSet(b, k, n, byHand)
		}
	}
	for _, k := range []input.Kind{input.Clean, input.Drops} {
		benchmarkSet(b, k, 1_000_000, everybody)
	}
}

func benchmarkSet(b *testing.B, k input.Kind, n int, with func(name string) bool) {
	if n < k.Smallest() {
		return
	}
	made := sync.OnceValue(func() input.Input { return k.Make(n) })
	run := func(name string, f func(b *testing.B, in input.Input)) {
		if with(name) {
			b.Run(fmt.Sprintf("in=%s/n=%d/by=%s", k.Name, n, name), func(b *testing.B) {
				b.ReportAllocs()
				f(b, made())
			})
		}
	}
	for _, a := range alternatives() {
		if n > a.most {
			continue
		}
		run(a.name, func(b *testing.B, in input.Input) {
			set := a.check(b, in)
			for b.Loop() {
				if _, valid := set(in.Bindings); valid != k.Valid() {
					b.Fatal("the wrong answer")
				}
			}
		})
	}
	measure := func(f func([]binding.Binding) uint64) func(*testing.B, input.Input) {
		return func(b *testing.B, in input.Input) {
			for b.Loop() {
				f(in.Bindings)
			}
		}
	}
	run("limit-insert", measure(limit.Insert))
	run("limit-pass", measure(limit.Pass))
}
