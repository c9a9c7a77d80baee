package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPageIsSmall(t *testing.T) {
	s, err := builtSite()
	require.NoError(t, err)
	size := 0
	for name, content := range s {
		if name != "rules.wasm.gz" {
			packed, err := pack(content)
			require.NoError(t, err)
			content = packed
		}
		size += len(content)
	}
	const most = 3_000_000
	require.Less(t, size, most, "bytes, packed")
	t.Logf("%d bytes, packed", size)
}

func TestPackedRulesAreWebAssembly(t *testing.T) {
	s, err := builtSite()
	require.NoError(t, err)
	r, err := gzip.NewReader(bytes.NewReader(s["rules.wasm.gz"]))
	require.NoError(t, err)
	program, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "\x00asm", string(program[:4]))
}

func TestRunServesThePageUntilItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan int)
	var stderr bytes.Buffer
	go func() { ended <- run(ctx, nil, in, &stderr) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Regexp(t, `^listening on http://127\.0\.0\.1:\d+\n$`, line)
	url := strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	for path, want := range map[string]string{
		"/": "text/html; charset=utf-8", "/page.js": "text/javascript; charset=utf-8", "/rules.wasm.gz": "application/gzip", "/none": "",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		if want == "" {
			require.Equal(t, http.StatusNotFound, answer.StatusCode)
			continue
		}
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.Equal(t, want, answer.Header.Get("Content-Type"))
		require.Empty(t, answer.Header.Get("Content-Encoding"), "the page unpacks the rules itself")
	}
	stop()
	require.Zero(t, <-ended, "%s", &stderr)
}

func TestRunWritesThePage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "site")
	var stderr bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-o", dir}, io.Discard, &stderr), "%s", &stderr)
	for _, name := range []string{"index.html", "page.js", "rules.js", "style.css", "wasm_exec.js", "rules.wasm.gz"} {
		require.FileExists(t, filepath.Join(dir, name))
	}
}

func TestRunSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T)
		args   []string
		code   int
		stderr string
	}{
		{"an unknown flag", nil, []string{"-port", "1"}, 2, "flag provided but not defined"},
		{"an argument", nil, []string{"x"}, 2, `there are no arguments besides flags, but "x" was given`},
		{"no toolchain", func(t *testing.T) { t.Setenv("PATH", t.TempDir()) }, nil, 1, "there is no Go toolchain"},
		{"no source", func(t *testing.T) { t.Setenv("GOWORK", "off"); t.Chdir(t.TempDir()) }, nil, 1, "run this in the directory of bindset's source"},
		{"a toolchain without its support", withoutSupport, nil, 1, "the Go toolchain lacks its support for browsers"},
		{"no such address", nil, []string{"-addr", "127.0.0.1:x"}, 1, "playground: listen tcp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.change != nil {
				c.change(t)
			}
			var stderr bytes.Buffer
			require.Equal(t, c.code, run(t.Context(), c.args, io.Discard, &stderr))
			require.Contains(t, stderr.String(), c.stderr)
		})
	}
}

// withoutSupport puts a toolchain first that has its root where nothing is.
func withoutSupport(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go"), []byte("#!/bin/sh\necho "+dir+"\n"), 0o755))
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}
