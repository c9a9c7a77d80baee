package host

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/internal/label"
)

// names is the index of a host's children by what people call them. A place is a
// position as in Location.Place: interfaces first, then IP addresses.
type names struct {
	ports      map[portNumber]int32
	interfaces map[string][]int32     // by their names, as they are
	addresses  map[netip.Addr][]int32 // positions of IP addresses by their IPs, as they are
	text       []string               // what describes each place, and no other one
	fits       map[string][]int32     // the places that a text may mean
}

type portNumber struct {
	number   uint16
	protocol Protocol
}

// names returns the index. It is made when it is first needed.
func (inv *Inventory) names() *names {
	inv.namesOnce.Do(func() { inv.byName = newNames(inv) })
	return inv.byName
}

func newNames(inv *Inventory) *names {
	h := &inv.host
	n := &names{
		ports:      make(map[portNumber]int32, len(h.Ports)),
		interfaces: make(map[string][]int32, len(h.Interfaces)),
		addresses:  make(map[netip.Addr][]int32, len(h.IPAddresses)),
		text:       make([]string, 0, len(h.Interfaces)+len(h.IPAddresses)),
		fits:       make(map[string][]int32, 2*len(h.Interfaces)+2*len(h.IPAddresses)),
	}
	for i := range h.Ports {
		n.ports[portNumber{h.Ports[i].Number, h.Ports[i].Protocol}] = int32(i)
	}
	for i := range h.Interfaces {
		name := h.Interfaces[i].Name
		n.interfaces[name] = append(n.interfaces[name], int32(i))
		n.addInterface(inv, int32(i))
	}
	for i := range h.IPAddresses {
		ip := h.IPAddresses[i].Address
		n.addresses[ip] = append(n.addresses[ip], int32(i))
		n.addIPAddress(inv, int32(i))
	}
	for place := range n.text {
		// What would not be read back as this place alone gets its ID.
		if places, all := inv.meanings(n, n.text[place]); len(places) != 1 || int(places[0]) != place || all.IsValid() {
			n.text[place] += " [" + inv.placeID(int32(place)).String() + "]"
		}
	}
	return n
}

// shownAddresses bounds how many addresses describe an interface.
const shownAddresses = 3

func (n *names) addInterface(inv *Inventory, i int32) {
	f := &inv.host.Interfaces[i]
	carried := inv.carried[inv.first[i]:inv.first[i+1]]
	addresses := make([]string, 0, shownAddresses+1)
	if f.HasAddress() {
		n.addAddress(i, f.Address, f.Name)
		addresses = append(addresses, label.Of(f.Address.String()))
	}
	for k, pos := range carried {
		if k == shownAddresses {
			addresses = append(addresses, fmt.Sprintf("and %d more", len(carried)-k))
			break
		}
		addresses = append(addresses, label.Of(inv.host.IPAddresses[pos].Address.String()))
	}
	name := label.Of(f.Name)
	switch {
	case name == "" && f.HasAddress():
		n.describe(i, addresses[0])
		return
	case name == "":
		name = "unnamed interface"
	default:
		n.fit(i, strings.TrimSpace(f.Name))
		n.fit(i, name)
	}
	if len(addresses) == 0 {
		n.describe(i, name)
		return
	}
	n.describe(i, name+" ("+strings.Join(addresses, ", ")+")")
	for _, pos := range carried {
		n.fit(i, name+" ("+inv.host.IPAddresses[pos].Address.String()+")")
	}
}

func (n *names) addIPAddress(inv *Inventory, i int32) {
	a := &inv.host.IPAddresses[i]
	place := int32(len(inv.host.Interfaces)) + i
	var carrier string
	if at := inv.carrier[i]; at != None {
		carrier = inv.host.Interfaces[at].Name
	}
	n.addAddress(place, a.Address, carrier)
	text := label.Of(a.Address.String())
	if name := cmp.Or(label.Of(carrier), label.Of(a.Name)); name != "" {
		text += " (" + name + ")"
	}
	n.describe(place, text)
}

// addAddress says that an address means a place, with the zone that is its
// interface too.
func (n *names) addAddress(place int32, a netip.Addr, interfaceName string) {
	n.fit(place, a.String())
	if a.Is6() && a.IsLinkLocalUnicast() && a.Zone() == "" && interfaceName != "" {
		n.fit(place, a.WithZone(interfaceName).String())
	}
}

func (n *names) describe(place int32, text string) {
	n.text = append(n.text, text)
	n.fit(place, text)
}

// fit says that a text may mean a place. Those of one place follow each other.
func (n *names) fit(place int32, text string) {
	if places := n.fits[text]; len(places) == 0 || places[len(places)-1] != place {
		n.fits[text] = append(places, place)
	}
}

func (inv *Inventory) scopeAt(place int32) binding.Scope {
	if int(place) < len(inv.host.Interfaces) {
		return binding.OnInterface(inv.host.Interfaces[place].ID)
	}
	return binding.OnIPAddress(inv.host.IPAddresses[int(place)-len(inv.host.Interfaces)].ID)
}

func (inv *Inventory) placeID(place int32) uuid.UUID {
	s := inv.scopeAt(place)
	if id, ok := s.InterfaceID(); ok {
		return id
	}
	id, _ := s.IPAddressID()
	return id
}
