package model

import (
	"fmt"
	"strings"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// A State is what is stored of a group of hosts, or what an operation returned of
// that. It is comparable.
type State struct {
	Hosts    [Hosts]Host
	Services [Services]Service

	// Bindings are by number. Those that have an ID of which nobody knew come
	// behind the others, by service and target: a service has each target once.
	Bindings [Bindings + Services*Hosts*Targets]Binding
}

// A Host is stored where its Revision is not 0.
type Host struct {
	Revision uint64
	Shape    Shape
}

// A Service is stored where its Revision is not 0.
type Service struct {
	Host     int8
	Revision uint64
	Position int32
	Version  uint8 // stands for everything in a service that no rule reads
}

// A Binding is stored where its Target is not 0.
type Binding struct {
	Service int8
	Target  Target
}

// String returns what is there.
func (s State) String() string {
	var all []string
	for n, h := range s.Hosts {
		if h != (Host{}) {
			all = append(all, fmt.Sprintf("host %d %+v", n, h))
		}
	}
	for n, service := range s.Services {
		if service != (Service{}) {
			all = append(all, fmt.Sprintf("service %d %+v", n, service))
		}
	}
	for n, b := range s.Bindings {
		if b != (Binding{}) {
			all = append(all, fmt.Sprintf("binding %d %+v", n, b))
		}
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// unnamed returns the number of a binding whose ID nobody knew.
func unnamed(service int, target Target) int {
	return Bindings + service*Hosts*Targets + int(target) - 1
}

// Start is the state of a group of hosts that Create made.
func Start(hosts int) (s State) {
	for n := range hosts {
		s.Hosts[n].Revision = 1
	}
	for n := range starting {
		on := n % hosts
		s.Services[n] = Service{Host: int8(on), Revision: 1, Position: s.lastPosition(on) + 1}
	}
	return s
}

// starting is how many services there are in the beginning.
const starting = 2

func (s *State) exists(service int) bool { return s.Services[service].Revision > 0 }

// on returns the services of a host.
func (s *State) on(host int) (services []int) {
	for n := range s.Services {
		if s.exists(n) && int(s.Services[n].Host) == host {
			services = append(services, n)
		}
	}
	return services
}

// set returns the bindings of a service, in the order of their numbers.
func (s *State) set(service int) (set []binding.Binding) {
	for n, b := range s.Bindings {
		if b.Target > 0 && int(b.Service) == service {
			set = append(set, bindingOf(0, n, b))
		}
	}
	return set
}

// put stores a set as that of a service, instead of the one it has.
func (s *State) put(service int, set []binding.Binding) {
	for n, b := range s.Bindings {
		if b.Target > 0 && int(b.Service) == service {
			s.Bindings[n] = Binding{}
		}
	}
	for _, b := range set {
		s.Bindings[numberOf(b.ID)] = Binding{Service: int8(service), Target: numberOfTarget(0, b.Target)}
	}
}

// claims returns the listeners of all services of a host, for rule V6.
func (s *State) claims(host int) []validate.Claim {
	claims := []validate.Claim{}
	for _, n := range s.on(host) {
		for _, b := range s.set(n) {
			if b.Target.IsListener() {
				claims = append(claims, validate.Claim{Binding: b})
			}
		}
	}
	return claims
}

// lastPosition returns the highest position on a host, -1 where there is no
// service.
func (s *State) lastPosition(host int) int32 {
	last := int32(-1)
	for _, n := range s.on(host) {
		last = max(last, s.Services[n].Position)
	}
	return last
}

// part returns what the state holds of one service.
func (s *State) part(service int) (part State) {
	part.Services[service] = s.Services[service]
	for n, b := range s.Bindings {
		if b.Target > 0 && int(b.Service) == service {
			part.Bindings[n] = b
		}
	}
	return part
}

// count gives the services that are not now what they were before their next
// revision.
func (s *State) count(before *State) {
	for n := range s.Services {
		if s.exists(n) && before.exists(n) && s.part(n) != before.part(n) {
			s.Services[n].Revision++
		}
	}
}

func bindingOf(group, number int, b Binding) binding.Binding {
	return binding.Binding{
		ID: bindingID(group, number), ServiceID: serviceID(group, int(b.Service)), NetworkID: NetworkID(),
		Target: targetsOf(group)[b.Target],
	}
}

func nameText(service int) string      { return fmt.Sprintf("service-%d", service) }
func versionText(version uint8) string { return fmt.Sprintf("version %d", version) }
