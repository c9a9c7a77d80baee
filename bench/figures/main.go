// Figures computes the figures of docs/performance.md from the results of the
// benchmarks, and writes them into the pages between their marks.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bindset/bindset/bench/medians"
)

func main() {
	root := flag.String("root", "..", "the `directory` of docs/performance.md and README.md")
	flag.Parse()
	if err := run(*root, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run(root string, paths []string) error {
	if len(paths) == 0 {
		paths, _ = filepath.Glob("results/*.txt")
	}
	m, err := medians.ReadFiles(paths...)
	if err != nil {
		return err
	}
	for _, page := range pages(m) {
		path := filepath.Join(root, page.path)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		filled, err := page.fill(string(text))
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(filled), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// A page has parts that are written here, by the names of their marks.
type page struct {
	path  string
	parts map[string]string
}

func pages(m *medians.Medians) []page {
	return []page{
		{"docs/performance.md", map[string]string{
			"figures": table(m), "clean": timesOf(m, "clean"), "drops": timesOf(m, "drops"),
		}},
		{"README.md", map[string]string{"ratios": inShort(m)}},
	}
}

// fill puts the parts between their marks.
func (p page) fill(text string) (string, error) {
	for name, part := range p.parts {
		begin, end := fmt.Sprintf("<!-- bench: %s -->\n", name), "<!-- end -->"
		before, rest, ok := strings.Cut(text, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			return "", fmt.Errorf("%s has no %q with an %q behind it", p.path, strings.TrimSpace(begin), end)
		}
		text = before + begin + "\n" + part + "\n" + end + after
	}
	return text, nil
}
