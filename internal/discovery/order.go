package discovery

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/bindset/bindset/service"
)

func compareIDs(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }

// sort puts a scan into content order: interfaces by what they say themselves,
// addresses by IP and carrier, services by what they are and by their targets.
// What says the same goes by what it is linked or bound to. What nothing tells
// apart stays in the order of the payload.
func (s *Scan) sort() {
	g := newGraph(s)
	for g.split() && g.rounds < maxRounds {
		g.rounds++
	}
	for g.rounds < maxRounds && g.guess() {
		for g.split() && g.rounds < maxRounds {
			g.rounds++
		}
	}
	s.permute(g)
}

// maxRounds bounds the work on entries that hardly anything tells apart.
const maxRounds = 24

// graph holds everything in a scan that is put in order, and what is linked or
// bound to what. Interfaces come first in it, then addresses, ports and services.
type graph struct {
	scan                       *Scan
	addresses, ports, services int32    // where each kind begins
	rank                       []int32  // of each node: how many nodes come before it for sure
	order                      []int32  // the nodes by rank
	edges                      [][]edge // of each node; made when ranks are shared
	rounds                     int
}

// An edge leads from a node to one or two others.
type edge struct {
	label int32
	to    [2]int32 // nodes, or codes below zero
}

// Labels of edges; bindings have those from boundBy on.
const (
	carries int32 = iota
	carriedBy
	boundBy
)

func newGraph(s *Scan) *graph {
	h := &s.Host
	g := &graph{scan: s, addresses: int32(len(h.Interfaces))}
	g.ports = g.addresses + int32(len(h.IPAddresses))
	g.services = g.ports + int32(len(h.Ports))
	n := int(g.services) + len(s.Services)
	g.rank, g.order = make([]int32, n), make([]int32, n)
	for i := range g.order {
		g.order[i] = int32(i)
	}
	g.arrange(0, g.addresses, func(a, b int32) int { return compareInterfaces(&h.Interfaces[a], &h.Interfaces[b]) })
	g.arrange(g.addresses, g.ports, func(a, b int32) int {
		a, b = a-g.addresses, b-g.addresses
		return cmp.Or(
			h.IPAddresses[a].Address.Compare(h.IPAddresses[b].Address),
			cmp.Compare(g.rankAt(s.Carriers[a]), g.rankAt(s.Carriers[b])),
			compareAddresses(&h.IPAddresses[a], &h.IPAddresses[b]),
		)
	})
	g.arrange(g.ports, g.services, func(a, b int32) int { return cmp.Compare(a, b) })
	g.arrange(g.services, int32(n), func(a, b int32) int {
		return compareServices(&s.Services[a-g.services], &s.Services[b-g.services])
	})
	return g
}

// compareServices is the content order of services, as far as they say it
// themselves.
func compareServices(a, b *Seen) int {
	return cmp.Or(
		cmp.Compare(a.Definition, b.Definition), cmp.Compare(a.Name, b.Name),
		cmp.Compare(len(a.Bindings), len(b.Bindings)),
		cmp.Compare(a.Source.Type, b.Source.Type), compareBytes(a.Source.Rest, b.Source.Rest),
		slices.Compare(a.Tags, b.Tags), compareBytes(a.Virtualization, b.Virtualization),
		a.CreatedAt.Compare(b.CreatedAt), a.UpdatedAt.Compare(b.UpdatedAt),
	)
}

func compareBytes[B ~[]byte](a, b B) int { return slices.Compare(a, b) }

// rankAt returns the rank of a node, or a code below zero as it is.
func (g *graph) rankAt(node int32) int32 {
	if node < 0 {
		return node
	}
	return g.rank[node]
}

// arrange sorts the nodes at positions from up to before to, and gives those that
// compare equal one rank. It reports whether any two of them differ.
func (g *graph) arrange(from, to int32, compare func(a, b int32) int) (differ bool) {
	nodes := g.order[from:to]
	slices.SortStableFunc(nodes, compare)
	rank := from
	ranks := make([]int32, len(nodes))
	for i := range nodes {
		if i > 0 && compare(nodes[i-1], nodes[i]) != 0 {
			rank, differ = from+int32(i), true
		}
		ranks[i] = rank
	}
	for i, node := range nodes {
		g.rank[node] = ranks[i]
	}
	return differ
}

// shared calls do for every run of nodes that have one rank, until it returns
// false.
func (g *graph) shared(do func(from, to int32) bool) {
	n := int32(len(g.order))
	for from := int32(0); from < n; {
		to := from + 1
		for to < n && g.rank[g.order[to]] == g.rank[g.order[from]] {
			to++
		}
		if to > from+1 && !do(from, to) {
			return
		}
		from = to
	}
}

// split tells nodes of one rank apart by what they are linked and bound to. It
// reports whether it did so for any.
func (g *graph) split() (any bool) {
	g.shared(func(from, to int32) bool {
		g.connect()
		around := make(map[int32][]edge, to-from)
		for _, node := range g.order[from:to] {
			around[node] = g.around(node)
		}
		differ := g.arrange(from, to, func(a, b int32) int { return slices.CompareFunc(around[a], around[b], compareEdges) })
		any = any || differ
		return true
	})
	return any
}

