package record_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/binding/bindingtest"
	"github.com/bindset/bindset/boltstore/internal/record"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/host/hosttest"
	"github.com/bindset/bindset/service"
	"github.com/bindset/bindset/store/storetest"
)

func TestABindingComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := bindingtest.Binding(bindingtest.Target()).Draw(t, "binding")
		scan := drawScan(t, b.Sightings)
		got, err := record.DecodeBinding(b.ServiceID, b.ID, record.EncodeBinding(&b, scan), scan)
		require.NoError(t, err)
		require.True(t, b == got, "%#v became %#v", b, got)
	})
}

func TestAHostComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := hosttest.Seen().Draw(t, "host")
		generation := rapid.Uint64().Draw(t, "generation")
		var all []binding.Sightings
		for _, s := range h.Sighted() {
			all = append(all, *s)
		}
		scan := drawScan(t, all...)
		encoded := record.EncodeHost(&h, generation, scan)
		got, err := record.DecodeHost(h.ID, encoded, scan)
		require.NoError(t, err)
		require.Equal(t, h, got)
		require.Equal(t, generation, record.Generation(encoded))
	})
}

func TestAServiceComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := storetest.Service().Draw(t, "service")
		s.Sightings = bindingtest.Sightings().Draw(t, "sightings")
		scan := drawScan(t, s.Sightings)
		encoded := record.EncodeService(&s, scan)
		got, err := record.DecodeService(s.ID, encoded, func(id uuid.UUID) (record.Scan, error) {
			require.Equal(t, s.HostID, id)
			return scan, nil
		})
		require.NoError(t, err)
		require.Equal(t, s, got)

		name, err := record.DecodeServiceName(s.ID, encoded)
		require.NoError(t, err)
		require.Equal(t, s.Name, name)
	})
}

// drawScan draws none, or a scan that saw one of the Sightings.
func drawScan(t *rapid.T, all ...binding.Sightings) record.Scan {
	s := rapid.SampledFrom(append(all, binding.Sightings{})).Draw(t, "scan")
	return record.Scan{At: s.LastSeenAt, DiscoveryID: s.LastDiscoveryID}
}

// TestWhatFollowsTheLatestScanFollowsTheNext reads records under another scan than
// that under which they were written.
func TestWhatFollowsTheLatestScanFollowsTheNext(t *testing.T) {
	next := record.Scan{At: at.Add(time.Hour), DiscoveryID: ids[16]}
	for sightings, want := range map[binding.Sightings]binding.Sightings{
		byLatest:  {FirstDiscoveryID: ids[6], LastSeenAt: next.At, LastDiscoveryID: next.DiscoveryID},
		byAnother: byAnother,
		{}:        {},
	} {
		b := binding.Binding{Target: binding.Interface(place), Sightings: sightings}
		got, err := record.DecodeBinding(uuid.Nil, uuid.Nil, record.EncodeBinding(&b, latest), next)
		require.NoError(t, err)
		require.Equal(t, want, got.Sightings)
	}
}

func TestTimesOfAnyYearComeBack(t *testing.T) {
	for _, year := range []int{-2_000_000_000, -1, 0, 1, 1969, 9999, 2_000_000_000} {
		b := binding.Binding{
			Target:    binding.Interface(uuid.UUID{0: 1}),
			CreatedAt: binding.Time(time.Date(year, 12, 31, 23, 59, 59, 999_999_000, time.UTC)),
		}
		got, err := record.DecodeBinding(uuid.Nil, uuid.Nil, record.EncodeBinding(&b, latest), latest)
		require.NoError(t, err)
		require.True(t, b == got, "%v became %v", b.CreatedAt, got.CreatedAt)
	}
}

// decoders has a function for each type of record that decodes it and returns
// what the value encodes to.
var decoders = map[string]func(rec []byte) ([]byte, error){
	"binding": func(rec []byte) ([]byte, error) {
		b, err := record.DecodeBinding(serviceID, bindingID, rec, latest)
		return record.EncodeBinding(&b, latest), err
	},
	"host": func(rec []byte) ([]byte, error) {
		h, err := record.DecodeHost(hostID, rec, latest)
		return record.EncodeHost(&h, record.Generation(rec), latest), err
	},
	"service": func(rec []byte) ([]byte, error) {
		s, err := record.DecodeService(serviceID, rec, scanOf)
		return record.EncodeService(&s, latest), err
	},
	"scan": func(rec []byte) ([]byte, error) {
		s, err := record.DecodeScan(hostID, rec)
		return record.EncodeScan(hostID, s), err
	},
}

func TestARecordWithAnyBitFlippedIsAnError(t *testing.T) {
	for _, g := range goldens() {
		for bit := range 8 * len(g.record) {
			flipped := append([]byte(nil), g.record...)
			flipped[bit/8] ^= 1 << (bit % 8)
			_, err := decoders[g.kind](flipped)
			require.ErrorContains(t, err, "is corrupt", "%s, bit %d", g.name, bit)
		}
	}
}

func TestARecordThatIsCutShortIsAnError(t *testing.T) {
	for _, g := range goldens() {
		for n := range len(g.record) {
			_, err := decoders[g.kind](g.record[:n])
			require.ErrorContains(t, err, "is corrupt", "%s, %d bytes", g.name, n)
		}
	}
}

