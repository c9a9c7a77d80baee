package bindset

import (
	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/internal/discovery"
	"github.com/bindset/bindset/service"
)

// A Matcher says which stored service of a host each observed one is. It gets the
// inventory of the host as it will be stored, the stored services by Position, and
// the observed ones in an order that does not depend on that of the payload; the
// targets of both are of that host. It returns for each of the observed ones an
// index into the stored ones, or -1 for a new service. No stored service may be
// returned twice. It must not change what it gets, nor keep it, and must be safe
// for concurrent use.
type Matcher func(inv *host.Inventory, stored, observed []service.Service) []int

// MatchByEvidence is the default Matcher. It pairs services by the first of these
// steps that tells exactly one pair apart:
//
//   - the ID;
//   - definition and name, where one stored and one observed service have them;
//   - the definition and a binding that they share: those with most equal bindings
//     first, then with most shared ones, then with fewest not shared, then of the
//     same name, then by the Position of the stored one;
//   - the name and a binding that they share.
//
// To share is to have equal targets, or listeners on one port that overlap. Of
// services with one definition and name, what has no bindings is paired in order.
func MatchByEvidence(inv *host.Inventory, stored, observed []service.Service) []int {
	return discovery.MatchServices(inv, stored, observed)
}

// WithMatcher sets how Observe tells which stored service an observed one is. One
// that does not keep to the contract of a Matcher makes Observe fail with
// ErrInvalid.
func WithMatcher(match Matcher) Option {
	if match == nil {
		return nil
	}
	return func(m *Manager) { m.match = match }
}

// matched calls the Matcher and holds it to its contract.
func (m *Manager) matched(inv *host.Inventory, stored, observed []service.Service) ([]int, error) {
	matches := m.match(inv, stored, observed)
	wrong := &binding.FieldError{Problem: "the Matcher must return one index for each observed service: that of a stored one, no two the same, or -1"}
	if len(matches) != len(observed) {
		return nil, wrong
	}
	taken := make([]bool, len(stored))
	for _, at := range matches {
		if at == -1 {
			continue
		}
		if at < 0 || at >= len(stored) || taken[at] {
			return nil, wrong
		}
		taken[at] = true
	}
	return matches, nil
}
