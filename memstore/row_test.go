package memstore

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
)

func TestAStoredBindingIsWhatWasStored(t *testing.T) {
	anyTime := rapid.Custom(func(t *rapid.T) time.Time {
		seconds := rapid.OneOf(
			rapid.Int64Range(-1<<40, 1<<40), rapid.Just(zeroSeconds), rapid.Int64Range(zeroSeconds-1, zeroSeconds+1),
		).Draw(t, "seconds")
		at := time.Unix(seconds, rapid.SampledFrom([]int64{0, 0, 999, 1000, 999_999_999}).Draw(t, "nanoseconds"))
		return at.In(time.FixedZone("east", rapid.IntRange(0, 3600).Draw(t, "zone")))
	})
	rapid.Check(t, func(t *rapid.T) {
		b := bindingtest.Binding(bindingtest.Target()).Draw(t, "binding")
		b.CreatedAt, b.UpdatedAt, b.LastSeenAt = anyTime.Draw(t, "created"), anyTime.Draw(t, "updated"), anyTime.Draw(t, "seen")
		b.ValidFrom, b.ValidTo = anyTime.Draw(t, "from"), anyTime.Draw(t, "to")
		s := newStored(&b, 7)
		var got binding.Binding
		s.read(&got, b.ServiceID)
		require.Equal(t, b.WithTimes(), got)
		require.EqualValues(t, 7, s.tag)

		port, listens := s.port()
		want, isListener := b.Target.PortID()
		require.Equal(t, isListener, listens)
		require.True(t, !listens || want == port.ID())
	})
}

func TestChangedPairsBindingsByTheirIDs(t *testing.T) {
	set := func(ids ...byte) []stored {
		set := make([]stored, len(ids))
		for i, id := range ids {
			set[i].id = uuid.UUID{id}
		}
		return set
	}
	id := func(s *stored) byte {
		if s == nil {
			return 0
		}
		return s.id[0]
	}
	var got [][2]byte
	for was, is := range changed(set(1, 2, 4, 6), set(2, 3, 6, 7)) {
		got = append(got, [2]byte{id(was), id(is)})
	}
	require.Equal(t, [][2]byte{{1, 0}, {2, 2}, {0, 3}, {4, 0}, {6, 6}, {0, 7}}, got)
	for range changed(nil, nil) {
		require.Fail(t, "nothing changed")
	}
	for was, is := range changed(set(1), set(1, 2)) {
		require.Equal(t, [2]byte{1, 1}, [2]byte{id(was), id(is)})
		break
	}
}
