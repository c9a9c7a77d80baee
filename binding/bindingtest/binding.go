package bindingtest

import (
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
)

// Scope generates every valid scope.
func Scope() *rapid.Generator[binding.Scope] {
	return rapid.OneOf(place(), wide())
}

// Target generates every valid target: presences and listeners about equally
// often.
func Target() *rapid.Generator[binding.Target] {
	return rapid.OneOf(listener(ID(), Scope()), presence(place()))
}

// Binding generates bindings of the targets that the given generator makes. ID,
// ServiceID and NetworkID are set, times and tracking fields often absent.
func Binding(target *rapid.Generator[binding.Target]) *rapid.Generator[binding.Binding] {
	return rapid.Custom(func(t *rapid.T) binding.Binding {
		return binding.Binding{
			Target:    target.Draw(t, "Target"),
			ID:        ID().Draw(t, "ID"),
			ServiceID: ID().Draw(t, "ServiceID"),
			NetworkID: ID().Draw(t, "NetworkID"),
			CreatedAt: Time().Draw(t, "CreatedAt"),
			UpdatedAt: Time().Draw(t, "UpdatedAt"),
			Sightings: Sightings().Draw(t, "Sightings"),
			ValidFrom: Time().Draw(t, "ValidFrom"),
			ValidTo:   Time().Draw(t, "ValidTo"),
			LineageID: OptionalID().Draw(t, "LineageID"),
		}
	})
}

// Sightings generates when a thing was seen, by which scans, and all that may be
// absent of it.
func Sightings() *rapid.Generator[binding.Sightings] {
	return rapid.Custom(func(t *rapid.T) binding.Sightings {
		return binding.Sightings{
			LastSeenAt:       Time().Draw(t, "LastSeenAt"),
			FirstDiscoveryID: OptionalID().Draw(t, "FirstDiscoveryID"),
			LastDiscoveryID:  OptionalID().Draw(t, "LastDiscoveryID"),
		}
	})
}

// Time generates times as binding.Time makes them: the zero time, times of this
// century, and any other of the years 0 to 9999, which is what JSON can hold.
func Time() *rapid.Generator[time.Time] {
	return rapid.OneOf(
		rapid.Just(time.Time{}),
		between(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)),
		between(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)),
	)
}

func between(first, last time.Time) *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64Range(first.UnixMicro(), last.UnixMicro()), func(us int64) time.Time {
		return binding.Time(time.UnixMicro(us))
	})
}

// wide generates the scopes that name no place, half of them AllInterfaces.
func wide() *rapid.Generator[binding.Scope] {
	return rapid.SampledFrom([]binding.Scope{binding.AllInterfaces(), binding.AllInterfaces(), binding.AllIPv4(), binding.AllIPv6()})
}

func place() *rapid.Generator[binding.Scope] {
	return rapid.OneOf(rapid.Map(ID(), binding.OnInterface), rapid.Map(ID(), binding.OnIPAddress))
}

func listener(port *rapid.Generator[uuid.UUID], scope *rapid.Generator[binding.Scope]) *rapid.Generator[binding.Target] {
	return rapid.Custom(func(t *rapid.T) binding.Target {
		return binding.Port(port.Draw(t, "port"), scope.Draw(t, "scope"))
	})
}

// presence turns scopes of one place into the presence there.
func presence(place *rapid.Generator[binding.Scope]) *rapid.Generator[binding.Target] {
	return rapid.Map(place, func(s binding.Scope) binding.Target {
		if id, ok := s.InterfaceID(); ok {
			return binding.Interface(id)
		}
		id, _ := s.IPAddressID()
		return binding.IPAddress(id)
	})
}
