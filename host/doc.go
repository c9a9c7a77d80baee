// Package host holds what bindings refer to: a [Host] with its interfaces, IP
// addresses and ports, and the [Inventory], a checked, indexed, read-only view
// of one host that answers in constant time what the rules ask.
//
// A Host is plain data: anyone may build one, and nothing checks it.
// [NewInventory] checks it once, copies it and indexes it; an Inventory is
// immutable and safe to share between goroutines.
//
// A program that describes hosts by names needs no IDs: [WithIDs] gives every
// interface, IP address and port one, [Inventory.Parse] reads a target such as
// "443/tcp on eth0", and [Inventory.Describe] says it for people. [Identify] says
// which host a seen one is, by its MACs and IP addresses.
package host
