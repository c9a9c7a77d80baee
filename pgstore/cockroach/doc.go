// Package cockroach has CockroachDB's own parser read every statement of pgstore,
// and its migrations. It has no code but that test, and is a module of its own,
// outside go.work: the parser takes minutes to compile, and nobody else needs it.
//
// What it shows is that CockroachDB knows the syntax. It does not show that the
// engine has the functions and settings that are named, nor that it behaves as
// pgstore expects.
package cockroach
