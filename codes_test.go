package bindset_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

func TestCodeOfIsTheLeadingCode(t *testing.T) {
	rules := &validate.Error{Violations: []validate.Violation{{Code: validate.ErrCrossHost}, {Code: validate.ErrConflict}}}
	for _, c := range []struct {
		err  error
		code binding.Code
	}{
		{nil, ""},
		{context.Canceled, ""},
		{errors.New("conflict"), ""},
		{store.ErrStale, "stale"},
		{fmt.Errorf("commit: %w", store.ErrUnknownOutcome), "unknown_outcome"},
		{rules, "cross_host"},
		{fmt.Errorf("around: %w", rules), "cross_host"},
		{&binding.FieldError{Path: "name"}, "invalid"},
		{&binding.FieldError{Path: "name", Malformed: true}, "malformed"},
		{&store.EntityError{Code: store.ErrExists}, "exists"},
	} {
		require.Equal(t, c.code, bindset.CodeOf(c.err), "%v", c.err)
	}
}

func TestCodesHaveNoneMissing(t *testing.T) {
	var declared []binding.Code
	for _, dir := range []string{".", "binding", "host", "validate", "service", "store", "memstore", "boltstore", "pgstore"} {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, entry := range entries {
			if strings.HasSuffix(entry.Name(), ".go") && !strings.HasSuffix(entry.Name(), "_test.go") {
				declared = append(declared, codesIn(t, filepath.Join(dir, entry.Name()))...)
			}
		}
	}
	require.Greater(t, len(declared), 12)
	require.ElementsMatch(t, declared, bindset.Codes())
}

// codesIn returns the constants of type Code that a file declares.
func codesIn(t *testing.T, file string) (codes []binding.Code) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for _, value := range spec.Values {
			typed := isCode(spec.Type)
			if call, ok := value.(*ast.CallExpr); ok && len(call.Args) == 1 {
				value, typed = call.Args[0], isCode(call.Fun)
			}
			if text, ok := value.(*ast.BasicLit); ok && typed {
				code, err := strconv.Unquote(text.Value)
				require.NoError(t, err)
				codes = append(codes, binding.Code(code))
			}
		}
		return true
	})
	return codes
}

func isCode(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "Code"
	case *ast.SelectorExpr:
		return e.Sel.Name == "Code"
	default:
		return false
	}
}
