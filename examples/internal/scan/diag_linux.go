package scan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/bindset/bindset/host"
)

// The kernel says more of its sockets by netlink (sock_diag) than in the files of
// /proc/net: which interface a socket is tied to, whether [::] takes IPv4 too, and
// which sockets share an address. It also lists only those that are asked for.

// diagnosed is a socket as the kernel's diagnostics show it.
type diagnosed struct {
	Socket
	inode  uint32 // 0 for some of the kernel's own
	cookie uint64 // no other socket has it until the machine restarts
}

// waiting are the sockets that wait for others: TCP sockets that listen, and UDP
// sockets that are not connected, which count as closed.
var waiting = []struct {
	protocol host.Protocol
	number   uint8
	state    uint8
}{
	{host.TCP, unix.IPPROTO_TCP, unix.BPF_TCP_LISTEN},
	{host.UDP, unix.IPPROTO_UDP, unix.BPF_TCP_CLOSE},
}

// diagnose asks the kernel for the sockets of its network namespace that wait for
// others.
func diagnose() ([]diagnosed, error) {
	links, err := linkList()
	if err != nil {
		return nil, err
	}
	names := map[uint32]string{}
	for _, link := range links {
		names[uint32(link.Attrs().Index)] = link.Attrs().Name
	}
	var all []diagnosed
	for _, w := range waiting {
		for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
			request := nl.NewNetlinkRequest(nl.SOCK_DIAG_BY_FAMILY, unix.NLM_F_DUMP)
			request.AddRawData(diagRequest(family, w.number, w.state))
			messages, err := request.Execute(unix.NETLINK_INET_DIAG, nl.SOCK_DIAG_BY_FAMILY)
			if err != nil {
				return nil, err
			}
			for _, message := range messages {
				d, index, err := parseDiagnosed(message)
				if err != nil {
					return nil, err
				}
				if d.Local.Port() == 0 {
					continue
				}
				d.Protocol, d.Interface = w.protocol, names[index]
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// diagRequest returns a struct inet_diag_req_v2 for all sockets in a state.
func diagRequest(family, protocol, state uint8) []byte {
	request := make([]byte, 56) // without a socket to look for, the rest is zero
	request[0], request[1] = family, protocol
	binary.NativeEndian.PutUint32(request[4:], 1<<state)
	return request
}

// sizeofDiagMessage is the size of a struct inet_diag_msg, which attributes
// follow.
const sizeofDiagMessage = 72

// parseDiagnosed reads a struct inet_diag_msg. The index is that of the interface
// that the socket is tied to, 0 for none.
func parseDiagnosed(message []byte) (d diagnosed, index uint32, err error) {
	if len(message) < sizeofDiagMessage {
		return d, 0, fmt.Errorf("the kernel describes a socket in %d bytes; want %d", len(message), sizeofDiagMessage)
	}
	address := netip.AddrFrom4([4]byte(message[8:12]))
	if message[0] == unix.AF_INET6 {
		address = netip.AddrFrom16([16]byte(message[8:24])).Unmap()
	}
	d.Local = netip.AddrPortFrom(address, binary.BigEndian.Uint16(message[4:]))
	index = binary.NativeEndian.Uint32(message[40:])
	d.cookie = uint64(binary.NativeEndian.Uint32(message[44:])) | uint64(binary.NativeEndian.Uint32(message[48:]))<<32
	d.inode = binary.NativeEndian.Uint32(message[68:])
	attributes, err := nl.ParseRouteAttr(message[sizeofDiagMessage:])
	if err != nil {
		return d, 0, err
	}
	for _, a := range attributes {
		if a.Attr.Type == netlink.INET_DIAG_SKV6ONLY && len(a.Value) > 0 {
			d.V6Only = a.Value[0] == 1 && address.Is6() && address.IsUnspecified()
		}
	}
	return d, index, nil
}

// linkList lists the interfaces. Where they change meanwhile it tries again, and
// is content with what it then has.
func linkList() ([]netlink.Link, error) {
	for range 3 {
		if links, err := netlink.LinkList(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			return links, err
		}
	}
	links, err := netlink.LinkList()
	if errors.Is(err, netlink.ErrDumpInterrupted) {
		err = nil
	}
	return links, err
}
