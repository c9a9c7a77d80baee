package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/examples/internal/scan"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// demo is sockets on loopback, and bindings written by hand beside them, that
// together make every rule fire. The zero demo shows nothing.
type demo struct {
	wanted []wanted
	opened []io.Closer
	notes  []string
}

// wanted is a socket that a service of the demonstration has.
type wanted struct {
	service string
	socket  scan.Socket
}

// The services of the demonstration that have sockets.
const (
	demoDNS    = "demo dns"
	demoVPN    = "demo vpn"
	demoWeb    = "demo web"
	demoWebToo = "demo web too"
)

// loopback is where the demonstration listens, so that nobody else sees it.
var loopback = netip.MustParseAddr("127.0.0.1")

// openDemo opens the sockets. Those that the system does not let it open, or
// does not show, are written by hand, too.
func openDemo(ctx context.Context, m scan.Machine) *demo {
	d := &demo{notes: []string{
		"the services named demo are a demonstration on loopback, opened by this program",
		`V0, V1, V2 and V5 need more than sockets: "demo: ..." and the presence of "demo vpn" are written by hand`,
	}}
	if len(m.Sockets) == 0 {
		d.notes = slices.Insert(d.notes, 0, "nothing listens on this machine")
	}
	interfaces := withLoopback(m.Interfaces)
	name := interfaces[slices.IndexFunc(interfaces, isLoopback)].Name
	on := scan.Socket{Protocol: host.TCP, Local: netip.AddrPortFrom(loopback, 0)}
	web := d.open(ctx, demoWeb, on)
	d.open(ctx, demoWeb, web)    // V3
	d.open(ctx, demoWebToo, web) // V6
	on.Protocol = host.UDP
	dns := d.open(ctx, demoDNS, on)
	dns.Local, dns.Interface = netip.AddrPortFrom(netip.IPv4Unspecified(), dns.Local.Port()), name
	d.open(ctx, demoDNS, dns) // V4
	d.open(ctx, demoVPN, on)  // V5, with a presence at the interface
	return d
}

// open opens a socket, on a free port where it has none, and returns it with the
// port.
func (d *demo) open(ctx context.Context, name string, s scan.Socket) scan.Socket {
	opened, port, err := listen(ctx, s)
	switch {
	case err == nil:
		d.opened = append(d.opened, opened)
		s.Local = netip.AddrPortFrom(s.Local.Addr(), port)
	case s.Local.Port() == 0: // not even that: any port will do to write by hand
		s.Local = netip.AddrPortFrom(s.Local.Addr(), uint16(40000+len(d.wanted)))
	}
	d.wanted = append(d.wanted, wanted{name, s})
	return s
}

// listen opens a socket that others may share, and returns its port.
func listen(ctx context.Context, s scan.Socket) (io.Closer, uint16, error) {
	config := net.ListenConfig{Control: shareAndTie(s.Interface)}
	if s.Protocol == host.TCP {
		l, err := config.Listen(ctx, "tcp4", s.Local.String())
		if err != nil {
			return nil, 0, err
		}
		return l, l.Addr().(*net.TCPAddr).AddrPort().Port(), nil
	}
	c, err := config.ListenPacket(ctx, "udp4", s.Local.String())
	if err != nil {
		return nil, 0, err
	}
	return c, c.LocalAddr().(*net.UDPAddr).AddrPort().Port(), nil
}

// Close closes the sockets.
func (d *demo) Close() {
	for _, c := range d.opened {
		c.Close()
	}
}

// discover says what a machine has, the demonstration included.
func (d *demo) discover(m scan.Machine) scan.Scan {
	if m.ID == "" {
		m.ID = "this machine" // it is the only one here
	}
	if len(d.wanted) == 0 {
		return m.Discover(network)
	}
	s := d.attribute(m).Discover(network)
	for i := range s.Services {
		if isDemo := slices.ContainsFunc(d.wanted, func(w wanted) bool { return w.service == s.Services[i].Name }); isDemo {
			s.PIDs[s.Services[i].ID] = []int{os.Getpid()}
		}
	}
	d.addByHand(&s)
	s.Notes = append(slices.Clone(d.notes), s.Notes...)
	return s
}

