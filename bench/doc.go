// Package bench has no code of its own: its tests check that bindset and what
// people would use instead give the same answers on the same inputs, and its
// benchmarks measure them. Each alternative is a package beside it.
package bench
