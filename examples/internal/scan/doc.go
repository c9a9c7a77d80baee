// Package scan reads the machine it runs on and says what it saw in the words
// of bindset: a host with its interfaces, IP addresses and ports, and services
// with their bindings.
//
// It has two halves. [Read] does the I/O: it lists interfaces, listening TCP and
// UDP sockets and processes, and needs no privileges; what it could not see is in
// [Machine.Unseen]. [Machine.Discover] is a pure function of what Read returns:
//
//   - A socket bound to the wildcard address (0.0.0.0 or ::) listens everywhere,
//     one bound to an address on that address, one tied to an interface there.
//   - A service is a process that listens, together with its ancestors and
//     descendants of the same name. A socket whose process cannot be seen is a
//     service of its own for every port.
//   - A bridge or tunnel is a service that is present at its interface; a machine
//     that forwards packets between interfaces is a router, present at each.
//
// Every ID is made from the machine and from the name of the thing (UUIDv5), so
// a later scan finds the same IDs.
package scan
