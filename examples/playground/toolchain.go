package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// rulesPackage is the program that the page runs.
const rulesPackage = "github.com/bindset/bindset/examples/playground/rules"

// toolchain is the Go toolchain of this machine.
type toolchain struct{ command, root string }

func findToolchain(ctx context.Context) (toolchain, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return toolchain{}, errors.New("there is no Go toolchain, which compiles the rules for the browser; install Go and put it into PATH")
	}
	root, err := exec.CommandContext(ctx, command, "env", "GOROOT").Output()
	if err != nil {
		return toolchain{}, fmt.Errorf("ask %s for its GOROOT: %w", command, err)
	}
	return toolchain{command, strings.TrimSpace(string(root))}, nil
}

// support returns the script with which Go's programs run in a browser. It belongs
// to the version of the toolchain.
func (t toolchain) support() ([]byte, error) {
	script, err := os.ReadFile(filepath.Join(t.root, "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, fmt.Errorf("the Go toolchain lacks its support for browsers; install it from go.dev/dl: %w", err)
	}
	return script, nil
}

// rules returns the rules as WebAssembly, packed with gzip. What go build caches
// makes it fast the next time.
func (t toolchain) rules(ctx context.Context) (packed []byte, err error) {
	dir, err := os.MkdirTemp("", "bindset-playground-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "rules.wasm")
	build := exec.CommandContext(ctx, t.command, "build", "-trimpath", "-ldflags=-s -w", "-o", file, rulesPackage)
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile the rules (run this in the directory of bindset's source): %w\n%s", err, bytes.TrimSpace(out))
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return pack(program)
}

func pack(program []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(program); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
