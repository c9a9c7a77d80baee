//go:build unix

package crash_test

import (
	"errors"
	"fmt"

	"github.com/bindset/bindset/stress/internal/model"
	"github.com/bindset/bindset/validate"
)

// rules are those with which a change of one service reads the others.
var rules = validate.New(validate.WithExclusivePorts())

var sequential = model.New(rules)

// A ledger keeps account of what children reported. On each host operations run
// one after the other, so that it knows what is stored, but for the one that ran
// in the end.
type ledger struct {
	accounts [hosts]account

	operations, changes int // acknowledged
	lost, kept          int // changes that ran in the end: not stored, stored
}

type account struct {
	stored model.State
	open   *model.Op // began, and may or may not have happened
	failed string    // why there are no more reports
}

func newLedger() *ledger {
	l := &ledger{}
	for n := range l.accounts {
		l.accounts[n].stored = model.Start(1)
	}
	return l
}

// enter takes in a report. An error says that an operation returned what it must
// not return.
func (l *ledger) enter(r report) error {
	if r.Begin != nil {
		l.accounts[r.Begin.Group].open = r.Begin
		return nil
	}
	if r.End == nil && r.Error == "" {
		return errors.New("a child wrote something that is no report")
	}
	a := &l.accounts[r.Host]
	if r.Error != "" {
		a.failed = r.Error
		if !r.Doubt {
			a.open = nil // nothing was written
		}
		return nil
	}
	want, next := sequential.Apply(a.stored, *a.open)
	if *r.End != want {
		return fmt.Errorf("%v in %+v returned %v, not %v", *a.open, a.stored, *r.End, want)
	}
	l.operations++
	if next != a.stored {
		l.changes++
	}
	a.stored, a.open = next, nil
	return nil
}

// compare requires that what is stored of a host is what was acknowledged, with or
// without the operation that ran in the end, and that every set is valid. The
// ledger goes on from there.
func (l *ledger) compare(host int, stored model.State) error {
	a := &l.accounts[host]
	allowed := a.stored
	if a.open != nil {
		_, allowed = sequential.Apply(a.stored, *a.open)
	}
	switch {
	case stored != a.stored && stored != allowed:
		return fmt.Errorf("host %d: %+v was acknowledged, %v ran, the error was %q; stored is %+v", host, a.stored, a.open, a.failed, stored)
	case allowed == a.stored:
	case stored == allowed:
		l.kept++
	default:
		l.lost++
	}
	*a = account{stored: stored}
	return sequential.Check(stored)
}

// String returns the figures.
func (l *ledger) String() string {
	return fmt.Sprintf("%d operations were acknowledged, %d of them changes; of the changes that ran in the end %d were stored whole and %d not at all",
		l.operations, l.changes, l.kept, l.lost)
}
