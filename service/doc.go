// Package service holds what owns bindings, a [Service], the contract of the
// stores that keep services and hosts, [Store], and the use cases that change
// them, [Manager]. Each use case is one serializable transaction, applies the
// rules of package validate, and returns what it did as a [Change].
//
// Package memstore has a Store that lives in memory. Package storetest has the
// tests that every Store must pass.
package service
