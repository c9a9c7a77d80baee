// Package service holds what owns bindings: a [Service], the [Draft] of one, and
// the [Discovery] that a scanner makes of a host and its services, with their
// JSON. These are values; package store keeps them, and the Manager of package
// bindset changes what is kept.
package service
