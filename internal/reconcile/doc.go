// Package reconcile merges what a scanner saw of a host into what is stored of
// it. Scanners mint fresh IDs at every scan, so what was seen is matched by ID,
// or else by natural key, and keeps its stored ID: a port by number and
// protocol; an IP address, or an interface with an address of its own, by the
// IP; any other interface by name. Nothing is ever removed.
package reconcile
