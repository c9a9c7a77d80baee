package main

import (
	"io"
	"path/filepath"

	"github.com/owenrumney/go-sarif/v3/pkg/report"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
)

// notReadable is the rule of what keeps a file from being checked.
const notReadable = "file"

// ruleTexts are what SARIF shows of the rules.
func ruleTexts() []struct{ id, text string } {
	return []struct{ id, text string }{
		{notReadable, "The file is a host with services that can be checked."},
		{"V1", "Every binding has a target, and no ID stands for two."},
		{"V2", "Everything that a binding names is on the service's host, and in its network."},
		{"V3", "No binding says again what another one says."},
		{"V4", "No listener says what a wider one says already."},
		{"V5", "A presence and a listener of one service do not overlap."},
		{"V6", "Two services do not listen on one port at one place."},
	}
}

// encodeSARIF writes what became of all files as SARIF 2.1.0, for code review:
// violations are errors, what was dropped is a note.
func encodeSARIF(w io.Writer, results []result) error {
	doc := report.NewV210Report()
	run := sarif.NewRunWithInformationURI("bindcheck", "https://pkg.go.dev/github.com/bindset/bindset/cmd/bindcheck")
	for _, rule := range ruleTexts() {
		run.AddRule(rule.id).WithDescription(rule.text)
	}
	for i := range results {
		r := &results[i]
		add := func(rule, level, message string, at hostfile.Position) {
			run.CreateResultForRule(rule).WithLevel(level).WithMessage(sarif.NewTextMessage(message)).
				AddLocation(sarif.NewLocationWithPhysicalLocation(placeIn(r.file, at)))
		}
		for _, p := range r.problems {
			add(notReadable, "error", p.message, p.position)
		}
		for s := range r.services {
			c := &r.services[s]
			if c.broken != nil {
				for _, v := range c.broken.Violations {
					add(v.Rule, "error", v.Message, c.position(v.Path))
				}
			}
			for _, d := range c.set.Dropped {
				given, by := c.set.Input(d.Index), c.set.Input(d.By)
				rule := map[string]string{"duplicate": "V3", "superseded": "V4"}[d.Reason.String()]
				add(rule, "note", r.inv.Describe(given.Target)+" is dropped, as it is "+d.Reason.String()+" by "+r.inv.Describe(by.Target),
					c.position(c.bindingPath(d.Index)))
			}
		}
	}
	doc.AddRun(run)
	return doc.PrettyWrite(w)
}

func placeIn(file string, at hostfile.Position) *sarif.PhysicalLocation {
	place := sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewSimpleArtifactLocation(filepath.ToSlash(file)))
	if at.Line == 0 {
		return place
	}
	return place.WithRegion(sarif.NewRegion().WithStartLine(at.Line).WithStartColumn(at.Column))
}
