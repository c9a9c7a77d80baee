package binding

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/internal/words"
)

// Kind says which of the three forms a Target has.
type Kind uint32

// The forms of a Target. The zero Kind is that of the zero Target.
const (
	KindInvalid   Kind = iota // the zero Target
	KindInterface             // a presence at an interface
	KindPort                  // a listener on a port
	KindIPAddress             // a presence at an IP address
)

// String returns the name of the kind on the wire, "Interface", "Port" or
// "IPAddress", and "Invalid" for KindInvalid.
func (k Kind) String() string {
	switch k {
	case KindInterface:
		return "Interface"
	case KindPort:
		return "Port"
	case KindIPAddress:
		return "IPAddress"
	default:
		return "Invalid"
	}
}

// A Target is what a binding binds its service to: an interface, an IP address,
// or a port within a Scope. A Target is a small comparable value: two Targets
// are the same exactly if they are ==. The zero Target is invalid.
//
// A Target may name what does not exist, or nil IDs; whether it names something
// on a given host is for package validate to say.
type Target struct {
	port  uuid.UUID // nil unless kind is KindPort
	scope Scope
	kind  Kind
}

// Interface returns the Target of a service that is present at an interface,
// without a port.
func Interface(interfaceID uuid.UUID) Target {
	return Target{scope: OnInterface(interfaceID), kind: KindInterface}
}

// IPAddress returns the Target of a service that is present at one IP address,
// without a port.
func IPAddress(ipAddressID uuid.UUID) Target {
	return Target{scope: OnIPAddress(ipAddressID), kind: KindIPAddress}
}

// Port returns the Target of a service that listens on a port within a scope.
func Port(portID uuid.UUID, scope Scope) Target {
	return Target{port: portID, scope: scope, kind: KindPort}
}

// Kind returns the form of the target, KindInvalid for the zero Target.
func (t Target) Kind() Kind { return t.kind }

// Scope returns where on the host the target reaches. That of a presence is
// the interface or IP address itself, that of the zero Target the zero Scope.
func (t Target) Scope() Scope { return t.scope }

// PortID returns the port, and whether the target is a listener.
func (t Target) PortID() (uuid.UUID, bool) { return t.port, t.kind == KindPort }

// InterfaceID returns the interface that a presence is at or a listener is
// limited to, and whether there is one.
func (t Target) InterfaceID() (uuid.UUID, bool) { return t.scope.InterfaceID() }

// IPAddressID returns the IP address that a presence is at or a listener is
// limited to, and whether there is one.
func (t Target) IPAddressID() (uuid.UUID, bool) { return t.scope.IPAddressID() }

// Words takes the target apart, for the packages of bindset: its port (zero for a
// presence), the interface or IP address (zero for none), and what they are.
func (t *Target) Words() (port, place words.ID, kind Kind, scope ScopeKind) {
	return words.Of(t.port), words.Of(t.scope.place), t.kind, t.scope.kind
}

// IsPresence reports whether the target is an interface or an IP address.
func (t Target) IsPresence() bool { return t.kind == KindInterface || t.kind == KindIPAddress }

// IsListener reports whether the target is a port.
func (t Target) IsListener() bool { return t.kind == KindPort }

// IsValid reports whether the target is not zero, its scope is valid and no ID
// in it is nil.
func (t Target) IsValid() bool {
	return t.kind != KindInvalid && t.scope.IsValid() && (t.kind != KindPort || t.port != uuid.Nil)
}

// WithScope returns the target moved to another scope: a listener on the same
// port, or a presence at the interface or IP address. A presence cannot be
// everywhere: for it, and for the zero Target, a scope that is not one place
// gives the zero Target.
func (t Target) WithScope(s Scope) Target {
	switch {
	case t.kind == KindPort:
		return Port(t.port, s)
	case t.kind != KindInvalid && s.kind == ScopeInterface:
		return Interface(s.place)
	case t.kind != KindInvalid && s.kind == ScopeIPAddress:
		return IPAddress(s.place)
	default:
		return Target{}
	}
}
