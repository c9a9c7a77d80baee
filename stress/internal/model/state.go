package model

import (
	"strconv"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// A State is what is stored of a host, or what an operation returned of that. It
// is comparable.
type State struct {
	Revision uint64 // of the host
	Linked   bool   // the interface carries the first address
	Services [Services]Service
	Bindings [Bindings]Binding
}

// A Service is stored where its Revision is not 0.
type Service struct {
	Revision uint64
	Position int32
	Version  uint8 // stands for everything in a service that no rule reads
}

// A Binding is stored where its Target is not 0.
type Binding struct {
	Service int8
	Target  Target
}

// Start is the state of a host that Create made.
func Start() State {
	s := State{Revision: 1}
	s.Services[0] = Service{Revision: 1}
	s.Services[1] = Service{Revision: 1, Position: 1}
	return s
}

func (s *State) exists(service int) bool { return s.Services[service].Revision > 0 }

// set returns the bindings of a service, in the order of their IDs.
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

// claims returns the listeners of all services, for rule V6.
func (s *State) claims() []validate.Claim {
	claims := []validate.Claim{}
	for n, b := range s.Bindings {
		if b := bindingOf(0, n, b); b.Target.IsListener() {
			claims = append(claims, validate.Claim{Binding: b})
		}
	}
	return claims
}

// lastPosition returns the highest position, -1 where there is no service.
func (s *State) lastPosition() int32 {
	last := int32(-1)
	for _, service := range s.Services {
		if service.Revision > 0 {
			last = max(last, service.Position)
		}
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

func bindingOf(hostNumber, number int, b Binding) binding.Binding {
	return binding.Binding{
		ID: bindingID(hostNumber, number), ServiceID: serviceID(hostNumber, int(b.Service)), NetworkID: NetworkID(),
		Target: targetsOf(hostNumber)[b.Target],
	}
}

func versionText(version uint8) string { return "version " + strconv.Itoa(int(version)) }