func TestARecordUnderAnotherKeyIsAnError(t *testing.T) {
	other := uuid.UUID{0: 0xff}
	for _, g := range goldens() {
		var err error
		switch g.kind {
		case "binding":
			_, err = record.DecodeBinding(other, bindingID, g.record, latest)
			require.Error(t, err)
			_, err = record.DecodeBinding(serviceID, other, g.record, latest)
		case "host":
			_, err = record.DecodeHost(other, g.record, latest)
		case "scan":
			_, err = record.DecodeScan(other, g.record)
		case "service":
			_, err = record.DecodeService(other, g.record, scanOf)
			require.Error(t, err)
			_, err = record.DecodeServiceName(other, g.record)
		}
		require.ErrorContains(t, err, "its checksum is wrong", g.name)
	}
}

func TestEachWrongFormIsAnErrorOfItsOwn(t *testing.T) {
	id := make([]byte, 16)
	id[15] = 1
	rest := make([]byte, 10) // the other fields of a binding, all absent
	for name, test := range map[string]struct {
		version byte
		fields  []byte
		want    string
	}{
		"version":            {3, slices.Concat([]byte{1}, id, rest), "its version is 3; this program knows versions 1 to 2"},
		"target form":        {2, slices.Concat([]byte{9}, id, rest), "a form that is not known"},
		"target nil":         {2, slices.Concat([]byte{1}, make([]byte, 16), rest), "a form that is not known"},
		"optional form":      {2, slices.Concat([]byte{1}, id, []byte{2}), "a form that is not known"},
		"optional nil":       {2, slices.Concat([]byte{1}, id, []byte{1}, make([]byte, 16), rest), "not in its one form"},
		"long number":        {2, slices.Concat([]byte{1}, id, []byte{0, 0x80, 0x00}, rest), "not in its one form"},
		"endless number":     {2, slices.Concat([]byte{1}, id, []byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}), "a form that is not known"},
		"too many micros":    {2, slices.Concat([]byte{1}, id, []byte{0, 0xc1, 0x84, 0x3d, 0}, rest), "a form that is not known"},
		"zero time":          {2, slices.Concat([]byte{1}, id, binary.AppendVarint([]byte{0, 1}, time.Time{}.Unix()), rest), "not in its one form"},
		"nothing behind":     {2, slices.Concat([]byte{1}, id), "it ends too soon"},
		"something behind":   {2, slices.Concat([]byte{1}, id, rest, []byte{0}), "something behind its end"},
		"not even a version": {0, nil, "it ends too soon"},
	} {
		t.Run(name, func(t *testing.T) {
			body := append([]byte{test.version}, test.fields...)
			if test.fields == nil {
				body = nil
			}
			_, err := record.DecodeBinding(serviceID, bindingID, record.Seal(body, serviceID, bindingID), latest)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, "the record of binding "+bindingID.String()+" is corrupt")
		})
	}
}

// TestALengthThatCannotBeAllocatesNothing gives a host a list of 2^60 ports.
func TestALengthThatCannotBeAllocatesNothing(t *testing.T) {
	body := append([]byte{2}, make([]byte, 8+1+1+1+1+1)...)
	body = append(body, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10)
	sealed := record.Seal(body, hostID)
	allocated := testing.AllocsPerRun(10, func() {
		if _, err := record.DecodeHost(hostID, sealed, latest); err == nil {
			t.Error("a host of 2^60 ports")
		}
	})
	require.Less(t, allocated, 20.0)
}

func FuzzDecode(f *testing.F) {
	for _, g := range goldens() {
		f.Add(g.kind, g.record[:len(g.record)-4])
	}
	keys := map[string][]uuid.UUID{"binding": {serviceID, bindingID}, "host": {hostID}, "scan": {hostID}, "service": {serviceID}}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		decode, ok := decoders[kind]
		if !ok {
			return
		}
		_, _ = decode(body) // most likely without a checksum
		sealed := record.Seal(append([]byte(nil), body...), keys[kind]...)
		again, err := decode(sealed)
		if err == nil && sealed[0] == lastVersion {
			require.Equal(t, sealed, again, "a value has two forms")
		}
	})
}

func FuzzRoundTripOfText(f *testing.F) {
	f.Add("web", []byte(`{"a":1}`), int32(math.MinInt32), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, text string, raw []byte, position int32, revision uint64) {
		s := service.Service{
			ID: serviceID, Name: text, Definition: text, Tags: []string{text, ""},
			Virtualization: slices.Concat(raw), Source: service.Source{Type: text, Rest: slices.Concat(raw)}, Position: position, Revision: revision,
		}
		got, err := record.DecodeService(s.ID, record.EncodeService(&s, latest), scanOf)
		require.NoError(t, err)
		require.Equal(t, s, got)
	})
}

func BenchmarkDecodeBinding(b *testing.B) {
	encoded := record.EncodeBinding(&fullBinding, latest)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.DecodeBinding(serviceID, bindingID, encoded, latest); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeBinding(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		record.EncodeBinding(&fullBinding, latest)
	}
}

func BenchmarkDecodeHostOf100Ports(b *testing.B) {
	var h host.Host = hosttest.Sized(4, 8, 100)
	encoded := record.EncodeHost(&h, 1, latest)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.DecodeHost(h.ID, encoded, latest); err != nil {
			b.Fatal(err)
		}
	}
}
