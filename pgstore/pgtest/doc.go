// Package pgtest gives tests a real PostgreSQL server.
//
// [DSN] is all that most tests need: it returns the server that the environment
// names in BINDSET_POSTGRES_DSN, or starts one of its own from the binaries on
// the machine, in a temporary directory, behind a Unix socket that nobody else
// may open. All tests of a test binary share that server. It goes away with the
// test binary, also when that is killed.
//
// Tests that must stop, kill and restart a server have one for themselves with
// [Start].
package pgtest
