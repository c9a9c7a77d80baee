package discovery

import (
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/service"
)

// none is the position of what is not there.
const none int32 = -1

// A Scan is a mended payload in content order.
type Scan struct {
	At time.Time // when the host was seen
	ID uuid.UUID // of the discovery

	// Recorded says that this is another record of the host and no scan: nobody
	// looked now, so that everything keeps its own Sightings, what is stored comes
	// before what the record says, and nothing gives way.
	Recorded bool

	// Host is what was seen of the host. IDs of its children are those of the
	// payload, nil where they refer to nothing.
	Host host.Host
	// Carriers hold for each IP address the position of the interface that
	// carries it, none, or outside where the payload does not list the interface
	// that its InterfaceID names.
	Carriers []int32

	Services []Seen
	Faults   []service.Fault

	addressPaths []int32 // of each IP address, its position in the payload
}

// Seen is a service as it was seen.
type Seen struct {
	service.Service // without Bindings
	Bindings        []Sighting
	Path            int32 // its position in the payload
}

// A Sighting is a binding as it was seen: its port and its place are positions in
// the lists of the scan, or outside where the payload does not list what the
// target names.
type Sighting struct {
	binding.Binding
	Port, Place int32
	Path        int32 // its position in the payload
}

// What Sighting.Port and Place are where they are no position. A place counts the
// interfaces first, then the IP addresses.
const (
	nowhere int32 = -1 - iota // the port of a presence, the place of a listener on all interfaces or a family
	outside                   // not in the payload: the ID may be a stored one
	leftOut                   // what was left out, or may be either of two
)

// Observed returns the seen services with their targets on the merged host.
func (s *Scan) Observed(m *Merged) []service.Service {
	all := make([]service.Service, len(s.Services))
	for i := range s.Services {
		seen := &s.Services[i]
		all[i] = seen.Service
		all[i].Bindings = make([]binding.Binding, len(seen.Bindings))
		for k := range seen.Bindings {
			all[i].Bindings[k] = seen.Bindings[k].Binding
			all[i].Bindings[k].Target = m.target(&seen.Bindings[k])
		}
	}
	return all
}
