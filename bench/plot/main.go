// Plot draws the charts of docs/performance.md from the results of the
// benchmarks: an SVG file each, the same for the same results.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bindset/bindset/bench/medians"
)

func main() {
	out := flag.String("out", "../docs", "the `directory` of the charts")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run(out string, paths []string) error {
	if len(paths) == 0 {
		paths, _ = filepath.Glob("results/*.txt")
	}
	m, err := medians.ReadFiles(paths...)
	if err != nil {
		return err
	}
	for _, c := range charts(m) {
		svg, err := c.draw()
		if err != nil {
			return fmt.Errorf("%s: %w", c.file, err)
		}
		if err := os.WriteFile(filepath.Join(out, c.file), svg, 0o644); err != nil {
			return err
		}
	}
	return nil
}
