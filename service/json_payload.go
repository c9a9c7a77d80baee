package service

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/wire"
)

// MaxServices is how many services a payload may have. It keeps a few megabytes of
// "{}" from becoming a gigabyte of services.
const MaxServices = 131072

// A HostWithServices is a host and the services on it. As JSON it is the host's
// object with the list services in it, as the API takes and returns hosts.
type HostWithServices struct {
	Host     host.Host
	Services []Service
}

// MarshalJSON returns the host's JSON with the list services in it. What cannot
// be written is a *binding.FieldError with its path.
func (h HostWithServices) MarshalJSON() ([]byte, error) {
	object, err := h.Host.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return appendServices(object, h.Services)
}

// UnmarshalJSON reads a host, see [host.Host], and the list services in it. What
// is wrong is a *binding.FieldError with its full path, such as
// "services[2].bindings[0].port_id", as are more services than MaxServices; h is
// left as it was.
func (h *HostWithServices) UnmarshalJSON(data []byte) error {
	var decoded HostWithServices
	if err := decoded.Host.UnmarshalJSON(data); err != nil {
		return err
	}
	o := wire.Open(data)
	decoded.Services = readServices(o)
	if fault := o.Fault(); fault != nil {
		return (*binding.FieldError)(fault)
	}
	*h = decoded
	return nil
}

// MarshalJSON returns the payload in which a scanner reports a host: the host's
// own fields in the object host, and beside it the lists interfaces,
// ip_addresses, ports and services; time and ID of the scan where they are set, and
// no Faults. What cannot be written is a
// *binding.FieldError with its path.
func (d Discovery) MarshalJSON() ([]byte, error) {
	whole, err := d.Host.MarshalJSON()
	if err != nil {
		return nil, err
	}
	o := wire.Open(whole)
	own := o.Select(func(name string) bool { return !isChildList(name) })
	object := append([]byte(`{"host":`), own...)
	object = append(append(object, ','), o.Select(isChildList)[1:]...)
	if object, err = appendServices(object, d.Services); err != nil {
		return nil, err
	}
	scan, err := d.scan()
	if err != nil || len(scan) == len("{}") {
		return object, err
	}
	object[len(object)-1] = ','
	return append(object, scan[1:]...), nil
}

// scan returns what is known of the scan itself, as a JSON object.
func (d *Discovery) scan() ([]byte, error) {
	seen, fault := wire.Sightings{LastSeenAt: d.SeenAt}.Written()
	if fault != nil {
		return nil, &binding.FieldError{Path: "seen_at", Problem: fault.Problem}
	}
	return json.Marshal(struct {
		SeenAt      time.Time `json:"seen_at,omitzero"`
		DiscoveryID uuid.UUID `json:"discovery_id,omitzero"`
	}{seen.LastSeenAt, d.DiscoveryID})
}

// UnmarshalJSON reads the payload in which a scanner reports a host, of any API
// version from 0.13 to 0.17. The lists interfaces, ip_addresses and ports stand
// beside the object host; they may stand within it instead. What is wrong is a
// *binding.FieldError with its full path, such as
// "services[2].bindings[0].port_id", as are more services than MaxServices; d is
// left as it was.
func (d *Discovery) UnmarshalJSON(data []byte) error {
	o := wire.Open(data)
	decoded := Discovery{Host: wire.One(o, "host", read[host.Host])}
	if !o.Has("host") {
		o.Missing("host")
	}
	if lists := o.Select(isChildList); lists != nil {
		var beside host.Host
		o.Fail(faultOf(beside.UnmarshalJSON(lists)))
		if hasChildren(&beside) && hasChildren(&decoded.Host) {
			o.Invalid("host", "has interfaces, IP addresses or ports in it and beside it; give all of them in one place")
		}
		if hasChildren(&beside) {
			decoded.Host.Interfaces, decoded.Host.IPAddresses, decoded.Host.Ports = beside.Interfaces, beside.IPAddresses, beside.Ports
		}
	}
	decoded.Services = readServices(o)
	decoded.SeenAt, decoded.DiscoveryID = binding.Time(o.Time("seen_at")), o.ID("discovery_id")
	if fault := o.Fault(); fault != nil {
		return (*binding.FieldError)(fault)
	}
	*d = decoded
	return nil
}

func isChildList(name string) bool {
	return name == "interfaces" || name == "ip_addresses" || name == "ports"
}

func hasChildren(h *host.Host) bool {
	return len(h.Interfaces)+len(h.IPAddresses)+len(h.Ports) > 0
}

func readServices(o *wire.Object) []Service {
	n := 0
	return wire.List(o, "services", wire.From(func(o *wire.Object) Service {
		if n++; n > MaxServices {
			o.Invalid("", fmt.Sprintf("is one too many; a payload has %d services at most", MaxServices))
		}
		return readService(o)
	}))
}

// appendServices puts the list services at the end of an object that has fields.
func appendServices(object []byte, services []Service) ([]byte, error) {
	list, err := marshalAll("services", services)
	if err != nil {
		return nil, err
	}
	object = append(object[:len(object)-1], `,"services":`...)
	return append(append(object, list...), '}'), nil
}
