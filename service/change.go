package service

import (
	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/validate"
)

// A Change is what a use case did: every stored binding that is gone stands in
// Removed or in Dropped. The Revisions in it order the Changes of one
// host or service; observers get them unordered. A Change shares no memory with
// the store, but observers of one Change share it among themselves: they must
// not write to it.
type Change struct {
	Hosts    []EntityChange // hosts that were added, updated or removed
	Services []EntityChange // services that were, or whose bindings were

	Added   []binding.Binding // bindings that are stored now and were not before
	Updated []binding.Binding // bindings stored before that changed in more than LastSeenAt and LastDiscoveryID, as they are now
	Removed []binding.Binding // bindings that were stored and are gone for another reason than Dropped

	Rewritten []Rewritten // bindings whose target rule V0 rewrote, whatever became of them
	Dropped   []Dropped   // bindings that rules V3 and V4 dropped, stored or given
	Absorbed  []Absorbed  // bindings that the set held already, so that nothing was added
	Skipped   []Skipped   // bindings that discovery gave, or a cascade met, and that break a rule
}

// Did says what happened to a host or service.
type Did uint8

// What a use case can do to a host or service.
const (
	Added Did = iota + 1
	Updated
	Removed
)

// String returns "added", "updated" or "removed".
func (d Did) String() string {
	switch d {
	case Added:
		return "added"
	case Updated:
		return "updated"
	case Removed:
		return "removed"
	default:
		return "invalid"
	}
}

// An EntityChange says what happened to one host or service.
type EntityChange struct {
	ID       uuid.UUID
	HostID   uuid.UUID // of a service: its host; of a host: its ID
	Name     string
	Did      Did
	Revision uint64 // the one it has now; of what was removed, the last one it had
}

// Rewritten is a binding that rule V0 gave the target it meant.
type Rewritten struct{ From, To binding.Binding }

// Dropped is a binding that rule V3 or V4 dropped, and what made it go. One that
// was never stored has no ID.
type Dropped struct {
	Binding, By binding.Binding
	Reason      validate.Reason
}

// Absorbed is a binding that was given, and the stored one that says the same or
// more. One that was never stored has no ID.
type Absorbed struct{ Binding, By binding.Binding }

// Skipped is a binding that was not taken, and the rule that it breaks.
type Skipped struct {
	Binding   binding.Binding
	Violation validate.Violation
}

// IsZero reports whether the use case did nothing at all and has nothing to
// report.
func (c *Change) IsZero() bool {
	return len(c.Hosts) == 0 && len(c.Services) == 0 &&
		len(c.Added) == 0 && len(c.Updated) == 0 && len(c.Removed) == 0 &&
		len(c.Rewritten) == 0 && len(c.Dropped) == 0 && len(c.Absorbed) == 0 && len(c.Skipped) == 0
}
