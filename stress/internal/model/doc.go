// Package model says what operations on one host must do when they run one after
// the other. The tests of this module compare what a store did with it.
//
// The host is small, so that operations get in each other's way: two ports, an
// interface with one or two addresses, three services at most and eight binding
// IDs. Hosts are numbered; what has an ID has it from the number of its host and
// its own. The rules themselves are those of package validate, which proves them
// elsewhere: the model says what is read, what is written, and when nothing is.
package model
