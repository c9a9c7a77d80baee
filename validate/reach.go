package validate

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
)

// reach holds bindings, as ascending numbers, by where on the host they reach,
// and finds in constant time the first that overlaps a scope. Bindings may leave
// again: then the look-ups take constant time on average.
type reach struct {
	inv *host.Inventory
	any queue                    // all of them
	at  map[binding.Scope]*queue // by their scope
	// within holds, by interface, those at the interface or at an IP address
	// that it carries.
	within map[uuid.UUID]*queue
	gone   map[int]struct{}
}

func newReach(inv *host.Inventory) *reach {
	return &reach{
		inv: inv, at: make(map[binding.Scope]*queue), within: make(map[uuid.UUID]*queue),
		gone: make(map[int]struct{}),
	}
}

// add adds binding i, which is greater than all before it.
func (r *reach) add(scope binding.Scope, i int) {
	r.any.push(i)
	queueAt(r.at, scope).push(i)
	if interfaceID, ok := r.interfaceOf(scope); ok {
		queueAt(r.within, interfaceID).push(i)
	}
}

// remove takes binding i out.
func (r *reach) remove(i int) { r.gone[i] = struct{}{} }

// first returns the first binding whose scope overlaps a valid one.
func (r *reach) first(scope binding.Scope) (int, bool) {
	switch scope.Kind() {
	case binding.ScopeAll:
		return r.firstOf(&r.any)
	case binding.ScopeInterface:
		interfaceID, _ := scope.InterfaceID()
		return r.firstOf(r.at[binding.AllInterfaces()], r.within[interfaceID])
	default:
		var onCarrier *queue
		if interfaceID, ok := r.interfaceOf(scope); ok {
			onCarrier = r.at[binding.OnInterface(interfaceID)]
		}
		return r.firstOf(r.at[binding.AllInterfaces()], r.at[scope], onCarrier)
	}
}

// interfaceOf returns the interface that the scope is, or that carries it.
func (r *reach) interfaceOf(scope binding.Scope) (uuid.UUID, bool) {
	if interfaceID, ok := scope.InterfaceID(); ok {
		return interfaceID, true
	}
	if ipAddressID, ok := scope.IPAddressID(); ok {
		carrier, ok := r.inv.Carrier(ipAddressID)
		return carrier.ID, ok
	}
	return uuid.Nil, false
}

// firstOf returns the least binding at the head of the queues; nil queues are
// empty.
func (r *reach) firstOf(queues ...*queue) (first int, found bool) {
	for _, q := range queues {
		if i, ok := q.head(r.gone); ok && (!found || i < first) {
			first, found = i, true
		}
	}
	return first, found
}

// queue is an ascending list of bindings that is read at its head.
type queue struct{ bindings []int }

func (q *queue) push(i int) { q.bindings = append(q.bindings, i) }

// head returns the first binding that is not gone, and forgets those before it.
func (q *queue) head(gone map[int]struct{}) (int, bool) {
	if q == nil {
		return 0, false
	}
	for len(q.bindings) > 0 {
		if _, left := gone[q.bindings[0]]; !left {
			return q.bindings[0], true
		}
		q.bindings = q.bindings[1:]
	}
	return 0, false
}

func queueAt[K comparable](queues map[K]*queue, key K) *queue {
	q, ok := queues[key]
	if !ok {
		q = &queue{}
		queues[key] = q
	}
	return q
}
