// Package load measures every store under the same work: how many bindings it
// creates and how many hosts it reads in a second, how long the slowest of a
// hundred calls takes, how often it tries again, and what a binding takes on disk.
//
//	go test ./stress/load -run '^$' -bench . -benchtime 1000x          # up to 100,000 bindings
//	go test ./stress/load -run '^$' -bench . -benchtime 1000x -large   # up to 1,000,000
package load
