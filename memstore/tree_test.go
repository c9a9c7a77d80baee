package memstore

import (
	"math"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bindset/bindset/binding"
)

// A listed tree is a tree, and the keys that it must have.
type listedTree struct {
	tree tree
	keys []key
}

func (l listedTree) require(t require.TestingT, start key) {
	var all, rest []key
	l.tree.all(func(k *key) bool { all = append(all, *k); return true })
	require.Equal(t, l.keys, all)
	l.tree.from(&start, func(k *key) bool { rest = append(rest, *k); return true })
	at, _ := slices.BinarySearchFunc(l.keys, start, func(a, b key) int { return a.compare(&b) })
	require.Equal(t, append([]key(nil), l.keys[at:]...), rest)
	require.Equal(t, len(l.keys), l.tree.len())
	require.Equal(t, len(l.keys) == 0, l.tree.isEmpty())
	last := l.tree.last()
	require.Equal(t, len(l.keys) == 0, last == nil)
	if last != nil {
		require.Equal(t, l.keys[len(l.keys)-1], *last)
	}
	l.tree.requireWhole(t, true)
}

// requireWhole checks how many keys and branches the nodes have, and that each
// branch has its least key.
func (t *tree) requireWhole(r require.TestingT, root bool) {
	require.True(r, t.keys == nil || t.branches == nil)
	require.LessOrEqual(r, len(t.keys)+len(t.branches), nodeSize)
	require.True(r, root || !t.isEmpty())
	require.NotEqual(r, 1, len(t.branches), "or else it is not needed")
	for i := range t.branches {
		t.branches[i].tree.requireWhole(r, false)
		t.branches[i].tree.all(func(k *key) bool {
			require.Equal(r, t.branches[i].least, *k)
			return false
		})
	}
}

func TestEveryVersionOfATreeStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.Uint64Range(0, rapid.SampledFrom([]uint64{3, 12}).Draw(t, "greatest"))
		anyKey := rapid.Custom(func(t *rapid.T) key {
			return key{
				binding.Words{High: word.Draw(t, "1"), Low: word.Draw(t, "2")},
				binding.Words{High: word.Draw(t, "3"), Low: word.Draw(t, "4")},
				0,
			}
		})
		versions := []listedTree{{}}
		for n := rapid.IntRange(0, 200).Draw(t, "changes"); n > 0; n-- {
			from := max(0, len(versions)-1-rapid.IntRange(0, 3).Draw(t, "versions back"))
			was, k := versions[from], anyKey.Draw(t, "key")
			at, has := slices.BinarySearchFunc(was.keys, k, func(a, b key) int { return a.compare(&b) })
			if has {
				keys := slices.Delete(slices.Clone(was.keys), at, at+1)
				versions = append(versions, listedTree{was.tree.without(k), append([]key(nil), keys...)})
				continue
			}
			k.row = rowID(n)
			versions = append(versions, listedTree{was.tree.with(k), slices.Insert(slices.Clone(was.keys), at, k)})
		}
		start := anyKey.Draw(t, "start")
		for _, v := range versions {
			v.require(t, start)
		}
	})
}

func TestATreeGrowsAndShrinksInAnyOrder(t *testing.T) {
	const n = 5000
	orders := map[string]func(i int) int{
		"ascending":  func(i int) int { return i },
		"descending": func(i int) int { return n - 1 - i },
		"scattered":  func(i int) int { return i * 1999 % n },
	}
	keyOf := func(i int) key { return key{first: binding.Words{Low: uint64(i)}, row: rowID(i + 1)} }
	all := make([]key, n)
	for i := range all {
		all[i] = keyOf(i)
	}
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			var tr tree
			for i := range n {
				tr = tr.with(keyOf(order(i)))
			}
			listedTree{tr, all}.require(t, keyOf(n/3))
			require.LessOrEqual(t, tr.depth(), 5, "log of n, by half of a node")
			for i := range n - 1 {
				tr = tr.without(keyOf(order(i)))
			}
			listedTree{tr, []key{keyOf(order(n - 1))}}.require(t, keyOf(0))
			tr = tr.without(keyOf(order(n - 1)))
			listedTree{tr, nil}.require(t, keyOf(0))
		})
	}
}

func (t *tree) depth() int {
	if t.branches == nil {
		return 1
	}
	return 1 + t.branches[0].tree.depth()
}

func TestAWalkOverATreeEndsWhereItIsTold(t *testing.T) {
	var tr tree
	for i := range uint64(100) {
		tr = tr.with(key{first: binding.Words{Low: i}})
	}
	for stop := range uint64(100) {
		seen := 0
		ended := tr.from(&key{}, func(k *key) bool { seen++; return k.first.Low < stop })
		require.False(t, ended)
		require.EqualValues(t, stop+1, seen)
	}
}

func TestKeysOrderServicesByPositionThenID(t *testing.T) {
	low, high := uuid.UUID{15: 1}, uuid.UUID{0: 1}
	ordered := []key{
		positionKey(math.MinInt32, high, 1), positionKey(-1, high, 1), positionKey(0, low, 1),
		positionKey(0, high, 1), positionKey(math.MaxInt32, low, 1),
	}
	for i, position := range []int32{math.MinInt32, -1, 0, 0, math.MaxInt32} {
		require.Equal(t, position, ordered[i].position())
		for j := range ordered {
			require.Equal(t, i < j, ordered[i].compare(&ordered[j]) < 0)
			require.Equal(t, i > j, ordered[i].compare(&ordered[j]) > 0)
		}
	}
}
