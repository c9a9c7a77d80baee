// Package memstore has a [service.Store] that lives in memory: for tests, for
// daemons that discover their data anew at every start, and as the reference of
// what a Store does.
//
// Its tables are immutable: a write transaction makes the nodes on the paths
// that it changes anew and, when it commits, puts the new tables in place of the
// old ones. So a View is a look at the tables as they were when it began; it
// waits for nobody, holds nobody up, and costs memory only for what was changed
// while it ran. Write transactions run one after the other.
package memstore
