package bindset_test

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset"
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store"
	"github.com/bindset/bindset/validate"
)

// A sight is a scan of web-1 in the making, with fresh IDs, as scanners send them.
// Things in it go by name: interfaces by theirs, addresses as "IP" or
// "IP@interface".
type sight struct {
	service.Discovery
	ids   map[string]uuid.UUID
	newID func() uuid.UUID
}

func look() *sight {
	return &sight{
		Discovery: service.Discovery{Host: host.Host{ID: webID, NetworkID: network, Name: "web-1"}},
		ids:       map[string]uuid.UUID{},
		newID:     uuid.New,
	}
}

// nic adds an interface. One of several of a name goes by name and MAC.
func (s *sight) nic(name, mac string) *sight {
	id := s.newID()
	s.ids[name], s.ids[name+" "+mac] = id, id
	s.Host.Interfaces = append(s.Host.Interfaces, host.Interface{ID: id, Name: name, MAC: mac})
	return s
}

// own adds an interface with an address of its own.
func (s *sight) own(name, ip string) *sight {
	s.nic(name, "")
	s.ids[ip+"@"+name], s.ids[ip] = s.ids[name], s.ids[name]
	s.Host.Interfaces[len(s.Host.Interfaces)-1].Address = netip.MustParseAddr(ip)
	return s
}

// ip adds an IP address, on an interface or on none that is known.
func (s *sight) ip(ip, on string) *sight {
	id := s.newID()
	s.ids[ip+"@"+on], s.ids[ip] = id, id
	s.Host.IPAddresses = append(s.Host.IPAddresses, host.IPAddress{ID: id, Address: netip.MustParseAddr(ip), InterfaceID: s.ids[on]})
	return s
}

// port returns a port, which it adds where it is new.
func (s *sight) port(name string) uuid.UUID {
	if id, ok := s.ids[name]; ok {
		return id
	}
	number, protocol, _ := strings.Cut(name, "/")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		panic(err)
	}
	p := host.Port{ID: s.newID(), Number: uint16(n), Protocol: map[string]host.Protocol{"tcp": host.TCP, "udp": host.UDP}[protocol]}
	s.ids[name] = p.ID
	s.Host.Ports = append(s.Host.Ports, p)
	return p.ID
}

func (s *sight) all(port string) binding.Target { return everywhere(s.port(port)) }

func (s *sight) on(port, address string) binding.Target {
	return binding.Port(s.port(port), s.place(address))
}

func (s *sight) present(at string) binding.Target {
	return binding.Interface(webID).WithScope(s.place(at))
}

func (s *sight) place(name string) binding.Scope {
	id, ok := s.ids[name]
	if !ok {
		panic("nothing goes by the name " + name)
	}
	if slices.ContainsFunc(s.Host.Interfaces, func(f host.Interface) bool { return f.ID == id }) {
		return binding.OnInterface(id)
	}
	return binding.OnIPAddress(id)
}

// runs adds a service.
func (s *sight) runs(definition, name string, targets ...binding.Target) *sight {
	bindings := set(targets...)
	for i := range bindings {
		bindings[i].ID = s.newID()
	}
	s.Services = append(s.Services, service.Service{ID: s.newID(), Definition: definition, Name: name, Bindings: bindings})
	return s
}

// sees runs Observe, which must succeed as does demands, and leave a valid store.
func (f *fixture) sees(s *sight) bindset.Change {
	f.Helper()
	change := f.observes(s.Discovery)
	RequireValid(f, f.snapshot())
	return change
}

// lines says what is stored on web-1: "service: target" with the names of the
// host, in order.
func (f *fixture) lines() []string {
	f.Helper()
	lines := []string{}
	require.NoError(f, f.View(f.ctx, func(ctx context.Context, r store.Reader) error {
		inv, err := r.Inventory(ctx, webID)
		if err != nil {
			return err
		}
		services, err := r.ServicesOnHost(ctx, webID)
		for _, s := range services {
			if len(s.Bindings) == 0 {
				lines = append(lines, s.Name+": nothing")
			}
			for _, b := range s.Bindings {
				lines = append(lines, s.Name+": "+inv.Describe(b.Target))
			}
		}
		return err
	}))
	slices.Sort(lines)
	return lines
}

// named returns the stored service of a name.
func (f *fixture) named(name string) service.Service {
	f.Helper()
	for _, s := range f.snapshot().services {
		if s.Name == name {
			return s
		}
	}
	require.Fail(f, "there is no service "+name)
	return service.Service{}
}

func exclusivePorts() bindset.Option {
	return bindset.WithValidator(validate.New(validate.WithExclusivePorts()))
}

// put stores a binding as it is, beside all use cases.
func (f *fixture) put(b binding.Binding) error {
	return f.store.Update(f.ctx, func(ctx context.Context, w store.Writer) error {
		return w.PutBindings(ctx, b.ServiceID, []binding.Binding{b}, nil)
	})
}
