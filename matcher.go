package bindset

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/service"
)

// A Matcher says which stored service of a host each observed one is. It gets
// the stored services by Position and the observed ones as they were given, and
// returns for each of the latter an index into the former, or -1 for a new
// service. No stored service may be returned twice. It must not change what it
// gets, nor keep it, and must be safe for concurrent use.
type Matcher func(stored, observed []service.Service) []int

// MatchByDefinition is the default Matcher: the stored service with the same ID,
// else one with the same definition and name, the k-th to the k-th by Position.
func MatchByDefinition(stored, observed []service.Service) []int {
	matches := make([]int, len(observed))
	byID := make(map[uuid.UUID]int, len(stored))
	for i := range stored {
		byID[stored[i].ID] = i
	}
	taken := make([]bool, len(stored))
	for i := range observed {
		matches[i] = -1
		if at, ok := byID[observed[i].ID]; ok && !taken[at] {
			matches[i], taken[at] = at, true
		}
	}

	type kind struct{ definition, name string }
	waiting := make(map[kind][]int)
	for i := range stored {
		if !taken[i] {
			k := kind{stored[i].Definition, stored[i].Name}
			waiting[k] = append(waiting[k], i)
		}
	}
	for _, i := range byPosition(observed) {
		k := kind{observed[i].Definition, observed[i].Name}
		if matches[i] < 0 && len(waiting[k]) > 0 {
			matches[i], waiting[k] = waiting[k][0], waiting[k][1:]
		}
	}
	return matches
}

// byPosition returns the indexes of services by Position, equal ones in order.
func byPosition(services []service.Service) []int {
	order := make([]int, len(services))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(services[a].Position, services[b].Position) })
	return order
}

// WithMatcher sets how Observe tells which stored service an observed one is. One
// that does not keep to the contract of a Matcher makes Observe fail.
func WithMatcher(match Matcher) Option {
	if match == nil {
		return nil
	}
	return func(m *Manager) { m.match = match }
}

// matched calls the Matcher and holds it to its contract.
func (m *Manager) matched(stored, observed []service.Service) ([]int, error) {
	matches := m.match(stored, observed)
	if len(matches) != len(observed) {
		return nil, fmt.Errorf("the Matcher returned %d matches for %d observed services", len(matches), len(observed))
	}
	taken := make([]bool, len(stored))
	for i, at := range matches {
		if at == -1 {
			continue
		}
		if at < 0 || at >= len(stored) || taken[at] {
			return nil, fmt.Errorf("the Matcher matched observed service %d with stored service %d of %d, which is not there or matched already", i, at, len(stored))
		}
		taken[at] = true
	}
	return matches, nil
}
