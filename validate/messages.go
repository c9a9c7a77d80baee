package validate

import (
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/label"
)

// What each violation says. A message names things as people know them, is
// short whatever the input holds, and ends in what to do.

// refusal returns an error with the violations of what was given, in the order of
// the rules, and nil where there is none.
func (e *evaluation) refusal() error {
	mismatched := !sameNetwork(e.in.Inventory, &e.in.Service)
	if e.broken == 0 && e.full == 0 && !mismatched {
		return nil
	}
	all := make([]Violation, 0, e.broken+2)
	gather := func(first, last fate) {
		for i := range e.verdicts {
			if f := e.verdicts[i].fate; f >= first && f <= last {
				all = append(all, e.explain(i))
			}
		}
	}
	if e.full > 0 {
		all = append(all, e.v.tooMany(e.full))
	}
	gather(malformed, sharedID)
	if mismatched {
		all = append(all, networkMismatch(e.in.Inventory, &e.in.Service))
	}
	for f := crossHost; f < custom; f++ {
		gather(f, f)
	}
	for k := range e.found {
		all = append(all, e.explain(e.found[k].Index))
	}
	return &Error{Violations: all}
}

// explain returns the violation of a binding that breaks a rule.
func (e *evaluation) explain(i int) Violation {
	inv, b, d := e.in.Inventory, e.canonical(i), e.verdicts[i]
	var v Violation
	switch d.fate {
	case malformed:
		v = malformedTarget(inv, b.Target)
	case sharedID:
		v = twoTargets(inv, b.ID, b.Target, e.canonical(int(d.by)))
	case tooMany:
		v = e.v.tooMany(int(d.by))
	case crossHost:
		v = notOnHost(inv, b.Target)
	case conflict:
		v = conflicting(inv, b.Target, e.canonical(int(d.by)))
	case claimed:
		v = claimedPort(inv, b.Target, &e.in.Claims.all[d.by])
	default:
		v = e.found[d.by]
	}
	if d.fate == sharedID || d.fate == conflict {
		v.OtherIndex = e.number(int(d.by))
	} else if d.fate != claimed {
		v.OtherSet, v.OtherIndex = none, none
	}
	v.Index, v.Binding = e.number(i), b
	if !e.adds || e.merges {
		v.Path = "bindings[" + strconv.Itoa(i-len(e.old)) + "]"
	}
	return v
}

// ofSet is a violation of the whole set.
func ofSet(rule string, code binding.Code, path, message string) Violation {
	return Violation{Rule: rule, Code: code, Index: none, OtherSet: none, OtherIndex: none, Path: path, Message: message}
}

func noInventory() Violation {
	return ofSet("V1", ErrInvalid, "", "there is no inventory to check against; make one with host.NewInventory")
}

func noSuchBinding(index, n int) Violation {
	return ofSet("V1", ErrInvalid, "", fmt.Sprintf("there is no binding %d to replace; the set has %d, counted from 0", index, n))
}

func (v *Validator) tooMany(n int) Violation {
	return ofSet("V1", ErrInvalid, "bindings",
		fmt.Sprintf("the set would have %d bindings, %d are allowed; split the service, or raise the limit", n, v.MaxBindings()))
}

// sameNetwork reports whether a service is in its host's network. One that is
// unknown on either side matches.
func sameNetwork(inv *host.Inventory, s *ServiceInfo) bool {
	return s.NetworkID == uuid.Nil || inv.NetworkID() == uuid.Nil || s.NetworkID == inv.NetworkID()
}

func networkMismatch(inv *host.Inventory, s *ServiceInfo) Violation {
	return ofSet("V2", ErrNetworkMismatch, "network_id",
		fmt.Sprintf("the service is in network %s, its host in network %s; leave the service's network out, or give the host's", s.NetworkID, inv.NetworkID()))
}

