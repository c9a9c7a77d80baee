// Package validatetest has what tests of rules need: generators of binding sets
// for property tests with pgregory.net/rapid, assertions on what the rules made
// of them, and the laws that every rule must keep.
//
// Sets come from a small inventory (see package hosttest), so that their
// bindings meet: [Set] generates sets that collide, [ValidSet] such as Set
// returns unchanged, [Violating] such as break one rule, once, [Near] valid ones
// that are one change away from that, and [Input] all that a Validator reads.
//
// The assertions, such as [RequireKept] and [RequireViolations], compare what
// counts and show differences in names, as host.Inventory.Describe does. They
// work in tests and in rapid properties.
//
// Who adds a rule with validate.WithRule checks it with [Laws].
package validatetest
