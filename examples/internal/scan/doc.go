// Package scan reads the machine it runs on and says what it saw in the words
// of bindset: a host with its interfaces, IP addresses and ports, and services
// with their bindings.
//
// It has two halves. [Read] does the I/O: it lists interfaces, listening TCP and
// UDP sockets and processes, and needs no privileges; what it could not see is in
// [Machine.Notes]. [Machine.Discover] says it, from what Read returns alone:
//
//   - A socket bound to 0.0.0.0 listens at every IPv4 address, one bound to [::] at
//     every IPv6 address or, where it takes IPv4 too, everywhere. One bound to an
//     address listens there, one tied to an interface on that.
//   - A service is a process that listens, with its relatives of the same name, and
//     with those of the same name that share a place with it. The two docker-proxy
//     processes of a published port are one service.
//   - Sockets of which nobody knows the software are the service "Unclaimed Open
//     Ports": their process cannot be seen, or it is the service manager, which
//     holds them until somebody connects.
//   - A bridge or tunnel is a service that is present at its interface; a machine
//     that forwards packets between interfaces is a router, present at each.
//
// Names are made printable. The ID of the host is made of that of the machine
// (UUIDv5). All other IDs are new in every scan: a scanner that remembers nothing
// cannot tell that a thing is the one it saw before. Manager.Observe can, by what
// it is.
package scan
