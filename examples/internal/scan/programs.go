package scan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bindset/bindset/service"
)

// A program is what listens: processes that belong together, or unknown ones.
type program struct {
	name       string
	definition string
	pids       []int
	sockets    []Socket
}

// A presence is a service at interfaces, without a port.
type presence struct {
	name       string
	definition string
	interfaces []string
}

// unknown is the definition of the services whose processes cannot be seen. The
// sockets of one port are most likely those of one process, but not more is
// known of them.
const unknown = "Unknown"

// listeners groups the sockets of a machine into the programs that hold them.
func listeners(m Machine) []program {
	byLeader := map[int]*program{}
	byPort := map[string]*program{}
	for _, s := range m.Sockets {
		if leader, ok := m.leader(s.PIDs); ok {
			if byLeader[leader] == nil {
				name := cmp.Or(clean(m.Processes[leader].Name), "unnamed")
				byLeader[leader] = &program{name: name, definition: name}
			}
			byLeader[leader].add(s, m)
			continue
		}
		port := fmt.Sprintf("%d/%s", s.Local.Port(), s.Protocol)
		if byPort[port] == nil {
			byPort[port] = &program{name: "unknown " + port, definition: unknown}
		}
		byPort[port].add(s, m)
	}
	var known, others []program
	for _, p := range byLeader {
		known = append(known, p.sorted())
	}
	for _, p := range byPort {
		others = append(others, p.sorted())
	}
	slices.SortFunc(known, comparePrograms)
	slices.SortFunc(others, comparePrograms)
	number(known)
	return append(known, others...)
}

// leader returns the process that the sockets held by pids count for: the
// holder, and above it every ancestor of the same name, such as the master of
// worker processes. Of several holders it is the first, but not the service
// manager where it has handed the socket on.
func (m Machine) leader(pids []int) (int, bool) {
	holder, found := Process{}, false
	for _, pid := range slices.Sorted(slices.Values(pids)) {
		p, ok := m.Processes[pid]
		if ok && (!found || isServiceManager(holder)) {
			holder, found = p, true
		}
		if found && !isServiceManager(holder) {
			break
		}
	}
	for range m.Processes { // as often at most, in case the parents form a ring
		parent, ok := m.Processes[holder.Parent]
		if !ok || parent.Name != holder.Name {
			break
		}
		holder = parent
	}
	return holder.PID, found
}

// isServiceManager reports whether a process opens sockets for others.
func isServiceManager(p Process) bool { return p.PID == 1 || p.Name == "systemd" }

func (p *program) add(s Socket, m Machine) {
	p.sockets = append(p.sockets, s)
	leader, _ := m.leader(s.PIDs)
	for _, pid := range s.PIDs {
		if of, ok := m.leader([]int{pid}); ok && of == leader {
			p.pids = append(p.pids, pid)
		}
	}
}

func (p *program) sorted() program {
	slices.Sort(p.pids)
	p.pids = slices.Compact(p.pids)
	slices.SortStableFunc(p.sockets, compareSockets)
	return *p
}

// compareSockets orders by port, then protocol, address and interface.
func compareSockets(a, b Socket) int {
	return cmp.Or(
		cmp.Compare(a.Local.Port(), b.Local.Port()),
		cmp.Compare(a.Protocol, b.Protocol),
		a.Local.Addr().Compare(b.Local.Addr()),
		strings.Compare(a.Interface, b.Interface),
	)
}

// comparePrograms orders by name, then by the first socket: unlike a PID, that
// is the same after a restart.
func comparePrograms(a, b program) int {
	return cmp.Or(
		strings.Compare(a.name, b.name),
		compareSockets(a.sockets[0], b.sockets[0]),
		slices.Compare(a.pids, b.pids),
	)
}

// number tells programs of one name apart; they come sorted by name.
func number(programs []program) {
	nth := 1
	for i := 1; i < len(programs); i++ {
		if programs[i].definition != programs[i-1].definition {
			nth = 1
			continue
		}
		nth++
		programs[i].name = fmt.Sprintf("%s #%d", programs[i].definition, nth)
	}
}

// presences returns the services that interfaces are by themselves. One lone
// interface with forwarding switched on, as containers have it, is no router.
func presences(interfaces []Interface) []presence {
	router := presence{name: "router", definition: "Router"}
	var devices []presence
	for _, f := range interfaces {
		if !f.Up || f.Loopback {
			continue
		}
		if f.Forwards && len(f.Addresses) > 0 {
			router.interfaces = append(router.interfaces, f.Name)
		}
		definition := map[Kind]string{Bridge: "Bridge", Tunnel: "Tunnel"}[f.Kind]
		if definition != "" {
			devices = append(devices, presence{
				name: string(f.Kind) + " " + clean(f.Name), definition: definition, interfaces: []string{f.Name},
			})
		}
	}
	if len(router.interfaces) < 2 {
		return devices
	}
	return append([]presence{router}, devices...)
}

// clean makes a name that anybody may have chosen fit to be stored and printed.
// The number behind it, and the kind before it, have room.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, name)
	if runes := []rune(name); len(runes) > service.MaxNameLength-10 {
		return string(runes[:service.MaxNameLength-10])
	}
	return name
}
