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
	maxMany = 60
)

// Set generates sets of bindings that are all on the inventory's host and
// collide: duplicates, superseded listeners, references that V0 rewrites and
// conflicts are common, and clean sets, too. IDs are distinct and not nil. An
// empty host has the empty set alone.
func Set(inv *host.Inventory) *rapid.Generator[[]binding.Binding] {
	if empty(inv) {
		return rapid.Just([]binding.Binding(nil))
	}
	return rapid.Custom(func(t *rapid.T) []binding.Binding {
		target := hosttest.AnyReference(inv)
		if rapid.Bool().Draw(t, "nothing to rewrite") {
			target = hosttest.Target(inv)
		}
		return Bindings(inv, target).Draw(t, "set")
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
// distinct IDs that are not nil, and tracking fields that differ. Most sets are
// small; some have listeners or presences only, or both where they do not meet.
func Bindings(inv *host.Inventory, target *rapid.Generator[binding.Target]) *rapid.Generator[[]binding.Binding] {
	return rapid.Custom(func(t *rapid.T) []binding.Binding {
		wanted := rapid.SampledFrom([]func(binding.Target) bool{
			func(binding.Target) bool { return true },
			func(binding.Target) bool { return true },
			binding.Target.IsListener,
			binding.Target.IsPresence,
			func(to binding.Target) bool { return to.Scope() != binding.AllInterfaces() },
			func(to binding.Target) bool { return apart(inv, to) },
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
				Target:    to,
				ID:        id,
				Sightings: binding.Sightings{LastSeenAt: bindingtest.Time().Draw(t, "last seen"), LastDiscoveryID: rapid.SampledFrom(append(bindingtest.IDs(0xd15c, 2), uuid.Nil)).Draw(t, "discovery")},
			})
		}
		return set
	})
}

// apart lets presences to one half of a host and listeners to the other.
func apart(inv *host.Inventory, t binding.Target) bool {
	scope := inv.Canonical(t).Scope()
	place, _ := scope.InterfaceID()
	if ipAddressID, ok := scope.IPAddressID(); ok {
		place = ipAddressID
		if carrier, ok := inv.Carrier(ipAddressID); ok {
			place = carrier.ID
		}
	}
	return scope != binding.AllInterfaces() && t.IsListener() == (place[15]%2 == 1)
}

// Claims generates listeners of two other services of the host, each a valid
// set, as a store would return them; never nil.
func Claims(inv *host.Inventory) *rapid.Generator[[]validate.Claim] {
	return rapid.Custom(func(t *rapid.T) []validate.Claim {
		claims := []validate.Claim{}
		for i, owner := range owners {
			for _, b := range ValidSet(inv).Draw(t, "set of another service") {
				if b.Target.IsListener() {
					b.ServiceID = bindingtest.IDs(seriesOwner, i+1)[i]
					claims = append(claims, validate.Claim{Binding: b, ServiceName: owner})
				}
			}
		}
		return claims
	})
}

// seriesOwner is the series of the IDs of the services that claims are of, and
// owners are their names.
const seriesOwner = 0x5e

var owners = []string{"nginx", ""}

// Input generates all that a Validator reads: a set of a service on the host, a
// valid set that it has stored, and claims of other services. The service is in
// the host's network.
func Input(inv *host.Inventory) *rapid.Generator[validate.Input] {
	return rapid.Custom(func(t *rapid.T) validate.Input {
		return validate.Input{
			Inventory: inv,
			Service:   Service(inv).Draw(t, "service"),
			Bindings:  Set(inv).Draw(t, "set"),
			Stored:    ValidSet(inv).Draw(t, "stored"),
			Claims:    validate.NewClaims(inv, Claims(inv).Draw(t, "claims")...),
		}
	})
}

// Service generates what the rules know of services of the inventory's host.
func Service(inv *host.Inventory) *rapid.Generator[validate.ServiceInfo] {
	return rapid.Custom(func(t *rapid.T) validate.ServiceInfo {
		return validate.ServiceInfo{
			ID:         bindingtest.IDs(0x5f, 1)[0],
			NetworkID:  rapid.SampledFrom([]uuid.UUID{inv.NetworkID(), uuid.Nil}).Draw(t, "network"),
			Name:       rapid.SampledFrom([]string{"web", "", "Büro 3\x1b[2J"}).Draw(t, "name"),
			Definition: rapid.SampledFrom([]string{"Nginx", ""}).Draw(t, "definition"),
			Tags:       rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"public", "internal"}), 0, 2, rapid.ID).Draw(t, "tags"),
		}
	})
}

func empty(inv *host.Inventory) bool {
	pool := hosttest.Pool(inv)
	return len(pool.Ports)+len(pool.Interfaces)+len(pool.IPAddresses) == 0
}
