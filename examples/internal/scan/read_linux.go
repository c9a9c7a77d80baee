package scan

import (
	"context"
	"net/netip"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/prometheus/procfs"
	"github.com/vishvananda/netlink"

	"github.com/bindset/bindset/host"
)

// readLinks reads what kind of device each interface is, and whether the kernel
// forwards what comes in there.
func (m *Machine) readLinks() {
	links, err := netlink.LinkList()
	if err != nil {
		m.note("what kinds of device the interfaces are cannot be read: %v", err)
	}
	kinds := map[string]Kind{}
	for _, link := range links {
		kinds[link.Attrs().Name] = kindOf(link)
	}
	for i := range m.Interfaces {
		f := &m.Interfaces[i]
		f.Kind = kinds[f.Name]
		f.Forwards = forwards("ipv4", f.Name) || forwards("ipv6", f.Name)
	}
}

func kindOf(link netlink.Link) Kind {
	switch link.Type() {
	case "bridge", "openvswitch":
		return Bridge
	case "wireguard", "gre", "gretap", "ip6gre", "ip6gretap", "ipip", "ip6tnl", "sit", "vti", "vti6",
		"xfrm", "vxlan", "geneve", "ppp", "ovpn":
		return Tunnel
	case "tuntap", "tun": // a TAP device is more often the network card of a virtual machine
		if tun, ok := link.(*netlink.Tuntap); ok && tun.Mode == netlink.TUNTAP_MODE_TUN {
			return Tunnel
		}
	}
	return ""
}

func forwards(family, name string) bool {
	value, err := os.ReadFile("/proc/sys/net/" + family + "/conf/" + name + "/forwarding")
	return err == nil && strings.TrimSpace(string(value)) == "1"
}

// readSockets asks the kernel for the sockets, and /proc for the processes that
// hold them. Where the kernel does not answer, as in some sandboxes, it reads
// what is left.
func (m *Machine) readSockets(ctx context.Context) {
	byInode, err := m.readDiagnostics()
	if err != nil {
		m.Sockets = nil
		m.note("the kernel's socket diagnostics cannot be read (%v): sockets that share an address, or are tied to an interface, are not told apart", err)
		m.readSocketsPortably(ctx)
		return
	}
	m.noteUnseen(m.readHolders(ctx, byInode))
}

// The states of sockets that wait for others, as the kernel numbers them. An
// unconnected UDP socket counts as closed.
const (
	stateClose  = 7
	stateListen = 10
)

// readDiagnostics reads the listening sockets. It returns their places in Sockets
// by inode, which those of the kernel itself may not have.
func (m *Machine) readDiagnostics() (byInode map[uint32]int, err error) {
	names := map[uint32]string{}
	links, err := netlink.LinkList()
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		names[uint32(link.Attrs().Index)] = link.Attrs().Name
	}
	byInode = map[uint32]int{}
	for _, from := range []struct {
		protocol host.Protocol
		list     func(family uint8) ([]*netlink.Socket, error)
		state    uint8
	}{
		{host.TCP, netlink.SocketDiagTCP, stateListen},
		{host.UDP, netlink.SocketDiagUDP, stateClose},
	} {
		for _, family := range []uint8{syscall.AF_INET, syscall.AF_INET6} {
			list, err := from.list(family)
			if err != nil {
				return nil, err
			}
			for _, s := range list {
				address, ok := netip.AddrFromSlice(s.ID.Source)
				if !ok || s.State != from.state || s.ID.SourcePort == 0 {
					continue
				}
				if s.INode != 0 {
					byInode[s.INode] = len(m.Sockets)
				}
				m.Sockets = append(m.Sockets, Socket{
					Protocol:  from.protocol,
					Local:     netip.AddrPortFrom(address.Unmap(), s.ID.SourcePort),
					Interface: names[s.ID.Interface],
				})
			}
		}
	}
	return byInode, nil
}

// readHolders finds the processes that hold the sockets, and lists them with
// their ancestors. It reports whether there are processes that may not be looked
// into.
func (m *Machine) readHolders(ctx context.Context, byInode map[uint32]int) (hidden bool) {
	processes, err := procfs.AllProcs()
	if err != nil {
		m.note("the processes cannot be listed: %v", err)
		return true
	}
	m.Processes = map[int]Process{}
	hidden = !slices.ContainsFunc(processes, func(p procfs.Proc) bool { return p.PID == 1 })
	for _, p := range processes {
		if ctx.Err() != nil {
			return hidden
		}
		descriptors, err := p.FileDescriptorTargets()
		hidden = hidden || os.IsPermission(err)
		for _, target := range descriptors {
			hidden = hidden || target == "" // listed, but not to be read
			at, ok := byInode[socketInode(target)]
			if ok && !slices.Contains(m.Sockets[at].PIDs, p.PID) && m.readAncestry(p) {
				m.Sockets[at].PIDs = append(m.Sockets[at].PIDs, p.PID)
			}
		}
	}
	return hidden
}

// socketInode returns the inode in the target of a descriptor, "socket:[4711]",
// 0 for anything else.
func socketInode(target string) uint32 {
	number, ok := strings.CutPrefix(target, "socket:[")
	if !ok {
		return 0
	}
	inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 32)
	if err != nil {
		return 0
	}
	return uint32(inode)
}

// readAncestry reads a process and its ancestors, and reports whether the
// process was still there.
func (m *Machine) readAncestry(p procfs.Proc) bool {
	for pid := p.PID; pid > 0; {
		if _, known := m.Processes[pid]; known {
			break
		}
		next, err := procfs.NewProc(pid)
		if err != nil {
			break
		}
		stat, err := next.Stat()
		if err != nil {
			break
		}
		m.Processes[pid] = Process{PID: pid, Parent: stat.PPID, Name: processName(next, stat.Comm)}
		pid = stat.PPID
	}
	_, ok := m.Processes[p.PID]
	return ok
}

// processName returns the name of a process.
func processName(p procfs.Proc, comm string) string {
	args, err := p.CmdLine()
	if err != nil {
		return comm
	}
	return wholeName(comm, args)
}

// maxComm is the length in bytes at which the kernel cuts the names of
// processes.
const maxComm = 15

// wholeName returns the name of a process that the kernel may have cut, whole
// where its command line still has it.
func wholeName(comm string, args []string) string {
	if len(comm) < maxComm || len(args) == 0 {
		return comm
	}
	if whole := path.Base(args[0]); strings.HasPrefix(whole, comm) {
		return whole
	}
	return comm
}
