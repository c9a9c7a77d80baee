package host

import (
	"fmt"
	"strings"

	"github.com/bindset/bindset/binding"
)

// Protocol is a transport protocol. The zero Protocol is invalid.
type Protocol uint8

// The protocols a port may have.
const (
	TCP Protocol = iota + 1
	UDP
	SCTP
)

// IsValid reports whether the protocol is TCP, UDP or SCTP.
func (p Protocol) IsValid() bool { return p >= TCP && p <= SCTP }

// String returns "tcp", "udp", "sctp" or "invalid".
func (p Protocol) String() string {
	switch p {
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case SCTP:
		return "sctp"
	default:
		return "invalid"
	}
}

// wireName returns the name of a valid protocol on the wire.
func (p Protocol) wireName() string {
	switch p {
	case TCP:
		return "Tcp"
	case UDP:
		return "Udp"
	case SCTP:
		return "Sctp"
	default:
		return ""
	}
}

// MarshalText returns the name of the protocol on the wire: "Tcp", "Udp" or
// "Sctp". An invalid protocol is an error.
func (p Protocol) MarshalText() ([]byte, error) {
	if !p.IsValid() {
		return nil, &binding.FieldError{Problem: fmt.Sprintf("protocol %d is none of TCP, UDP and SCTP", uint8(p))}
	}
	return []byte(p.wireName()), nil
}

// UnmarshalText reads what MarshalText writes, in any case; anything else is a
// *binding.FieldError.
func (p *Protocol) UnmarshalText(text []byte) error {
	for known := TCP; known <= SCTP; known++ {
		if name := known.String(); len(text) == len(name) && strings.EqualFold(name, string(text)) {
			*p = known
			return nil
		}
	}
	return &binding.FieldError{Problem: fmt.Sprintf("protocol %.20q is none of Tcp, Udp and Sctp", text)}
}
