// Package host holds what bindings refer to: a [Host] with its interfaces, IP
// addresses and ports, and the [Inventory], a checked, indexed, read-only view
// of one host that answers in constant time what the rules ask.
//
// A Host is plain data: anyone may build one, and nothing checks it.
// [NewInventory] checks it once, copies it and indexes it; an Inventory is
// immutable and safe to share between goroutines.
package host
