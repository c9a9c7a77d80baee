package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/bindset/bindset/bench/input"
	"github.com/bindset/bindset/bench/medians"
)

// A figure is one that is to be reached.
type figure struct {
	what    string
	least   bool // the target is a least, not a most
	target  float64
	measure func(m *medians.Medians) []reading // the worst counts
	print   func(float64) string
}

// A reading is a value of a figure, and what it was read of.
type reading struct {
	value float64
	of    string
}

// worst returns the reading that is farthest from the target.
func (f figure) worst(m *medians.Medians) (reading, bool) {
	readings := f.measure(m)
	if len(readings) == 0 {
		return reading{}, false
	}
	byValue := func(a, b reading) int { return cmp.Compare(a.value, b.value) }
	if f.least {
		return slices.MinFunc(readings, byValue), true
	}
	return slices.MaxFunc(readings, byValue), true
}

func (f figure) reachedBy(value float64) bool {
	if f.least {
		return value >= f.target
	}
	return value <= f.target
}

func times(v float64) string    { return fmt.Sprintf("%.1f", v) }
func fraction(v float64) string { return fmt.Sprintf("%.2f", v) }
func count(v float64) string    { return fmt.Sprintf("%.0f", v) }
func thousands(v float64) string {
	return grouped(int(math.Round(v)))
}

var (
	plain     = []string{input.Clean.Name, input.Drops.Name}
	upTo16    = []int{1, 4, 16}
	allSizes  = []int{1, 4, 16, 64, 1024, 16_384, 100_000}
	hostileAt = []int{16, 64, 1024, 100_000}
)

// figures returns the figures of the table, in its order.
func figures() []figure {
	return []figure{
		{"up to 16 bindings, clean or with drops, into a used Result: allocations", false, 0, allocations("bindset", plain, upTo16), count},
		{"the same: times faster than careful", true, 6, faster(plain, upTo16), times},
		{"up to 16 bindings, a fresh Result: allocations", false, 1, allocations("bindset-fresh", plain, upTo16), count},
		{"64 bindings: times faster than careful", true, 3, faster(plain, []int{64}), times},
		{"1,024 bindings: times faster than careful", true, 3, faster(plain, []int{1024}), times},
		{"100,000 bindings, clean: time, of the limit's", false, 0.7, ofLimit("clean"), fraction},
		{"100,000 bindings, with drops: time, of the limit's", false, 1, ofLimit("drops"), fraction},
		{"any size, into a used Result: allocations", false, 0, allocations("bindset", plain, allSizes), count},
		{"growth of the time per binding from 1,024 to 1,000,000, of the limit's growth", false, 1, growth, fraction},
		{"hostile IDs: time, of that of clean ones", false, 1.5, hostile, fraction},
		{"`Manager.CreateBinding` a second, 1,000,000 stored, one core", true, 300_000, createBindings, thousands},
		{"the same: time, of that with 100 stored", false, 1.5, createGrowth, fraction},
		{"reading a service with four bindings, 100,000 stored: times faster than go-memdb", true, 2, overMemdb("read"), times},
		{"read a service, add a binding, commit: times faster than go-memdb", true, 5, overMemdb("write"), times},
		{"99 reads to a write: times more on two cores than on one", true, 1.7, scaling, times},
		{"bytes held for a stored binding, of those of its fields", false, 3, bytesHeld, fraction},
	}
}

// ratios returns the quotients of two benchmarks, where both were run.
func ratio(m *medians.Medians, of string, over, under string, cores int) []reading {
	a, ok := m.Of(over, cores, medians.Time)
	b, both := m.Of(under, cores, medians.Time)
	if !ok || !both {
		return nil
	}
	return []reading{{a / b, of}}
}

func at(in string, n int) string { return fmt.Sprintf("%s, %s", in, grouped(n)) }

func allocations(by string, ins []string, sizes []int) func(*medians.Medians) []reading {
	return func(m *medians.Medians) (all []reading) {
		for _, in := range ins {
			for _, n := range sizes {
				if v, ok := m.Of(medians.Set(in, n, by), 0, medians.Allocations); ok {
					all = append(all, reading{v, at(in, n)})
				}
			}
		}
		return all
	}
}

func faster(ins []string, sizes []int) func(*medians.Medians) []reading {
	return func(m *medians.Medians) (all []reading) {
		for _, in := range ins {
			for _, n := range sizes {
				all = append(all, ratio(m, at(in, n), medians.Set(in, n, "careful"), medians.Set(in, n, "bindset"), 0)...)
			}
		}
		return all
	}
}

func ofLimit(in string) func(*medians.Medians) []reading {
	return func(m *medians.Medians) []reading {
		return ratio(m, "", medians.Set(in, 100_000, "bindset"), medians.Set(in, 100_000, "limit-insert"), 0)
	}
}

func growth(m *medians.Medians) (all []reading) {
	for _, in := range plain {
		mine := ratio(m, "", medians.Set(in, 1_000_000, "bindset"), medians.Set(in, 1024, "bindset"), 0)
		limits := ratio(m, "", medians.Set(in, 1_000_000, "limit-insert"), medians.Set(in, 1024, "limit-insert"), 0)
		if len(mine) == 1 && len(limits) == 1 {
			all = append(all, reading{mine[0].value / limits[0].value, in})
		}
	}
	return all
}

func hostile(m *medians.Medians) (all []reading) {
	for _, k := range input.Hostile() {
		for _, n := range hostileAt {
			all = append(all, ratio(m, at(k.Name, n), medians.Set(k.Name, n, "bindset"), medians.Set("clean", n, "bindset"), 0)...)
		}
	}
	return all
}

func createBindings(m *medians.Medians) []reading {
	v, ok := m.Of("CreateBinding/bindings=1000000", 1, medians.Time)
	if !ok {
		return nil
	}
	return []reading{{1 / v, ""}}
}

func createGrowth(m *medians.Medians) []reading {
	return ratio(m, "", "CreateBinding/bindings=1000000", "CreateBinding/bindings=100", 1)
}

func store(op, by string) string { return fmt.Sprintf("Store/op=%s/rows=100000/by=%s", op, by) }

func overMemdb(op string) func(*medians.Medians) []reading {
	return func(m *medians.Medians) []reading {
		return ratio(m, "", store(op, "memdb"), store(op, "memstore"), 1)
	}
}

func scaling(m *medians.Medians) []reading {
	one, ok := m.Of(store("mix", "memstore"), 1, medians.Time)
	two, both := m.Of(store("mix", "memstore"), 2, medians.Time)
	if !ok || !both {
		return nil
	}
	return []reading{{one / two, ""}}
}

func bytesHeld(m *medians.Medians) []reading {
	v, ok := m.Of("Bytes/bindings=1000000/by=memstore", 0, medians.PerField)
	if !ok {
		return nil
	}
	return []reading{{v, ""}}
}
