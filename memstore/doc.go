// Package memstore has a [store.Store] that lives in memory: for tests, for
// daemons that discover their data anew at every start, and as the reference of
// what a Store does.
//
// Readers and the writer never block each other: a View reads the state that the
// last commit left when it began, and write transactions run one after the other.
// A state that no View reads any more is garbage.
//
// A host has the time and ID of its latest scan, and what that scan saw has none of
// its own: a scan that sees what the one before it saw changes the host alone.
package memstore
