package main

import (
	"slices"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// ErrLowPort is the code of what breaks the rule.
const ErrLowPort = binding.Code("low_port")

var rules = validate.New(validate.WithRule("no-low-ports", noLowPorts))

// noLowPorts is the rule: a service tagged "public" does not listen below 1024.
func noLowPorts(c validate.Candidate) *validate.Violation {
	id, listens := c.Binding.Target.PortID()
	port, _ := c.Inventory.Port(id)
	if !listens || port.Number >= 1024 || !slices.Contains(c.Service.Tags, "public") {
		return nil
	}
	return &validate.Violation{
		Code: ErrLowPort, Message: port.String() + " is not for public services; listen on a port from 1024 on",
	}
}