func malformedTarget(inv *host.Inventory, t binding.Target) Violation {
	problem := "the binding has no target; give an interface, an IP address or a port"
	portID, listens := t.PortID()
	switch scope := t.Scope(); {
	case t == binding.Target{}:
	case listens && portID == uuid.Nil:
		problem = "the ID of the port is nil; give that of a port of the host"
	case scope.Kind() == binding.ScopeInvalid:
		problem = "the listener on " + portName(inv, portID) + " has no scope; give all interfaces, one interface or one IP address"
	case scope.Kind() == binding.ScopeInterface:
		problem = "the ID of the interface is nil; give that of an interface of the host"
	default:
		problem = "the ID of the IP address is nil; give that of an IP address of the host"
	}
	return Violation{Rule: "V1", Code: ErrInvalid, Message: problem}
}

func twoTargets(inv *host.Inventory, id uuid.UUID, t binding.Target, first binding.Binding) Violation {
	return Violation{
		Rule: "V1", Code: ErrInvalid, Other: first,
		Message: "ID " + id.String() + " stands for two targets, " + inv.Describe(first.Target) + " and " + inv.Describe(t) +
			"; give every binding an ID of its own",
	}
}

func notOnHost(inv *host.Inventory, t binding.Target) Violation {
	return Violation{
		Rule: "V2", Code: ErrCrossHost,
		Message: missing(inv, t) + " is not on the service's host" + hostName(inv) + "; name its own ports, interfaces and IP addresses",
	}
}

// missing names the first thing in a target that the host does not have, and
// what it is there instead where it was only called by the wrong kind.
func missing(inv *host.Inventory, t binding.Target) string {
	if portID, ok := t.PortID(); ok {
		if _, ok := inv.Port(portID); !ok {
			return "port " + portID.String() + known(inv, portID)
		}
	}
	if interfaceID, ok := t.InterfaceID(); ok {
		return "interface " + interfaceID.String() + known(inv, interfaceID)
	}
	ipAddressID, _ := t.IPAddressID()
	return "IP address " + ipAddressID.String() + known(inv, ipAddressID)
}

// known says what a host has under an ID, if anything.
func known(inv *host.Inventory, id uuid.UUID) string {
	if p, ok := inv.Port(id); ok {
		return " (that is the ID of port " + p.String() + ")"
	}
	if inv.Has(binding.Interface(id)) {
		return " (that is the ID of interface " + inv.DescribeScope(binding.OnInterface(id)) + ")"
	}
	if inv.Has(binding.IPAddress(id)) {
		return " (that is the ID of IP address " + inv.DescribeScope(binding.OnIPAddress(id)) + ")"
	}
	return ""
}

func conflicting(inv *host.Inventory, t binding.Target, other binding.Binding) Violation {
	return Violation{
		Rule: "V5", Code: ErrConflict, Other: other,
		Message: inv.Describe(t) + " conflicts with " + inv.Describe(other.Target) +
			" of the same service; a service that listens at a place is present there already: remove one of the two",
	}
}

func claimedPort(inv *host.Inventory, t binding.Target, claim *indexed) Violation {
	owner := "another service"
	if name := label.Of(claim.ServiceName); name != "" {
		owner = "service " + name
	} else if id := claim.Binding.ServiceID; id != uuid.Nil {
		owner = "service " + id.String()
	}
	return Violation{
		Rule: "V6", Code: ErrPortClaimed, Other: claim.Binding, OtherSet: claim.set, OtherIndex: claim.index,
		Service: ServiceInfo{ID: claim.Binding.ServiceID, Name: claim.ServiceName},
		Message: inv.Describe(t) + " is claimed by " + owner + ", which listens on " + inv.Describe(claim.Binding.Target) +
			"; free it there first, or listen elsewhere",
	}
}

func portName(inv *host.Inventory, portID uuid.UUID) string {
	if p, ok := inv.Port(portID); ok {
		return p.String()
	}
	return "port " + portID.String()
}

func hostName(inv *host.Inventory) string {
	if name := label.Of(inv.Name()); name != "" {
		return " " + name
	}
	return ""
}
