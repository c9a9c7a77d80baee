package scan

import (
	"fmt"
	"net/netip"

	"github.com/google/uuid"

	"github.com/bindset/bindset/host"
)

// A Machine is what was read of one machine, before bindset's words are put on
// it. It is plain data: tests and demonstrations write their own.
type Machine struct {
	HostID     uuid.UUID // of its host, where somebody gave it one; else it is made from ID
	ID         string    // tells machines and their network namespaces apart, and outlives a restart
	Name       string    // the host name
	Interfaces []Interface
	Sockets    []Socket        // those that listen
	Processes  map[int]Process // by PID: those that hold a Socket, and their ancestors
	Notes      []string        // for people: what could not be seen, and why
}

// An Interface is a network interface of the machine.
type Interface struct {
	Name      string
	MAC       string
	Up        bool
	Loopback  bool
	Kind      Kind
	Forwards  bool           // the machine forwards packets that come in here
	Addresses []netip.Prefix // with the length of their network
}

// Kind says what an interface belongs to.
type Kind string

// The kinds of interface that are services by themselves. The zero Kind is any
// other one.
const (
	Bridge Kind = "bridge" // joins other interfaces
	Tunnel Kind = "tunnel" // leads into another network, such as a VPN
)

// A Socket waits for others to connect or send to it.
type Socket struct {
	Protocol  host.Protocol
	Local     netip.AddrPort // never IPv4-mapped, without zone
	V6Only    bool           // of [::]: it takes no IPv4
	Interface string         // the interface it is tied to; "" for none
	Ephemeral bool           // UDP on a port that the system may have picked: most such sockets only sent something
	PIDs      []int          // the processes that hold it, ascending; none where they cannot be seen
}

// String returns the socket as ss shows it: "127.0.0.1:53/udp", "[::]:22/tcp" for
// IPv6 alone, "*:22/tcp" for both families, "0.0.0.0%eth0:68/udp".
func (s Socket) String() string {
	a := s.Local.Addr()
	place := a.String()
	if s.takesBoth() {
		place = "*"
	}
	if s.Interface != "" {
		place += "%" + printable(s.Interface)
	}
	if a.Is6() && !s.takesBoth() {
		place = "[" + place + "]"
	}
	return fmt.Sprintf("%s:%d/%s", place, s.Local.Port(), s.Protocol)
}

// takesBoth reports whether the socket takes IPv4 and IPv6 alike.
func (s Socket) takesBoth() bool {
	return s.Local.Addr() == netip.IPv6Unspecified() && !s.V6Only
}

// A Process runs on the machine.
type Process struct {
	PID    int
	Parent int // its PID; 0 for none
	Name   string
}
