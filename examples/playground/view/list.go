package view

import (
	"fmt"
	"strings"
)

// How much a page shows.
const (
	maxListed = 300 // problems, and bindings and services without any
	maxNamed  = 4   // services in the summary
	maxName   = 40  // characters of a name
)

// page lists what became of the bindings, those that are notable before all
// others where there are too many, in the order of the text.
func (j *judged) page() Page {
	p := Page{Verdict: Valid, Summary: j.summary(), Picture: j.picture()}
	if j.violations > 0 {
		p.Verdict = Refused
	}
	notableRoom := maxListed
	otherRoom := max(maxListed-j.count(State.notable), 0)
	unlisted, unlistedServices := 0, 0
	for set := range j.services {
		s := Service{
			Name: cut(j.services[set].Name, maxName), Refused: j.refused[set],
			At: j.position(fmt.Sprintf("services[%d]", set)),
		}
		for _, v := range j.whole[set] {
			s.Problems = append(s.Problems, v.Rule+": "+v.Message)
		}
		for index := range j.outcomes[set] {
			room := &otherRoom
			if j.outcomes[set][index].state.notable() {
				room = &notableRoom
			}
			if *room == 0 {
				unlisted++
				continue
			}
			*room--
			s.Bindings = append(s.Bindings, j.binding(set, index))
		}
		switch empty := len(j.outcomes[set]) == 0; {
		case empty && otherRoom == 0:
			unlistedServices++
		case empty:
			otherRoom--
			p.Services = append(p.Services, s)
		case len(s.Bindings) > 0:
			p.Services = append(p.Services, s)
		}
	}
	switch {
	case unlisted > 0:
		p.Unlisted = "... and " + count(unlisted, "more binding") + "."
	case unlistedServices > 0:
		p.Unlisted = "... and " + count(unlistedServices, "more service") + "."
	}
	return p
}

// binding says what became of a binding and why.
func (j *judged) binding(set, index int) Binding {
	o := &j.outcomes[set][index]
	b := Binding{Text: j.inv.Describe(j.target(set, index)), At: j.at(set, index), State: o.state}
	var why []string
	if o.rewritten != nil {
		b.Rewritten = true
		why = append(why, fmt.Sprintf("Its %s was named as an %s.", placeKind(o.rewritten.To), placeKind(o.rewritten.From)))
	}
	switch o.state {
	case Duplicate, Superseded:
		b.Rule = "V3"
		because := "The service has it once already."
		if o.state == Superseded {
			b.Rule = "V4"
			because = j.inv.Describe(j.target(set, o.by)) + " covers it."
		}
		at := j.at(set, o.by)
		why, b.Because = append(why, because), &at
	case Broken:
		v := o.violation
		b.Rule, why = v.Rule, append(why, v.Message+".")
		if v.OtherSet >= 0 && v.OtherIndex >= 0 {
			at := j.at(v.OtherSet, v.OtherIndex)
			b.Because = &at
		}
	}
	b.Why = strings.Join(why, " ")
	return b
}
