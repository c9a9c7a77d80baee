package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// results of every benchmark that a chart shows, made up.
func results(t *testing.T) string {
	var b strings.Builder
	for i, by := range []string{"bindset", "bindset-fresh", "careful", "naive", "opa", "cel", "limit-insert", "limit-pass"} {
		for _, in := range []string{"clean", "drops", "conflicts", "hostile-sequential"} {
			for _, n := range sizes {
				fmt.Fprintf(&b, "BenchmarkSet/in=%s/n=%d/by=%s-2 1 %d ns/op %d B/op\n", in, n, by, (i+1)*n*20, i*n)
			}
		}
	}
	for i, by := range []string{"memstore", "memdb"} {
		for _, op := range []string{"read", "write", "mix", "mix"} {
			fmt.Fprintf(&b, "BenchmarkStore/op=%s/rows=100000/by=%s 1 %d ns/op\n", op, by, (i+1)*1000)
		}
		fmt.Fprintf(&b, "BenchmarkStore/op=mix/rows=100000/by=%s-2 1 %d ns/op\n", by, (i+1)*600)
	}
	path := filepath.Join(t.TempDir(), "results.txt")
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	return path
}

func TestChartsAreSmallWellFormedAndTheSameForTheSameResults(t *testing.T) {
	path := results(t)
	once, again := t.TempDir(), t.TempDir()
	require.NoError(t, run(once, []string{path}))
	require.NoError(t, run(again, []string{path}))
	files, err := filepath.Glob(filepath.Join(once, "*.svg"))
	require.NoError(t, err)
	require.Len(t, files, 7)
	for _, file := range files {
		svg, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Less(t, len(svg), 30_000, file)
		requireXML(t, svg)
		same, err := os.ReadFile(filepath.Join(again, filepath.Base(file)))
		require.NoError(t, err)
		require.Equal(t, svg, same)
	}
	svg, err := os.ReadFile(filepath.Join(once, "set-clean.svg"))
	require.NoError(t, err)
	for _, a := range alternatives {
		require.Contains(t, string(svg), ">"+a.line.label+"</text>")
	}
}

// The charts of the project are those of the results beside this program.
func TestChartsOfTheDocsAreOfTheResults(t *testing.T) {
	results, err := filepath.Glob("../results/*.txt")
	require.NoError(t, err)
	drawn := t.TempDir()
	require.NoError(t, run(drawn, results))
	files, err := filepath.Glob(filepath.Join(drawn, "*.svg"))
	require.NoError(t, err)
	for _, file := range files {
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("../../docs", filepath.Base(file)))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "run: go run ./plot")
	}
}

func requireXML(t *testing.T, text []byte) {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			require.NoError(t, err)
		}
	}
}

func TestNothingIsDrawnWithoutResults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.txt")
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	require.ErrorContains(t, run(t.TempDir(), []string{path}), "set-clean.svg")
}

func TestNumbersReadAsPeopleWriteThem(t *testing.T) {
	require.Equal(t, []string{"10 ns", "1 µs", "2.5 ms", "100 s"}, []string{spanOf(1e-8), spanOf(1e-6), spanOf(2.5e-3), spanOf(100)})
	require.Equal(t, []string{"0", "1 B", "98 kB", "2.8 MB"}, []string{bytesOf(0), bytesOf(1), bytesOf(98_384), bytesOf(2.77e6)})
	require.Equal(t, []string{"1", "100,000", "1,230,000"}, []string{countOf(1), countOf(1e5), countOf(1_234_567)})
}
