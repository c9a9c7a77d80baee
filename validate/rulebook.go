package validate

import (
	"slices"

	"github.com/bindset/bindset/binding"
)

// A RuleInfo describes a built-in rule.
type RuleInfo struct {
	Number string         // "V0" to "V6", as in Violation.Rule
	Name   string         // such as "conflict"
	Codes  []binding.Code // of its violations; none for a rule that rewrites or drops
	Text   string         // what it says, in a sentence
}

// Rules returns the built-in rules in the order in which they run. The list is
// the caller's.
func Rules() []RuleInfo {
	return []RuleInfo{
		{
			Number: "V0", Name: "canonical",
			Text: "A reference to an interface of the host that is really one of its IP addresses means that address; " +
				"a reference to an IP address that is really an interface with an own address means that interface; it is rewritten.",
		},
		{
			Number: "V1", Name: "well-formed", Codes: []binding.Code{ErrInvalid},
			Text: "A target is not zero and has no nil ID in it, no two bindings have one ID and different targets, " +
				"and there are at most as many bindings as the Validator allows.",
		},
		{
			Number: "V2", Name: "cross-host", Codes: []binding.Code{ErrNetworkMismatch, ErrCrossHost},
			Text: "Every port, interface and IP address that a binding names belongs to the service's host; " +
				"the service's network is the host's.",
		},
		{
			Number: "V3", Name: "dedup",
			Text: "Equal targets collapse to the first.",
		},
		{
			Number: "V4", Name: "precedence",
			Text: "A listener is dropped when another listener on the same port has a scope that strictly covers its own: " +
				"all interfaces over one interface or address, an interface over an address it carries.",
		},
		{
			Number: "V5", Name: "conflict", Codes: []binding.Code{ErrConflict},
			Text: "A presence and a listener of the same service whose scopes overlap conflict.",
		},
		{
			Number: "V6", Name: "exclusive-ports", Codes: []binding.Code{ErrPortClaimed},
			Text: "With exclusive ports, a listener conflicts with a listener of another service of the host " +
				"on the same port with an overlapping scope.",
		},
	}
}

// LookupRule returns the built-in rule with a number, such as "V5", or a name,
// such as "conflict", and whether there is one.
func LookupRule(numberOrName string) (RuleInfo, bool) {
	rules := Rules()
	at := slices.IndexFunc(rules, func(r RuleInfo) bool { return r.Number == numberOrName || r.Name == numberOrName })
	if at < 0 {
		return RuleInfo{}, false
	}
	return rules[at], true
}
