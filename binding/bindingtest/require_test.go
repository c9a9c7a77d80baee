package bindingtest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
)

// recorder is a test that fails without stopping the one around it.
type recorder struct{ failed bool }

func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) FailNow()              { panic(r) }

func fails(check func(require.TestingT)) (failed bool) {
	r := &recorder{}
	defer func() {
		if p := recover(); p != nil && p != any(r) {
			panic(p)
		}
		failed = r.failed
	}()
	check(r)
	return r.failed
}

func TestRequireFieldErrorSeesWhatDiffers(t *testing.T) {
	err := fmt.Errorf("around: %w", &binding.FieldError{Path: "id", Problem: "is wrong"})
	requires := func(err error, path string, malformed bool) func(require.TestingT) {
		return func(t require.TestingT) { bindingtest.RequireFieldError(t, err, path, malformed) }
	}
	require.False(t, fails(requires(err, "id", false)))
	require.True(t, fails(requires(err, "port_id", false)))
	require.True(t, fails(requires(err, "id", true)))
	require.True(t, fails(requires(nil, "id", false)))
	require.True(t, fails(requires(errors.New("other"), "", false)))
	require.True(t, fails(requires(&binding.FieldError{Problem: strings.Repeat("x", 500)}, "", false)))
}

// forgetful loses its Lost when it is written, greedy takes any text and keeps
// some of what it refuses.
type (
	forgetful struct {
		Kept string
		Lost string `json:"-"`
	}
	greedy struct{ Took string }
)

func (g *greedy) UnmarshalJSON(data []byte) error {
	g.Took = string(data)
	return &binding.FieldError{Problem: "is wrong"}
}

func TestRequireJSONSurvivesSeesWhatIsLost(t *testing.T) {
	survives := func(v forgetful) func(require.TestingT) {
		return func(t require.TestingT) { bindingtest.RequireJSONSurvives(t, v) }
	}
	require.False(t, fails(survives(forgetful{Kept: "x"})))
	require.True(t, fails(survives(forgetful{Lost: "x"})))
}

func TestRequireLawfulJSONSeesBothWaysToBreakTheLaw(t *testing.T) {
	require.False(t, fails(func(t require.TestingT) { bindingtest.RequireLawfulJSON[forgetful](t, []byte(`{"Kept":"x"}`)) }))
	require.False(t, fails(func(t require.TestingT) { bindingtest.RequireLawfulJSON[forgetful](t, []byte(`{"Kept":`)) }))
	require.True(t, fails(func(t require.TestingT) { bindingtest.RequireLawfulJSON[greedy](t, []byte(`{}`)) }))
	require.True(t, fails(func(t require.TestingT) {
		bindingtest.RequireLawfulJSON[map[string]json.RawMessage](t, []byte(`{"a": [ 1 ]}`))
	}), "the blanks do not survive")
}
