package scan

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// A Scan is a machine in the words of bindset.
type Scan struct {
	service.Discovery
	Seen      map[uuid.UUID]string // by the ID of a binding: the socket or interface it stands for
	Ephemeral map[uuid.UUID]bool   // by the ID of a binding: its socket is marked as ephemeral
	PIDs      map[uuid.UUID][]int  // by the ID of a service: its processes that listen, where they are known
	Notes     []string             // for people: what could not be seen, and what is odd
}

// SourceDiscovery is the Type of the Source of services that a scan finds.
const SourceDiscovery = "Discovery"

// Discover says what the machine has in the words of bindset. The services come
// by name, the unclaimed sockets behind them, then the presences of routers,
// bridges and tunnels; the bindings of a service by port and address. Services may
// have one name: what they listen on tells them apart. A machine without HostID and
// ID is a host without an ID. Every other ID is new.
func (m Machine) Discover(networkID uuid.UUID) Scan {
	hostID := m.HostID
	if hostID == uuid.Nil && m.ID != "" {
		hostID = uuid.NewSHA1(namespace, []byte(m.ID))
	}
	d := discoverer{
		machine:    m,
		interfaces: map[string]uuid.UUID{}, at: map[netip.Addr][]host.IPAddress{}, ports: map[string]uuid.UUID{},
	}
	d.scan = Scan{
		Seen: map[uuid.UUID]string{}, Ephemeral: map[uuid.UUID]bool{}, PIDs: map[uuid.UUID][]int{}, Notes: slices.Clone(m.Notes),
	}
	d.scan.Host = host.Host{ID: hostID, NetworkID: networkID, Name: clean(m.Name)}
	d.listInterfaces()
	for _, p := range listeners(m) {
		d.addListener(p)
	}
	for _, p := range presences(m.Interfaces) {
		d.addPresence(p)
	}
	return d.scan
}

// namespace is the UUIDv5 namespace of the machines that are hosts.
var namespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/bindset/bindset/examples/internal/scan"))

// discoverer turns a machine into a scan.
type discoverer struct {
	machine    Machine
	scan       Scan
	interfaces map[string]uuid.UUID            // by name
	at         map[netip.Addr][]host.IPAddress // by address without zone
	ports      map[string]uuid.UUID            // those listed, such as "443/tcp"
}

// listInterfaces lists the interfaces and the addresses they carry.
func (d *discoverer) listInterfaces() {
	for i, f := range d.machine.Interfaces {
		id := uuid.New()
		d.interfaces[f.Name] = id
		d.scan.Host.Interfaces = append(d.scan.Host.Interfaces, host.Interface{
			ID: id, Name: clean(f.Name), MAC: f.MAC, Position: int32(i),
		})
		for _, prefix := range f.Addresses {
			d.addAddress(prefix.Addr().Unmap(), f.Name)
		}
	}
}

// addAddress lists an address that an interface carries, or, for "", none that
// is known. An interface may have one address with two network lengths: that is
// one address. Its carrier says the zone of a link-local one.
func (d *discoverer) addAddress(a netip.Addr, carrier string) host.IPAddress {
	for _, listed := range d.at[a] {
		if listed.InterfaceID == d.interfaces[carrier] {
			return listed
		}
	}
	address := host.IPAddress{
		ID: uuid.New(), Address: a, InterfaceID: d.interfaces[carrier],
		Position: int32(len(d.scan.Host.IPAddresses)),
	}
	d.scan.Host.IPAddresses = append(d.scan.Host.IPAddresses, address)
	d.at[a] = append(d.at[a], address)
	return address
}

// addListener adds a service and what it listens on.
func (d *discoverer) addListener(p program) {
	s := d.addService(p.name, p.definition)
	if len(p.pids) > 0 {
		d.scan.PIDs[s.ID] = p.pids
	}
	for _, socket := range p.sockets {
		port := d.port(socket)
		for _, scope := range d.scopes(socket) {
			id := d.bind(s, binding.Port(port, scope), socket.String())
			if socket.Ephemeral {
				d.scan.Ephemeral[id] = true
			}
		}
	}
}

