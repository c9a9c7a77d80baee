package binding

import "github.com/google/uuid"

// ScopeKind says which of its forms a Scope has.
type ScopeKind uint32

// The forms of a Scope. The zero ScopeKind is that of the zero Scope.
const (
	ScopeInvalid   ScopeKind = iota // the zero Scope: nowhere
	ScopeAll                        // everywhere on the host
	ScopeInterface                  // one interface, and every IP address it carries
	ScopeIPAddress                  // one IP address
	ScopeAllIPv4                    // every IPv4 address of the host
	ScopeAllIPv6                    // every IPv6 address of the host
)

// String returns "invalid", "all", "all_ipv4", "all_ipv6", "interface" or
// "ip_address".
func (k ScopeKind) String() string {
	switch k {
	case ScopeAll:
		return "all"
	case ScopeInterface:
		return "interface"
	case ScopeIPAddress:
		return "ip_address"
	case ScopeAllIPv4:
		return "all_ipv4"
	case ScopeAllIPv6:
		return "all_ipv6"
	default:
		return "invalid"
	}
}

// isPlace reports whether the scope is one interface or IP address.
func (k ScopeKind) isPlace() bool { return k == ScopeInterface || k == ScopeIPAddress }

// A Scope is where on its host a binding reaches: all of it, all of one address
// family, one interface or one IP address. Scopes are comparable. The zero Scope
// is invalid. Which scopes cover or overlap each other depends on the host: see
// host.Inventory.Covers and Overlap.
type Scope struct {
	place uuid.UUID // the interface or IP address; nil for the others
	kind  ScopeKind
}

// AllInterfaces returns the scope of everything on the host.
func AllInterfaces() Scope { return Scope{kind: ScopeAll} }

// AllIPv4 returns the scope of every IPv4 address of the host, as that of a socket
// bound to 0.0.0.0.
func AllIPv4() Scope { return Scope{kind: ScopeAllIPv4} }

// AllIPv6 returns the scope of every IPv6 address of the host, as that of a socket
// bound to [::] for IPv6 alone. AllIPv4 and AllIPv6 together are not
// AllInterfaces.
func AllIPv6() Scope { return Scope{kind: ScopeAllIPv6} }

// OnInterface returns the scope of one interface of the host and of every IP
// address that it carries.
func OnInterface(interfaceID uuid.UUID) Scope {
	return Scope{place: interfaceID, kind: ScopeInterface}
}

// OnIPAddress returns the scope of one IP address of the host.
func OnIPAddress(ipAddressID uuid.UUID) Scope {
	return Scope{place: ipAddressID, kind: ScopeIPAddress}
}

// Kind returns the form of the scope, ScopeInvalid for the zero Scope.
func (s Scope) Kind() ScopeKind { return s.kind }

// InterfaceID returns the interface, and whether the scope is one interface.
func (s Scope) InterfaceID() (uuid.UUID, bool) { return s.when(ScopeInterface) }

// IPAddressID returns the IP address, and whether the scope is one IP address.
func (s Scope) IPAddressID() (uuid.UUID, bool) { return s.when(ScopeIPAddress) }

func (s Scope) when(kind ScopeKind) (uuid.UUID, bool) {
	if s.kind != kind {
		return uuid.Nil, false
	}
	return s.place, true
}

// IsValid reports whether the scope is not zero and names no nil ID.
func (s Scope) IsValid() bool {
	return s.kind != ScopeInvalid && (s.place != uuid.Nil || !s.kind.isPlace())
}

// String returns "all", "all_ipv4", "all_ipv6", "interface:ID", "ip_address:ID",
// or "invalid" for the zero Scope.
func (s Scope) String() string {
	if s.kind.isPlace() {
		return s.kind.String() + ":" + s.place.String()
	}
	return s.kind.String()
}
