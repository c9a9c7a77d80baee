package validatetest

import (
	"bytes"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// A probe is a test that may fail.
type probe struct {
	rapid.TB // of the test around it, for what is not below
	log      strings.Builder
	failed   bool
}

func (p *probe) Name() string              { return "probe" }
func (p *probe) Helper()                   {}
func (p *probe) Log(args ...any)           { fmt.Fprintln(&p.log, args...) }
func (p *probe) Logf(f string, a ...any)   { fmt.Fprintf(&p.log, f+"\n", a...) }
func (p *probe) Fail()                     { p.failed = true }
func (p *probe) Failed() bool              { return p.failed }
func (p *probe) FailNow()                  { p.failed = true; runtime.Goexit() }
func (p *probe) Error(args ...any)         { p.Log(args...); p.Fail() }
func (p *probe) Errorf(f string, a ...any) { p.Logf(f, a...); p.Fail() }
func (p *probe) Fatal(args ...any)         { p.Log(args...); p.FailNow() }
func (p *probe) Fatalf(f string, a ...any) { p.Logf(f, a...); p.FailNow() }

// fails runs a test that is to fail, and returns what it says.
func fails(t *testing.T, test func(rapid.TB)) string {
	t.Helper()
	p := &probe{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(p)
	}()
	<-done
	require.True(t, p.failed, "the test passes")
	return p.log.String()
}

// quietly has rapid spend neither time nor files on failures that are wanted.
func quietly(t *testing.T) {
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "0s"} {
		before := flag.Lookup(name).Value.String()
		require.NoError(t, flag.Set(name, value))
		t.Cleanup(func() { require.NoError(t, flag.Set(name, before)) })
	}
}

// refuse is what a rule says for all that it refuses.
var refuse = &validate.Violation{Code: "refused"}

// Rules that a user may well write, each of which breaks a law.
func TestTheLawsBite(t *testing.T) {
	quietly(t)
	calls := 0
	rules := map[string]func(validate.Candidate) *validate.Violation{
		"it does not say the same twice": func(validate.Candidate) *validate.Violation {
			if calls++; calls%3 == 0 {
				return refuse
			}
			return nil
		},
		"it looks at the order": func(c validate.Candidate) *validate.Violation {
			for first := range c.Others() {
				if first.Target.Scope().Kind() == binding.ScopeIPAddress {
					return refuse
				}
				break
			}
			return nil
		},
		"it blames one side only": func(c validate.Candidate) *validate.Violation {
			own, listens := c.Binding.Target.PortID()
			for other := range c.Others() {
				if port, ok := other.Target.PortID(); ok && listens && bytes.Compare(own[:], port[:]) < 0 {
					return refuse
				}
			}
			return nil
		},
		"it wants company": func(c validate.Candidate) *validate.Violation {
			if c.Binding.Target.IsListener() {
				return nil
			}
			for range c.Others() {
				return nil
			}
			return refuse
		},
	}
	for _, bite := range []struct{ why, fact string }{
		{"it does not say the same twice", "Set is idempotent"},
		{"it looks at the order", "order does not matter"},
		{"it blames one side only", "folding Add is Set"},
		{"it blames one side only", "Replace is Set on the changed list"},
		{"it blames one side only", "what Merge returns is valid"},
		{"it wants company", "folding Add is Set"},
		{"it wants company", "a valid set stays valid without any binding"},
	} {
		t.Run(bite.why+", so not "+bite.fact, func(t *testing.T) {
			v := validate.New(validate.WithRule("bad", rules[bite.why]))
			at := slices.IndexFunc(laws, func(l law) bool { return l.fact == bite.fact })
			fails(t, func(t rapid.TB) { laws[at].check(t, v, World{}.withDefaults()) })
		})
	}
}

func TestALawThatFailsSpeaksInNames(t *testing.T) {
	quietly(t)
	for _, law := range laws {
		t.Run(law.fact, func(t *testing.T) {
			unlucky := law
			unlucky.holds = func(t *rapid.T, s *subject) {
				law.holds(t, s)
				if len(s.in.Bindings) > 0 && len(s.in.Stored) > 0 && claimed(s.in) > 0 {
					t.Fatal("enough")
				}
			}
			said := fails(t, func(t rapid.TB) { unlucky.check(t, validate.New(), World{}.withDefaults()) })
			require.Regexp(t, `with\n\s+0: (presence at |\d+/)`, said)
			require.Contains(t, said, "which has stored\n")
			require.Contains(t, said, "while others claim\n")
			require.NotContains(t, said, "UUID{", "a struct as Go prints it")
		})
	}
}

func TestTheBuiltInRulesKeepTheLaws(t *testing.T) {
	Laws(t, validate.New(), World{})
}

func TestLawsWantToSeeARuleAtWork(t *testing.T) {
	quietly(t)
	idle := validate.New(validate.WithRule("idle", func(validate.Candidate) *validate.Violation { return nil }))
	said := fails(t, func(t rapid.TB) { rulesAreMet(t, idle, World{}.withDefaults()) })
	require.Contains(t, said, "rule idle refused nothing")
	never := validate.New(validate.WithRule("never", func(validate.Candidate) *validate.Violation { return refuse }))
	said = fails(t, func(t rapid.TB) { rulesAreMet(t, never, World{}.withDefaults()) })
	require.Contains(t, said, "no binding at all was let pass")
}
