package idmap_test

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/internal/idmap"
)

type key = [2]uint64

// keys draws from few digits at both ends of each word, so that keys share long
// prefixes, part at every depth and meet again.
func keys() *rapid.Generator[key] {
	word := rapid.Custom(func(t *rapid.T) uint64 {
		return rapid.Uint64Range(0, 33).Draw(t, "high")<<56 | rapid.Uint64Range(0, 3).Draw(t, "middle")<<28 |
			rapid.Uint64Range(0, 33).Draw(t, "low")
	})
	return rapid.Custom(func(t *rapid.T) key { return key{word.Draw(t, "0"), word.Draw(t, "1")} })
}

// order is the order of the keys as bytes.
func order(a, b key) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }

// requireEqual checks that a map holds exactly what the model holds, by every
// way to read it.
func requireEqual(t require.TestingT, model map[key]int, m idmap.Map[key, int], start key) {
	sorted := slices.SortedFunc(maps.Keys(model), order)
	require.Equal(t, len(sorted), m.Len())
	var all, from []key
	for k, v := range m.All() {
		require.Equal(t, model[k], v)
		all = append(all, k)
	}
	require.Equal(t, sorted, all, "All")
	for k, v := range m.From(start) {
		require.Equal(t, model[k], v)
		from = append(from, k)
	}
	at, _ := slices.BinarySearchFunc(sorted, start, order)
	require.Equal(t, append([]key(nil), sorted[at:]...), from, "From %x", start)
	for k, v := range model {
		got, ok := m.Get(k)
		require.True(t, ok)
		require.Equal(t, v, got)
	}
	last, ok := m.Last()
	require.Equal(t, len(sorted) > 0, ok)
	if ok {
		require.Equal(t, sorted[len(sorted)-1], last)
	}
}

func TestMapIsAnOrderedMapWhoseVersionsStay(t *testing.T) {
	type version struct {
		model map[key]int
		m     idmap.Map[key, int]
	}
	rapid.Check(t, func(t *rapid.T) {
		var (
			now      = version{model: map[key]int{}}
			versions []version
			edit     idmap.Edit
			draw     = keys()
		)
		for i := range rapid.IntRange(0, 120).Draw(t, "changes") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0: // keep a version, and go on with an edit of its own
				versions = append(versions, version{maps.Clone(now.model), now.m})
				edit = idmap.Edit(len(versions))
			case 1, 2, 3:
				k := draw.Draw(t, "delete")
				if len(now.model) > 0 && rapid.Bool().Draw(t, "known") {
					k = rapid.SampledFrom(slices.SortedFunc(maps.Keys(now.model), order)).Draw(t, "delete known")
				}
				_, had := now.model[k]
				delete(now.model, k)
				require.Equal(t, had, now.m.Delete(edit, k))
			default:
				k := draw.Draw(t, "put")
				now.model[k] = i
				now.m.Put(edit, k, i)
			}
		}
		for _, v := range append(versions, now) {
			requireEqual(t, v.model, v.m, draw.Draw(t, "start"))
		}
	})
}

func TestTheZeroEditNeverChangesAVersion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m idmap.Map[key, int]
		model := map[key]int{}
		for i, k := range rapid.SliceOf(keys()).Draw(t, "keys") {
			before, was := m, maps.Clone(model)
			if i%3 == 2 {
				m.Delete(0, k)
				delete(model, k)
			} else {
				m.Put(0, k, i)
				model[k] = i
			}
			requireEqual(t, was, before, k)
		}
	})
}

func TestLookUpsStopWhenTheLoopDoes(t *testing.T) {
	var m idmap.Map[key, int]
	for i := range 100 {
		m.Put(1, key{uint64(i)}, i)
	}
	n := 0
	for k := range m.From(key{50}) {
		require.GreaterOrEqual(t, k[0], uint64(50))
		if n++; n == 3 {
			break
		}
	}
	require.Equal(t, 3, n)
	for range m.All() {
		if n++; n == 5 {
			break
		}
	}
	require.Equal(t, 5, n)
}

func TestKeysOfSixWordsPartInTheLastDigit(t *testing.T) {
	var m idmap.Map[[6]uint64, int]
	for i := range 16 {
		m.Put(1, [6]uint64{1, 2, 3, 4, 5, uint64(i)}, i)
	}
	for i := range 16 {
		v, ok := m.Get([6]uint64{1, 2, 3, 4, 5, uint64(i)})
		require.True(t, ok)
		require.Equal(t, i, v)
	}
	require.False(t, m.Has([6]uint64{1, 2, 3, 4, 5, 16}))
	last, _ := m.Last()
	require.Equal(t, uint64(15), last[5])
}
