package sorted

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A number is a key of the tests.
type number int

func (n number) Compare(other number) int { return cmp.Compare(n, other) }

// A listed set is a set, and the keys that it must have.
type listed struct {
	set  Set[number]
	keys []number
}

func (l listed) require(t require.TestingT, start number) {
	require.Equal(t, l.keys, slices.Collect(l.set.All()))
	at, _ := slices.BinarySearch(l.keys, start)
	require.Equal(t, append([]number(nil), l.keys[at:]...), slices.Collect(l.set.From(start)))
	require.Equal(t, len(l.keys), l.set.Len())
	require.Equal(t, len(l.keys) == 0, l.set.IsEmpty())
	last, ok := l.set.Last()
	require.Equal(t, len(l.keys) > 0, ok)
	if ok {
		require.Equal(t, l.keys[len(l.keys)-1], last)
	}
	l.set.requireWhole(t, true)
}

// requireWhole checks how many keys and branches the nodes have, and that each
// branch has its least key.
func (s *Set[K]) requireWhole(t require.TestingT, root bool) {
	require.True(t, s.keys == nil || s.branches == nil)
	require.LessOrEqual(t, len(s.keys)+len(s.branches), nodeSize)
	require.True(t, root || !s.IsEmpty())
	require.NotEqual(t, 1, len(s.branches), "or else it is not needed")
	for i := range s.branches {
		s.branches[i].below.requireWhole(t, false)
		for key := range s.branches[i].below.All() {
			require.Equal(t, s.branches[i].least, key)
			break
		}
	}
}

func TestEverySetStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Custom(func(t *rapid.T) number { return number(rapid.IntRange(0, 200).Draw(t, "key")) })
		sets := []listed{{}}
		for n := rapid.IntRange(0, 200).Draw(t, "changes"); n > 0; n-- {
			was := sets[max(0, len(sets)-1-rapid.IntRange(0, 3).Draw(t, "sets back"))]
			k := key.Draw(t, "key")
			at, has := slices.BinarySearch(was.keys, k)
			next := listed{was.set.With(k), was.keys}
			switch {
			case rapid.Bool().Draw(t, "remove"):
				next.set = was.set.Without(k)
				if has {
					next.keys = append([]number(nil), slices.Delete(slices.Clone(was.keys), at, at+1)...)
				}
			case !has:
				next.keys = slices.Insert(slices.Clone(was.keys), at, k)
			}
			sets = append(sets, next)
		}
		start := key.Draw(t, "start")
		for _, l := range sets {
			l.require(t, start)
		}
	})
}

func TestASetGrowsAndShrinksInAnyOrder(t *testing.T) {
	const n = 5000
	orders := map[string]func(i int) number{
		"ascending":  func(i int) number { return number(i) },
		"descending": func(i int) number { return number(n - 1 - i) },
		"scattered":  func(i int) number { return number(i * 1999 % n) },
	}
	var all []number
	for i := range number(n) {
		all = append(all, i)
	}
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			var s Set[number]
			for i := range n {
				s = s.With(order(i))
			}
			listed{s, all}.require(t, n/3)
			require.LessOrEqual(t, s.depth(), 5, "log of n, by half of a node")
			for i := range n - 1 {
				s = s.Without(order(i))
			}
			listed{s, []number{order(n - 1)}}.require(t, 0)
			s = s.Without(order(n - 1))
			listed{s, nil}.require(t, 0)
		})
	}
}

func (s *Set[K]) depth() int {
	if s.branches == nil {
		return 1
	}
	return 1 + s.branches[0].below.depth()
}

func TestAWalkOverASetEndsWhereItIsTold(t *testing.T) {
	var s Set[number]
	for i := range number(100) {
		s = s.With(i)
	}
	for stop := range number(100) {
		seen := number(0)
		for key := range s.From(0) {
			seen++
			if key == stop {
				break
			}
		}
		require.Equal(t, stop+1, seen)
	}
}
