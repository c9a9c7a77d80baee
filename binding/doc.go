// Package binding holds the values the rules of bindset read: a [Binding] says
// that a service is present at, or listens on, a [Target] of its host.
//
// A Target is one of three things, and where on the host it reaches is its
// [Scope]:
//
//	binding.Interface(interfaceID)                       // present at an interface, no port
//	binding.IPAddress(ipAddressID)                       // present at one IP address, no port
//	binding.Port(portID, binding.AllInterfaces())        // listens on the port everywhere on the host
//	binding.Port(portID, binding.AllIPv4())              // ... at every IPv4 address (0.0.0.0)
//	binding.Port(portID, binding.AllIPv6())              // ... at every IPv6 address ([::] for IPv6 alone)
//	binding.Port(portID, binding.OnInterface(ifaceID))   // ... on one interface
//	binding.Port(portID, binding.OnIPAddress(addrID))    // ... on one IP address
//
// The first two are presences, the others are listeners. Targets, Scopes and
// Bindings are plain comparable values without pointers of their own: compare
// them with ==, use them as map keys, copy and share them freely. The package
// does no I/O, reads no clock and knows no rule: the rules are in package
// validate.
package binding
