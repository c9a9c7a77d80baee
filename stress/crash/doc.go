// Package crash tests that durable stores keep what they acknowledged, and nothing
// half-done, when the program that uses them, or their server, dies.
//
// The tests start themselves again as a child process, which runs use cases on a
// store and reports on its standard output when each begins and what it returned.
// They end the child, or the server, at a random moment, and compare what is
// stored then with the reports. It is a package of tests, which run on Unix.
package crash
