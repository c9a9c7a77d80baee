package binding

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset/internal/wire"
)

// String returns "interface:ID" or "ip_address:ID" for a presence, "port:ID@"
// and the scope, such as "all" or "interface:ID", for a listener, and "invalid"
// for the zero Target. host.Inventory.Describe says it
// with names.
func (t Target) String() string {
	if t.kind == KindPort {
		return "port:" + t.port.String() + "@" + t.scope.String()
	}
	return t.scope.String()
}

// MarshalText returns what String does, and the empty text for the zero Target.
// Any other target that is not valid is a *FieldError.
func (t Target) MarshalText() ([]byte, error) {
	if t == (Target{}) {
		return []byte{}, nil
	}
	if problem := t.problem(); problem != nil {
		return nil, problem
	}
	return []byte(t.String()), nil
}

// UnmarshalText reads what MarshalText writes, as [ParseTarget] does; the empty
// text is the zero Target.
func (t *Target) UnmarshalText(text []byte) error {
	return unmarshalText(t, text, ParseTarget)
}

// ParseTarget returns the target that String has written as s, which must be a
// valid one. IDs are UUIDs of 36 characters. Anything else is a *FieldError.
func ParseTarget(s string) (Target, error) {
	if listener, ok := strings.CutPrefix(s, "port:"); ok {
		port, on, _ := strings.Cut(listener, "@")
		portID, err := parseID(port)
		if err != nil {
			return Target{}, err
		}
		scope, err := ParseScope(on)
		if err != nil {
			return Target{}, err
		}
		return Port(portID, scope), nil
	}
	scope, err := ParseScope(s)
	if err != nil {
		return Target{}, err
	}
	t := Target{scope: scope}
	switch scope.kind {
	case ScopeInterface:
		t.kind = KindInterface
	case ScopeIPAddress:
		t.kind = KindIPAddress
	default:
		return Target{}, malformed("a presence is at one interface or IP address, not everywhere")
	}
	return t, nil
}

// MarshalText returns what String does, and the empty text for the zero Scope.
// Any other scope that is not valid is a *FieldError.
func (s Scope) MarshalText() ([]byte, error) {
	if s == (Scope{}) {
		return []byte{}, nil
	}
	if problem := s.problem(); problem != nil {
		return nil, problem
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what MarshalText writes, as [ParseScope] does; the empty
// text is the zero Scope.
func (s *Scope) UnmarshalText(text []byte) error {
	return unmarshalText(s, text, ParseScope)
}

// ParseScope returns the scope that String has written as s, which must be a
// valid one. IDs are UUIDs of 36 characters. Anything else is a *FieldError.
func ParseScope(s string) (Scope, error) {
	switch s {
	case "all":
		return AllInterfaces(), nil
	case "all_ipv4":
		return AllIPv4(), nil
	case "all_ipv6":
		return AllIPv6(), nil
	}
	word, text, _ := strings.Cut(s, ":")
	kind := ScopeInterface
	switch word {
	case "interface":
	case "ip_address":
		kind = ScopeIPAddress
	default:
		return Scope{}, malformed(fmt.Sprintf("%.60q is none of all, all_ipv4, all_ipv6, interface:ID and ip_address:ID", s))
	}
	id, err := parseID(text)
	if err != nil {
		return Scope{}, err
	}
	return Scope{place: id, kind: kind}, nil
}

func unmarshalText[T any](v *T, text []byte, parse func(string) (T, error)) error {
	var parsed T
	if len(text) > 0 {
		var err error
		if parsed, err = parse(string(text)); err != nil {
			return err
		}
	}
	*v = parsed
	return nil
}

func parseID(text string) (uuid.UUID, error) {
	id, err := wire.ParseID([]byte(text))
	if err != nil {
		return uuid.Nil, malformed("an ID " + err.Error())
	}
	if id == uuid.Nil {
		return uuid.Nil, &FieldError{Problem: "an ID is the nil UUID; give the ID of what is meant"}
	}
	return id, nil
}

func malformed(problem string) *FieldError {
	return &FieldError{Problem: problem, Malformed: true}
}

// problem returns why a target cannot be written, nil where it can.
func (t Target) problem() *FieldError {
	switch {
	case t.kind == KindInvalid:
		return &FieldError{Path: "type", Problem: "is missing, for the target is zero; make one with Interface, IPAddress or Port"}
	case t.kind == KindPort && t.port == uuid.Nil:
		return &FieldError{Path: "port_id", Problem: "is the nil UUID; give the ID of the port"}
	default:
		return t.scope.problem()
	}
}

// problem returns why a scope cannot be written, nil where it can.
func (s Scope) problem() *FieldError {
	switch {
	case s.IsValid():
		return nil
	case s.kind == ScopeIPAddress:
		return &FieldError{Path: "ip_address_id", Problem: "is the nil UUID; give the ID of the IP address"}
	case s.kind == ScopeInterface:
		return &FieldError{Path: "interface_id", Problem: "is the nil UUID; give the ID of the interface"}
	default:
		return &FieldError{Path: "interface_id", Problem: "is missing, for the scope is zero; make one with AllInterfaces, AllIPv4, AllIPv6, OnInterface or OnIPAddress"}
	}
}
