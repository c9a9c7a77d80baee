// Package input makes the binding sets that every alternative is measured on:
// clean ones, such with duplicates and superseded listeners, such with conflicts,
// and hostile ones, whose IDs collide in hash tables that do not expect it. Every
// call with the same arguments returns the same input.
package input
