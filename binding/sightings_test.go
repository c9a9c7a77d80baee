package binding_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
)

func TestSightingsAreThoseOfTheLatestScan(t *testing.T) {
	noon := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	was := binding.Sightings{LastSeenAt: noon, FirstDiscoveryID: uuid.UUID{1}, LastDiscoveryID: uuid.UUID{2}}
	for name, test := range map[string]struct {
		was  binding.Sightings
		at   time.Time
		scan uuid.UUID
		want binding.Sightings
	}{
		"a later scan":                 {was, noon.Add(1000), uuid.UUID{3}, binding.Sightings{LastSeenAt: noon.Add(1000), FirstDiscoveryID: uuid.UUID{1}, LastDiscoveryID: uuid.UUID{3}}},
		"a scan at the same time":      {was, noon, uuid.UUID{3}, binding.Sightings{LastSeenAt: noon, FirstDiscoveryID: uuid.UUID{1}, LastDiscoveryID: uuid.UUID{3}}},
		"a scan before it":             {was, noon.Add(-1000), uuid.UUID{3}, was},
		"a scan without an ID":         {was, noon.Add(1000), uuid.Nil, binding.Sightings{LastSeenAt: noon.Add(1000), FirstDiscoveryID: uuid.UUID{1}, LastDiscoveryID: uuid.UUID{2}}},
		"what a person stated":         {binding.Sightings{}, noon, uuid.UUID{3}, binding.Sightings{LastSeenAt: noon, LastDiscoveryID: uuid.UUID{3}}},
		"a time in another zone":       {was, noon.Add(time.Hour + 1).In(time.FixedZone("east", 60)), uuid.Nil, binding.Sightings{LastSeenAt: noon.Add(time.Hour), FirstDiscoveryID: uuid.UUID{1}, LastDiscoveryID: uuid.UUID{2}}},
		"nanoseconds of the same time": {was, noon.Add(999), uuid.UUID{3}, binding.Sightings{LastSeenAt: noon, FirstDiscoveryID: uuid.UUID{1}, LastDiscoveryID: uuid.UUID{3}}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, test.was.Seen(test.at, test.scan)) })
	}
}
