package scan

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/bindset/bindset/host"
)

// Read reads the machine it runs on. It needs no privileges: what it cannot see,
// it leaves out and says so in Notes. Its only error is that of ctx.
//
// Listening sockets are those of TCP in the state LISTEN, and those of UDP that
// are not connected. SCTP is not read.
func Read(ctx context.Context) (Machine, error) {
	var m Machine
	var err error
	if m.Name, err = os.Hostname(); err != nil {
		m.note("the host name cannot be read: %v", err)
	}
	m.readInterfaces()
	m.identify(machineID(), networkNamespace())
	m.readLinks()
	m.readSockets(ctx)
	return m, ctx.Err()
}

// identify gives the machine its ID. Where it has none of its own, the MAC of a
// network card tells it apart, or else its name.
func (m *Machine) identify(machine, namespace string) {
	known := "its MAC"
	switch {
	case machine != "":
		known = ""
	case m.cardMAC() != "":
		machine = m.cardMAC()
	default:
		machine, known = "named "+m.Name, "its name"
	}
	if known != "" {
		m.note("this machine has no ID of its own (/etc/machine-id) and is known by %s", known)
	}
	m.ID = strings.TrimSuffix(machine+"\x00"+namespace, "\x00")
}

// cardMAC returns the first MAC that its maker gave to one network card alone, ""
// where there is none.
func (m *Machine) cardMAC() string {
	var all []string
	for _, f := range m.Interfaces {
		mac, err := net.ParseMAC(f.MAC)
		virtualRouter := strings.HasPrefix(f.MAC, "00:00:5e:")
		if err == nil && mac[0]&3 == 0 && !virtualRouter && strings.Trim(f.MAC, "0:") != "" {
			all = append(all, f.MAC)
		}
	}
	if all == nil {
		return ""
	}
	return slices.Min(all)
}

// machineID returns what systemd and D-Bus tell machines apart by, "" where
// there is neither. Containers often share that of their image or their host;
// their network namespaces differ.
func machineID() string {
	for _, file := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		if id, err := os.ReadFile(file); err == nil && len(id) > 0 {
			return strings.TrimSpace(string(id))
		}
	}
	return ""
}

func (m *Machine) note(format string, args ...any) {
	m.Notes = append(m.Notes, fmt.Sprintf(format, args...))
}

// dynamicPorts returns the first and the last of the ports that RFC 6335 leaves to
// those who need any.
func dynamicPorts() (first, last uint16) { return 49152, 65535 }

// markEphemeral marks the UDP sockets on ports that the system picks from.
func (m *Machine) markEphemeral(first, last uint16) {
	for i := range m.Sockets {
		s := &m.Sockets[i]
		s.Ephemeral = s.Protocol == host.UDP && first <= s.Local.Port() && s.Local.Port() <= last
	}
}

func (m *Machine) readInterfaces() {
	interfaces, err := net.Interfaces()
	if err != nil {
		m.note("the network interfaces cannot be listed: %v", err)
		return
	}
	for _, f := range interfaces {
		read := Interface{
			Name: f.Name, MAC: f.HardwareAddr.String(),
			Up: f.Flags&net.FlagUp != 0, Loopback: f.Flags&net.FlagLoopback != 0,
		}
		addresses, err := f.Addrs()
		if err != nil {
			m.note("the addresses of %s cannot be listed: %v", printable(f.Name), err)
		}
		for _, a := range addresses {
			if prefix, ok := prefixOf(a); ok {
				read.Addresses = append(read.Addresses, prefix)
			}
		}
		m.Interfaces = append(m.Interfaces, read)
	}
}

func prefixOf(a net.Addr) (netip.Prefix, bool) {
	n, ok := a.(*net.IPNet)
	if !ok {
		return netip.Prefix{}, false
	}
	address, ok := netip.AddrFromSlice(n.IP)
	bits, _ := n.Mask.Size()
	return netip.PrefixFrom(address.Unmap(), bits), ok
}

// access says which processes can be looked into.
type access int

const (
	all         access = iota
	allButFirst        // as in some containers; the first process sends nothing by UDP
	notAll
)

// noteUnseen says how many sockets there are whose process is not known.
func (m *Machine) noteUnseen(could access) {
	unseen := 0
	for _, s := range m.Sockets {
		if len(s.PIDs) == 0 {
			unseen++
		}
	}
	if unseen == 0 {
		return
	}
	why := "held by the kernel or in another container"
	switch could {
	case allButFirst:
		why = "held by the first process, into which nobody may look, by the kernel, or in another container"
	case notAll:
		why = "no permission to look into every process"
		if os.Geteuid() > 0 {
			why += "; root sees more"
		}
	}
	if unseen == 1 {
		m.note("the process of 1 listening socket cannot be seen: %s", why)
		return
	}
	m.note("the processes of %d listening sockets cannot be seen: %s", unseen, why)
}
