package bindset

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// violations gathers what the sets of several services break.
type violations struct{ all []validate.Violation }

// add takes the violations of err, if it is made of those, with their paths
// under the given one.
func (v *violations) add(err error, path string) bool {
	var broken *validate.Error
	if !errors.As(err, &broken) {
		return false
	}
	v.all = append(v.all, broken.Under(path).Violations...)
	return true
}

// err returns all violations as one error in the order of one: by rule, what is
// wrong with whole sets first; nil for none.
func (v *violations) err() error {
	if len(v.all) == 0 {
		return nil
	}
	slices.SortStableFunc(v.all, func(a, b validate.Violation) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(min(a.Index, 0), min(b.Index, 0)))
	})
	return &validate.Error{Violations: v.all}
}

// ofStored places the violations of a part of a stored set in the whole of it,
// and names the service.
func ofStored(err error, s *service.Service) error {
	var broken *validate.Error
	if !errors.As(err, &broken) {
		return err
	}
	at := make(map[uuid.UUID]int, len(s.Bindings))
	for i := range s.Bindings {
		at[s.Bindings[i].ID] = i
	}
	placed := broken.Under("")
	for i := range placed.Violations {
		v := &placed.Violations[i]
		v.Message = "service " + nameOf(s) + ": " + v.Message
		if v.Index >= 0 {
			v.Index = at[v.Binding.ID]
			v.Path = fmt.Sprintf("bindings[%d]", v.Index)
		}
	}
	return placed
}

// blameless returns the bindings that no violation in err is about.
func blameless(bindings []binding.Binding, err error) []binding.Binding {
	offends := make(map[int]bool)
	var broken *validate.Error
	if errors.As(err, &broken) {
		for i := range broken.Violations {
			offends[broken.Violations[i].Index] = true
		}
	}
	var rest []binding.Binding
	for i := range bindings {
		if !offends[i] {
			rest = append(rest, bindings[i])
		}
	}
	return rest
}
