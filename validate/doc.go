// Package validate applies the rules of bindset to binding sets. A set is the
// bindings of one service; a [Validator] takes the Inventory of the service's
// host and a set, and returns the normalized set, or every violation at once.
//
// The rules, in the order in which they run:
//
//	V0 canonical        a reference that names the other kind of place is rewritten
//	V1 well-formed      no zero target, no nil ID in it, no ID with two targets, not too many
//	V2 cross-host       everything named belongs to the service's host, and so does its network
//	V3 dedup            equal targets collapse to the first
//	V4 precedence       a listener is dropped beside one on the same port that covers it
//	V5 conflict         a presence and a listener of one service must not overlap
//	V6 exclusive ports  two services must not listen on one port at one place (an option)
//
// [WithRule] adds rules of the user's own behind them.
//
// [Validator.Set] takes a whole set, [Validator.Add] and [Validator.Replace] one
// binding of a valid set, and [Validator.Merge] what a scanner saw: it never
// fails for a rule, but says what it skipped.
//
// The functions are pure: no I/O, no clock, no shared state. A Validator is safe
// for concurrent use.
package validate
