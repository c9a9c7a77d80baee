package host

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/wire"
	"github.com/bindset/bindset/internal/words"
)

// Parse returns the target that a text means on this host. It reads what
// [Inventory.Describe] says of its targets, and what people write:
//
//	443/tcp on all            or *, all interfaces; all IPv4; all IPv6
//	443/tcp on eth0           an interface by its name
//	443/tcp on 10.0.0.5       an IP address
//	443/tcp on eth0 (10.0.0.5), 443/tcp on 10.0.0.5 (eth0)
//	at eth0, at 10.0.0.5      a presence there
//
// A place may also be given by its ID, alone or in brackets at the end. A text that
// is no target, names what the host does not have, or fits several places is a
// *binding.FieldError that says what to write instead.
func (inv *Inventory) Parse(text string) (binding.Target, error) {
	text = strings.TrimSpace(text)
	for _, presence := range []string{"presence at ", "at "} {
		if place, ok := strings.CutPrefix(text, presence); ok {
			return inv.parsePresence(place)
		}
	}
	number, on, _ := strings.Cut(text, " ")
	place, ok := strings.CutPrefix(strings.TrimSpace(on), "on ")
	port, err := ParsePort(number)
	if err != nil || !ok {
		return binding.Target{}, notTarget(text, `is no target; write it like "443/tcp on eth0", "443/tcp on 10.0.0.5", "443/tcp on all" or "at eth0"`)
	}
	known, ok := inv.PortOf(port.Number, port.Protocol)
	if !ok {
		return binding.Target{}, &binding.FieldError{Problem: "the host has no port " + port.String() + "; add it to the ports of the host, or name another"}
	}
	scope, err := inv.parseScope(place)
	if err != nil {
		return binding.Target{}, err
	}
	return binding.Port(known.ID, scope), nil
}

func (inv *Inventory) parsePresence(place string) (binding.Target, error) {
	scope, err := inv.parseScope(place)
	if err != nil {
		return binding.Target{}, err
	}
	if id, ok := scope.InterfaceID(); ok {
		return binding.Interface(id), nil
	}
	if id, ok := scope.IPAddressID(); ok {
		return binding.IPAddress(id), nil
	}
	return binding.Target{}, notTarget(place, "is no place; a presence is at one interface or IP address")
}

func (inv *Inventory) parseScope(text string) (binding.Scope, error) {
	text = strings.TrimSpace(text)
	n := inv.names()
	places, all := inv.meanings(n, text)
	switch {
	case len(places) == 1 && !all.IsValid():
		return inv.scopeAt(places[0]), nil
	case len(places) == 0 && all.IsValid():
		return all, nil
	case len(places) == 0:
		return binding.Scope{}, &binding.FieldError{Problem: fmt.Sprintf(
			"%.60q is no interface or IP address of the host; it has %s", text, someOf(n.text, len(n.text)),
		)}
	}
	var fitting []string
	if all.IsValid() {
		fitting = append(fitting, inv.DescribeScope(all))
	}
	for _, place := range places[:min(len(places), shownPlaces)] {
		fitting = append(fitting, n.text[place])
	}
	more := len(places) - min(len(places), shownPlaces)
	return binding.Scope{}, &binding.FieldError{Problem: fmt.Sprintf(
		"%.60q fits several: %s; write one of them", text, someOf(fitting, len(fitting)+more),
	)}
}

// shownPlaces bounds how many places an error lists.
const shownPlaces = 4

// someOf lists the first of some descriptions, and says how many more there are.
func someOf(descriptions []string, total int) string {
	shown := descriptions[:min(len(descriptions), shownPlaces)]
	switch {
	case total == 0:
		return "none"
	case total == len(shown):
		return strings.Join(shown, "; ")
	default:
		return fmt.Sprintf("%s; and %d more", strings.Join(shown, "; "), total-len(shown))
	}
}

// meanings returns what a text may mean: places, and a scope that is none, the zero
// Scope where it means no such.
func (inv *Inventory) meanings(n *names, text string) (places []int32, all binding.Scope) {
	if place, ok := inv.placeOf(text); ok {
		return []int32{place}, binding.Scope{}
	}
	switch {
	case strings.EqualFold(text, allInterfaces):
		return nil, binding.AllInterfaces()
	case strings.EqualFold(text, allIPv4):
		return nil, binding.AllIPv4()
	case strings.EqualFold(text, allIPv6):
		return nil, binding.AllIPv6()
	case text == "*" || strings.EqualFold(text, "all"):
		all = binding.AllInterfaces()
	}
	places = n.fits[text]
	if ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")); err == nil && ip.Unmap().String() != text {
		places = union(places, n.fits[ip.Unmap().String()])
	}
	return places, all
}

// union returns what is in a or in b.
func union(a, b []int32) []int32 {
	if len(a) == 0 {
		return b
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// placeOf returns the place whose ID a text is, or ends in, in brackets.
func (inv *Inventory) placeOf(text string) (place int32, ok bool) {
	const idLength = 36
	if bare, ok := strings.CutSuffix(text, "]"); ok {
		if before := len(bare) - idLength - len(" ["); before >= 0 && bare[before:before+2] == " [" {
			text = bare[before+2:]
		}
	}
	id, err := wire.ParseID([]byte(text))
	if err != nil {
		return 0, false
	}
	c, ok := inv.index.find(words.Of(id))
	switch {
	case ok && c.kind == childInterface:
		return c.pos, true
	case ok && c.kind == childIPAddress:
		return int32(len(inv.host.Interfaces)) + c.pos, true
	default:
		return 0, false
	}
}

func notTarget(text, problem string) *binding.FieldError {
	return &binding.FieldError{Problem: fmt.Sprintf("%.60q %s", text, problem), Malformed: true}
}

// ParsePort returns the port that a text such as "443/tcp" names, in any case, with
// a nil ID. Anything else is a *binding.FieldError.
func ParsePort(text string) (Port, error) {
	digits, protocol, _ := strings.Cut(text, "/")
	number, err := strconv.ParseUint(digits, 10, 16)
	p := Port{Number: uint16(number)}
	if err != nil || digits[0] == '0' || p.Protocol.UnmarshalText([]byte(protocol)) != nil {
		return Port{}, notTarget(text, `is no port; write a number from 1 to 65535 and tcp, udp or sctp, such as "443/tcp"`)
	}
	return p, nil
}
