// Package medians reads what go test -bench wrote, and returns the median of the
// runs of each benchmark.
package medians

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// The units of benchmarks, as golang.org/x/perf names them.
const (
	Time        = "sec/op"
	Bytes       = "B/op"
	Allocations = "allocs/op"
	PerField    = "x-fields"
)

// Medians are the results of benchmarks.
type Medians struct{ samples map[sample][]float64 }

type sample struct {
	name  string // without the number of cores
	cores int
	unit  string
}

// Read reads what go test -bench wrote.
func Read(r io.Reader) (*Medians, error) {
	m := &Medians{samples: make(map[sample][]float64)}
	results := benchfmt.NewReader(r, "results")
	for results.Scan() {
		if err := m.add(results.Result()); err != nil {
			return nil, err
		}
	}
	return m, results.Err()
}

// ReadFiles reads files of that.
func ReadFiles(paths ...string) (*Medians, error) {
	m := &Medians{samples: make(map[sample][]float64)}
	files := benchfmt.Files{Paths: paths}
	for files.Scan() {
		if err := m.add(files.Result()); err != nil {
			return nil, err
		}
	}
	return m, files.Err()
}

func (m *Medians) add(record benchfmt.Record) error {
	switch r := record.(type) {
	case *benchfmt.SyntaxError:
		return r
	case *benchfmt.Result:
		name, cores, err := split(r.Name)
		if err != nil {
			return err
		}
		for _, v := range r.Values {
			s := sample{name, cores, v.Unit}
			m.samples[s] = append(m.samples[s], v.Value)
		}
	}
	return nil
}

// split takes the number of cores from the end of a name.
func split(name benchfmt.Name) (string, int, error) {
	_, parts := name.Parts()
	if len(parts) == 0 || !bytes.HasPrefix(parts[len(parts)-1], []byte("-")) {
		return name.String(), 1, nil
	}
	suffix := string(parts[len(parts)-1])
	cores, err := strconv.Atoi(suffix[1:])
	if err != nil {
		return "", 0, fmt.Errorf("medians: the name %q ends in no number of cores: %w", name, err)
	}
	return string(bytes.TrimSuffix(name, []byte(suffix))), cores, nil
}

// Of returns the median of a benchmark, and whether it was run at all: on a
// number of cores, or, for 0, on the most that it was run on.
func (m *Medians) Of(name string, cores int, unit string) (float64, bool) {
	if cores == 0 {
		for s := range m.samples {
			if s.name == name && s.unit == unit {
				cores = max(cores, s.cores)
			}
		}
	}
	values, ok := m.samples[sample{name, cores, unit}]
	if !ok {
		return 0, false
	}
	return benchmath.AssumeNothing.Summary(benchmath.NewSample(values, &benchmath.DefaultThresholds), 0.95).Center, true
}

// Runs returns the fewest and the most runs that a benchmark has.
func (m *Medians) Runs() (fewest, most int) {
	for _, values := range m.samples {
		if n := len(values); fewest == 0 || n < fewest {
			fewest = n
		}
		most = max(most, len(values))
	}
	return fewest, most
}

// Set returns the name of a benchmark of sets.
func Set(in string, n int, by string) string {
	return fmt.Sprintf("Set/in=%s/n=%d/by=%s", in, n, by)
}
