// Package store is the contract of the stores that keep hosts, services and their
// bindings: [Store], and the errors of stores. A store knows nothing of rules and
// use cases.
//
// Package memstore has a Store that lives in memory. Package storetest has the
// tests that every Store must pass.
package store
