// Package view says what the playground shows of a text: what the rules make of
// each binding and why, and where everything stands in a picture of the host. It
// knows nothing of browsers: its values are written as JSON, and the page draws
// them.
package view
