package binding

import "github.com/google/uuid"

// ScopeKind says which of its three forms a Scope has.
type ScopeKind uint32

// The forms of a Scope. The zero ScopeKind is that of the zero Scope.
const (
	ScopeInvalid   ScopeKind = iota // the zero Scope: nowhere
	ScopeAll                        // everywhere on the host
	ScopeInterface                  // one interface, and every IP address it carries
	ScopeIPAddress                  // one IP address
)

// String returns "invalid", "all", "interface" or "ip_address".
func (k ScopeKind) String() string {
	switch k {
	case ScopeAll:
		return "all"
	case ScopeInterface:
		return "interface"
	case ScopeIPAddress:
		return "ip_address"
	default:
		return "invalid"
	}
}

// A Scope is where on its host a binding reaches: all of it, one interface or
// one IP address. Scopes are comparable. The zero Scope is invalid. Which
// scopes cover or overlap each other depends on the host: see
// host.Inventory.Covers and Overlap.
type Scope struct {
	place uuid.UUID // the interface or IP address; nil for ScopeAll
	kind  ScopeKind
}

// AllInterfaces returns the scope of everything on the host.
func AllInterfaces() Scope { return Scope{kind: ScopeAll} }

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
	return s.kind == ScopeAll || s.kind != ScopeInvalid && s.place != uuid.Nil
}

// String returns "all", "interface:ID", "ip_address:ID", or "invalid" for the
// zero Scope.
func (s Scope) String() string {
	if s.kind == ScopeAll || s.kind == ScopeInvalid {
		return s.kind.String()
	}
	return s.kind.String() + ":" + s.place.String()
}
