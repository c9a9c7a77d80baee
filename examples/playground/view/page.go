package view

import "github.com/bindset/bindset/cmd/bindcheck/hostfile"

// A Page is what is shown of one text. Its lists are bounded, however long the
// text is; what they leave out is counted.
type Page struct {
	Verdict  Verdict   `json:"verdict"`
	Summary  string    `json:"summary"`            // one sentence
	Problems []Problem `json:"problems,omitempty"` // why the text cannot be read
	Services []Service `json:"services,omitempty"` // in the order of the text
	Unlisted string    `json:"unlisted,omitempty"` // what the lists leave out; "" where they hold everything
	Picture  *Picture  `json:"picture,omitempty"`  // nil where the text cannot be read
}

// Verdict says what became of a whole text.
type Verdict string

// The verdicts.
const (
	Valid      Verdict = "valid"
	Refused    Verdict = "refused"    // a set breaks a rule
	Unreadable Verdict = "unreadable" // there are Problems
)

// A Position is a line and a column of the text, in characters, both from 1. The
// zero Position is not known.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// A Problem is one thing that keeps a text from being read.
type Problem struct {
	At      Position `json:"at"`
	Message string   `json:"message"`
}

// A Service is what became of the set of one service.
type Service struct {
	Name     string    `json:"name"`
	At       Position  `json:"at"`
	Refused  bool      `json:"refused"`            // something in the set breaks a rule: nothing of it is kept
	Problems []string  `json:"problems,omitempty"` // what is wrong with the whole set
	Bindings []Binding `json:"bindings,omitempty"`
}

// A Binding is what became of one binding of a set.
type Binding struct {
	Text      string    `json:"text"` // the binding by names
	At        Position  `json:"at"`
	State     State     `json:"state"`
	Rule      string    `json:"rule,omitempty"`    // that dropped or refused it
	Why       string    `json:"why,omitempty"`     // it was dropped, refused or rewritten
	Because   *Position `json:"because,omitempty"` // where that stands which dropped it or which it clashes with
	Rewritten bool      `json:"rewritten,omitempty"`
}

// State says what became of a binding.
type State string

// The states.
const (
	Kept       State = "kept"
	Unbroken   State = "unbroken" // breaks no rule, but another binding of its set does
	Duplicate  State = "duplicate"
	Superseded State = "superseded"
	Broken     State = "broken" // breaks a rule
)

// notable reports whether a state is one to look at.
func (s State) notable() bool { return s != Kept && s != Unbroken }

func unreadable(problems hostfile.Problems) Page {
	p := Page{Verdict: Unreadable, Summary: "This cannot be read: " + count(len(problems), "problem") + "."}
	for _, problem := range problems[:min(len(problems), maxListed)] {
		p.Problems = append(p.Problems, Problem{Position(problem.Position), problem.Message})
	}
	if more := len(problems) - maxListed; more > 0 {
		p.Unlisted = "... and " + count(more, "more problem") + "."
	}
	return p
}
