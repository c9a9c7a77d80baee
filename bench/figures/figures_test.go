package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/bench/medians"
)

func read(t *testing.T, results string) *medians.Medians {
	m, err := medians.Read(strings.NewReader(results))
	require.NoError(t, err)
	return m
}

func TestTheTableSaysWhatWasReachedAndByHowFar(t *testing.T) {
	got := table(read(t, `
BenchmarkSet/in=clean/n=64/by=bindset-2  1  100 ns/op
BenchmarkSet/in=clean/n=64/by=careful-2  1  450 ns/op
BenchmarkSet/in=drops/n=64/by=bindset-2  1  100 ns/op
BenchmarkSet/in=drops/n=64/by=careful-2  1  330 ns/op
BenchmarkSet/in=clean/n=100000/by=bindset-2  1  8 ns/op  0 allocs/op
BenchmarkSet/in=clean/n=100000/by=limit-insert-2  1  10 ns/op
BenchmarkCreateBinding/bindings=1000000  1  2000 ns/op
BenchmarkBytes/bindings=1000000/by=memstore-2  1  1.5 x-fields
`))
	for _, line := range []string{
		"| 64 bindings: times faster than careful | ≥ 3.0 | 3.3 | drops, 64 | reached, 10 % to spare |",
		"| 1,024 bindings: times faster than careful | ≥ 3.0 | not measured | | |",
		"| 100,000 bindings, clean: time, of the limit's | ≤ 0.70 | 0.80 |  | **missed** by 14 % |",
		"| any size, into a used Result: allocations | ≤ 0 | 0 | clean, 100,000 | reached |",
		"| `Manager.CreateBinding` a second, 1,000,000 stored, one core | ≥ 300,000 | 500,000 |  | reached, 67 % to spare |",
		"| bytes held for a stored binding, of those of its fields | ≤ 3.00 | 1.50 |  | reached, 50 % to spare |",
	} {
		require.Contains(t, got, line+"\n")
	}
}

func TestNumbersAreShort(t *testing.T) {
	require.Equal(t, []string{"52.4 ns", "1.00 µs", "999 ns", "5.70 ms", "1.20 s"}, []string{
		duration(52.44e-9), duration(999.9e-9), duration(999e-9), duration(5.7e-3), duration(1.2),
	})
	require.Equal(t, []string{"7.3", "42", "740", "12,300"}, []string{short(7.32), short(42.1), short(745), short(12345)})
	require.Equal(t, "1,000,024", grouped(1_000_024))
}

func TestPagesNeedTheirMarks(t *testing.T) {
	p := page{"page.md", map[string]string{"figures": "new\n"}}
	filled, err := p.fill("a\n<!-- bench: figures -->\nold\n<!-- end -->\nb\n<!-- end -->\n")
	require.NoError(t, err)
	require.Equal(t, "a\n<!-- bench: figures -->\n\nnew\n\n<!-- end -->\nb\n<!-- end -->\n", filled)
	_, err = p.fill("a\n")
	require.ErrorContains(t, err, "page.md")
}

// The pages of the project say what the results beside this program say.
func TestPagesAreWhatTheResultsSay(t *testing.T) {
	results, err := filepath.Glob("../results/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, results)
	m, err := medians.ReadFiles(results...)
	require.NoError(t, err)
	for _, p := range pages(m) {
		text, err := os.ReadFile(filepath.Join("../..", p.path))
		require.NoError(t, err)
		filled, err := p.fill(string(text))
		require.NoError(t, err)
		require.Equal(t, filled, string(text), "run: go run ./figures")
	}
}
