package memstore

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/bindset/bindset/binding"
)

// A tree is an ordered set of keys. It never changes: with and without return
// another tree, which shares with this one all but the nodes on the path to the
// key. The zero tree is empty.
//
// It is a B+ tree of which a node may have few keys: a node goes when it has none
// left.
type tree struct {
	keys     []key    // ascending; none in an inner node
	branches []branch // none in a leaf
}

type branch struct {
	least key // of the tree
	tree  tree
}

// A key is a number and an ID, or two IDs, by which the tree is ordered, and the
// row that they lead to.
type key struct {
	first, second binding.Words
	row           rowID
}

// idKey returns the key of an ID alone.
func idKey(id uuid.UUID) key { return key{first: binding.WordsOf(id)} }

// positionKey returns the key of a service at a position, negative ones first.
func positionKey(position int32, id uuid.UUID, row rowID) key {
	return key{first: binding.Words{High: uint64(int64(position)) + 1<<63}, second: binding.WordsOf(id), row: row}
}

func (k *key) position() int32 { return int32(k.first.High - 1<<63) }

// compare compares keys but for their rows.
func (k *key) compare(l *key) int {
	switch {
	case k.first.High != l.first.High:
		return cmp.Compare(k.first.High, l.first.High)
	case k.first.Low != l.first.Low:
		return cmp.Compare(k.first.Low, l.first.Low)
	case k.second.High != l.second.High:
		return cmp.Compare(k.second.High, l.second.High)
	}
	return cmp.Compare(k.second.Low, l.second.Low)
}

// nodeSize is how many keys or branches a node has at most.
const nodeSize = 16

func (t *tree) isEmpty() bool { return len(t.keys)+len(t.branches) == 0 }

// len returns how many keys the tree has. It takes time in the number of nodes.
func (t *tree) len() int {
	n := len(t.keys)
	for i := range t.branches {
		n += t.branches[i].tree.len()
	}
	return n
}

// last returns the greatest key, nil where there is none.
func (t *tree) last() *key {
	for t.branches != nil {
		t = &t.branches[len(t.branches)-1].tree
	}
	if len(t.keys) == 0 {
		return nil
	}
	return &t.keys[len(t.keys)-1]
}

// seek returns where a key is in a leaf, or would be.
func (t *tree) seek(k *key) int {
	low, high := 0, len(t.keys)
	for low < high {
		if middle := (low + high) / 2; t.keys[middle].compare(k) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// branch returns which branch of an inner node a key is in, or would be.
func (t *tree) branch(k *key) int {
	low, high := 0, len(t.branches)-1
	for low < high {
		if middle := (low + high + 1) / 2; t.branches[middle].least.compare(k) <= 0 {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// with returns the tree with a key that it does not have.
func (t *tree) with(k key) tree {
	low, high := t.insert(&k)
	if high.isEmpty() {
		return low
	}
	return tree{branches: []branch{low.asBranch(), high.asBranch()}}
}

func (t *tree) asBranch() branch {
	if t.branches != nil {
		return branch{t.branches[0].least, *t}
	}
	return branch{t.keys[0], *t}
}

// insert returns the node with a key, or the two that it is split into.
func (t *tree) insert(k *key) (low, high tree) {
	if t.branches == nil {
		keys := inserted(t.keys, t.seek(k), *k)
		if len(keys) <= nodeSize {
			return tree{keys: keys}, tree{}
		}
		return tree{keys: slices.Clone(keys[:nodeSize/2])}, tree{keys: slices.Clone(keys[nodeSize/2:])}
	}
	at := t.branch(k)
	low, high = t.branches[at].tree.insert(k)
	if high.isEmpty() {
		return t.replace(at, &low), tree{}
	}
	branches := inserted(t.branches, at+1, high.asBranch())
	branches[at] = low.asBranch()
	if len(branches) <= nodeSize {
		return tree{branches: branches}, tree{}
	}
	return tree{branches: slices.Clone(branches[:nodeSize/2])}, tree{branches: slices.Clone(branches[nodeSize/2:])}
}

// replace returns the inner node with another branch.
func (t *tree) replace(at int, node *tree) tree {
	branches := slices.Clone(t.branches)
	branches[at] = node.asBranch()
	return tree{branches: branches}
}

// without returns the tree without a key that it has.
func (t *tree) without(k key) tree {
	if t.branches == nil {
		return tree{keys: removed(t.keys, t.seek(&k))}
	}
	at := t.branch(&k)
	node := t.branches[at].tree.without(k)
	switch {
	case !node.isEmpty():
		return t.replace(at, &node)
	case len(t.branches) == 2:
		return t.branches[1-at].tree
	}
	return tree{branches: removed(t.branches, at)}
}

// from yields the keys that are not less than start, in order, until yield
// returns false; then it does so too.
func (t *tree) from(start *key, yield func(*key) bool) bool {
	if t.branches == nil {
		return (&tree{keys: t.keys[t.seek(start):]}).all(yield)
	}
	at := t.branch(start)
	return t.branches[at].tree.from(start, yield) && (&tree{branches: t.branches[at+1:]}).all(yield)
}

// all yields all keys, in order, until yield returns false; then it does so too.
func (t *tree) all(yield func(*key) bool) bool {
	for i := range t.keys {
		if !yield(&t.keys[i]) {
			return false
		}
	}
	for i := range t.branches {
		if !t.branches[i].tree.all(yield) {
			return false
		}
	}
	return true
}

// inserted returns a copy of s with an element more.
func inserted[E any](s []E, at int, e E) []E {
	c := make([]E, len(s)+1)
	copy(c, s[:at])
	c[at] = e
	copy(c[at+1:], s[at:])
	return c
}

// removed returns a copy of s with an element less.
func removed[E any](s []E, at int) []E {
	c := make([]E, len(s)-1)
	copy(c, s[:at])
	copy(c[at:], s[at+1:])
	return c
}
