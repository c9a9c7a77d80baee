// Package boltstore has a [store.Store] in one file of the local disk, on
// go.etcd.io/bbolt: for daemons that must know after a restart, or a power cut,
// what they knew before.
//
// # What it promises
//
// When Update returns nil, the change is on the disk: each commit writes its
// pages, calls fdatasync, writes the page that makes them count, and calls
// fdatasync again. When the process or the machine dies in between, the next Open
// finds the state before the change, or after it, and never anything else.
//
// One write transaction runs at a time; read transactions run beside it and each
// other, on the snapshot that was there when they began. A function that is given
// to View or Update is called once.
//
// A commit that fails before anything counts is an error like any other, and the
// store goes on: that is what a full disk does. One that fails later may or may
// not survive a power cut: that is store.ErrUnknownOutcome, and every later
// transaction fails until the store is closed and opened again.
//
// # The file
//
// The file belongs to one Store at a time: [Open] locks it, and waits a while
// ([WithTimeout]) before it gives up with store.ErrLocked. It says which format it
// has; one that this version does not know is [ErrFormat], and is not touched, and an
// older one becomes this version's.
// Every record carries a checksum over its key and itself; one that is wrong is
// [ErrDamaged]. [Store.Check] looks at all of it, and [Store.Backup] copies it
// while it is in use.
//
// Old pages are kept for as long as a read transaction may see them, and space
// that is free again is used again, but the file never shrinks: to make it small,
// copy it with the compact command of bbolt while it is closed.
package boltstore
