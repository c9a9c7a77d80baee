package bindset

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/validate"
)

// A Change is what a use case did: every stored binding that is gone stands in
// Removed, Dropped or Displaced. The Revisions in it order the Changes of one
// host or service; observers get them unordered. A Change shares no memory with
// the store, but observers of one Change share it among themselves: they must
// not write to it.
type Change struct {
	Hosts    []EntityChange `json:"hosts,omitempty"`    // hosts that were added, updated or removed
	Services []EntityChange `json:"services,omitempty"` // services that were, or whose bindings were

	Added   []binding.Binding `json:"added,omitempty"`   // bindings that are stored now and were not before
	Updated []binding.Binding `json:"updated,omitempty"` // bindings stored before that changed in more than Sightings, as they are now
	Removed []binding.Binding `json:"removed,omitempty"` // bindings that were stored and are gone for another reason than Dropped and Displaced

	Rewritten []Rewritten `json:"rewritten,omitempty"` // bindings whose target rule V0 rewrote, whatever became of them
	Dropped   []Dropped   `json:"dropped,omitempty"`   // bindings that rules V3 and V4 dropped, stored or given
	Absorbed  []Absorbed  `json:"absorbed,omitempty"`  // bindings that the set held already, so that nothing was added; of what scanners see, those alone that a wider listener covers
	Displaced []Displaced `json:"displaced,omitempty"` // stored bindings that gave way to what a scanner saw
	Skipped   []Skipped   `json:"skipped,omitempty"`   // bindings that discovery gave, or a cascade met, and that break a rule

	Faults []service.Fault `json:"faults,omitempty"` // what a payload had that cannot be
	Became []Became        `json:"became,omitempty"` // which ID is another one now, after hosts were merged
}

// Did says what happened to a host or service.
type Did uint8

// What a use case can do to a host or service.
const (
	Added Did = iota + 1
	Updated
	Removed
	Merged // it is a part of another one now: Became says of which
)

// String returns "added", "updated", "removed" or "merged".
func (d Did) String() string {
	switch d {
	case Added:
		return "added"
	case Updated:
		return "updated"
	case Removed:
		return "removed"
	case Merged:
		return "merged"
	default:
		return "invalid"
	}
}

// MarshalText returns what String does.
func (d Did) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// An EntityChange says what happened to one host or service.
type EntityChange struct {
	ID       uuid.UUID `json:"id"`
	HostID   uuid.UUID `json:"host_id"` // of a service: its host; of a host: its ID
	Name     string    `json:"name"`
	Did      Did       `json:"did"`
	Revision uint64    `json:"revision"` // the one it has now; of what was removed, the last one it had
}

// Rewritten is a binding that rule V0 gave the target it meant.
type Rewritten struct {
	From binding.Binding `json:"from"`
	To   binding.Binding `json:"to"`
}

// Dropped is a binding that rule V3 or V4 dropped, and what made it go. One that
// was never stored has no ID.
type Dropped struct {
	Binding binding.Binding `json:"binding"`
	By      binding.Binding `json:"by"`
	Reason  validate.Reason `json:"reason"`
}

// Displaced is a binding that was stored, and what was seen instead.
type Displaced struct {
	Binding binding.Binding `json:"binding"`
	By      binding.Binding `json:"by"`
}

// Became says that what had one ID has another now, or is part of what has that.
type Became struct {
	From uuid.UUID `json:"from"`
	To   uuid.UUID `json:"to"`
}

// Absorbed is a binding that was given, and the stored one that says the same or
// more. One that was never stored has no ID.
type Absorbed struct {
	Binding binding.Binding `json:"binding"`
	By      binding.Binding `json:"by"`
}

// Skipped is a binding that was not taken, and the rule that it breaks.
type Skipped struct {
	Binding   binding.Binding
	Violation validate.Violation
}

// MarshalJSON writes the binding and the violation; a binding whose target names
// nothing is null.
func (s Skipped) MarshalJSON() ([]byte, error) {
	wire := struct {
		Binding   *binding.Binding   `json:"binding"`
		Violation validate.Violation `json:"violation"`
	}{Violation: s.Violation}
	if s.Binding.Target.IsValid() {
		wire.Binding = &s.Binding
	}
	return json.Marshal(wire)
}

// IsZero reports whether the use case changed nothing that counts, and has nothing
// to report. It may have written when and by what bindings were last seen.
func (c *Change) IsZero() bool {
	return len(c.Hosts) == 0 && len(c.Services) == 0 &&
		len(c.Added) == 0 && len(c.Updated) == 0 && len(c.Removed) == 0 &&
		len(c.Rewritten) == 0 && len(c.Dropped) == 0 && len(c.Absorbed) == 0 && len(c.Skipped) == 0 &&
		len(c.Displaced) == 0 && len(c.Faults) == 0 && len(c.Became) == 0
}

// add appends what another Change says that the rules did.
func (c *Change) add(other *Change) {
	c.Rewritten = append(c.Rewritten, other.Rewritten...)
	c.Dropped = append(c.Dropped, other.Dropped...)
	c.Absorbed = append(c.Absorbed, other.Absorbed...)
	c.Displaced = append(c.Displaced, other.Displaced...)
	c.Skipped = append(c.Skipped, other.Skipped...)
	c.Faults = append(c.Faults, other.Faults...)
	c.Became = append(c.Became, other.Became...)
}
