package service

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// MaxNameLength is how many code points the name of a service may have.
const MaxNameLength = 100

// A Service is something that runs on a host, and its binding set.
type Service struct {
	ID        uuid.UUID
	HostID    uuid.UUID
	NetworkID uuid.UUID // that of the host
	Name      string    // at most MaxNameLength code points, may be empty

	Definition     string          // what kind of service it is, such as "Remote Desktop"
	Source         Source          // how it came to be known
	Position       int32           // its place in the host's list of services
	Tags           []string        // in the order given
	Virtualization json.RawMessage // opaque JSON; nil for none

	Bindings []binding.Binding // the set; a store returns it by ID
	Revision uint64            // counts the committed changes of the service and its set, from 1

	CreatedAt time.Time
	UpdatedAt time.Time
	binding.Sightings
}

// A Source says how a service came to be known.
type Source struct {
	Type string          // such as SourceManual; other types come from scanners
	Rest json.RawMessage // a JSON object with the other fields; nil for none
}

// SourceManual is the Type of the Source of services that CreateService makes.
const SourceManual = "Manual"

// Info returns what the rules may know of the service.
func (s *Service) Info() validate.ServiceInfo {
	return validate.ServiceInfo{ID: s.ID, NetworkID: s.NetworkID, Name: s.Name, Definition: s.Definition, Tags: s.Tags}
}

// Clone returns a deep copy of the service. What is empty in it is nil.
func (s Service) Clone() Service {
	s.Source.Rest = append(json.RawMessage(nil), s.Source.Rest...)
	s.Tags = append([]string(nil), s.Tags...)
	s.Virtualization = append(json.RawMessage(nil), s.Virtualization...)
	s.Bindings = append([]binding.Binding(nil), s.Bindings...)
	return s
}

// WithTimes returns the service with every time in it as [binding.Time] makes it,
// those of its bindings excepted.
func (s Service) WithTimes() Service {
	s.CreatedAt, s.UpdatedAt = binding.Time(s.CreatedAt), binding.Time(s.UpdatedAt)
	s.LastSeenAt = binding.Time(s.LastSeenAt)
	return s
}

// A Draft is a service that is yet to be created.
type Draft struct {
	ID             uuid.UUID // nil to have one assigned
	HostID         uuid.UUID // CreateHost takes its own host's instead
	NetworkID      uuid.UUID // nil for the host's
	Name           string
	Definition     string
	Tags           []string
	Virtualization json.RawMessage
	Bindings       []binding.Binding // service and network IDs in them are ignored; nil IDs are assigned
}

// Service returns the service that the draft is to become: one that a person
// states. It shares memory with the draft.
func (d *Draft) Service() Service {
	return Service{
		ID: d.ID, HostID: d.HostID, NetworkID: d.NetworkID, Name: d.Name, Definition: d.Definition,
		Source: Source{Type: SourceManual}, Tags: d.Tags, Virtualization: d.Virtualization, Bindings: d.Bindings,
	}
}

// A Discovery is what a scanner saw of one host: the host with its inventory,
// and services with their bindings. See bindset.Manager.Observe.
type Discovery struct {
	Host     host.Host
	Services []Service

	SeenAt      time.Time // when the scan was; zero for the latest LastSeenAt in it, else for now
	DiscoveryID uuid.UUID // of the scan; nil to have one assigned
	Faults      []Fault   // what was mended or left out so far
}

// A Fault is something in a payload that cannot be. It costs no more than itself.
type Fault struct {
	Path    string `json:"path"` // in the payload, such as "ports[3]"
	Problem string `json:"problem"`
	Mended  bool   `json:"mended"` // whether the value was mended; else it was left out
}
