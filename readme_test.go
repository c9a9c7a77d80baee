package bindset_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheReadmeShowsTheProgramThatRuns(t *testing.T) {
	read := func(file string) string {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		return string(text)
	}
	_, program, found := strings.Cut(read("example_test.go"), "func Example() {\n")
	require.True(t, found)
	program, _, found = strings.Cut(program, "\n\n\t// Output:")
	require.True(t, found)
	var shown []string
	for line := range strings.Lines(program) {
		shown = append(shown, strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "\t"))
	}
	require.Contains(t, read("README.md"), "```go\n"+strings.Join(shown, "\n")+"\n```\n")
}
