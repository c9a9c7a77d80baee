package service

import (
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
	return marshal(func(w *wire.Writer) {
		h.Host.WriteOwnJSON(w)
		h.Host.WriteListsJSON(w)
		writeServices(w, h.Services)
	})
}

// UnmarshalJSON reads a host, see [host.Host], and the list services in it. What
// is wrong is a *binding.FieldError with its full path, such as
// "services[2].bindings[0].port_id", as are more services than MaxServices; h is
// left as it was.
func (h *HostWithServices) UnmarshalJSON(data []byte) error { return binding.DecodeJSON(data, h) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (h *HostWithServices) ReadJSON(o *wire.Object) {
	var decoded HostWithServices
	decoded.Host.ReadOwnJSON(o)
	decoded.Host.ReadListsJSON(o)
	decoded.Services = readServices(o)
	if o.Fault() == nil {
		*h = decoded
	}
}

// MarshalJSON returns the payload in which a scanner reports a host: the host's
// own fields in the object host, and beside it the lists interfaces,
// ip_addresses, ports and services; time and ID of the scan where they are set, and
// no Faults. What cannot be written is a
// *binding.FieldError with its path.
func (d Discovery) MarshalJSON() ([]byte, error) {
	return marshal(func(w *wire.Writer) {
		w.Object("host", d.Host.WriteOwnJSON)
		d.Host.WriteListsJSON(w)
		writeServices(w, d.Services)
		w.OptionalTime("seen_at", d.SeenAt)
		w.OptionalID("discovery_id", d.DiscoveryID)
	})
}

// UnmarshalJSON reads the payload in which a scanner reports a host, of any API
// version from 0.13 to 0.17. The lists interfaces, ip_addresses and ports stand
// beside the object host; they may stand within it instead. One bad value costs that
// value: it is mended or zero, and in Faults with its path, such as
// "services[2].bindings[0].port_id". Entries that are no objects, bindings without a
// target, links that lead nowhere and more services than MaxServices are left out;
// entries that cannot be, such as port 0, are for Manager.Observe to leave out. Only
// a payload that is no JSON object is a *binding.FieldError, and with binding.Strict
// every fault; d is left as it was then.
func (d *Discovery) UnmarshalJSON(data []byte) error { return binding.DecodeJSON(data, d) }

// ReadJSON is UnmarshalJSON for the packages of bindset.
func (d *Discovery) ReadJSON(o *wire.Object) {
	o.Mend()
	decoded := Discovery{Host: wire.One(o, "host", wire.Read[host.Host])}
	if !o.Has("host") {
		o.Missing("host")
	}
	var beside host.Host
	beside.ReadListsJSON(o)
	if hasChildren(&beside) {
		if hasChildren(&decoded.Host) {
			o.Invalid("host", "has interfaces, IP addresses or ports in it and beside it; give all of them in one place")
		}
		decoded.Host.Interfaces, decoded.Host.IPAddresses, decoded.Host.Ports = beside.Interfaces, beside.IPAddresses, beside.Ports
	}
	decoded.Services = readServices(o)
	decoded.SeenAt, decoded.DiscoveryID = o.Time("seen_at"), o.ID("discovery_id")
	for _, f := range o.Faults() {
		decoded.Faults = append(decoded.Faults, Fault{Path: f.Path, Problem: f.Problem, Mended: f.Replaced})
	}
	if o.Fault() == nil {
		*d = decoded
	}
}

func hasChildren(h *host.Host) bool {
	return len(h.Interfaces)+len(h.IPAddresses)+len(h.Ports) > 0
}

func readServices(o *wire.Object) []Service {
	return wire.ListUpTo(MaxServices, o, "services", wire.From(readService))
}

func writeServices(w *wire.Writer, services []Service) {
	wire.WriteList(w, "services", services, func(w *wire.Writer, s *Service) { s.write(w) })
}
