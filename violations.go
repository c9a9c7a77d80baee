package bindset

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// What the rules say of a set is put into the words of the caller: the IDs, the
// places and the services that the caller knows.

// asGiven returns a refusal by the rules with the IDs that the caller gave: those
// that the bindings of the sets had got for the rules are of nothing.
func asGiven(err error, sets, given [][]binding.Binding) error {
	ids := make(map[uuid.UUID]uuid.UUID)
	return reworded(err, func(v *validate.Violation) {
		if len(ids) == 0 {
			for i := range sets {
				for k := range sets[i] {
					ids[sets[i][k].ID] = given[i][k].ID
				}
			}
		}
		if id, ok := ids[v.Binding.ID]; ok {
			v.Binding.ID = id
		}
		if id, ok := ids[v.Other.ID]; ok {
			v.Other.ID = id
		}
	})
}

// ofGiven is asGiven for the one binding that was given: it stands at the start of
// the input, not behind the set that is stored.
func ofGiven(err error, b, given *binding.Binding) error {
	return reworded(asGiven(err, [][]binding.Binding{{*b}}, [][]binding.Binding{{*given}}), func(v *validate.Violation) {
		v.Index, v.OtherIndex, v.Path = min(v.Index, 0), -1, ""
	})
}

// ofStored places the violations of parts of the stored sets of a host in the
// whole of them, and names the services.
func ofStored(err error, services []service.Service) error {
	at := make(map[uuid.UUID]int)
	return reworded(err, func(v *validate.Violation) {
		if len(at) == 0 {
			for i := range services {
				for k := range services[i].Bindings {
					at[services[i].Bindings[k].ID] = k
				}
			}
		}
		v.Message = "service " + nameOf(&services[v.Set]) + ": " + v.Message
		if v.Index >= 0 {
			v.Index = at[v.Binding.ID]
			v.Path = fmt.Sprintf("services[%d].bindings[%d]", v.Set, v.Index)
		}
		if v.OtherIndex >= 0 {
			v.OtherIndex = at[v.Other.ID]
		}
	})
}

// reworded returns a refusal by the rules in other words, and any other error as
// it is.
func reworded(err error, edit func(*validate.Violation)) error {
	var broken *validate.Error
	if !errors.As(err, &broken) {
		return err
	}
	edited := broken.Under("")
	for i := range edited.Violations {
		edit(&edited.Violations[i])
	}
	return edited
}
