// Package validatetest has generators of binding sets and assertions on what the
// rules made of them, for property tests with pgregory.net/rapid.
//
// Sets come from a small inventory (see package hosttest), so that their
// bindings meet: [Set] generates sets in which every rule may fire, [ValidSet]
// those that Set returns unchanged, [Input] all that a Validator reads.
package validatetest
