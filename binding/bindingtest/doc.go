// Package bindingtest has generators of targets, scopes and bindings for
// property tests with pgregory.net/rapid.
//
// [Target] and [Scope] draw from all IDs there are, so two of them hardly ever
// meet. Rules need values that meet: a [Pool] draws from a few fixed IDs, which
// are short and readable in a failing example.
//
//	pool := bindingtest.NewPool(2, 2, 2)
//	set := rapid.SliceOfN(bindingtest.Binding(pool.Target()), 0, 8)
//
// The generators of hosts are in package hosttest, those of valid and invalid
// sets in package validatetest; both build on this one.
package bindingtest
