package view

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/cmd/bindcheck/hostfile"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// Check reads a text as bindcheck reads YAML, puts all its services through the
// rules at once, V6 among them where exclusivePorts is set, and returns what to
// show. It takes time linear in the text.
func Check(text string, exclusivePorts bool) Page {
	file, err := hostfile.Parse([]byte(text))
	if err != nil {
		var problems hostfile.Problems
		if !errors.As(err, &problems) {
			problems = hostfile.Problems{{Message: err.Error()}}
		}
		return unreadable(problems)
	}
	var options []validate.Option
	if exclusivePorts {
		options = append(options, validate.WithExclusivePorts())
	}
	position := func(path string) Position { return Position(file.Position(path)) }
	return judge(validate.New(options...), file.Inventory, file.Services, position).page()
}

// judged is a host, its services and what the rules make of them.
type judged struct {
	inv        *host.Inventory
	services   []service.Service
	outcomes   [][]outcome             // of the bindings of each service
	whole      [][]*validate.Violation // of each service
	refused    []bool                  // whether anything of a service breaks a rule
	violations int
	position   func(path string) Position
}

// outcome is what became of one binding.
type outcome struct {
	state     State
	by        int                 // index of what dropped it
	violation *validate.Violation // of what is Broken
	rewritten *validate.Rewrite
}

func judge(v *validate.Validator, inv *host.Inventory, services []service.Service, position func(string) Position) *judged {
	sets := make([]validate.Input, len(services))
	for i := range services {
		sets[i] = validate.Input{Service: services[i].Info(), Bindings: services[i].Bindings}
	}
	results, err := v.Host(inv, sets...)
	j := &judged{
		inv: inv, services: services, position: position,
		outcomes: make([][]outcome, len(services)),
		whole:    make([][]*validate.Violation, len(services)),
		refused:  make([]bool, len(services)),
	}
	var broken *validate.Error
	if errors.As(err, &broken) {
		j.violations = len(broken.Violations)
		for i := range broken.Violations {
			j.refused[broken.Violations[i].Set] = true
		}
	}
	for i := range services {
		j.outcomes[i] = outcomesOf(&results[i], len(services[i].Bindings), j.refused[i])
	}
	if broken != nil {
		j.addViolations(broken.Violations)
	}
	return j
}

func outcomesOf(res *validate.Result, n int, refused bool) []outcome {
	outcomes := make([]outcome, n)
	for i := range outcomes {
		outcomes[i].state = Kept
		if refused {
			outcomes[i].state = Unbroken
		}
	}
	for _, d := range res.Dropped {
		o := &outcomes[d.Index]
		o.by, o.state = d.By, Superseded
		if d.Reason == validate.Duplicate {
			o.state = Duplicate
		}
	}
	for i := range res.Rewritten {
		outcomes[res.Rewritten[i].Index].rewritten = &res.Rewritten[i]
	}
	return outcomes
}

func (j *judged) addViolations(violations []validate.Violation) {
	for i := range violations {
		v := &violations[i]
		if v.Index < 0 {
			j.whole[v.Set] = append(j.whole[v.Set], v)
			continue
		}
		o := &j.outcomes[v.Set][v.Index]
		o.state, o.violation = Broken, v
	}
}

// count returns how many bindings have a state for which is reports true.
func (j *judged) count(is func(State) bool) int {
	n := 0
	for _, outcomes := range j.outcomes {
		for i := range outcomes {
			if is(outcomes[i].state) {
				n++
			}
		}
	}
	return n
}

// at returns where a binding was written.
func (j *judged) at(set, index int) Position {
	return j.position(fmt.Sprintf("services[%d].bindings[%d]", set, index))
}

// target returns the target of a binding as V0 has it.
func (j *judged) target(set, index int) binding.Target {
	return j.inv.Canonical(j.services[set].Bindings[index].Target)
}

// summary says in one sentence what became of everything.
func (j *judged) summary() string {
	dropped := j.count(func(s State) bool { return s == Duplicate || s == Superseded })
	kept := j.count(func(s State) bool { return s == Kept })
	if j.violations == 0 {
		return fmt.Sprintf("Valid: %s kept, %d dropped.", count(kept, "binding"), dropped)
	}
	var refused []string
	for i := range j.services {
		if j.refused[i] && len(refused) < maxNamed {
			refused = append(refused, cut(j.services[i].Name, maxName))
		} else if j.refused[i] {
			refused = append(refused, "others")
			break
		}
	}
	return fmt.Sprintf("Refused: %s in %s. Of the rest, %s kept.",
		count(j.violations, "violation"), strings.Join(refused, ", "), count(kept, "binding"))
}
