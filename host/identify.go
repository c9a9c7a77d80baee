package host

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Identify returns the positions of the candidates that a seen host may be, in
// their order: none for a new host, one for that host, several where the evidence
// does not tell them apart. IDs, names and ports are no evidence.
//
// Strong evidence is a MAC that both have: one that is globally administered, no
// group's, and no virtual router's (VRRP, CARP, HSRP, GLBP). Weak evidence is a
// locally administered MAC that both have, or an IP address, in one subnet where
// both know it; but not one that many hosts have: loopback, link-local, multicast,
// unspecified. What is on a bridge that container engines and hypervisors set up
// alike everywhere, such as docker0, is no evidence. Where both hosts have MACs
// that would be strong and share none, there is no weak evidence either. Hosts
// with strong evidence come alone; those with weak evidence where none has strong.
//
// It takes linear time.
func Identify(seen Host, candidates []Host) []int {
	s := evidenceOf(&seen)
	var strong, weak []int
	for i := range candidates {
		switch s.shared(evidenceOf(&candidates[i])) {
		case strongEvidence:
			strong = append(strong, i)
		case weakEvidence:
			weak = append(weak, i)
		}
	}
	if strong != nil {
		return strong
	}
	return weak
}

// Evidence returns what of a host [Identify] looks at: IP addresses, and MACs as
// [MAC] makes them, each once and in no order. A host that shares none of it is not
// this one.
func Evidence(h Host) (addresses []netip.Addr, macs []string) {
	e := evidenceOf(&h)
	for address := range e.addresses {
		addresses = append(addresses, address)
	}
	for mac := range e.globalMACs {
		macs = append(macs, mac)
	}
	for mac := range e.localMACs {
		macs = append(macs, mac)
	}
	return addresses, macs
}

// strength says how much two hosts have in common.
type strength int

const (
	noEvidence strength = iota
	weakEvidence
	strongEvidence
)

type evidence struct {
	globalMACs map[string]struct{}
	localMACs  map[string]struct{}
	addresses  map[netip.Addr]struct{}
	subnetted  map[subnetted]struct{}
}

// subnetted is an IP address in a subnet, nil where that is unknown.
type subnetted struct {
	address netip.Addr
	subnet  uuid.UUID
}

func evidenceOf(h *Host) *evidence {
	e := &evidence{
		globalMACs: make(map[string]struct{}),
		localMACs:  make(map[string]struct{}),
		addresses:  make(map[netip.Addr]struct{}),
		subnetted:  make(map[subnetted]struct{}),
	}
	alike := make(map[uuid.UUID]bool) // the interfaces that are set up alike everywhere
	for i := range h.Interfaces {
		f := &h.Interfaces[i]
		if isSetUpAlike(f.Name) {
			alike[f.ID] = true
			continue
		}
		e.addMAC(f.MAC)
		e.addAddress(f.Address, f.SubnetID)
	}
	for i := range h.IPAddresses {
		a := &h.IPAddresses[i]
		if a.InterfaceID != uuid.Nil && alike[a.InterfaceID] || isSetUpAlike(a.Name) {
			continue
		}
		e.addMAC(a.MAC)
		e.addAddress(a.Address, a.SubnetID)
	}
	return e
}

func (e *evidence) addMAC(text string) {
	mac, err := net.ParseMAC(text)
	switch {
	case err != nil || !isOneDevice(mac):
	case mac[0]&locallyAdministered != 0:
		e.localMACs[mac.String()] = struct{}{}
	default:
		e.globalMACs[mac.String()] = struct{}{}
	}
}

func (e *evidence) addAddress(a netip.Addr, subnet uuid.UUID) {
	a = a.Unmap()
	if !a.IsValid() || a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() || a.IsLinkLocalUnicast() {
		return
	}
	e.addresses[a] = struct{}{}
	e.subnetted[subnetted{a, subnet}] = struct{}{}
}

// shared returns what evidence there is that two hosts are one.
func (e *evidence) shared(other *evidence) strength {
	switch {
	case intersect(e.globalMACs, other.globalMACs):
		return strongEvidence
	case len(e.globalMACs) > 0 && len(other.globalMACs) > 0:
		return noEvidence
	case intersect(e.localMACs, other.localMACs) || e.sharesAddress(other):
		return weakEvidence
	default:
		return noEvidence
	}
}

// sharesAddress reports whether both have an IP address, in one subnet where both
// know it.
func (e *evidence) sharesAddress(other *evidence) bool {
	for o := range other.subnetted {
		_, both := e.addresses[o.address]
		_, here := e.subnetted[o]
		_, anywhere := e.subnetted[subnetted{o.address, uuid.Nil}]
		if both && (here || anywhere || o.subnet == uuid.Nil) {
			return true
		}
	}
	return false
}

func intersect(a, b map[string]struct{}) bool {
	for key := range b {
		if _, ok := a[key]; ok {
			return true
		}
	}
	return false
}

// The bits of the first byte of a MAC.
const (
	groupAddress        = 0x01
	locallyAdministered = 0x02
)

// isOneDevice reports whether a MAC is that of one device: not none at all, not a
// group's, and not one that routers hand to each other.
func isOneDevice(mac net.HardwareAddr) bool {
	zero := true
	for _, b := range mac {
		zero = zero && b == 0
	}
	long := len(mac) > 8 // InfiniBand: no EUI, and it changes with the queue
	return !zero && !long && mac[0]&groupAddress == 0 && !hasPrefix(mac.String(), virtualRouters)
}

// virtualRouters are how the MACs begin that VRRP and CARP, HSRP (version 1, 2, and
// for IPv6) and GLBP give to a group of routers.
var virtualRouters = []string{
	"00:00:5e:00:01:", "00:00:5e:00:02:", "00:00:0c:07:ac:", "00:00:0c:9f:f", "00:05:73:a0:0", "00:07:b4:00:",
}

func hasPrefix(text string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

// isSetUpAlike reports whether an interface of this name is a bridge that container
// engines and hypervisors set up with the same addresses on every machine.
func isSetUpAlike(name string) bool {
	if id, ok := strings.CutPrefix(name, "br-"); ok {
		return len(id) == 12 && strings.Trim(id, "0123456789abcdef") == ""
	}
	kind := strings.TrimRight(name, "0123456789")
	return name == "docker_gwbridge" || kind != name && slices.Contains(numberedBridges, kind)
}

// numberedBridges are the names, but for the number behind them, of the bridges of
// Docker, Podman, CNI, libvirt, LXC, LXD and VirtualBox.
var numberedBridges = []string{"docker", "podman", "cni", "cni-podman", "virbr", "lxcbr", "lxdbr", "vboxnet"}
