//go:build !linux

package scan

import (
	"context"
	"net"
)

// readLinks takes every point-to-point interface for a tunnel.
func (m *Machine) readLinks() {
	for i := range m.Interfaces {
		f, err := net.InterfaceByName(m.Interfaces[i].Name)
		if err == nil && f.Flags&net.FlagPointToPoint != 0 {
			m.Interfaces[i].Kind = Tunnel
		}
	}
}

func (m *Machine) readSockets(ctx context.Context) { m.readSocketsPortably(ctx) }

// ephemeralPorts returns the first and the last of the ports that the system picks
// from.
func ephemeralPorts() (first, last uint16) { return dynamicPorts() }

// networkNamespace returns "": a machine has one network.
func networkNamespace() string { return "" }
