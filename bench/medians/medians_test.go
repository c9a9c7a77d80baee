package medians_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/bench/medians"
)

const results = `
BenchmarkSet/in=clean/n=4/by=bindset-2   100  40 ns/op  0 B/op
BenchmarkSet/in=clean/n=4/by=bindset-2   100  900 ns/op  0 B/op
BenchmarkSet/in=clean/n=4/by=bindset-2   100  50 ns/op  0 B/op
BenchmarkStore/op=mix/by=memstore     100  90 ns/op
BenchmarkStore/op=mix/by=memstore-2   100  50 ns/op
`

func TestMediansAreOfEachBenchmarkAndNumberOfCores(t *testing.T) {
	m, err := medians.Read(strings.NewReader(results))
	require.NoError(t, err)
	for _, want := range []struct {
		name  string
		cores int
		unit  string
		value float64
	}{
		{medians.Set("clean", 4, "bindset"), 0, medians.Time, 50e-9},
		{medians.Set("clean", 4, "bindset"), 2, medians.Bytes, 0},
		{"Store/op=mix/by=memstore", 1, medians.Time, 90e-9},
		{"Store/op=mix/by=memstore", 2, medians.Time, 50e-9},
		{"Store/op=mix/by=memstore", 0, medians.Time, 50e-9},
	} {
		got, ok := m.Of(want.name, want.cores, want.unit)
		require.True(t, ok, want.name)
		require.InDelta(t, want.value, got, 1e-12)
	}
	_, ok := m.Of("Set/in=clean/n=4/by=bindset", 1, medians.Time)
	require.False(t, ok)
	fewest, most := m.Runs()
	require.Equal(t, []int{1, 3}, []int{fewest, most})
}

func TestBrokenResultsAreAnError(t *testing.T) {
	_, err := medians.Read(strings.NewReader("BenchmarkX 1 y ns/op\n"))
	require.Error(t, err)
	_, err = medians.ReadFiles("no such file")
	require.Error(t, err)
}
