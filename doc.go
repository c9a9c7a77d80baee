// Package bindset keeps service bindings correct: which service, on which host,
// is present at which interface or IP address, or listens on which port. It is a
// library, to be imported by services, embedded in discovery daemons, and used
// to test rules.
//
// A [Manager] runs the use cases that change hosts, services and bindings on a
// Store. Each use case is one serializable transaction, applies the rules of
// package validate, and returns what it did as a [Change].
//
// Each of these packages builds on those before it, and this one on all but the
// last:
//
//   - [github.com/bindset/bindset/binding]: a Binding and its Target
//   - [github.com/bindset/bindset/host]: a Host, and the Inventory that says what is on it
//   - [github.com/bindset/bindset/validate]: the rules, pure functions of an inventory and a set of bindings
//   - [github.com/bindset/bindset/service]: services, drafts of them, and what scanners saw; JSON
//   - [github.com/bindset/bindset/store]: the contract that a Store keeps to
//   - [github.com/bindset/bindset/memstore]: a Store in memory
//
// Start with package validate to check a set of bindings that you hold yourself:
// it needs no store. Start with [NewManager] to have sets stored and kept correct
// through every change.
//
// The packages bindingtest, hosttest and validatetest beside those they test have
// generators for property tests; storetest has the tests that every Store must
// pass.
package bindset
