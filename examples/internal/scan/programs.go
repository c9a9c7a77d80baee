package scan

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/bindset/bindset/host"
)

// A program is what listens: processes that belong together, or whatever nobody is
// known to hold.
type program struct {
	name       string
	definition string
	pids       []int
	sockets    []Socket
}

// unclaimed is the name and the definition of the service that has the sockets of
// which nobody knows what software they are: those whose process cannot be seen,
// and those that the service manager holds until somebody connects.
const unclaimed = "Unclaimed Open Ports"

// listeners groups the sockets of a machine into the programs that hold them. The
// programs come by name and first socket, the unclaimed sockets last.
func listeners(m Machine) []program {
	g := groupProcesses(m)
	byGroup := map[int]*program{}
	var nobody program
	for _, s := range m.Sockets {
		holder, ok := m.holder(s.PIDs)
		if !ok {
			nobody.sockets = append(nobody.sockets, s)
			continue
		}
		group := g.of(holder)
		p := byGroup[group]
		if p == nil {
			name := cmp.Or(clean(m.Processes[group].Name), "unnamed")
			p = &program{name: name, definition: name}
			byGroup[group] = p
		}
		p.sockets = append(p.sockets, s)
		for _, pid := range s.PIDs {
			if _, known := m.Processes[pid]; known && g.of(pid) == group {
				p.pids = append(p.pids, pid)
			}
		}
	}
	var all []program
	for _, p := range byGroup {
		slices.Sort(p.pids)
		p.pids = slices.Compact(p.pids)
		slices.SortStableFunc(p.sockets, compareSockets)
		all = append(all, *p)
	}
	slices.SortFunc(all, comparePrograms)
	if nobody.sockets != nil {
		nobody.name, nobody.definition = unclaimed, unclaimed
		slices.SortStableFunc(nobody.sockets, compareSockets)
		all = append(all, nobody)
	}
	return all
}

// holder returns the process that a socket counts for: of those that hold it, the
// one that the others descend from. Where they are not related it is the first by
// name. A service manager that handed the socket on does not count.
func (m Machine) holder(pids []int) (pid int, ok bool) {
	var heads []Process
	for _, pid := range pids {
		p, known := m.Processes[pid]
		if known && !isServiceManager(p) && !m.descends(p, pids) {
			heads = append(heads, p)
		}
	}
	if heads == nil { // none that counts, or their parents form a ring
		for _, pid := range pids {
			if p, known := m.Processes[pid]; known && !isServiceManager(p) {
				heads = append(heads, p)
			}
		}
	}
	if heads == nil {
		return 0, false
	}
	return slices.MinFunc(heads, func(a, b Process) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.PID, b.PID))
	}).PID, true
}

// descends reports whether another one of the processes is an ancestor of p, and
// no service manager.
func (m Machine) descends(p Process, pids []int) bool {
	found := false
	m.climb(p, func(ancestor Process) bool {
		found = slices.Contains(pids, ancestor.PID) && !isServiceManager(ancestor)
		return !found
	})
	return found
}

// climb calls up for the parent of a process, and on up while that returns true.
func (m Machine) climb(p Process, up func(Process) bool) {
	for range m.Processes { // as often at most, in case the parents form a ring
		parent, ok := m.Processes[p.Parent]
		if !ok || !up(parent) {
			return
		}
		p = parent
	}
}

// isServiceManager reports whether a process opens sockets for others. The first
// process of a container often does not.
func isServiceManager(p Process) bool {
	return p.Name == "systemd" || p.PID == 1 && (p.Name == "init" || p.Name == "launchd")
}

// groups says which processes of one name belong together: a process and its
// ancestors, those that hold a socket together, and those whose sockets are at one
// place.
type groups struct {
	machine Machine
	next    map[int]int // towards the process that stands for the group
}

// groupProcesses finds the groups of the processes that hold sockets.
func groupProcesses(m Machine) groups {
	g := groups{machine: m, next: map[int]int{}}
	at := map[sharedPlace]int{}
	for _, s := range m.Sockets {
		holder, ok := m.holder(s.PIDs)
		if !ok {
			continue
		}
		name := m.Processes[holder].Name
		for _, pid := range s.PIDs {
			if p, known := m.Processes[pid]; known && p.Name == name {
				g.join(holder, pid)
			}
		}
		place := placeOf(name, s)
		if other, taken := at[place]; taken {
			g.join(other, holder)
		}
		at[place] = holder
	}
	return g
}

// of returns the process that stands for the group of a process.
func (g groups) of(pid int) int {
	top, ok := g.next[pid]
	if !ok {
		p := g.machine.Processes[pid]
		top = pid
		g.machine.climb(p, func(parent Process) bool {
			if parent.Name == p.Name {
				top = parent.PID
			}
			return parent.Name == p.Name
		})
	} else if top != pid {
		top = g.of(top)
	}
	g.next[pid] = top
	return top
}

// join makes two groups of one name one.
func (g groups) join(a, b int) {
	a, b = g.of(a), g.of(b)
	g.next[max(a, b)] = min(a, b)
}

// sharedPlace is where processes of one name are taken to serve the same. That are those
// that share an address and port (SO_REUSEPORT), and those that have a port of all
// addresses, each for one address family, as docker-proxy publishes a port.
type sharedPlace struct {
	name     string
	protocol host.Protocol
	local    netip.AddrPort
	tiedTo   string
}

func placeOf(name string, s Socket) sharedPlace {
	at := sharedPlace{name: name, protocol: s.Protocol, local: s.Local, tiedTo: s.Interface}
	if s.Local.Addr().IsUnspecified() {
		at.local = netip.AddrPortFrom(netip.IPv6Unspecified(), s.Local.Port())
	}
	return at
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