// around returns the ranks of what a node is linked and bound to, in order.
func (g *graph) around(node int32) []edge {
	ranks := slices.Clone(g.edges[node])
	for i := range ranks {
		for k, to := range ranks[i].to {
			ranks[i].to[k] = g.rankAt(to)
		}
	}
	slices.SortFunc(ranks, compareEdges)
	return ranks
}

func compareEdges(a, b edge) int {
	return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.to[0], b.to[0]), cmp.Compare(a.to[1], b.to[1]))
}

// guess lets the first of some nodes go first that nothing tells apart, though
// what is around them may yet be told apart by that. It reports whether there are
// such nodes.
func (g *graph) guess() (guessed bool) {
	count := make([]int32, len(g.order)+1)
	for _, rank := range g.rank {
		count[rank]++
	}
	g.shared(func(from, to int32) bool {
		for _, e := range g.edges[g.order[from]] {
			for _, node := range e.to {
				if node >= 0 && count[g.rank[node]] > 1 {
					for _, rest := range g.order[from+1 : to] {
						g.rank[rest] = from + 1
					}
					guessed = true
					return false
				}
			}
		}
		return true
	})
	return guessed
}

// connect makes the edges, once.
func (g *graph) connect() {
	if g.edges != nil {
		return
	}
	s := g.scan
	g.edges = make([][]edge, len(g.order))
	join := func(label, node, a, b int32) {
		if node >= 0 {
			g.edges[node] = append(g.edges[node], edge{label, [2]int32{a, b}})
		}
	}
	for i, carrier := range s.Carriers {
		node := g.addresses + int32(i)
		join(carries, carrier, node, nowhere)
		join(carriedBy, node, carrier, nowhere)
	}
	texts := g.outsiders()
	for i := range s.Services {
		node := g.services + int32(i)
		for k := range s.Services[i].Bindings {
			b := &s.Services[i].Bindings[k]
			label := boundBy + int32(b.Target.Kind())<<8 + int32(b.Target.Scope().Kind())
			port, place := behind(b.Port, g.ports), b.Place
			if text, ok := slices.BinarySearch(texts, b.Target.String()); ok && (port == outside || place == outside) {
				label += int32(text+1) << 16
			}
			join(label, node, port, place)
			join(label, place, node, port)
		}
	}
}

// outsiders returns the targets that name what the payload does not list, in
// order.
func (g *graph) outsiders() (texts []string) {
	for i := range g.scan.Services {
		for _, b := range g.scan.Services[i].Bindings {
			if b.Port == outside || b.Place == outside {
				texts = append(texts, b.Target.String())
			}
		}
	}
	slices.SortFunc(texts, strings.Compare)
	return slices.Compact(texts)
}

// permute puts the lists of the scan into the order of the graph.
func (s *Scan) permute(g *graph) {
	at := make([]int32, len(g.order)) // where each node is now
	for to, node := range g.order {
		at[node] = int32(to)
	}
	h := &s.Host
	h.Interfaces = permuted(h.Interfaces, g.order[:g.addresses], 0)
	h.IPAddresses = permuted(h.IPAddresses, g.order[g.addresses:g.ports], g.addresses)
	s.Carriers = permuted(s.Carriers, g.order[g.addresses:g.ports], g.addresses)
	s.addressPaths = permuted(s.addressPaths, g.order[g.addresses:g.ports], g.addresses)
	s.Services = permuted(s.Services, g.order[g.services:], g.services)
	for i, carrier := range s.Carriers {
		if carrier >= 0 {
			s.Carriers[i] = at[carrier]
		}
	}
	for i := range s.Services {
		bindings := s.Services[i].Bindings
		for k := range bindings {
			if place := bindings[k].Place; place >= 0 {
				bindings[k].Place = at[place]
			}
		}
		slices.SortStableFunc(bindings, compareSightings)
	}
}

// permuted returns a list in an order of nodes, the first of which is node from.
func permuted[E any](list []E, order []int32, from int32) []E {
	result := make([]E, len(list))
	for i, node := range order {
		result[i] = list[node-from]
	}
	return result
}

// compareSightings is the content order of the bindings of one service: listeners
// come before presences.
func compareSightings(a, b Sighting) int {
	presence := func(s *Sighting) int {
		if s.Target.IsListener() {
			return 0
		}
		return 1
	}
	if order := cmp.Or(
		cmp.Compare(presence(&a), presence(&b)), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Place, b.Place),
		cmp.Compare(a.Target.Scope().Kind(), b.Target.Scope().Kind()),
	); order != 0 {
		return order
	}
	if a.Port == outside || a.Place == outside {
		if order := strings.Compare(a.Target.String(), b.Target.String()); order != 0 {
			return order
		}
	}
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), a.UpdatedAt.Compare(b.UpdatedAt), a.ValidFrom.Compare(b.ValidFrom), a.ValidTo.Compare(b.ValidTo))
}

// unidentified reports whether nobody knows what software a service is, and no
// person made it.
func unidentified(s *service.Service) bool {
	return s.Source.Type != service.SourceManual && (s.Definition == "" || s.Definition == "Unclaimed Open Ports")
}
