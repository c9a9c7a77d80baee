package cockroach

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser"
	"github.com/stretchr/testify/require"
)

func TestCockroachDBsParserTakesEveryStatement(t *testing.T) {
	text, err := os.ReadFile("../testdata/statements.sql") // pgstore's tests hold it to what is sent
	require.NoError(t, err)
	statements := strings.Split(string(text), "\n\n")
	require.Greater(t, len(statements), 40)
	for _, sql := range statements {
		requireParsed(t, sql)
	}
}

func TestCockroachDBsParserTakesEveryMigration(t *testing.T) {
	files, err := filepath.Glob("../migrations/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		requireParsed(t, strings.ReplaceAll(string(text), "{{.schema}}", "bindset"))
	}
}

func TestTheParserRefusesWhatCockroachDBDoesNotHave(t *testing.T) {
	for _, sql := range []string{
		"SELEC 1",
		"CREATE TABLE bindset.t (a int4, EXCLUDE USING gist (a WITH =))",
		"DELETE FROM bindset.bindings WHERE CURRENT OF cursor",
	} {
		_, err := parser.Parse(sql)
		require.Error(t, err, sql)
	}
}

func requireParsed(t *testing.T, sql string) {
	t.Helper()
	parsed, err := parser.Parse(sql)
	require.NoError(t, err, sql)
	require.NotEmpty(t, parsed, sql)
}
