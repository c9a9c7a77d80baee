package main

import (
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// shared returns the names of the other services that listen at a place of each
// listener that is kept, by the ID of the binding: those that V6 would not have
// there. The system lets them share the port.
func (j *judgement) shared() map[uuid.UUID][]string {
	type listener struct {
		service int
		id      uuid.UUID
		scope   binding.Scope
	}
	byPort := map[uuid.UUID][]listener{}
	for i, s := range j.scan.Services {
		for _, b := range s.Bindings {
			t := j.inv.Canonical(b.Target)
			if port, ok := t.PortID(); ok && j.fates[b.ID].outcome == "" {
				byPort[port] = append(byPort[port], listener{i, b.ID, t.Scope()})
			}
		}
	}
	with := map[uuid.UUID][]string{}
	for _, all := range byPort {
		if all[0].service == all[len(all)-1].service {
			continue // nobody else, however many there are
		}
		for _, one := range all {
			for _, other := range all {
				name := j.scan.Services[other.service].Name
				if one.service != other.service && j.inv.Overlap(one.scope, other.scope) && !slices.Contains(with[one.id], name) {
					with[one.id] = append(with[one.id], name)
				}
			}
		}
	}
	return with
}
