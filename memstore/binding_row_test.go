package memstore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
)

func TestABindingRowIsWhatWasStored(t *testing.T) {
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
		latest := rapid.SampledFrom([]sighting{{}, newScan(b.LastSeenAt, b.LastDiscoveryID)}).Draw(t, "latest scan")
		row := newBindingRow(&b, latest)
		var got binding.Binding
		row.read(&got, b.ServiceID, latest)
		require.Equal(t, b.WithTimes(), got)
	})
}