// addPresence adds a service that is present at interfaces.
func (d *discoverer) addPresence(p presence) {
	s := d.addService(p.name, p.definition)
	for _, name := range p.interfaces {
		d.bind(s, binding.Interface(d.interfaces[name]), clean(name))
	}
}

func (d *discoverer) addService(name, definition string) *service.Service {
	d.scan.Services = append(d.scan.Services, service.Service{
		ID: uuid.New(), HostID: d.scan.Host.ID, NetworkID: d.scan.Host.NetworkID,
		Name: name, Definition: definition, Source: service.Source{Type: SourceDiscovery},
		Position: int32(len(d.scan.Services)),
	})
	return &d.scan.Services[len(d.scan.Services)-1]
}

func (d *discoverer) bind(s *service.Service, target binding.Target, seen string) uuid.UUID {
	id := uuid.New()
	d.scan.Seen[id] = seen
	s.Bindings = append(s.Bindings, binding.Binding{ID: id, ServiceID: s.ID, NetworkID: s.NetworkID, Target: target})
	return id
}

// port returns the ID of the port of a socket, and lists it where it is new.
func (d *discoverer) port(s Socket) uuid.UUID {
	p := host.Port{Number: s.Local.Port(), Protocol: s.Protocol}
	if id, listed := d.ports[p.String()]; listed {
		return id
	}
	p.ID = uuid.New()
	d.ports[p.String()] = p.ID
	d.scan.Host.Ports = append(d.scan.Host.Ports, p)
	return p.ID
}

// scopes returns where a socket listens: everywhere, at all of an address family,
// on an interface, or on an address. Where several interfaces carry that address,
// it is on each of them that the socket is not known to be barred from.
func (d *discoverer) scopes(s Socket) []binding.Scope {
	tied, isTied := d.interfaces[s.Interface]
	if s.Local.Addr().IsUnspecified() {
		switch {
		case isTied: // which has no scope for one family of it
			return []binding.Scope{binding.OnInterface(tied)}
		case s.takesBoth():
			return []binding.Scope{binding.AllInterfaces()}
		case s.V6Only:
			return []binding.Scope{binding.AllIPv6()}
		default:
			return []binding.Scope{binding.AllIPv4()}
		}
	}
	var all, onTied []binding.Scope
	for _, address := range d.at[s.Local.Addr()] {
		all = append(all, binding.OnIPAddress(address.ID))
		if isTied && address.InterfaceID == tied {
			onTied = append(onTied, binding.OnIPAddress(address.ID))
		}
	}
	switch {
	case onTied != nil:
		return onTied
	case all != nil:
		return all
	default:
		return []binding.Scope{binding.OnIPAddress(d.addUnlisted(s.Local.Addr()).ID)}
	}
}

// addUnlisted lists the address of a socket that no interface lists. All of
// 127.0.0.0/8 is the loopback interface's, and a broadcast address that of the
// interface in its subnet; any other such address is odd.
func (d *discoverer) addUnlisted(a netip.Addr) host.IPAddress {
	for _, f := range d.machine.Interfaces {
		belongs := func(p netip.Prefix) bool { return p.Contains(a) && (f.Loopback || a == broadcast(p)) }
		if slices.ContainsFunc(f.Addresses, belongs) {
			return d.addAddress(a, f.Name)
		}
	}
	what := "an address that no interface has"
	if a.IsMulticast() {
		what = "a multicast group"
	}
	d.scan.Notes = append(d.scan.Notes, fmt.Sprintf("a socket is bound to %s, %s", a, what))
	return d.addAddress(a, "")
}

// broadcast returns the last address of an IPv4 subnet, the zero Addr for IPv6.
func broadcast(p netip.Prefix) netip.Addr {
	if !p.Addr().Is4() {
		return netip.Addr{}
	}
	last := p.Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(last)
}
