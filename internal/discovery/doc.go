// Package discovery works out what becomes of a stored host when a scanner saw
// it, without any store. It does so in five steps, each in files of its own:
//
//   - [Read] mends a payload and puts it in an order of content (read, mend, order).
//   - [PairChildren] finds which stored port, interface and address each seen one is
//     (pairs, children).
//   - [Merge] makes one host of both, and translates targets to it (host, links).
//   - [MatchServices] finds which stored service each seen one is (services).
//   - [Settle] works out the sets: what was seen, what gives way, what stays
//     (sets, listeners).
//
// None of it depends on the IDs or the order that a payload came with.
package discovery
