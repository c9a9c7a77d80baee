package validatetest

import (
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/validate"
)

// maxFew and maxMany are how many bindings generated sets have at most: most are
// such as services have, some are large enough for every code path of a
// Validator.
const (
	maxFew  = 7
	maxMany = 40
)

// Set generates sets of bindings that are all on the inventory's host, in which
// duplicates, superseded listeners, references that V0 rewrites and conflicts
// are common, and clean sets, too. IDs are distinct and not nil. An empty host
// has the empty set alone.
func Set(inv *host.Inventory) *rapid.Generator[[]binding.Binding] {
	return rapid.Custom(func(t *rapid.T) []binding.Binding {
		return Bindings(inv, hosttest.AnyReference(inv)).Draw(t, "set")
	})
}

// ValidSet generates sets that Set returns unchanged.
func ValidSet(inv *host.Inventory) *rapid.Generator[[]binding.Binding] {
	return rapid.Custom(func(t *rapid.T) []binding.Binding {
		res, err := validate.New().Merge(validate.Input{Inventory: inv}, Set(inv).Draw(t, "observed"))
		if err != nil {
			t.Fatal(err)
		}
		return res.Bindings
	})
}

// Bindings generates sets of bindings with targets from the generator given,
// with distinct IDs that are not nil, and with tracking fields that differ. Most
// sets are small, some have listeners or presences only.
func Bindings(inv *host.Inventory, target *rapid.Generator[binding.Target]) *rapid.Generator[[]binding.Binding] {
	return rapid.Custom(func(t *rapid.T) []binding.Binding {
		if empty(inv) {
			return nil
		}
		wanted := rapid.SampledFrom([]func(binding.Target) bool{
			func(binding.Target) bool { return true },
			func(binding.Target) bool { return true },
			binding.Target.IsListener,
			binding.Target.IsPresence,
			func(t binding.Target) bool { return t.Scope() != binding.AllInterfaces() },
		}).Draw(t, "kind of set")
		most := rapid.SampledFrom([]int{maxFew, maxFew, maxFew, maxMany}).Draw(t, "most")
		n := rapid.IntRange(0, most).Draw(t, "size")
		series := rapid.Uint32Range(0x1000, 0xffff_ffff).Draw(t, "series of IDs")
		ids := bindingtest.IDs(series, n)
		var set []binding.Binding
		for _, id := range ids {
			to := target.Draw(t, "target")
			if !wanted(to) {
				continue
			}
			set = append(set, binding.Binding{
				Target:          to,
				ID:              id,
				LastSeenAt:      bindingtest.Time().Draw(t, "last seen"),
				LastDiscoveryID: rapid.SampledFrom(append(bindingtest.IDs(0xd15c, 2), uuid.Nil)).Draw(t, "discovery"),
			})
		}
		return set
	})
}

// Claims generates listeners of two other services of the host, each a valid
// set, as a store would return them; never nil.
func Claims(inv *host.Inventory) *rapid.Generator[[]validate.Claim] {
	return rapid.Custom(func(t *rapid.T) []validate.Claim {
		claims := []validate.Claim{}
		for _, owner := range []struct {
			id   uuid.UUID
			name string
		}{{bindingtest.IDs(0x5e, 2)[0], "nginx"}, {bindingtest.IDs(0x5e, 2)[1], ""}} {
			for _, b := range ValidSet(inv).Draw(t, "set of another service") {
				if b.Target.IsListener() {
					b.ServiceID = owner.id
					claims = append(claims, validate.Claim{Binding: b, ServiceName: owner.name})
				}
			}
		}
		return claims
	})
}

func empty(inv *host.Inventory) bool {
	h := inv.Host()
	return len(h.Ports)+len(h.Interfaces)+len(h.IPAddresses) == 0
}
