package discovery

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/wire"
	"github.com/bindset/bindset/service"
)

// mender mends values and notes what was wrong with them.
type mender struct {
	now    time.Time
	faults []service.Fault
}

// A place in the payload: a field of an entry, or a field alone.
type path struct {
	list  string
	at    int
	field string
}

func (p path) String() string {
	switch {
	case p.list == "":
		return p.field
	case p.field == "":
		return fmt.Sprintf("%s[%d]", p.list, p.at)
	default:
		return fmt.Sprintf("%s[%d].%s", p.list, p.at, p.field)
	}
}

// under returns the place of an entry in a list of this one.
func (p path) under(list string, at int) path {
	return path{list: p.String() + "." + list, at: at}
}

func (p path) of(field string) path {
	p.field = field
	return p
}

func (m *mender) mended(p path, problem string) {
	m.faults = append(m.faults, service.Fault{Path: p.String(), Problem: problem, Mended: true})
}

func (m *mender) leftOut(p path, problem string) {
	m.faults = append(m.faults, service.Fault{Path: p.String(), Problem: problem})
}

// text mends a text: what is not UTF-8 is replaced, NUL goes.
func (m *mender) text(p path, text *string) {
	problem := wire.BadText(*text)
	if problem == "" {
		return
	}
	*text = strings.ReplaceAll(strings.ToValidUTF8(*text, string(utf8.RuneError)), "\x00", "")
	m.mended(p, problem+"; it is replaced or left out")
}

// name mends a text that has a limit.
func (m *mender) name(p path, name *string, limit int) {
	m.text(p, name)
	if n := utf8.RuneCountInString(*name); n > limit {
		*name = string([]rune(*name)[:limit])
		m.mended(p, fmt.Sprintf("has %d characters; it is cut to %d", n, limit))
	}
}

// past mends a time that something happened: a bad one is absent, one later than
// the clock is now.
func (m *mender) past(p path, t *time.Time) {
	m.time(p, t)
	if t.After(m.now) {
		*t = m.now
		m.mended(p, "is later than the clock; it is taken for now")
	}
}

// time mends a time that may lie in the future.
func (m *mender) time(p path, t *time.Time) {
	*t = binding.Time(*t)
	if problem := wire.BadTime(*t); problem != "" {
		*t = time.Time{}
		m.mended(p, problem+"; it is taken for absent")
	}
}

func (m *mender) host(h *host.Host) {
	m.text(path{field: "host.name"}, &h.Name)
	m.past(path{field: "host.last_seen_at"}, &h.LastSeenAt)
}

func (m *mender) networkInterface(f *host.Interface, at int) {
	p := path{list: "interfaces", at: at}
	m.text(p.of("name"), &f.Name)
	m.text(p.of("description"), &f.Description)
	m.text(p.of("mac_address"), &f.MAC)
	m.past(p.of("last_seen_at"), &f.LastSeenAt)
	f.MAC, f.Address = host.MAC(f.MAC), f.Address.Unmap()
	if wire.BadText(f.Address.Zone()) != "" {
		f.Address = f.Address.WithZone("")
		m.mended(p.of("ip_address"), "has a zone that is no text; it is left out")
	}
	if f.Address.IsLinkLocalUnicast() {
		f.Address = f.Address.WithZone("")
	}
	if !f.HasAddress() && f.SubnetID != noID {
		f.SubnetID = noID
		m.mended(p.of("subnet_id"), "is that of an interface without an address of its own; it is left out")
	}
}

// ipAddress reports whether the entry can be.
func (m *mender) ipAddress(a *host.IPAddress, at int) bool {
	p := path{list: "ip_addresses", at: at}
	if !a.Address.IsValid() {
		m.leftOut(p, "has no address; it is left out")
		return false
	}
	m.text(p.of("name"), &a.Name)
	m.text(p.of("mac_address"), &a.MAC)
	m.past(p.of("last_seen_at"), &a.LastSeenAt)
	a.MAC, a.Address = host.MAC(a.MAC), a.Address.Unmap()
	if wire.BadText(a.Address.Zone()) != "" {
		a.Address = a.Address.WithZone("")
		m.mended(p.of("ip_address"), "has a zone that is no text; it is left out")
	}
	return true
}

// port reports whether the entry can be.
func (m *mender) port(port *host.Port, at int) bool {
	p := path{list: "ports", at: at}
	switch {
	case port.Number == 0:
		m.leftOut(p, "has number 0, and ports go from 1 to 65535; it is left out")
		return false
	case !port.Protocol.IsValid():
		m.leftOut(p, "has none of the protocols TCP, UDP and SCTP; it is left out")
		return false
	}
	m.text(p.of("type"), &port.Type)
	m.past(p.of("last_seen_at"), &port.LastSeenAt)
	return true
}

// service mends all of a service but its bindings.
func (m *mender) service(s *service.Service, at int) {
	p := path{list: "services", at: at}
	m.name(p.of("name"), &s.Name, service.MaxNameLength)
	m.text(p.of("service_definition"), &s.Definition)
	m.text(p.of("source.type"), &s.Source.Type)
	for i := range s.Tags {
		m.text(p.under("tags", i), &s.Tags[i])
	}
	m.past(p.of("created_at"), &s.CreatedAt)
	m.past(p.of("updated_at"), &s.UpdatedAt)
	m.past(p.of("last_seen_at"), &s.LastSeenAt)
	opaque := service.Service{Virtualization: s.Virtualization}
	if checked, err := opaque.Checked(); err == nil {
		s.Virtualization = checked.Virtualization
	} else {
		s.Virtualization = nil
		m.mended(p.of("virtualization"), "is no JSON that can be kept; it is left out")
	}
	opaque = service.Service{Source: service.Source{Rest: s.Source.Rest}}
	if checked, err := opaque.Checked(); err == nil {
		s.Source.Rest = checked.Source.Rest
	} else {
		s.Source.Rest = nil
		m.mended(p.of("source"), "has fields that cannot be kept; they are left out")
	}
}

func (m *mender) binding(b *binding.Binding, p path) {
	m.past(p.of("created_at"), &b.CreatedAt)
	m.past(p.of("updated_at"), &b.UpdatedAt)
	m.past(p.of("last_seen_at"), &b.LastSeenAt)
	m.time(p.of("valid_from"), &b.ValidFrom)
	m.time(p.of("valid_to"), &b.ValidTo)
}
