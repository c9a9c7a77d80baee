package scan

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
	"github.com/vishvananda/netlink"
)

// readLinks reads what kind of device each interface is, and whether the kernel
// forwards what comes in there.
func (m *Machine) readLinks() {
	links, err := linkList()
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
	found, err := diagnose()
	if err != nil {
		m.note("the kernel's socket diagnostics cannot be read (%v): sockets that share an address, are tied to an interface, or take IPv6 alone are not told apart", err)
		m.readSocketsPortably(ctx)
		return
	}
	byInode := map[uint32]int{}
	for i, d := range found {
		if d.inode != 0 {
			byInode[d.inode] = i
		}
		m.Sockets = append(m.Sockets, d.Socket)
	}
	could := m.readHolders(ctx, byInode)
	m.noteUnseen(could)
	m.markEphemeral(ephemeralPorts())
	if could != notAll {
		m.unmarkKernels(found)
	}
}

// unmarkKernels takes the mark off the sockets of the kernel itself, such as
// WireGuard's: nobody holds them, although the processes could be looked into. A
// socket that was closed while the processes were read looks like that, too; it is
// not there any more.
func (m *Machine) unmarkKernels(found []diagnosed) {
	unheld := func(s Socket) bool { return s.Ephemeral && len(s.PIDs) == 0 }
	if !slices.ContainsFunc(m.Sockets, unheld) {
		return
	}
	again, err := diagnose()
	if err != nil {
		return
	}
	there := map[uint64]bool{}
	for _, d := range again {
		there[d.cookie] = true
	}
	for i := range m.Sockets {
		if s := &m.Sockets[i]; unheld(*s) && there[found[i].cookie] {
			s.Ephemeral = false
		}
	}
}

// ephemeralPorts returns the first and the last of the ports that the kernel picks
// from.
func ephemeralPorts() (first, last uint16) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err == nil {
		_, err = fmt.Sscan(string(text), &first, &last)
	}
	if err != nil {
		return dynamicPorts()
	}
	return first, last
}

// readHolders finds the processes that hold the sockets, and lists them with
// their ancestors. It returns which it could look into.
func (m *Machine) readHolders(ctx context.Context, byInode map[uint32]int) access {
	processes, err := procfs.AllProcs()
	if err != nil {
		m.note("the processes cannot be listed: %v", err)
		return notAll
	}
	m.Processes = map[int]Process{}
	could := all
	if !slices.ContainsFunc(processes, func(p procfs.Proc) bool { return p.PID == 1 }) {
		could = notAll // /proc shows a user's own
	}
	for _, p := range processes {
		if ctx.Err() != nil {
			return could
		}
		descriptors, refused := descriptorsOf(p.PID)
		switch {
		case refused && p.PID == 1:
			could = max(could, allButFirst)
		case refused:
			could = notAll
		}
		for _, target := range descriptors {
			at, ok := byInode[socketInode(target)]
			if ok && !slices.Contains(m.Sockets[at].PIDs, p.PID) && m.readAncestry(p) {
				m.Sockets[at].PIDs = append(m.Sockets[at].PIDs, p.PID)
			}
		}
	}
	return could
}

// descriptorsOf returns what the descriptors of a process lead to, and whether any
// of it may not be read. What is gone meanwhile is left out.
func descriptorsOf(pid int) (targets []string, refused bool) {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	entries, err := os.ReadDir(dir)
	refused = os.IsPermission(err)
	for _, entry := range entries {
		target, err := os.Readlink(filepath.Join(dir, entry.Name()))
		refused = refused || os.IsPermission(err)
		if err == nil {
			targets = append(targets, target)
		}
	}
	return targets, refused
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