// attribute gives the sockets of this process to the services that they are to
// stand for, each of which counts as a process.
func (d *demo) attribute(m scan.Machine) scan.Machine {
	m.Sockets, m.Processes = slices.Clone(m.Sockets), maps.Clone(m.Processes)
	if m.Processes == nil {
		m.Processes = map[int]scan.Process{}
	}
	m.Interfaces = withLoopback(m.Interfaces)
	byHand := 0
	pids := map[string]int{} // no process has a negative one
	for _, w := range d.wanted {
		if pids[w.service] == 0 {
			pids[w.service] = -1 - len(pids)
			m.Processes[pids[w.service]] = scan.Process{PID: pids[w.service], Name: w.service}
		}
		at := slices.IndexFunc(m.Sockets, func(s scan.Socket) bool {
			return s.String() == w.socket.String() && slices.Contains(s.PIDs, os.Getpid())
		})
		if at < 0 {
			at, byHand = len(m.Sockets), byHand+1
			m.Sockets = append(m.Sockets, w.socket)
		}
		m.Sockets[at].PIDs, m.Sockets[at].Ephemeral = []int{pids[w.service]}, false
	}
	if byHand > 0 {
		m.Notes = append(slices.Clone(m.Notes), fmt.Sprintf(
			"%d of %d sockets of the demonstration could not be opened or seen, and are written by hand", byHand, len(d.wanted)))
	}
	return m
}

// withLoopback returns the interfaces with one that carries the address of the
// demonstration, even where the system's own is down or hidden.
func withLoopback(all []scan.Interface) []scan.Interface {
	all = slices.Clone(all)
	at := slices.IndexFunc(all, isLoopback)
	if at < 0 {
		at, all = len(all), append(all, scan.Interface{Name: "lo", Up: true, Loopback: true})
	}
	if !slices.ContainsFunc(all[at].Addresses, func(p netip.Prefix) bool { return p.Addr() == loopback }) {
		all[at].Addresses = append(slices.Clone(all[at].Addresses), netip.PrefixFrom(loopback, 8))
	}
	return all
}

func isLoopback(f scan.Interface) bool { return f.Loopback }

// addByHand adds what no socket can stand for.
func (d *demo) addByHand(s *scan.Scan) {
	at := slices.IndexFunc(s.Host.IPAddresses, func(a host.IPAddress) bool { return a.Address == loopback })
	address := s.Host.IPAddresses[at]
	vpn := slices.IndexFunc(s.Services, func(found service.Service) bool { return found.Name == demoVPN })
	bind(s, &s.Services[vpn], binding.Interface(address.InterfaceID)) // V5

	elsewhere := uuid.NewSHA1(network, []byte("elsewhere"))
	for _, byHand := range []struct {
		name    string
		network uuid.UUID
		target  binding.Target
	}{
		{"demo: old dialect", network, binding.Interface(address.ID)},   // V0
		{"demo: no target", network, binding.Target{}},                  // V1
		{"demo: far host", network, binding.Interface(elsewhere)},       // V2
		{"demo: far network", elsewhere, binding.IPAddress(address.ID)}, // V2
	} {
		s.Services = append(s.Services, service.Service{
			ID: uuid.NewSHA1(s.Host.ID, []byte(byHand.name)), HostID: s.Host.ID, NetworkID: byHand.network,
			Name: byHand.name, Definition: "Demo",
		})
		bind(s, &s.Services[len(s.Services)-1], byHand.target)
	}
}

func bind(s *scan.Scan, to *service.Service, target binding.Target) {
	b := binding.Binding{Target: target, ID: uuid.NewSHA1(to.ID, []byte("by hand")), ServiceID: to.ID, NetworkID: to.NetworkID}
	to.Bindings = append(to.Bindings, b)
	s.Seen[b.ID] = "by hand"
}
