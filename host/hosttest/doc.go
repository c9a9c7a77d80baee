// Package hosttest generates hosts, inventories and targets on them for property
// tests with pgregory.net/rapid.
//
// What it generates is small and repeats itself, so that rules meet: few ports,
// interfaces and addresses, the same IP address twice, names that are equal,
// empty or hostile, addresses that an interface carries beside such that none
// does and interfaces with an address of their own. All of it is valid. Targets
// come from package bindingtest, drawn over the IDs of an inventory.
package hosttest
