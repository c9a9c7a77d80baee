package host_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host/hosttest"
)

func TestSightedYieldsTheHostAndAllOnIt(t *testing.T) {
	h := hosttest.Sized(2, 3, 4)
	want := []uuid.UUID{h.ID}
	for i := range h.Interfaces {
		want = append(want, h.Interfaces[i].ID)
	}
	for i := range h.IPAddresses {
		want = append(want, h.IPAddresses[i].ID)
	}
	for i := range h.Ports {
		want = append(want, h.Ports[i].ID)
	}
	var got []uuid.UUID
	seen := binding.Sightings{LastSeenAt: time.Unix(1, 0).UTC()}
	for id, s := range h.Sighted() {
		got = append(got, id)
		*s = seen
	}
	require.Equal(t, want, got)
	require.Equal(t, []binding.Sightings{seen, seen, seen, seen},
		[]binding.Sightings{h.Sightings, h.Interfaces[1].Sightings, h.IPAddresses[2].Sightings, h.Ports[3].Sightings})
	for stop := range want {
		n := 0
		for range h.Sighted() {
			if n++; n > stop {
				break
			}
		}
		require.Equal(t, stop+1, n)
	}
}
