package scan

import (
	"context"
	"net/netip"
	"syscall"

	"github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"

	"github.com/bindset/bindset/host"
)

// readSocketsPortably reads the listening sockets and their processes on every
// system that gopsutil knows. It sees one holder of a socket only, of sockets
// with the same address the first, no interface they are tied to, and takes every
// [::] for both address families.
func (m *Machine) readSocketsPortably(ctx context.Context) {
	connections, err := net.ConnectionsWithoutUidsWithContext(ctx, "inet")
	if err != nil {
		m.note("the listening sockets cannot be listed: %v", err)
		return
	}
	m.Processes = map[int]Process{}
	for _, c := range connections {
		s, ok := listening(c)
		if !ok {
			continue
		}
		if m.readProcess(ctx, c.Pid) {
			s.PIDs = []int{int(c.Pid)}
		}
		m.Sockets = append(m.Sockets, s)
	}
	m.noteUnseen(notAll)
	m.markEphemeral(ephemeralPorts())
}

// listening returns the socket of a connection, and whether it listens.
func listening(c net.ConnectionStat) (Socket, bool) {
	s := Socket{}
	switch c.Type {
	case syscall.SOCK_STREAM:
		s.Protocol = host.TCP
	case syscall.SOCK_DGRAM:
		s.Protocol = host.UDP
	}
	listens := c.Status == "LISTEN" || s.Protocol == host.UDP && c.Raddr.Port == 0
	address, err := netip.ParseAddr(c.Laddr.IP)
	if c.Laddr.IP == "*" || c.Laddr.IP == "" { // the wildcard, on macOS
		address, err = netip.IPv6Unspecified(), nil
	}
	s.Interface = address.Zone()
	s.Local = netip.AddrPortFrom(address.Unmap().WithZone(""), uint16(c.Laddr.Port))
	return s, listens && err == nil && s.Protocol.IsValid() && s.Local.Port() != 0
}

// readProcess reads a process and its ancestors, and reports whether there is
// such a process.
func (m *Machine) readProcess(ctx context.Context, pid int32) bool {
	for next := pid; next > 0; {
		if _, known := m.Processes[int(next)]; known {
			break
		}
		p, err := process.NewProcessWithContext(ctx, next)
		if err != nil {
			break
		}
		name, err := p.NameWithContext(ctx)
		if err != nil {
			break
		}
		parent, err := p.PpidWithContext(ctx)
		if err != nil {
			parent = 0
		}
		m.Processes[int(next)] = Process{PID: int(next), Parent: int(parent), Name: name}
		next = parent
	}
	_, ok := m.Processes[int(pid)]
	return ok
}
